//! What the kernel says of links and addresses, in our own types.

use std::net::IpAddr;

use rtnetlink::packet_route::address::{AddressAttribute, AddressFlags, AddressMessage};
use rtnetlink::packet_route::link::{
    InfoData, InfoIpVlan, InfoKind, InfoMacVlan, InfoPortKind, IpVlanMode, LinkAttribute, LinkExtentMask,
    LinkFlags, LinkInfo, LinkLayerType, LinkMessage, MacVlanMode,
};
use rtnetlink::packet_route::{AddressFamily, RouteNetlinkMessage};

use crate::track::{Link, LinkAddress, Over, OverKind};
use crate::units::{IfIndex, IfName, MacAddr};

/// The request for all links, without their statistics.
pub(in super::super) fn request_links() -> RouteNetlinkMessage {
    let mut message = LinkMessage::default();
    message.attributes.push(LinkAttribute::ExtMask(vec![LinkExtentMask::SkipStats]));
    RouteNetlinkMessage::GetLink(message)
}

/// The request for all addresses of both families.
pub(in super::super) fn request_addresses() -> RouteNetlinkMessage {
    RouteNetlinkMessage::GetAddress(AddressMessage::default())
}

/// `None` for what is no interface: a bridge tells of its ports by the same messages, under its own family.
pub(in super::super) fn link_of(message: &LinkMessage) -> Option<Link> {
    if message.header.interface_family != AddressFamily::Unspec {
        return None;
    }
    let flags = message.header.flags;
    let mut link = Link {
        index: IfIndex::new(message.header.index)?,
        name: name_of(message)?,
        up: flags.contains(LinkFlags::Up | LinkFlags::Running),
        loopback: flags.contains(LinkFlags::Loopback),
        multicast: flags.contains(LinkFlags::Multicast),
        noarp: flags.contains(LinkFlags::Noarp),
        mac: None,
        mtu: 0,
        over: over(message),
        vrf: vrf(message),
    };
    let ethernet = message.header.link_layer_type == LinkLayerType::Ether;
    for attribute in &message.attributes {
        match attribute {
            LinkAttribute::Address(bytes) if ethernet => {
                link.mac = <[u8; 6]>::try_from(bytes.as_slice()).ok().map(MacAddr);
            }
            LinkAttribute::Mtu(mtu) => link.mtu = *mtu,
            _ => {}
        }
    }
    Some(link)
}

/// `None` for an address of another family or without an interface.
pub(in super::super) fn address_of(message: &AddressMessage) -> Option<LinkAddress> {
    let mut flags = AddressFlags::from_bits_retain(message.header.flags.bits().into());
    let (mut local, mut address) = (None::<IpAddr>, None);
    for attribute in &message.attributes {
        match attribute {
            AddressAttribute::Local(ip) => local = Some(*ip),
            // The other end of a point-to-point address, else the address itself.
            AddressAttribute::Address(ip) => address = Some(*ip),
            AddressAttribute::Flags(all) => flags = *all,
            _ => {}
        }
    }
    Some(LinkAddress {
        interface: IfIndex::new(message.header.index)?,
        address: local.or(address)?,
        prefix_len: message.header.prefix_len,
        secondary: flags.contains(AddressFlags::Secondary),
        tentative: flags.intersects(AddressFlags::Tentative | AddressFlags::Dadfailed),
    })
}

/// What a macvlan or ipvlan lies over.
fn over(message: &LinkMessage) -> Option<Over> {
    let infos = infos(message);
    let kind = infos.iter().find_map(|info| match info {
        LinkInfo::Kind(InfoKind::MacVlan) => Some(OverKind::OtherMacvlan),
        LinkInfo::Kind(InfoKind::IpVlan) => Some(OverKind::OtherIpvlan),
        _ => None,
    })?;
    let exact = infos.iter().find_map(|info| match info {
        LinkInfo::Data(InfoData::MacVlan(data)) => {
            data.contains(&InfoMacVlan::Mode(MacVlanMode::Private)).then_some(OverKind::PrivateMacvlan)
        }
        LinkInfo::Data(InfoData::IpVlan(data)) => {
            data.contains(&InfoIpVlan::Mode(IpVlanMode::L2)).then_some(OverKind::IpvlanL2)
        }
        _ => None,
    });
    let elsewhere =
        message.attributes.iter().any(|attribute| matches!(attribute, LinkAttribute::LinkNetNsId(_)));
    let parent = message.attributes.iter().find_map(|attribute| match attribute {
        LinkAttribute::Link(index) if !elsewhere => IfIndex::new(*index),
        _ => None,
    });
    Some(Over { parent, kind: exact.unwrap_or(kind) })
}

/// The VRF that an interface is a port of.
fn vrf(message: &LinkMessage) -> Option<IfIndex> {
    let is_port = infos(message).iter().any(|info| matches!(info, LinkInfo::PortKind(InfoPortKind::Vrf)));
    message.attributes.iter().filter(|_| is_port).find_map(|attribute| match attribute {
        LinkAttribute::Controller(index) => IfIndex::new(*index),
        _ => None,
    })
}

fn infos(message: &LinkMessage) -> &[LinkInfo] {
    message
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            LinkAttribute::LinkInfo(infos) => Some(infos.as_slice()),
            _ => None,
        })
        .unwrap_or_default()
}

fn name_of(message: &LinkMessage) -> Option<IfName> {
    message.attributes.iter().find_map(|attribute| match attribute {
        LinkAttribute::IfName(name) => IfName::new(name),
        _ => None,
    })
}
