//! Lightweight tunnels (`linux/lwtunnel.h`), as bytes: the crate's own types lack some and nest others unlike
//! keepalived.

use std::net::IpAddr;

use rtnetlink::packet_core::DefaultNla;
use rtnetlink::packet_route::route::RouteAttribute;

use crate::config::model::{Encap, Tunnel};

/// `RTA_ENCAP_TYPE` and `RTA_ENCAP`.
const KIND: u16 = 21;
const CONTENT: u16 = 22;

/// `LWTUNNEL_ENCAP_*`.
const MPLS: u16 = 1;
const IP: u16 = 2;
const ILA: u16 = 3;
const IP6: u16 = 4;

/// `LWTUNNEL_IP_*`, the same as `LWTUNNEL_IP6_*`.
const ID: u16 = 1;
const DESTINATION: u16 = 2;
const SOURCE: u16 = 3;
const TTL: u16 = 4;
const TOS: u16 = 5;
const FLAGS: u16 = 6;

/// `MPLS_IPTUNNEL_DST`, `ILA_ATTR_LOCATOR`.
const LABELS: u16 = 1;
const LOCATOR: u16 = 1;

/// The bit of the last label of a stack (RFC 3032 §2.1).
const BOTTOM_OF_STACK: u32 = 0x100;

/// What is put before packets, then its type.
pub(super) fn attributes(encap: &Encap) -> [RouteAttribute; 2] {
    let (kind, content) = match encap {
        Encap::Ip(way) => (IP, tunnel(way)),
        Encap::Ip6(way) => (IP6, tunnel(way)),
        Encap::Mpls(stack) => (MPLS, attribute(LABELS, &labels(stack))),
        Encap::Ila(locator) => (ILA, attribute(LOCATOR, &locator.to_be_bytes())),
    };
    [
        RouteAttribute::Other(DefaultNla::new(CONTENT, content)),
        RouteAttribute::Other(DefaultNla::new(KIND, kind.to_ne_bytes().to_vec())),
    ]
}

fn tunnel(tunnel: &Tunnel) -> Vec<u8> {
    let address = |kind, address: Option<IpAddr>| match address {
        Some(IpAddr::V4(address)) => attribute(kind, &address.octets()),
        Some(IpAddr::V6(address)) => attribute(kind, &address.octets()),
        None => Vec::new(),
    };
    let byte = |kind, value: Option<u8>| value.map(|value| attribute(kind, &[value])).unwrap_or_default();
    [
        tunnel.id.map(|id| attribute(ID, &id.to_be_bytes())).unwrap_or_default(),
        address(DESTINATION, tunnel.destination),
        address(SOURCE, tunnel.source),
        byte(TOS, tunnel.tos),
        byte(TTL, tunnel.ttl),
        // In this order of bytes, as keepalived sends them and `ip` shows them.
        tunnel.flags.map(|flags| attribute(FLAGS, &flags.to_ne_bytes())).unwrap_or_default(),
    ]
    .concat()
}

/// Each label in the upper 20 bits.
fn labels(stack: &[u32]) -> Vec<u8> {
    let last = stack.len().saturating_sub(1);
    let entry = |(place, label): (usize, &u32)| {
        let bottom = if place == last { BOTTOM_OF_STACK } else { 0 };
        (label << 12 | bottom).to_be_bytes()
    };
    stack.iter().enumerate().flat_map(entry).collect()
}

/// A netlink attribute with its padding.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    const HEADER: usize = 4;
    let length = u16::try_from(HEADER + value.len()).unwrap_or(u16::MAX);
    let mut bytes = [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), value].concat();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `RTA_ENCAP` held when keepalived 2.4.3 was given the same words.
    #[test]
    fn tunnels_are_keepalived_s_byte_by_byte() {
        let ip = |text: &str| Some(text.parse().unwrap());
        let full = Tunnel {
            id: Some(5),
            destination: ip("192.0.2.77"),
            source: ip("192.0.2.78"),
            tos: Some(8),
            ttl: Some(64),
            flags: Some(5),
        };
        let cases: &[(Encap, u16, &[u8])] = &[
            (
                Encap::Ip(full),
                IP,
                b"\x0c\0\x01\0\0\0\0\0\0\0\0\x05\x08\0\x02\0\xc0\0\x02\x4d\x08\0\x03\0\xc0\0\x02\x4e\
                  \x05\0\x05\0\x08\0\0\0\x05\0\x04\0\x40\0\0\0\x06\0\x06\0\x05\0\0\0",
            ),
            (
                Encap::Ip6(Tunnel { destination: ip("2001:db8::77"), ..Tunnel::default() }),
                IP6,
                b"\x14\0\x02\0\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x77",
            ),
            (Encap::Mpls(vec![100, 200]), MPLS, b"\x0c\0\x01\0\0\x06\x40\0\0\x0c\x81\0"),
            (Encap::Ila(0x0001_0002_0003_abcd), ILA, b"\x0c\0\x01\0\0\x01\0\x02\0\x03\xab\xcd"),
        ];
        for (encap, kind, content) in cases {
            let want = [
                RouteAttribute::Other(DefaultNla::new(CONTENT, content.to_vec())),
                RouteAttribute::Other(DefaultNla::new(KIND, kind.to_ne_bytes().to_vec())),
            ];
            assert_eq!(attributes(encap), want, "{encap:?}");
        }
    }
}
