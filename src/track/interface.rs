//! Interfaces and addresses as the kernel reports them.

use std::net::IpAddr;

use crate::units::{IfIndex, IfName, MacAddr};

/// What the kernel says of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number, new each time it is created.
    pub index: IfIndex,
    /// Its name, which may change.
    pub name: IfName,
    /// `IFF_UP` and `IFF_RUNNING`.
    pub up: bool,
    /// `IFF_LOOPBACK`.
    pub loopback: bool,
    /// `IFF_MULTICAST`.
    pub multicast: bool,
    /// `IFF_NOARP`: addresses on it are never announced.
    pub noarp: bool,
    /// Link-layer address, when it is an Ethernet one.
    pub mac: Option<MacAddr>,
    /// MTU in bytes.
    pub mtu: u32,
}

/// What the kernel says of an address on an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkAddress {
    /// The interface.
    pub interface: IfIndex,
    /// The local address.
    pub address: IpAddr,
    /// Prefix length in bits.
    pub prefix_len: u8,
    /// `IFA_F_SECONDARY`.
    pub secondary: bool,
    /// `IFA_F_TENTATIVE` or `IFA_F_DADFAILED`: cannot be a source yet.
    pub tentative: bool,
}
