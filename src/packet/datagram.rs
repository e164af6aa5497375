//! A received VRRP packet together with what its IP header said.

use std::net::{IpAddr, Ipv4Addr};

use super::DecodeError;
use super::authentication_header::{self, SealedPacket};

/// A packet of IP protocol 112, or of 51 with 112 inside, with its headers taken off.
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
    /// The authentication header that stood before the message, with everything it covers.
    pub sealed: Option<SealedPacket<'a>>,
}

/// Takes the IPv4 header off what a raw socket delivered; options are skipped.
///
/// # Errors
/// [`DecodeError::Truncated`] when there is no whole header, [`DecodeError::IpHeader`] when it contradicts itself.
pub fn ipv4_datagram(bytes: &[u8]) -> Result<Datagram<'_>, DecodeError> {
    const HEADER: usize = 20;
    let Some((header, _)) = bytes.split_first_chunk::<HEADER>() else {
        return Err(DecodeError::Truncated { got: bytes.len(), need: HEADER });
    };
    let header_len = usize::from(header[0] & 0x0f) * 4;
    let total_len = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[0] >> 4 != 4 || header_len < HEADER || total_len < header_len {
        return Err(DecodeError::IpHeader);
    }
    let Some((options, payload)) = bytes[HEADER..].split_at_checked(header_len - HEADER) else {
        return Err(DecodeError::Truncated { got: bytes.len(), need: header_len });
    };
    let address =
        |at: usize| IpAddr::V4(Ipv4Addr::new(header[at], header[at + 1], header[at + 2], header[at + 3]));
    let datagram = Datagram {
        source: address(12),
        destination: address(16),
        hop_limit: Some(header[8]),
        claimed_len: total_len - header_len,
        payload,
        sealed: None,
    };
    if header[9] == authentication_header::PROTOCOL {
        unseal(datagram, header, options)
    } else {
        Ok(datagram)
    }
}

/// Takes the authentication header off as well.
fn unseal<'a>(
    datagram: Datagram<'a>,
    ip_header: &'a [u8; 20],
    ip_options: &'a [u8],
) -> Result<Datagram<'a>, DecodeError> {
    const NEED: usize = authentication_header::LEN;
    let Some((header, payload)) = datagram.payload.split_first_chunk::<NEED>() else {
        return Err(DecodeError::Truncated { got: datagram.payload.len(), need: NEED });
    };
    let claimed_len = datagram.claimed_len.checked_sub(NEED).ok_or(DecodeError::IpHeader)?;
    let message = payload.get(..claimed_len).unwrap_or(payload);
    let sealed = Some(SealedPacket { ip_header, ip_options, header, message });
    Ok(Datagram { claimed_len, payload, sealed, ..datagram })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The IPv4 part of an advert that keepalived 2.4.3 sent (VRRPv2, priority 150).
    const CAPTURED: [u8; 40] = [
        0x45, 0xc0, 0x00, 0x28, 0x00, 0x01, 0x00, 0x00, 0xff, 0x70, 0xd0, 0x91, 10, 0, 0, 1, 224, 0, 0, 18,
        0x21, 0x33, 0x96, 0x01, 0x00, 0x01, 0x3e, 0x66, 10, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    #[test]
    fn a_captured_header_is_taken_off() {
        let datagram = ipv4_datagram(&CAPTURED).unwrap();
        assert_eq!(datagram.source, IpAddr::from([10, 0, 0, 1]));
        assert_eq!(datagram.destination, IpAddr::from([224, 0, 0, 18]));
        assert_eq!((datagram.hop_limit, datagram.claimed_len), (Some(255), 20));
        assert_eq!(datagram.payload, &CAPTURED[20..]);
    }

    #[test]
    fn options_are_skipped() {
        let mut bytes = CAPTURED.to_vec();
        bytes[0] = 0x46;
        bytes[3] = 44;
        bytes.splice(20..20, [0x94, 0x04, 0x00, 0x00]);
        assert_eq!(ipv4_datagram(&bytes).unwrap().payload, &CAPTURED[20..]);
    }

    #[test]
    fn what_is_no_whole_header_is_refused() {
        for len in 0..20 {
            assert_eq!(ipv4_datagram(&CAPTURED[..len]), Err(DecodeError::Truncated { got: len, need: 20 }));
        }
        for (at, value) in [(0, 0x65), (0, 0x44), (3, 0x13)] {
            let mut bytes = CAPTURED;
            bytes[at] = value;
            assert_eq!(ipv4_datagram(&bytes), Err(DecodeError::IpHeader), "byte {at} = {value:#x}");
        }
        let mut long_header = CAPTURED[..24].to_vec();
        long_header[0] = 0x4f;
        long_header[3] = 80;
        assert_eq!(ipv4_datagram(&long_header), Err(DecodeError::Truncated { got: 24, need: 60 }));
    }
}
