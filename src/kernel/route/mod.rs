//! Routes as netlink messages, with the attributes that keepalived sends.
//!
//! In: a route with the numbers of its interfaces and of its table. Out: the message that adds or removes it; whether
//! a message of the kernel is about it.
//! Never here: sockets, when a route is held.

mod encap;
mod metrics;

use std::net::IpAddr;

use rtnetlink::packet_core::{NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL};
use rtnetlink::packet_route::AddressFamily;
use rtnetlink::packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteNextHop, RouteNextHopFlags,
    RouteProtocol, RouteRealm, RouteScope, RouteType,
};

use crate::config::model::{NextHop, Placing, Prefix, Realms, Route, RouteKind};
use crate::units::{Family, IfIndex};
use crate::vrrp::PlacedRoute;

/// Metric of an IPv6 route for which none is given.
const METRIC6: u32 = 1024;

/// What the kernel tells routes apart by; several may have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RouteKey {
    destination: (IpAddr, u8),
    table: u32,
    tos: u8,
    metric: u32,
}

/// The message that adds a route.
pub(super) fn to_add(placed: &PlacedRoute, table: u32) -> RouteMessage {
    let route = &placed.route;
    let mut message = message(placed, table);
    message.header.scope = RouteScope::from(route.scope.unwrap_or(widest_scope(route)));
    message.header.kind = RouteType::from(route.kind.0);
    if route.onlink {
        message.header.flags = RouteFlags::Onlink;
    }
    message
}

/// The widest scope that the kernel takes for a route of this type: `global` but for addresses of this host or link.
fn widest_scope(route: &Route) -> u8 {
    const LOCAL: u8 = 2;
    const BROADCAST: u8 = 3;
    const ANYCAST: u8 = 4;
    match (route.family(), route.kind.0) {
        (Family::V4, LOCAL) => RouteScope::Host.into(),
        (Family::V4, BROADCAST | ANYCAST) => RouteScope::Link.into(),
        (Family::V4 | Family::V6, _) => RouteScope::Universe.into(),
    }
}

/// How the message that adds a route treats others with the same destination and metric.
pub(super) fn add_flags(route: &Route) -> u16 {
    NLM_F_CREATE
        | match route.placing {
            Placing::Add => NLM_F_EXCL,
            Placing::Append => NLM_F_APPEND,
            Placing::Prepend => 0,
        }
}

/// The message that removes a route: of its protocol only, so never somebody else's.
pub(super) fn to_remove(placed: &PlacedRoute, table: u32) -> RouteMessage {
    let route = &placed.route;
    let mut message = message(placed, table);
    // Of any scope, of any type, unless they are given.
    message.header.scope = route.scope.map_or(RouteScope::NoWhere, RouteScope::from);
    let kind = if route.kind == RouteKind::UNICAST { RouteType::Unspec } else { route.kind.0.into() };
    message.header.kind = kind;
    message
}

/// The request for all routes of a family and of keepalived's protocol.
pub(super) fn request(family: Family) -> RouteMessage {
    let mut message = RouteMessage::default();
    message.header.address_family = netlink_family(family);
    message.header.protocol = RouteProtocol::from(Route::KEEPALIVED);
    message
}

/// How the kernel numbers families.
pub(super) fn netlink_family(family: Family) -> AddressFamily {
    match family {
        Family::V4 => AddressFamily::Inet,
        Family::V6 => AddressFamily::Inet6,
    }
}

/// Both realms in one attribute.
pub(super) fn realm(realms: Realms) -> RouteRealm {
    RouteRealm { source: realms.from, destination: realms.to }
}

/// The table that `number` means: 0 is main.
fn real_table(number: u32) -> u32 {
    if number == 0 { Route::MAIN } else { number }
}

/// What the kernel will tell this route apart by.
pub(super) fn key(route: &Route, table: u32) -> RouteKey {
    RouteKey {
        destination: (masked(route.destination), route.destination.length()),
        table: real_table(table),
        tos: route.tos,
        metric: known_metric(route.family(), route.metric.unwrap_or(0)),
    }
}

/// The key of a route that the kernel tells of.
pub(super) fn told_key(message: &RouteMessage) -> Option<RouteKey> {
    let family = match message.header.address_family {
        AddressFamily::Inet => Family::V4,
        AddressFamily::Inet6 => Family::V6,
        _ => return None,
    };
    let mut key = RouteKey {
        destination: (family.unspecified(), message.header.destination_prefix_length),
        table: message.header.table.into(),
        tos: message.header.tos,
        metric: 0,
    };
    for attribute in &message.attributes {
        match attribute {
            RouteAttribute::Destination(address) => key.destination.0 = ip(address)?,
            RouteAttribute::Table(table) => key.table = *table,
            RouteAttribute::Priority(metric) => key.metric = *metric,
            _ => {}
        }
    }
    key.metric = known_metric(family, key.metric);
    Some(key)
}

