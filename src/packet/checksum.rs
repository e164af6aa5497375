//! The Internet checksum (RFC 1071), with and without the pseudo-headers of IPv4 and IPv6.

use std::net::IpAddr;

/// IP protocol number of VRRP.
pub(super) const VRRP: u8 = 112;

/// Ones' complement sum of big-endian 16-bit words, not folded yet; an odd last byte counts as its high half.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum(u64);

impl Sum {
    /// Adds `bytes`; only the last addition may be of odd length.
    pub(super) fn add(mut self, bytes: &[u8]) -> Self {
        let (pairs, last) = bytes.as_chunks::<2>();
        self.0 += pairs.iter().map(|pair| u64::from(u16::from_be_bytes(*pair))).sum::<u64>();
        self.0 += last.first().map_or(0, |&byte| u64::from(byte) << 8);
        self
    }

    /// Adds the pseudo-header of a VRRP message of `len` bytes (RFC 8200 §8.1; for IPv4 as RFC 5798 is read).
    ///
    /// Addresses of different families cannot stand in one IP header; their sum is of no use but harmless.
    pub(super) fn pseudo_header(self, source: IpAddr, destination: IpAddr, len: usize) -> Self {
        let mut sum = self;
        for address in [source, destination] {
            sum = match address {
                IpAddr::V4(address) => sum.add(&address.octets()),
                IpAddr::V6(address) => sum.add(&address.octets()),
            };
        }
        sum.0 += len as u64 + u64::from(VRRP);
        sum
    }

    /// Whether the data that was added holds its own checksum.
    pub(super) fn is_right(self) -> bool {
        self.folded() == 0xffff
    }

    /// The sum in 16 bits: 0xffff over data that holds its own checksum.
    fn folded(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        u16::try_from(sum).unwrap_or(u16::MAX)
    }

    /// What goes into the checksum field.
    pub(super) fn checksum(self) -> u16 {
        !self.folded()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1071() {
        let sum = Sum::default().add(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
        assert_eq!(sum.folded(), 0xddf2);
    }

    #[test]
    fn an_odd_byte_is_the_high_half() {
        assert_eq!(Sum::default().add(&[0x12]).folded(), 0x1200);
    }
}
