//! Links and addresses as they were last told.

use std::collections::{HashMap, HashSet, VecDeque};

use rtnetlink::packet_core::NetlinkPayload;
use rtnetlink::packet_route::RouteNetlinkMessage;

use super::super::address::{AddressKey, OwnRemovals};
use super::super::netlink::{address_of, link_of};
use super::Fact;
use crate::track::{Link, LinkAddress};
use crate::units::IfIndex;

/// The last state of everything.
#[derive(Default)]
pub(super) struct Table {
    links: HashMap<IfIndex, Link>,
    addresses: HashMap<AddressKey, LinkAddress>,
}

impl Table {
    /// Takes one message and queues what it changes; a repetition changes nothing.
    pub(super) fn apply(
        &mut self,
        message: NetlinkPayload<RouteNetlinkMessage>,
        own: &OwnRemovals,
        facts: &mut VecDeque<Fact>,
    ) {
        let NetlinkPayload::InnerMessage(message) = message else { return };
        match message {
            RouteNetlinkMessage::NewLink(message) => {
                facts.extend(link_of(&message).and_then(|link| self.put_link(link)));
            }
            RouteNetlinkMessage::DelLink(message) => {
                if let Some(link) = link_of(&message) {
                    self.drop_link(link.index, own, facts);
                }
            }
            RouteNetlinkMessage::NewAddress(message) => {
                facts.extend(address_of(&message).and_then(|address| self.put_address(address)));
            }
            RouteNetlinkMessage::DelAddress(message) => {
                if let Some(gone) = address_of(&message) {
                    facts.extend(self.drop_address(&gone, own));
                }
            }
            _ => {}
        }
    }

    /// Takes a whole reading, in its order, and queues the differences: what is gone first.
    pub(super) fn replace(
        &mut self,
        links: Vec<Link>,
        addresses: Vec<LinkAddress>,
        own: &OwnRemovals,
        facts: &mut VecDeque<Fact>,
    ) {
        let present: HashSet<AddressKey> = addresses.iter().map(key).collect();
        let gone: Vec<LinkAddress> =
            self.addresses.values().filter(|address| !present.contains(&key(address))).copied().collect();
        for address in gone {
            facts.extend(self.drop_address(&address, own));
        }
        let present: HashSet<IfIndex> = links.iter().map(|link| link.index).collect();
        let gone: Vec<IfIndex> =
            self.links.keys().filter(|index| !present.contains(index)).copied().collect();
        for index in gone {
            self.drop_link(index, own, facts);
        }
        facts.extend(links.into_iter().filter_map(|link| self.put_link(link)));
        facts.extend(addresses.into_iter().filter_map(|address| self.put_address(address)));
    }

    fn put_link(&mut self, link: Link) -> Option<Fact> {
        let before = self.links.insert(link.index, link.clone());
        (before.as_ref() != Some(&link)).then_some(Fact::Link(link))
    }

    /// The kernel tells of the addresses first; those it did not tell of go with their link.
    fn drop_link(&mut self, index: IfIndex, own: &OwnRemovals, facts: &mut VecDeque<Fact>) {
        let left: Vec<LinkAddress> =
            self.addresses.values().filter(|address| address.interface == index).copied().collect();
        for address in left {
            facts.extend(self.drop_address(&address, own));
        }
        facts.extend(self.links.remove(&index).map(|_| Fact::LinkGone(index)));
    }

    fn put_address(&mut self, address: LinkAddress) -> Option<Fact> {
        let before = self.addresses.insert(key(&address), address);
        (before != Some(address)).then_some(Fact::Address(address))
    }

    fn drop_address(&mut self, gone: &LinkAddress, own: &OwnRemovals) -> Option<Fact> {
        let ours = own.take(gone);
        let known = self.addresses.remove(&key(gone)).is_some();
        (known && !ours).then_some(Fact::AddressGone(*gone))
    }
}

fn key(address: &LinkAddress) -> AddressKey {
    (address.interface, address.address, address.prefix_len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::IfName;

    fn link(index: u32, up: bool) -> Link {
        Link { up, ..Link::plain(IfIndex::new(index).unwrap(), IfName::new(&format!("eth{index}")).unwrap()) }
    }

    fn address(index: u32, last: u8) -> LinkAddress {
        LinkAddress {
            interface: IfIndex::new(index).unwrap(),
            address: [192, 0, 2, last].into(),
            prefix_len: 24,
            secondary: false,
            tentative: false,
        }
    }

    #[test]
    fn a_new_reading_tells_only_what_changed_or_vanished() {
        let (mut table, own, mut facts) = (Table::default(), OwnRemovals::default(), VecDeque::new());
        let before = vec![link(1, true), link(2, true), link(3, true)];
        let addresses = vec![address(1, 1), address(2, 2), address(3, 3), address(1, 4)];
        table.replace(before.clone(), addresses.clone(), &own, &mut facts);
        assert_eq!(facts.len(), 7);
        assert_eq!(facts.front(), Some(&Fact::Link(link(1, true))));

        facts.clear();
        table.replace(before, addresses, &own, &mut facts);
        assert_eq!(facts, []);

        table.replace(
            vec![link(1, false), link(2, true)],
            vec![address(2, 2), address(1, 1)],
            &own,
            &mut facts,
        );
        let gone: HashSet<_> = facts.drain(..2).map(|fact| format!("{fact:?}")).collect();
        let want = [address(3, 3), address(1, 4)].map(|a| format!("{:?}", Fact::AddressGone(a)));
        assert_eq!(gone, HashSet::from(want));
        assert_eq!(facts, [Fact::LinkGone(IfIndex::new(3).unwrap()), Fact::Link(link(1, false))]);
    }
}
