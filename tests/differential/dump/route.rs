//! Items of `Virtual Routes` and `Static Routes`.

use vrrpd::config::model::{Encap, NextHop, Placing, Prefix, Realms, Route, RouteMetric, RouteTable, Tunnel};
use vrrpd::units::Family;

use super::values::prefix;

/// Kernel numbers of route types with keepalived's words.
const KINDS: &[(u8, &str)] = &[
    (2, "local"),
    (3, "broadcast"),
    (4, "anycast"),
    (5, "multicast"),
    (6, "blackhole"),
    (7, "unreachable"),
    (8, "prohibit"),
    (9, "throw"),
    (10, "nat"),
    (11, "xresolve"),
];
/// Metrics in the order in which keepalived writes them.
const METRICS: &[(RouteMetric, &str)] = &[
    (RouteMetric::Rtt, "rtt"),
    (RouteMetric::RttVar, "rttvar"),
    (RouteMetric::RtoMin, "rto_min"),
    (RouteMetric::Features, "features"),
    (RouteMetric::Mtu, "mtu"),
    (RouteMetric::Window, "window"),
    (RouteMetric::SsThresh, "ssthresh"),
    (RouteMetric::Cwnd, "cwnd"),
    (RouteMetric::AdvMss, "advmss"),
    (RouteMetric::Reordering, "reordering"),
    (RouteMetric::HopLimit, "hoplimit"),
    (RouteMetric::InitCwnd, "initcwnd"),
    (RouteMetric::InitRwnd, "initrwnd"),
    (RouteMetric::QuickAck, "quickack"),
    (RouteMetric::FastOpenNoCookie, "fastopen_no_cookie"),
];
/// Bottom of a stack of MPLS labels, as it stands on the wire (RFC 3032).
const BOTTOM: u32 = 0x100;

/// The line for a route.
pub(super) fn route(route: &Route) -> String {
    let mut words = vec![placing(route.placing).to_owned()];
    words.extend(KINDS.iter().find(|(kind, _)| *kind == route.kind.0).map(|(_, word)| (*word).to_owned()));
    words.push(prefix(route.destination));
    words.extend(route.from.map(|from| format!("from {}", prefix(from))));
    words.extend(route.source.map(|source| format!("src {source}")));
    words.extend((route.tos != 0).then(|| format!("tos {}", route.tos)));
    words.extend(route.encap.as_ref().map(encap));
    words.extend(route.gateway.map(via));
    words.extend(route.dev.as_ref().map(|dev| format!("dev {dev}")));
    words.extend(table(route));
    // The number of what is not tracked shows only when it was given.
    words.extend(
        (!route.no_track || route.protocol != Route::KEEPALIVED).then(|| format!("proto {}", route.protocol)),
    );
    words.extend(route.scope.map(|scope| format!("scope {scope}")));
    words.extend(route.metric.map(|metric| format!("metric {metric}")));
    words.extend(route.onlink.then(|| "onlink".to_owned()));
    words.extend(route.realms.map(realms));
    words.extend(route.expires.map(|seconds| format!("expires {seconds}sec")));
    // Without a blank before `lock` and with one after it.
    words.extend(
        route
            .congestion_control
            .as_ref()
            .map(|control| format!("congctl {}{}", control.name, if control.locked { "lock " } else { "" })),
    );
    words.extend(metrics(route));
    words.extend(route.preference.map(preference));
    words.extend(
        route.ttl_propagate.map(|on| format!("ttl-propagate {}", if on { "enabled" } else { "disabled" })),
    );
    words.extend(route.next_hops.iter().map(next_hop));
    words.extend(route.no_track.then(|| "no_track".to_owned()));
    words.join(" ")
}

fn placing(placing: Placing) -> &'static str {
    match placing {
        Placing::Add => "add",
        Placing::Append => "append",
        Placing::Prepend => "prepend",
    }
}

