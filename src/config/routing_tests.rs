//! What lines of routes, rules and static entries become in the Model.

use super::model::{
    CongestionControl, Encap, MetricValue, NextHop, Placing, Prefix, Realms, Route, RouteKind, RouteMetric,
    RouteTable, Rule, RuleAction, TrackInterface, Tunnel, VrrpInstance,
};
use super::tests::{on_small_host, reading_offline};
use crate::units::{Family, IfName, Weight};

fn instance(block: &str, line: &str) -> VrrpInstance {
    let text = format!(
        "vrrp_instance V {{\ninterface eth0\nvirtual_router_id 5\n{block} {{\n{line}\n}}\nvirtual_ipaddress {{\n10.0.0.1\n}}\n}}\n"
    );
    let (reading, _) = reading_offline(&text);
    reading.model.unwrap().instances.remove(0)
}

fn route(line: &str) -> Route {
    let mut routes = instance("virtual_routes", line).routes;
    assert_eq!(routes.len(), 1, "{line}");
    routes.remove(0)
}

fn rule(line: &str) -> Rule {
    let mut rules = instance("virtual_rules", line).rules;
    assert_eq!(rules.len(), 1, "{line}");
    rules.remove(0)
}

fn prefix(text: &str) -> Prefix {
    let (address, length) = text.split_once('/').unwrap();
    Prefix::new(address.parse().unwrap(), length.parse().unwrap()).unwrap()
}

fn dev(name: &str) -> Option<IfName> {
    Some(IfName::new(name).unwrap())
}

#[test]
fn a_route_line_keeps_what_it_says() {
    let plain = |to: &str| Route::plain(prefix(to));
    let ip = |text: &str| Some(text.parse().unwrap());
    let cases = [
        ("10.1.0.0/16 via 10.0.0.9", Route { gateway: ip("10.0.0.9"), ..plain("10.1.0.0/16") }),
        ("default via 10.0.0.9", Route { gateway: ip("10.0.0.9"), ..plain("0.0.0.0/0") }),
        ("default via fe80::9 dev eth0", Route { gateway: ip("fe80::9"), dev: dev("eth0"), ..plain("::/0") }),
        ("default6 dev eth0", Route { dev: dev("eth0"), ..plain("::/0") }),
        (
            "blackhole 10.1.0.0/16 metric 5",
            Route { kind: RouteKind(6), metric: Some(5), ..plain("10.1.0.0/16") },
        ),
        ("255 10.1.0.0/16", Route { kind: RouteKind(255), ..plain("10.1.0.0/16") }),
        (
            "10.1.0.0/16 dev eth0 src 10.0.0.1 table 1000 scope link tos 0x10 append onlink no_track protocol 4",
            Route {
                dev: dev("eth0"),
                source: ip("10.0.0.1"),
                table: RouteTable::Number(1000),
                scope: Some(253),
                tos: 16,
                placing: Placing::Append,
                onlink: true,
                no_track: true,
                protocol: 4,
                ..plain("10.1.0.0/16")
            },
        ),
        // Of another protocol, and tracked: not so.
        ("10.1.0.0/16 dev eth0 protocol 4", Route { dev: dev("eth0"), ..plain("10.1.0.0/16") }),
        (
            "2001:db8::/32 from 2001:db8:1::/48 dev eth0 expires 9 pref high",
            Route {
                from: Some(prefix("2001:db8:1::/48")),
                dev: dev("eth0"),
                expires: Some(9),
                preference: Some(1),
                ..plain("2001:db8::/32")
            },
        ),
        (
            "10.1.0.0/16 dev eth0 realms 5/6 ttl-propagate disabled add",
            Route {
                dev: dev("eth0"),
                realms: Some(Realms { from: 5, to: 6 }),
                ttl_propagate: Some(false),
                placing: Placing::Add,
                ..plain("10.1.0.0/16")
            },
        ),
        (
            "10.1.0.0/16 nexthop via 10.0.0.8 weight 256 onlink nexthop dev eth1 realms 3 encap mpls 7/0x8",
            Route {
                next_hops: vec![
                    NextHop { gateway: ip("10.0.0.8"), weight: 255, onlink: true, ..NextHop::default() },
                    NextHop {
                        dev: dev("eth1"),
                        realms: Some(Realms { from: 0, to: 3 }),
                        encap: Some(Encap::Mpls(vec![7, 8])),
                        ..NextHop::default()
                    },
                ],
                ..plain("10.1.0.0/16")
            },
        ),
        (
            "10.1.0.0/16 via 10.0.0.8 or 10.0.0.9",
            Route {
                next_hops: ["10.0.0.8", "10.0.0.9"]
                    .map(|gateway| NextHop { gateway: ip(gateway), ..NextHop::default() })
                    .to_vec(),
                ..plain("10.1.0.0/16")
            },
        ),
        (
            "10.1.0.0/16 dev eth0 encap ip6 id 6 dst 2001:db8::7 tc 8 hoplimit 9",
            Route {
                dev: dev("eth0"),
                encap: Some(Encap::Ip6(Tunnel {
                    id: Some(6),
                    destination: ip("2001:db8::7"),
                    tos: Some(8),
                    ttl: Some(9),
                    ..Tunnel::default()
                })),
                ..plain("10.1.0.0/16")
            },
        ),
        (
            "10.1.0.0/16 dev eth0 encap ila 1:2:3:abcd",
            Route {
                dev: dev("eth0"),
                encap: Some(Encap::Ila(0x0001_0002_0003_abcd)),
                ..plain("10.1.0.0/16")
            },
        ),
    ];
    for (line, want) in cases {
        assert_eq!(route(line), want, "{line}");
    }
}

