//! Link messages that make, change and remove an interface of our own.

use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::link::{
    InfoData, InfoIpVlan, InfoKind, InfoMacVlan, IpVlanFlags, IpVlanMode, LinkAttribute, LinkFlags, LinkInfo,
    LinkMessage, MacVlanMode,
};

use crate::config::model::{IpvlanMode, OwnInterface, OwnKind};
use crate::engine::Make;
use crate::units::{IfIndex, IfName, MacAddr};

/// Asks for one interface by its name.
pub(super) fn ask_by_name(name: &IfName) -> RouteNetlinkMessage {
    let mut message = LinkMessage::default();
    message.attributes.push(LinkAttribute::IfName(name.as_str().to_owned()));
    RouteNetlinkMessage::GetLink(message)
}

/// Asks for one interface by its number.
pub(super) fn ask_by_index(index: IfIndex) -> RouteNetlinkMessage {
    RouteNetlinkMessage::GetLink(about(index))
}

/// Makes the interface; it is down yet.
pub(super) fn create(make: &Make, group: u32) -> RouteNetlinkMessage {
    let own = &make.interface;
    let mut message = LinkMessage::default();
    let attributes = &mut message.attributes;
    attributes.push(LinkAttribute::IfName(own.name.as_str().to_owned()));
    attributes.push(LinkAttribute::Link(make.parent.get()));
    attributes.push(LinkAttribute::Group(group));
    attributes.extend(make.vrf.map(|vrf| LinkAttribute::Controller(vrf.get())));
    if let OwnKind::Vmac(mac) = own.kind {
        attributes.push(LinkAttribute::Address(mac.0.to_vec()));
    }
    attributes.push(LinkAttribute::LinkInfo(kind(own)));
    RouteNetlinkMessage::NewLink(message)
}

/// Puts it into the VRF, or into none.
pub(super) fn set_vrf(index: IfIndex, vrf: Option<IfIndex>) -> RouteNetlinkMessage {
    let mut message = about(index);
    message.attributes.push(LinkAttribute::Controller(vrf.map_or(0, IfIndex::get)));
    RouteNetlinkMessage::SetLink(message)
}

/// Sets it up or down.
pub(super) fn set_up(index: IfIndex, up: bool) -> RouteNetlinkMessage {
    let mut message = about(index);
    message.header.flags = if up { LinkFlags::Up } else { LinkFlags::empty() };
    message.header.change_mask = LinkFlags::Up;
    RouteNetlinkMessage::SetLink(message)
}

/// Gives it another Ethernet address.
pub(super) fn set_mac(index: IfIndex, mac: MacAddr) -> RouteNetlinkMessage {
    let mut message = about(index);
    message.attributes.push(LinkAttribute::Address(mac.0.to_vec()));
    RouteNetlinkMessage::SetLink(message)
}

/// Gives it another name.
pub(super) fn rename(index: IfIndex, name: &IfName) -> RouteNetlinkMessage {
    let mut message = about(index);
    message.attributes.push(LinkAttribute::IfName(name.as_str().to_owned()));
    RouteNetlinkMessage::SetLink(message)
}

/// Removes it.
pub(super) fn remove(index: IfIndex) -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelLink(about(index))
}

fn about(index: IfIndex) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = index.get();
    message
}

fn kind(own: &OwnInterface) -> Vec<LinkInfo> {
    let (kind, data) = match &own.kind {
        OwnKind::Vmac(_) => {
            (InfoKind::MacVlan, InfoData::MacVlan(vec![InfoMacVlan::Mode(MacVlanMode::Private)]))
        }
        OwnKind::Ipvlan { mode, .. } => {
            let flags = match mode {
                IpvlanMode::Bridge => IpVlanFlags::empty(),
                IpvlanMode::Private => IpVlanFlags::Private,
                IpvlanMode::Vepa => IpVlanFlags::Vepa,
            };
            let data = vec![InfoIpVlan::Mode(IpVlanMode::L2), InfoIpVlan::Flags(flags)];
            (InfoKind::IpVlan, InfoData::IpVlan(data))
        }
    };
    vec![LinkInfo::Kind(kind), LinkInfo::Data(data)]
}
