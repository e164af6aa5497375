//! Interfaces and addresses as the kernel reports them.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::units::{Family, IfIndex, IfName, MacAddr};

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
    /// For a macvlan or ipvlan, what it lies over and how.
    pub over: Option<Over>,
    /// The VRF that it is in.
    pub vrf: Option<IfIndex>,
}

impl Link {
    /// An interface for multicast that is up, with an MTU of 1500 and nothing special about it; no Ethernet address.
    pub fn plain(index: IfIndex, name: IfName) -> Self {
        Self {
            index,
            name,
            up: true,
            loopback: false,
            multicast: true,
            noarp: false,
            mac: None,
            mtu: 1500,
            over: None,
            vrf: None,
        }
    }
}

/// How an interface lies over another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Over {
    /// The other one; `None` when that is in another network namespace.
    pub parent: Option<IfIndex>,
    /// What the upper one is.
    pub kind: OverKind,
}

/// Interfaces that lie over others, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverKind {
    /// A macvlan in private mode.
    PrivateMacvlan,
    /// A macvlan in another mode.
    OtherMacvlan,
    /// An ipvlan in L2 mode.
    IpvlanL2,
    /// An ipvlan in another mode.
    OtherIpvlan,
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

/// Every interface and address of this network namespace.
#[derive(Debug, Default)]
pub struct Interfaces {
    links: HashMap<IfIndex, Known>,
    by_name: HashMap<IfName, IfIndex>,
}

#[derive(Debug)]
struct Known {
    link: Link,
    /// In the order in which the kernel told of them.
    addresses: Vec<LinkAddress>,
}

impl Interfaces {
    /// Takes note of an interface; answers the names that this concerns, an old one included.
    pub fn insert(&mut self, link: Link) -> Vec<IfName> {
        let mut concerned = vec![link.name.clone()];
        match self.links.get_mut(&link.index) {
            Some(known) => {
                if known.link.name != link.name {
                    // Another interface may have taken the old name already.
                    if self.by_name.get(&known.link.name) == Some(&link.index) {
                        self.by_name.remove(&known.link.name);
                    }
                    concerned.push(known.link.name.clone());
                }
                known.link = link.clone();
            }
            None => {
                self.links.insert(link.index, Known { link: link.clone(), addresses: Vec::new() });
            }
        }
        self.by_name.insert(link.name, link.index);
        concerned
    }

    /// Forgets an interface; answers its name, if it was known.
    pub fn remove(&mut self, index: IfIndex) -> Option<IfName> {
        let known = self.links.remove(&index)?;
        // A new interface may have taken the name already.
        if self.by_name.get(&known.link.name) == Some(&index) {
            self.by_name.remove(&known.link.name);
        }
        Some(known.link.name)
    }

    /// Takes note of an address; answers the name of its interface, if that is known.
    pub fn insert_address(&mut self, address: LinkAddress) -> Option<IfName> {
        let known = self.links.get_mut(&address.interface)?;
        match known.addresses.iter_mut().find(|other| is_same(other, &address)) {
            Some(other) => *other = address,
            None => known.addresses.push(address),
        }
        Some(known.link.name.clone())
    }

    /// Forgets an address; answers the name of its interface, if that is known.
    pub fn remove_address(&mut self, address: &LinkAddress) -> Option<IfName> {
        let known = self.links.get_mut(&address.interface)?;
        known.addresses.retain(|other| !is_same(other, address));
        Some(known.link.name.clone())
    }

    /// Forgets addresses that we are about to remove: the kernel's word of it will not be passed on.
    pub fn forget(&mut self, addresses: impl IntoIterator<Item = (IfIndex, IpAddr)>) {
        for (interface, address) in addresses {
            if let Some(known) = self.links.get_mut(&interface) {
                known.addresses.retain(|other| other.address != address);
            }
        }
    }

    /// The interface of that number, if it exists.
    pub fn numbered(&self, index: IfIndex) -> Option<&Link> {
        self.links.get(&index).map(|known| &known.link)
    }

    /// The interface of that name, if it exists.
    pub fn named(&self, name: &IfName) -> Option<&Link> {
        self.by_name.get(name).and_then(|index| self.links.get(index)).map(|known| &known.link)
    }

    /// Whether the interface holds that address, whatever its prefix.
    pub fn has_address(&self, index: IfIndex, address: IpAddr) -> bool {
        let known = self.links.get(&index);
        known.is_some_and(|known| known.addresses.iter().any(|other| other.address == address))
    }

