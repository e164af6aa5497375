//! Address messages with exactly the attributes that keepalived sends.

use rtnetlink::packet_route::AddressFamily;
use rtnetlink::packet_route::address::{
    AddressAttribute, AddressFlags, AddressHeader, AddressMessage, AddressProtocol, AddressScope, CacheInfo,
};

use crate::config::model::VirtualAddress;
use crate::units::Family;
use crate::vrrp::PlacedAddress;

/// `IFA_PROTO` of what keepalived adds, by which `ip addr` and other daemons know it.
const KEEPALIVED: AddressProtocol = AddressProtocol::Other(18);

/// The message that adds an address with its options.
pub(super) fn to_add(placed: &PlacedAddress) -> AddressMessage {
    let address = &placed.address;
    let mut message = message(placed);
    let attributes = &mut message.attributes;
    attributes.push(AddressAttribute::Local(address.prefix.address()));
    attributes.extend(address.peer.map(AddressAttribute::Address));
    attributes.extend(address.broadcast.map(AddressAttribute::Broadcast));
    attributes.extend(address.label.clone().map(AddressAttribute::Label));
    let flags = flags(address);
    if !flags.is_empty() {
        attributes.push(AddressAttribute::Flags(flags));
    }
    attributes.extend(lifetime(address).map(AddressAttribute::CacheInfo));
    attributes.push(AddressAttribute::Protocol(KEEPALIVED));
    message
}

/// The message that removes an address, whatever its options have become.
pub(super) fn to_remove(placed: &PlacedAddress) -> AddressMessage {
    let address = &placed.address;
    let mut message = message(placed);
    let local = address.prefix.address();
    message.attributes.push(AddressAttribute::Local(local));
    message.attributes.push(AddressAttribute::Address(address.peer.unwrap_or(local)));
    message
}

fn message(placed: &PlacedAddress) -> AddressMessage {
    let prefix = placed.address.prefix;
    let family = match prefix.family() {
        Family::V4 => AddressFamily::Inet,
        Family::V6 => AddressFamily::Inet6,
    };
    let mut message = AddressMessage::default();
    message.header = AddressHeader {
        family,
        prefix_len: prefix.length(),
        scope: AddressScope::from(placed.address.scope),
        index: placed.interface.get(),
        ..AddressHeader::default()
    };
    message
}

fn flags(address: &VirtualAddress) -> AddressFlags {
    let words = address.flags;
    let without_detection = address.prefix.family() == Family::V6 && !words.detect_duplicates;
    let chosen = [
        (without_detection, AddressFlags::Nodad),
        (words.home, AddressFlags::Homeaddress),
        (words.mngtmpaddr, AddressFlags::Managetempaddr),
        (words.noprefixroute, AddressFlags::Noprefixroute),
        (words.autojoin, AddressFlags::Mcautojoin),
    ];
    chosen.into_iter().filter(|(on, _)| *on).fold(AddressFlags::empty(), |all, (_, flag)| all | flag)
}

/// `preferred_lft`; keepalived reads it on an IPv4 line too, but acts on it for IPv6 only.
fn lifetime(address: &VirtualAddress) -> Option<CacheInfo> {
    let limited = address.preferred_lifetime != VirtualAddress::FOREVER;
    (limited && address.prefix.family() == Family::V6).then(|| {
        let mut lifetime = CacheInfo::default();
        lifetime.ifa_preferred = address.preferred_lifetime;
        lifetime.ifa_valid = VirtualAddress::FOREVER;
        lifetime
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::{AddressFlags as Words, Prefix};
    use crate::units::IfIndex;
    use AddressAttribute::{Address, Broadcast, Flags, Label, Local, Protocol};

    fn placed(ip: &str, length: u8, change: impl FnOnce(&mut VirtualAddress)) -> PlacedAddress {
        let mut address = VirtualAddress::plain(Prefix::new(ip.parse().unwrap(), length).unwrap());
        change(&mut address);
        PlacedAddress { interface: IfIndex::new(2).unwrap(), address }
    }

    fn deprecated() -> AddressAttribute {
        let mut lifetime = CacheInfo::default();
        lifetime.ifa_valid = u32::MAX;
        AddressAttribute::CacheInfo(lifetime)
    }

    #[test]
    fn an_added_address_carries_the_attributes_that_keepalived_was_seen_to_send() {
        let ip = |text: &str| text.parse().unwrap();
        let ours = Protocol(AddressProtocol::Other(18));
        let cases = [
            (placed("10.0.0.100", 24, |_| {}), vec![Local(ip("10.0.0.100")), ours.clone()]),
            (
                placed("10.0.0.102", 24, |address| {
                    address.broadcast = Some([10, 0, 0, 255].into());
                    address.label = Some("hv0:lab".to_owned());
                }),
                vec![
                    Local(ip("10.0.0.102")),
                    Broadcast([10, 0, 0, 255].into()),
                    Label("hv0:lab".to_owned()),
                    ours.clone(),
                ],
            ),
            (
                placed("10.0.0.105", 24, |address| address.preferred_lifetime = 100),
                vec![Local(ip("10.0.0.105")), ours.clone()],
            ),
            (
                placed("2001:db8::2", 128, |_| {}),
                vec![Local(ip("2001:db8::2")), Flags(AddressFlags::Nodad), deprecated(), ours.clone()],
            ),
            (
                placed("2001:db8::3", 64, |address| {
                    address.flags = Words { detect_duplicates: true, ..Words::default() };
                }),
                vec![Local(ip("2001:db8::3")), ours.clone()],
            ),
            (
                placed("2001:db8:3::9", 128, |address| address.peer = Some(ip("2001:db8:3::99"))),
                vec![
                    Local(ip("2001:db8:3::9")),
                    Address(ip("2001:db8:3::99")),
                    Flags(AddressFlags::Nodad),
                    deprecated(),
                    ours.clone(),
                ],
            ),
        ];
        for (placed, want) in cases {
            assert_eq!(to_add(&placed).attributes, want, "{placed:?}");
        }
    }
}