#[test]
fn metrics_are_in_the_kernel_s_units_and_a_lock_stays() {
    let made = route(
        "10.1.0.0/16 dev eth0 mtu lock 1400 mtu 1500 rtt 500ms rttvar 800 rto_min 0.1s congctl lock cubic features ecn",
    );
    let value = |value, locked| MetricValue { value, locked };
    let want = [
        (RouteMetric::Mtu, value(1500, true)),
        (RouteMetric::Rtt, value(4000, false)),
        (RouteMetric::RttVar, value(800, false)),
        (RouteMetric::Features, value(RouteMetric::ECN, false)),
        (RouteMetric::RtoMin, value(200, false)),
    ];
    assert_eq!(made.metrics.into_iter().collect::<Vec<_>>(), want);
    assert_eq!(made.congestion_control, Some(CongestionControl { name: "cubic".into(), locked: true }));
}

#[test]
fn a_rule_line_keeps_what_it_says() {
    let plain = |priority| Rule::plain(Family::V4, priority, RuleAction::Table(5));
    let cases = [
        ("from 10.0.0.0/8 table 5 preference 7", Rule { from: Some(prefix("10.0.0.0/8")), ..plain(7) }),
        ("from all to 10.0.0.0/8 table 5 order 7", Rule { to: Some(prefix("10.0.0.0/8")), ..plain(7) }),
        (
            "not to 2001:db8::/32 iif eth0 oif eth1 table 5 priority 0x10",
            Rule {
                family: Family::V6,
                invert: true,
                to: Some(prefix("2001:db8::/32")),
                incoming: dev("eth0"),
                outgoing: dev("eth1"),
                ..plain(16)
            },
        ),
        ("fwmark 0x10/0xff table 5 preference 7", Rule { mark: Some(16), mask: Some(255), ..plain(7) }),
        ("fwmark /3 table 5 preference 7", Rule { mark: Some(0), mask: Some(3), ..plain(7) }),
        (
            "tos 8 realms 3/4 sup_pl 0 sup_group 9 table 5 preference 7",
            Rule {
                tos: 8,
                realms: Some(Realms { from: 3, to: 4 }),
                suppress_prefix_length: Some(0),
                suppress_group: Some(9),
                ..plain(7)
            },
        ),
        (
            "tunnel-id 77 uidrange 5-6 ipproto 6 sport 1-2 dport 70000-3 table 5 preference 7",
            Rule {
                tunnel_id: Some(77),
                users: Some((5, 6)),
                ip_protocol: Some(6),
                source_ports: Some((1, 2)),
                destination_ports: Some((4_464, 3)),
                ..plain(7)
            },
        ),
        ("l3mdev preference 7", Rule { action: RuleAction::L3mdev, ..plain(7) }),
        ("goto 9 preference 7", Rule { action: RuleAction::Goto(9), ..plain(7) }),
        (
            "type 7 preference 7 protocol 4 no_track",
            Rule { action: RuleAction::Unreachable, protocol: 4, no_track: true, ..plain(7) },
        ),
    ];
    for (line, want) in cases {
        assert_eq!(rule(line), want, "{line}");
    }
}

#[test]
fn rules_without_a_preference_count_down_for_each_family() {
    let lines = "from 10.0.0.0/8 table 5\nfrom 2001:db8::/32 table 5\nfrom 10.1.0.0/16 table 5\n";
    let made: Vec<u32> = instance("virtual_rules", lines).rules.iter().map(|rule| rule.priority).collect();
    assert_eq!(made, [16_384, 16_384, 16_383]);
}

#[test]
fn names_of_tables_and_protocols_are_those_of_the_host() {
    let text = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 5\nvirtual_routes {\ndefault dev eth0 table blue\n}\nvirtual_rules {\nipproto tcp table blue preference 5\n}\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n";
    let (reading, problems) = on_small_host(text);
    assert_eq!(problems, "");
    let made = reading.model.unwrap().instances.remove(0);
    assert_eq!(made.routes[0].table, RouteTable::Number(100));
    assert_eq!((made.rules[0].action, made.rules[0].ip_protocol), (RuleAction::Table(100), Some(6)));
}

#[test]
fn the_members_of_a_track_group_track_the_interfaces_of_its_entries() {
    let text = "track_group G {\ngroup {\nV\n}\n}
static_ipaddress {\n10.0.1.1/24\n10.0.2.1/24 dev eth1 track_group G\n}
static_routes {\n10.2.0.0/16 dev eth2 track_group G\n10.3.0.0/16 dev eth3\n10.4.0.0/16 dev eth0 track_group G\n}
static_rules {\niif eth2 table 5 preference 5 track_group G\n}
vrrp_instance V {\ninterface eth0\nvirtual_router_id 5\nvirtual_ipaddress {\n10.0.0.1\n}\n}
vrrp_instance W {\ninterface eth0\nvirtual_router_id 6\nvirtual_ipaddress {\n10.0.0.2\n}\n}\n";
    let (reading, problems) = reading_offline(text);
    assert_eq!(problems, "");
    let model = reading.model.unwrap();
    let statics = &model.statics;
    assert_eq!((statics.addresses.len(), statics.routes.len(), statics.rules.len()), (2, 3, 1));
    assert_eq!(statics.addresses[0].dev, dev("eth0"), "default_interface is eth0");
    let tracked = |name| TrackInterface { name: dev(name).unwrap(), weight: Weight::FAULT, reverse: false };
    assert_eq!(model.instances[0].track_interfaces, [tracked("eth1"), tracked("eth2")]);
    assert_eq!(model.instances[1].track_interfaces, []);
}
