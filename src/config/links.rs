//! The interfaces of a network namespace, by one question to the kernel (`RTM_GETLINK`).
//!
//! A socket of its own: the configuration is read before there is a worker with hands, and by a supervisor that has
//! none. The kernel answers a dump within `send` and `recv`, so nothing here waits.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;

use nix::sched::{CloneFlags, setns};
use rtnetlink::packet_core::{NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::link::{
    InfoData, InfoIpVlan, InfoKind, InfoMacVlan, IpVlanMode, LinkAttribute, LinkFlags, LinkInfo, LinkMessage,
    MacVlanMode,
};
use rtnetlink::sys::Socket;
use rtnetlink::sys::protocols::NETLINK_ROUTE;

use crate::units::IfName;

/// What an interface is, as far as the configuration asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// As keepalived makes them for `use_vmac`.
    PrivateMacvlan,
    /// A macvlan of another mode.
    Macvlan,
    /// As keepalived makes them for `use_ipvlan`.
    L2Ipvlan,
    /// An ipvlan of another mode.
    Ipvlan,
    /// Anything else.
    Other,
}

/// An interface as far as the configuration must know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) loopback: bool,
    pub(super) multicast: bool,
    /// Bytes.
    pub(super) mtu: u32,
    pub(super) kind: Kind,
    /// The interface that a macvlan or ipvlan stands on, when it is in the same network namespace.
    pub(super) base: Option<IfName>,
}

/// All interfaces by name.
pub(super) type Links = HashMap<String, Link>;

/// The interfaces of our own network namespace; none when the kernel does not answer.
pub(super) fn here() -> Links {
    dump().unwrap_or_default()
}

/// The interfaces of the namespace that `ip netns` calls `name`; `None` when it cannot be entered.
pub(super) fn inside(name: &str) -> Option<Links> {
    let file = File::open(Path::new("/run/netns").join(name)).ok()?;
    // A thread of its own enters it and ends there; this one stays where it is.
    let thread = std::thread::spawn(move || setns(file, CloneFlags::CLONE_NEWNET).ok().map(|()| here()));
    thread.join().ok().flatten()
}

/// A datagram of a dump is never larger than the buffer offered, nor than 32 KiB.
const BUFFER: usize = 32 * 1024;

fn dump() -> io::Result<Links> {
    let mut socket = Socket::new(NETLINK_ROUTE)?;
    socket.bind_auto()?;
    socket.send(&request(), 0)?;
    let (mut found, mut space) = (Vec::new(), vec![0; BUFFER]);
    loop {
        let received = socket.recv(&mut &mut space[..], libc::MSG_DONTWAIT)?;
        let mut rest = space.get(..received).unwrap_or_default();
        while let Some((length, message)) = first(rest) {
            rest = rest.get(length..).unwrap_or_default();
            match message.map(|message| message.payload) {
                Some(NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewLink(link))) => found.push(link),
                Some(NetlinkPayload::Done(_) | NetlinkPayload::Error(_)) => return Ok(links(&found)),
                _ => {}
            }
        }
    }
}

fn request() -> Vec<u8> {
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | NLM_F_DUMP;
    let payload = NetlinkPayload::InnerMessage(RouteNetlinkMessage::GetLink(LinkMessage::default()));
    let mut message = NetlinkMessage::new(header, payload);
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

/// The first message of a datagram and the bytes it takes; no message when it cannot be parsed.
fn first(datagram: &[u8]) -> Option<(usize, Option<NetlinkMessage<RouteNetlinkMessage>>)> {
    const HEADER: usize = 16;
    let length = usize::try_from(u32::from_ne_bytes(*datagram.first_chunk()?)).ok()?;
    let bytes = datagram.get(..length).filter(|_| length >= HEADER)?;
    Some((length.next_multiple_of(4), NetlinkMessage::deserialize(bytes).ok()))
}

fn links(found: &[LinkMessage]) -> Links {
    let names: HashMap<u32, &str> =
        found.iter().filter_map(|link| Some((link.header.index, name(link)?))).collect();
    found.iter().filter_map(|message| Some((name(message)?.to_owned(), link(message, &names)))).collect()
}

fn name(link: &LinkMessage) -> Option<&str> {
    link.attributes.iter().find_map(|attribute| match attribute {
        LinkAttribute::IfName(name) => Some(name.as_str()),
        _ => None,
    })
}

fn link(message: &LinkMessage, names: &HashMap<u32, &str>) -> Link {
    const USUAL_MTU: u32 = 1500;
    let flags = message.header.flags;
    let (mut mtu, mut kind, mut below, mut elsewhere) = (USUAL_MTU, Kind::Other, None, false);
    for attribute in &message.attributes {
        match attribute {
            LinkAttribute::Mtu(bytes) => mtu = *bytes,
            LinkAttribute::Link(index) => below = names.get(index),
            LinkAttribute::LinkNetNsId(_) => elsewhere = true,
            LinkAttribute::LinkInfo(infos) => kind = kind_of(infos),
            _ => {}
        }
    }
    let stands_on = kind != Kind::Other && !elsewhere;
    Link {
        loopback: flags.contains(LinkFlags::Loopback),
        multicast: flags.contains(LinkFlags::Multicast),
        mtu,
        kind,
        base: below.filter(|_| stands_on).and_then(|name| IfName::new(name)),
    }
}

fn kind_of(infos: &[LinkInfo]) -> Kind {
    let is = |kind: &InfoKind| infos.iter().any(|info| matches!(info, LinkInfo::Kind(own) if own == kind));
    let data = infos.iter().find_map(|info| match info {
        LinkInfo::Data(data) => Some(data),
        _ => None,
    });
    match data {
        Some(InfoData::MacVlan(options)) if options.contains(&InfoMacVlan::Mode(MacVlanMode::Private)) => {
            Kind::PrivateMacvlan
        }
        Some(InfoData::IpVlan(options)) if options.contains(&InfoIpVlan::Mode(IpVlanMode::L2)) => {
            Kind::L2Ipvlan
        }
        _ if is(&InfoKind::MacVlan) => Kind::Macvlan,
        _ if is(&InfoKind::IpVlan) => Kind::Ipvlan,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_of_this_host_is_told_from_the_others() {
        let links = here();
        assert!(links["lo"].loopback && !links["lo"].multicast, "{links:?}");
        assert_eq!(
            (links["lo"].mtu >= 16_384, links["lo"].kind, &links["lo"].base),
            (true, Kind::Other, &None)
        );
    }

    #[test]
    fn a_namespace_that_does_not_exist_has_no_interfaces_to_tell() {
        assert_eq!(inside("vrrpd-names-no-namespace-so"), None);
    }

    #[test]
    fn nonsense_lengths_end_a_datagram() {
        for length in [0, 15, 17, u32::MAX] {
            assert!(first(&[&length.to_ne_bytes()[..], &[0; 12]].concat()).is_none(), "{length}");
        }
    }
}