fn via(gateway: std::net::IpAddr) -> String {
    match Family::of(gateway) {
        Family::V4 => format!("via inet {gateway}"),
        Family::V6 => format!("via inet6 {gateway}"),
    }
}

fn table(route: &Route) -> Option<String> {
    match &route.table {
        RouteTable::Number(Route::MAIN) => None,
        RouteTable::Number(number) => Some(format!("table {number}")),
        RouteTable::Vrf(name) => Some(format!("vrf {name}")),
    }
}

/// `realms A/B`, or `realm B` alone.
pub(super) fn realms(realms: Realms) -> String {
    if realms.from == 0 {
        format!("realm {}", realms.to)
    } else {
        format!("realms {}/{}", realms.from, realms.to)
    }
}

fn metrics(route: &Route) -> impl Iterator<Item = String> + '_ {
    METRICS.iter().filter_map(|(metric, word)| {
        let found = route.metrics.get(metric)?;
        let value = match metric {
            RouteMetric::Rtt => format!("{}ms", found.value / 8),
            RouteMetric::RttVar => format!("{}ms", found.value / 4),
            RouteMetric::RtoMin => format!("{}ms", found.value),
            RouteMetric::Features if found.value == RouteMetric::ECN => "ecn".to_owned(),
            _ => found.value.to_string(),
        };
        Some(format!("{word} {}{value}", if found.locked { "lock " } else { "" }))
    })
}

fn preference(number: u8) -> String {
    let word = match number {
        0 => "medium",
        1 => "high",
        3 => "low",
        _ => return format!("pref {number}"),
    };
    format!("pref {word}")
}

fn next_hop(hop: &NextHop) -> String {
    let mut words = vec!["nexthop".to_owned()];
    words.extend(hop.gateway.map(via));
    words.extend(hop.dev.as_ref().map(|dev| format!("dev {dev}")));
    words.extend((hop.weight > 0).then(|| format!("weight {}", u16::from(hop.weight) + 1)));
    words.extend(hop.onlink.then(|| "onlink".to_owned()));
    // Of a hop it shows the destination realm only.
    words.extend(hop.realms.map(|realms| format!("realm {}", realms.to)));
    words.extend(hop.encap.as_ref().map(encap));
    words.join(" ")
}

fn encap(encap: &Encap) -> String {
    match encap {
        Encap::Ip(to) => format!("encap ip{}", tunnel(to, "tos", "ttl")),
        Encap::Ip6(to) => format!("encap ip6{}", tunnel(to, "tc", "hoplimit")),
        Encap::Mpls(labels) => format!("encap mpls {}", stack(labels)),
        // It shows the bytes of the wire as a number of this machine.
        Encap::Ila(locator) => format!("encap ila {}", u64::from_ne_bytes(locator.to_be_bytes())),
    }
}

fn tunnel(tunnel: &Tunnel, tos: &str, ttl: &str) -> String {
    let mut words = Vec::new();
    words.extend(tunnel.id.map(|id| format!(" id {id}")));
    words.extend(tunnel.destination.map(|address| format!(" dst {address}")));
    words.extend(tunnel.source.map(|address| format!(" src {address}")));
    words.extend(tunnel.tos.map(|number| format!(" {tos} {number}")));
    words.extend(tunnel.ttl.map(|number| format!(" {ttl} {number}")));
    words.extend(tunnel.flags.map(|flags| format!(" flags 0x{flags:x}")));
    words.concat()
}

/// Labels as they stand on the wire.
fn stack(labels: &[u32]) -> String {
    let last = labels.len().saturating_sub(1);
    let entry = |(index, label): (usize, &u32)| (label << 12) | if index == last { BOTTOM } else { 0 };
    labels.iter().enumerate().map(entry).map(|entry| format!("{entry:x}")).collect::<Vec<_>>().join("/")
}

/// A selector of a rule: `all` without one.
pub(super) fn selector(selected: Option<Prefix>) -> String {
    selected.map_or("all".to_owned(), prefix)
}
