//! `encap`: the lightweight tunnel of a route or of one of its next hops.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// What is put before a packet on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encap {
    /// `encap ip`: an IPv4 header.
    Ip(Tunnel),
    /// `encap ip6`: an IPv6 header.
    Ip6(Tunnel),
    /// `encap mpls`: labels, outermost first, 20 bits each.
    Mpls(Vec<u32>),
    /// `encap ila`: the locator.
    Ila(u64),
}

/// The header that a tunnel adds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tunnel {
    /// `id`.
    pub id: Option<u64>,
    /// `dst`, of the tunnel's family.
    pub destination: Option<IpAddr>,
    /// `src`, of the tunnel's family.
    pub source: Option<IpAddr>,
    /// `tos` of IPv4, `tc` of IPv6.
    pub tos: Option<u8>,
    /// `ttl` of IPv4, `hoplimit` of IPv6.
    pub ttl: Option<u8>,
    /// `flags`.
    pub flags: Option<u16>,
}
