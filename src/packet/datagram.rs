//! A received VRRP packet together with what its IP header said.

use std::net::IpAddr;

use super::DecodeError;

/// A packet of IP protocol 112 with its header taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub destination: IpAddr,
    /// TTL or hop limit; `None` when the kernel did not tell (IPv6 without the control message).
    pub hop_limit: Option<u8>,
    /// Payload length that the IP header claims; more than `payload.len()` when the packet was cut short.
    pub claimed_len: usize,
    /// The VRRP message, with whatever padding follows it.
    pub payload: &'a [u8],
}

/// Takes the IPv4 header off what a raw socket delivered; options are skipped.
///
/// # Errors
/// [`DecodeError::Truncated`] when there is no whole header.
pub fn ipv4_datagram(_bytes: &[u8]) -> Result<Datagram<'_>, DecodeError> {
    unimplemented!()
}