    /// The link that holds `address`, if any does.
    pub fn holding(&self, address: IpAddr) -> Option<&Link> {
        let holds = |known: &&Known| known.addresses.iter().any(|other| other.address == address);
        self.links.values().find(holds).map(|known| &known.link)
    }

    /// The address that adverts leave from: the first usable one which is not `excluded`, for IPv6 a link-local one
    /// (RFC 9568 §5.1.1.1, §5.1.2.1); IPv4 prefers one that is not secondary.
    pub fn source(
        &self,
        index: IfIndex,
        family: Family,
        excluded: impl Fn(IpAddr) -> bool,
    ) -> Option<IpAddr> {
        let known = self.links.get(&index)?;
        let usable = |address: &&LinkAddress| {
            !address.tentative
                && !excluded(address.address)
                && match address.address {
                    IpAddr::V4(_) => family == Family::V4,
                    IpAddr::V6(address) => family == Family::V6 && address.is_unicast_link_local(),
                }
        };
        let mut candidates = known.addresses.iter().filter(usable);
        let first = candidates.next()?;
        let primary = std::iter::once(first).chain(candidates).find(|address| !address.secondary);
        Some(primary.unwrap_or(first).address)
    }
}

/// The kernel tells addresses apart by interface, address and prefix length.
fn is_same(one: &LinkAddress, other: &LinkAddress) -> bool {
    (one.interface, one.address, one.prefix_len) == (other.interface, other.address, other.prefix_len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(index: u32, name: &str) -> Link {
        Link::plain(IfIndex::new(index).unwrap(), IfName::new(name).unwrap())
    }

    fn address(index: u32, address: &str, prefix_len: u8) -> LinkAddress {
        LinkAddress {
            interface: IfIndex::new(index).unwrap(),
            address: address.parse().unwrap(),
            prefix_len,
            secondary: false,
            tentative: false,
        }
    }

    #[test]
    fn a_name_outlives_the_interface_that_had_it() {
        let eth0 = IfName::new("eth0").unwrap();
        let mut interfaces = Interfaces::default();
        interfaces.insert(link(2, "eth0"));
        interfaces.insert(link(7, "eth0"));
        assert_eq!(interfaces.remove(IfIndex::new(2).unwrap()), Some(eth0.clone()));
        assert_eq!(interfaces.named(&eth0).map(|link| link.index.get()), Some(7));
    }

    #[test]
    fn a_renamed_interface_is_gone_under_its_old_name() {
        let mut interfaces = Interfaces::default();
        interfaces.insert(link(2, "eth0"));
        let concerned = interfaces.insert(link(2, "lan0"));
        assert_eq!(concerned.iter().map(IfName::as_str).collect::<Vec<_>>(), ["lan0", "eth0"]);
        assert!(interfaces.named(&IfName::new("eth0").unwrap()).is_none());
    }

    #[test]
    fn a_rename_told_late_does_not_hide_who_has_the_old_name_now() {
        let mut interfaces = Interfaces::default();
        interfaces.insert(link(2, "eth0"));
        interfaces.insert(link(7, "eth0"));
        interfaces.insert(link(2, "lan0"));
        let eth0 = IfName::new("eth0").unwrap();
        assert_eq!(interfaces.named(&eth0).map(|link| link.index.get()), Some(7));
    }

    #[test]
    fn the_source_is_the_first_address_that_can_be_one() {
        let index = IfIndex::new(2).unwrap();
        let mut interfaces = Interfaces::default();
        interfaces.insert(link(2, "eth0"));
        let none = |_| false;
        assert_eq!(interfaces.source(index, Family::V4, none), None);
        interfaces.insert_address(LinkAddress { secondary: true, ..address(2, "10.0.0.9", 24) });
        interfaces.insert_address(address(2, "10.0.0.1", 24));
        interfaces.insert_address(address(2, "2001:db8::1", 64));
        let tentative = LinkAddress { tentative: true, ..address(2, "fe80::1", 64) };
        interfaces.insert_address(tentative);
        assert_eq!(interfaces.source(index, Family::V4, none), Some("10.0.0.1".parse().unwrap()));
        assert_eq!(interfaces.source(index, Family::V6, none), None);
        interfaces.insert_address(LinkAddress { tentative: false, ..tentative });
        assert_eq!(interfaces.source(index, Family::V6, none), Some("fe80::1".parse().unwrap()));
        let virtual_address: IpAddr = "10.0.0.1".parse().unwrap();
        let source = interfaces.source(index, Family::V4, |address| address == virtual_address);
        assert_eq!(source, Some("10.0.0.9".parse().unwrap()));
    }
}
