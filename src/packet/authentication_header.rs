//! The IP authentication header of `auth_type AH` (RFC 2338 §5.3.6.3, RFC 2402, RFC 2403), over IPv4 alone.
//!
//! HMAC-MD5-96 as keepalived computes it: over the IP header with what routers may change set to 0 (the TTL of a
//! multicast stays, that of a unicast is 0), this header with an empty check value, and the VRRP message.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;

use super::authentication::{AUTH_DATA_LEN, same_in_constant_time};

/// IP protocol number of the header.
pub const PROTOCOL: u8 = 51;
/// Bytes of the header with a check value of 96 bits.
pub const LEN: usize = 24;
/// IP protocol number of what follows it.
const VRRP: u8 = super::checksum::VRRP;
/// Its length in words of 4 bytes, less 2 (RFC 2402 §2.2).
const PAYLOAD_LEN: u8 = 4;
/// Where the check value stands, and its bytes.
const CHECK_AT: usize = 12;
const CHECK_LEN: usize = 12;
/// Bytes of an IPv4 header without options.
pub const IP_HEADER: usize = 20;
/// Where its source address stands.
const SOURCE_AT: usize = 12;

/// What an authentication header is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HeaderSeal {
    /// Key, padded with zeros.
    pub password: [u8; AUTH_DATA_LEN],
    /// Sequence number.
    pub sequence: u32,
}

/// Redacted.
impl fmt::Debug for HeaderSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Header(.., sequence {})", self.sequence)
    }
}

impl HeaderSeal {
    /// Fills the header in a whole packet: an IPv4 header without options, [`LEN`] bytes for this one, the message.
    ///
    /// A packet too short for both headers is left as it is; nobody would believe it.
    pub fn fill(&self, packet: &mut [u8]) {
        let Some((ip, rest)) = packet.split_first_chunk_mut::<IP_HEADER>() else { return };
        let Some((header, message)) = rest.split_first_chunk_mut::<LEN>() else { return };
        *header = [0; LEN];
        header[0] = VRRP;
        header[1] = PAYLOAD_LEN;
        header[4..8].copy_from_slice(&ip[SOURCE_AT..SOURCE_AT + 4]);
        header[8..12].copy_from_slice(&self.sequence.to_be_bytes());
        let check = check_value(&self.password, ip, &[], header, message);
        header[CHECK_AT..].copy_from_slice(&check);
    }
}

/// A packet with an authentication header, as it was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedPacket<'a> {
    /// The IP header without its options.
    pub ip_header: &'a [u8; IP_HEADER],
    /// Its options.
    pub ip_options: &'a [u8],
    /// The authentication header.
    pub header: &'a [u8; LEN],
    /// The message, as long as the IP header says.
    pub message: &'a [u8],
}

/// Why an authentication header is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// There is none, or there is one that was not asked for.
    #[error("is missing or not wanted")]
    Presence,
    /// It is not one of VRRP with a check value of 96 bits.
    #[error("is malformed")]
    Malformed,
    /// The check value is wrong.
    #[error("has a wrong check value")]
    CheckValue,
    /// The security parameters index is not the source address.
    #[error("has a foreign security parameters index")]
    Index,
    /// The sequence number has been seen.
    #[error("repeats sequence number {got}, last was {last}")]
    Replayed {
        /// Number of the packet.
        got: u32,
        /// Highest number known.
        last: u32,
    },
}

/// Checks the header; answers its sequence number.
///
/// # Errors
/// The first thing that is wrong, in keepalived's order.
pub(super) fn check(
    packet: &SealedPacket<'_>,
    password: &[u8; AUTH_DATA_LEN],
    after: u32,
) -> Result<u32, HeaderError> {
    let SealedPacket { ip_header, ip_options, header, message } = *packet;
    if header[0] != VRRP || header[1] != PAYLOAD_LEN {
        return Err(HeaderError::Malformed);
    }
    let mut emptied = *header;
    emptied[CHECK_AT..].fill(0);
    let want = check_value(password, ip_header, ip_options, &emptied, message);
    let matches = header[CHECK_AT..].first_chunk().is_some_and(|got| same_in_constant_time(&want, got));
    if !matches {
        return Err(HeaderError::CheckValue);
    }
    if header[4..8] != ip_header[SOURCE_AT..SOURCE_AT + 4] {
        return Err(HeaderError::Index);
    }
    let got = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
    if got <= after {
        return Err(HeaderError::Replayed { got, last: after });
    }
    Ok(got)
}

/// The check value over a packet whose authentication header has none.
fn check_value(
    password: &[u8; AUTH_DATA_LEN],
    ip_header: &[u8; IP_HEADER],
    ip_options: &[u8],
    header: &[u8; LEN],
    message: &[u8],
) -> [u8; CHECK_LEN] {
    let mut immutable = *ip_header;
    let multicast = immutable[16] >> 4 == 0xe;
    immutable[1] = 0;
    immutable[6..8].fill(0);
    if !multicast {
        immutable[8] = 0;
    }
    immutable[10..12].fill(0);
    let mut mac = Hmac::<Md5>::new_from_slice(password).expect("HMAC takes keys of any length");
    for part in [&immutable[..], ip_options, header, message] {
        mac.update(part);
    }
    let mut check = [0; CHECK_LEN];
    check.copy_from_slice(&mac.finalize().into_bytes()[..CHECK_LEN]);
    check
}

#[cfg(test)]
#[path = "authentication_header_tests.rs"]
mod tests;