/// Whether the kernel's message, of the same key, is about this route.
pub(super) fn is_about(message: &RouteMessage, placed: &PlacedRoute) -> bool {
    let route = &placed.route;
    let protocol = u8::from(message.header.protocol) == route.protocol;
    let kind = u8::from(message.header.kind) == route.kind.0;
    let gateway = |gateway: IpAddr| {
        message.attributes.iter().all(|attribute| match attribute {
            RouteAttribute::Gateway(told) => ip(told) == Some(gateway),
            _ => true,
        })
    };
    let interface = |interface: IfIndex| {
        message.attributes.iter().all(|attribute| match attribute {
            RouteAttribute::Oif(told) => *told == interface.get(),
            _ => true,
        })
    };
    protocol && kind && route.gateway.is_none_or(gateway) && placed.interface.is_none_or(interface)
}

/// What adding and removing have in common.
fn message(placed: &PlacedRoute, table: u32) -> RouteMessage {
    let route = &placed.route;
    let short = u8::try_from(table).ok();
    let mut message = RouteMessage::default();
    message.header = RouteHeader {
        address_family: netlink_family(route.family()),
        destination_prefix_length: route.destination.length(),
        source_prefix_length: route.from.map_or(0, Prefix::length),
        tos: route.tos,
        table: short.unwrap_or(RouteHeader::RT_TABLE_UNSPEC),
        protocol: RouteProtocol::from(route.protocol),
        ..RouteHeader::default()
    };
    let attributes = &mut message.attributes;
    attributes.extend(short.is_none().then_some(RouteAttribute::Table(table)));
    attributes.push(RouteAttribute::Destination(route.destination.address().into()));
    attributes.extend(route.from.map(|from| RouteAttribute::Source(from.address().into())));
    attributes.extend(route.source.map(|source| RouteAttribute::PrefSource(source.into())));
    attributes.extend(route.gateway.map(|gateway| RouteAttribute::Gateway(gateway.into())));
    attributes.extend(route.encap.iter().flat_map(encap::attributes));
    attributes.extend(placed.interface.map(|index| RouteAttribute::Oif(index.get())));
    attributes.extend(route.metric.map(RouteAttribute::Priority));
    attributes.extend(route.realms.map(|realms| RouteAttribute::Realm(realm(realms))));
    attributes.extend(route.expires.map(RouteAttribute::Expires));
    attributes.extend(route.preference.map(|preference| RouteAttribute::Preference(preference.into())));
    attributes.extend(route.ttl_propagate.map(|on| RouteAttribute::TtlPropagate(u8::from(on).into())));
    attributes.extend(metrics::attribute(route));
    if !route.next_hops.is_empty() {
        let hops = route.next_hops.iter().zip(placed.hops.iter().copied());
        attributes.push(RouteAttribute::MultiPath(hops.map(|(hop, index)| next_hop(hop, index)).collect()));
    }
    message
}

fn next_hop(hop: &NextHop, interface: Option<IfIndex>) -> RouteNextHop {
    let mut told = RouteNextHop::default();
    told.hops = hop.weight;
    told.interface_index = interface.map_or(0, IfIndex::get);
    if hop.onlink {
        told.flags = RouteNextHopFlags::Onlink;
    }
    told.attributes.extend(hop.gateway.map(|gateway| RouteAttribute::Gateway(gateway.into())));
    told.attributes.extend(hop.encap.iter().flat_map(encap::attributes));
    told.attributes.extend(hop.realms.map(|realms| RouteAttribute::Realm(realm(realms))));
    told
}

fn known_metric(family: Family, metric: u32) -> u32 {
    match (family, metric) {
        (Family::V6, 0) => METRIC6,
        (Family::V4 | Family::V6, _) => metric,
    }
}

fn ip(address: &RouteAddress) -> Option<IpAddr> {
    match address {
        RouteAddress::Inet(address) => Some((*address).into()),
        RouteAddress::Inet6(address) => Some((*address).into()),
        _ => None,
    }
}

/// The address without its host bits, as the kernel tells of it.
fn masked(prefix: Prefix) -> IpAddr {
    let length = u32::from(prefix.length());
    match prefix.address() {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}
