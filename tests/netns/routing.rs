//! Virtual routes and rules, and static entries, with real daemons.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};

use crate::known_differences::differs;
use crate::lab::Lab;
use crate::node::{Node, Place, Program};
use crate::pair::{SLACK, wait_until_serving};
use crate::protocol::{HIGH, Protocol};
use crate::routing_table::{ROUTES, RULES};

const PROTOCOL: Protocol = Protocol::V3;
/// Until something that comes at once must have come.
const SOON: Duration = Duration::from_secs(2);
/// Until something that must not come would have come.
const SPAN: Duration = Duration::from_millis(700);

/// A lab of one node with a second interface.
fn lab() -> (Lab, Place) {
    let lab = Lab::new(1);
    let place = lab.place(1);
    for arguments in [
        "address add 192.0.2.1/24 dev eth0",
        "link add eth1 type veth peer name far1",
        "link set far1 up",
        "link set eth1 up",
        "address add 198.51.100.1/24 dev eth1",
        "address add 2001:db8:5::1/64 dev eth1 nodad",
    ] {
        place.ip(arguments);
    }
    (lab, place)
}

fn configuration(statics: &str, routes: &[&str], rules: &[&str]) -> String {
    let block = |name: &str, lines: &[&str]| {
        [vec![format!("{name} {{")], lines.iter().map(ToString::to_string).collect(), vec!["}".to_owned()]]
            .concat()
    };
    let lines = [block("virtual_routes", routes), block("virtual_rules", rules)].concat();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    format!("{statics}\n{}", PROTOCOL.configuration(1, HIGH, &lines))
}

/// A MASTER with these routes and rules.
fn serving(lab: &Lab, place: &Place, configuration: &str) -> Node {
    let node = place.start(Program::Subject, configuration);
    wait_until_serving(lab, &node, PROTOCOL);
    lab.wait(SOON, "it says so", || node.said("Entering MASTER STATE") == 1);
    node
}

/// Every route and rule of a daemon, one a line, as `ip -d` shows them.
fn routing(place: &Place) -> Vec<String> {
    let shown =
        ["-o -d -4 route show table all", "-o -d -6 route show table all", "-d -4 rule", "-d -6 rule"];
    let text: String = shown.iter().map(|what| place.ask(what)).collect();
    let plain = |line: &str| line.replace('\\', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(plain).filter(|line| !line.contains("proto kernel")).collect()
}

fn has_routing(place: &Place, beginning: &str) -> bool {
    routing(place).iter().any(|line| line.contains(beginning))
}

#[test]
fn every_line_makes_the_route_or_rule_that_keepalived_makes_of_it() {
    let (lab, place) = lab();
    let lines =
        |table: &[(&'static str, &'static str)]| table.iter().map(|(line, _)| *line).collect::<Vec<_>>();
    let mut wanted: Vec<&str> = ROUTES.iter().chain(RULES).map(|(_, shown)| *shown).collect();
    wanted.sort_unstable();
    let node = serving(&lab, &place, &configuration("", &lines(ROUTES), &lines(RULES)));
    let mut found = Vec::new();
    let all_there = || {
        found = routing(&place);
        found.sort_unstable();
        found == wanted
    };
    if node.place().wait(SOON, all_there).is_none() {
        let missing: Vec<_> = wanted.iter().filter(|line| !found.iter().any(|have| have == *line)).collect();
        let surplus: Vec<_> = found.iter().filter(|line| !wanted.contains(&line.as_str())).collect();
        panic!("missing: {missing:#?}\nsurplus: {surplus:#?}");
    }
}

#[test]
fn routes_and_rules_go_with_the_state() {
    let (lab, place) = lab();
    // keepalived forgets IPv6 routes without a metric.
    let routes = ["10.1.0.0/16 via 192.0.2.9", "2001:db8:1::/48 dev eth1 metric 7"];
    let rules = ["from 10.0.0.0/8 table 5 preference 5", "from 2001:db8::/32 table 5 preference 6"];
    // Of a run that ended badly: gone before its turn comes.
    place.ip("route add 10.1.0.0/16 via 192.0.2.9 proto 18");
    place.ip("rule add from 10.0.0.0/8 table 5 preference 5 protocol 18");
    let node = place.start(Program::Subject, &configuration("", &routes, &rules));
    lab.wait(PROTOCOL.master_down(HIGH), "what an earlier run left is gone", || routing(&place).is_empty());
    lab.wait(SOON, "a MASTER holds them", || routing(&place).len() == 4);

    node.stop(Duration::from_secs(5));
    assert_eq!(routing(&place), Vec::<String>::new());
    assert!(place.has("10.0.0.1/24"), "what is not ours stays");
}

#[test]
fn everything_is_removed_in_the_end() {
    differs("everything_is_removed_in_the_end", || {
        let (lab, place) = lab();
        let statics = "static_routes {\n10.4.0.0/16 via 192.0.2.9\n}\n";
        let routes =
            ["2001:db8:1::/48 dev eth1", "blackhole 10.2.0.0/16 no_track", "10.3.0.0/16 dev eth0 table 0"];
        let node = serving(&lab, &place, &configuration(statics, &routes, &[]));
        lab.wait(SOON, "all are there", || routing(&place).len() == 4);
        node.stop(Duration::from_secs(5));
        assert_eq!(routing(&place), Vec::<String>::new());
    });
}

#[test]
fn what_keepalived_does_not_get_into_the_kernel_is_there() {
    differs("what_keepalived_does_not_get_into_the_kernel_is_there", || {
        let (lab, place) = lab();
        let routes = [
            "10.1.0.0/16 nexthop via 192.0.2.9 nexthop via 192.0.2.10 encap ip id 7",
            "local 10.2.0.1 dev lo",
            "broadcast 10.3.0.255 dev eth0",
        ];
        let _node = serving(&lab, &place, &configuration("", &routes, &[]));
        for wanted in ["nexthop encap ip id 7", "local 10.2.0.1 dev lo", "broadcast 10.3.0.255 dev eth0"] {
            lab.wait(SOON, wanted, || has_routing(&place, wanted));
        }
    });
}

#[test]
fn a_tracked_route_or_rule_that_somebody_removes_costs_a_cycle_through_backup() {
    let (lab, place) = lab();
    let routes =
        ["10.1.0.0/16 via 192.0.2.9", "10.2.0.0/16 dev eth1 no_track", "2001:db8:1::/48 dev eth1 metric 9"];
    let rules = ["from 10.0.0.0/8 table 300 preference 5", "fwmark 3/7 table 5 preference 6 no_track"];
    let node = serving(&lab, &place, &configuration("", &routes, &rules));
    lab.wait(SOON, "all are there", || routing(&place).len() == 5);
    for (arguments, lost) in [
        ("route del 10.1.0.0/16", "10.1.0.0/16"),
        ("rule del preference 5", "from 10.0.0.0/8"),
        ("-6 route del 2001:db8:1::/48", "2001:db8:1::/48"),
    ] {
        let removed = Instant::now();
        place.ip(arguments);
        let again = || node.said_since(removed, "Entering MASTER STATE") && has_routing(&place, lost);
        lab.wait(PROTOCOL.skew(HIGH) + SLACK, "MASTER again, with what was removed", again);
        assert!(node.said_since(removed, "Entering BACKUP STATE"), "{arguments}");
    }
    lab.wait(SOON, "all are there", || routing(&place).len() == 5);
    let removed = Instant::now();
    place.ip("route del 10.2.0.0/16");
    place.ip("rule del preference 6");
    let quiet = || !node.said_since(removed, "Entering BACKUP STATE");
    lab.holds(SPAN, "what is not tracked is no matter", quiet);
    assert_eq!(routing(&place).len(), 3);
}

#[test]
fn the_interface_of_a_route_or_rule_that_goes_down_is_a_fault_unless_it_is_not_tracked() {
    for (routes, rules, fault) in [
        (vec!["10.1.0.0/16 dev eth1"], vec![], true),
        (vec!["10.1.0.0/16 dev eth1 no_track"], vec![], false),
        (vec!["10.1.0.0/16 nexthop via 192.0.2.9 nexthop via 198.51.100.9 dev eth1"], vec![], false),
        (vec![], vec!["iif eth1 table 5 preference 5"], true),
        (vec![], vec!["oif eth1 table 5 preference 5"], true),
        (vec![], vec!["oif eth1 table 5 preference 5 no_track"], false),
    ] {
        let (lab, place) = lab();
        let node = serving(&lab, &place, &configuration("", &routes, &rules));
        place.ip("link set eth1 down");
        if !fault {
            let serves = || node.said("Entering FAULT STATE") == 0 && node.has(PROTOCOL.vip());
            lab.holds(SPAN, &format!("{routes:?} {rules:?}: it serves"), serves);
            continue;
        }
        let what = format!("{routes:?} {rules:?}: FAULT without anything");
        let faulty = || node.said("Entering FAULT STATE") == 1 && routing(&place).is_empty();
        lab.wait(SOON, &what, faulty);
        place.ip("link set eth1 up");
        let again = || node.said("Entering MASTER STATE") == 2 && routing(&place).len() == 1;
        lab.wait(PROTOCOL.master_down(HIGH) + SLACK, "MASTER again", again);
    }
}

#[test]
fn a_refused_route_leaves_the_master_a_master() {
    let (lab, place) = lab();
    let node = serving(
        &lab,
        &place,
        &configuration("", &["10.1.0.0/16 via 203.0.113.9", "10.2.0.0/16 dev eth1"], &[]),
    );
    lab.wait(SOON, "the other route is there", || has_routing(&place, "10.2.0.0/16"));
    let serves = || node.has(PROTOCOL.vip()) && node.said("Entering BACKUP STATE") == 1;
    lab.holds(SPAN, "it serves", serves);
}

#[test]
fn a_refused_route_is_explained_and_comes_when_its_gateway_can_be_reached() {
    differs("a_refused_route_is_explained_and_comes_when_its_gateway_can_be_reached", || {
        let (lab, place) = lab();
        let node = serving(&lab, &place, &configuration("", &["10.1.0.0/16 via 203.0.113.9"], &[]));
        lab.wait(SOON, "the kernel's words", || node.said("Nexthop has invalid gateway") > 0);
        place.ip("address add 203.0.113.1/24 dev eth1");
        lab.wait(Duration::from_secs(5), "the route", || has_routing(&place, "10.1.0.0/16 via 203.0.113.9"));
        assert_eq!(node.said("Entering BACKUP STATE"), 1);
    });
}

#[test]
fn a_reload_touches_only_the_lines_that_changed() {
    let (lab, place) = lab();
    let before = ["10.1.0.0/16 via 192.0.2.9", "10.2.0.0/16 dev eth1"];
    let rules = ["from 10.0.0.0/8 table 5 preference 5", "from 10.1.0.0/16 table 5 preference 6"];
    let node = serving(&lab, &place, &configuration("", &before, &rules));
    lab.wait(SOON, "all are there", || routing(&place).len() == 4);
    let after = ["10.1.0.0/16 via 192.0.2.9", "10.3.0.0/16 dev eth1"];
    node.rewrite(&configuration("", &after, &["from 10.0.0.0/8 table 5 preference 5"]));
    let begun = Instant::now();
    node.signal(Signal::SIGHUP);
    let changed = || has_routing(&place, "10.3.0.0/16") && routing(&place).len() == 3;
    lab.wait(SOON, "the new route is there, the old route and rule are gone", changed);
    let undisturbed = || !node.said_since(begun, "Entering BACKUP STATE");
    lab.holds(SPAN, "it stays MASTER", undisturbed);
    assert_eq!(place.times_told("Deleted 10.1.0.0/16"), 0);
    assert_eq!(place.times_told("from 10.0.0.0/8"), 1, "the rule was added once and never touched");
}

#[test]
fn the_successor_of_a_killed_worker_adopts_routes_and_rules() {
    differs("the_successor_of_a_killed_worker_adopts_routes_and_rules", || {
        let (lab, place) = lab();
        let statics = "static_routes {\n10.9.0.0/16 dev eth1\n}\n";
        let rules = ["from 10.0.0.0/8 table 5 preference 5"];
        let node = serving(&lab, &place, &configuration(statics, &["10.1.0.0/16 via 192.0.2.9"], &rules));
        lab.wait(SOON, "all are there", || routing(&place).len() == 3);
        let worker = node.worker().expect("the vrrp pid file names a process");
        kill(worker, Signal::SIGKILL).unwrap();
        lab.wait(SOON, "another worker serves", || node.said("Resuming MASTER STATE") == 1);
        lab.holds(SPAN, "all stay", || routing(&place).len() == 3);
        assert_eq!(place.times_told("Deleted 10."), 0);

        place.ip("route del 10.1.0.0/16");
        let again = || node.said("Entering MASTER STATE") == 2 && has_routing(&place, "10.1.0.0/16");
        lab.wait(PROTOCOL.skew(HIGH) + SLACK, "the successor notices a removal", again);
        node.stop(Duration::from_secs(5));
        assert_eq!(routing(&place), Vec::<String>::new());
    });
}

/// With a track group, without which keepalived does not look after static routes and rules.
const GROUPED: &str = "track_group G {
    group {
        VI_1
    }
}
static_ipaddress {
    198.51.100.50/24 dev eth1 track_group G
    2001:db8:77::1/64 dev eth1
}
static_routes {
    10.1.0.0/16 dev eth1 track_group G
}
static_rules {
    from 10.0.0.0/8 iif eth1 table 5 preference 5 track_group G
}
";

#[test]
fn static_entries_stand_whatever_the_state_and_are_put_back() {
    let (lab, place) = lab();
    let node = place.start(Program::Subject, &configuration(GROUPED, &[], &[]));
    let stand =
        || place.has("198.51.100.50/24") && place.has("2001:db8:77::1/64") && routing(&place).len() == 2;
    lab.wait(SOON, "they stand at once", stand);
    wait_until_serving(&lab, &node, PROTOCOL);
    for arguments in
        ["route del 10.1.0.0/16", "rule del preference 5", "address del 2001:db8:77::1/64 dev eth1"]
    {
        place.ip(arguments);
        lab.wait(SOON, &format!("put back after {arguments}"), stand);
    }
    assert_eq!(node.said("Entering MASTER STATE"), 1);
    node.stop(Duration::from_secs(5));
    assert!(!place.has("198.51.100.50/24") && !place.has("2001:db8:77::1/64"), "addresses are gone");
    assert_eq!(routing(&place), Vec::<String>::new());
}

#[test]
fn members_of_a_track_group_need_the_interfaces_of_its_static_entries() {
    for kept in ["198.51.100.50/24", "10.1.0.0/16", "from 10.0.0.0/8"] {
        let (lab, place) = lab();
        // Only this entry follows the group.
        let ungrouped = |line: &str| {
            if line.contains(kept) { line.to_owned() } else { line.replace(" track_group G", "") }
        };
        let statics: Vec<String> = GROUPED
            .lines()
            .map(|line| if line.starts_with("track_group") { line.to_owned() } else { ungrouped(line) })
            .collect();
        let node = serving(&lab, &place, &configuration(&statics.join("\n"), &[], &[]));
        place.ip("link set eth1 down");
        lab.wait(SOON, &format!("{kept}: FAULT"), || node.said("Entering FAULT STATE") == 1);
        place.ip("link set eth1 up");
        let again = || node.said("Entering MASTER STATE") == 2;
        lab.wait(PROTOCOL.master_down(HIGH) + SLACK, "MASTER again", again);
    }
}

#[test]
fn static_routes_and_rules_are_put_back_without_a_track_group_too() {
    differs("static_routes_and_rules_are_put_back_without_a_track_group_too", || {
        let (lab, place) = lab();
        let statics = "static_routes {
            10.1.0.0/16 dev eth1
            10.2.0.0/16 dev eth1 no_track
        }
        static_rules {
            from 10.0.0.0/8 table 5 preference 5
        }";
        let node = serving(&lab, &place, &configuration(statics, &[], &[]));
        lab.wait(SOON, "they stand", || routing(&place).len() == 3);
        place.ip("route del 10.1.0.0/16");
        place.ip("route del 10.2.0.0/16");
        place.ip("rule del preference 5");
        lab.wait(SOON, "the tracked ones are put back", || routing(&place).len() == 2);
        place.ip("link set eth1 down");
        lab.wait(SOON, "the kernel drops the route", || routing(&place).len() == 1);
        place.ip("link set eth1 up");
        lab.wait(SOON, "it comes with the interface", || has_routing(&place, "10.1.0.0/16"));
        assert_eq!(node.said("Entering MASTER STATE"), 1);
    });
}

#[test]
fn a_route_that_the_kernel_dropped_with_a_link_comes_back_with_it() {
    differs("a_route_that_the_kernel_dropped_with_a_link_comes_back_with_it", || {
        let (lab, place) = lab();
        let node = serving(&lab, &place, &configuration("", &["10.1.0.0/16 via 198.51.100.9"], &[]));
        lab.wait(SOON, "the route", || routing(&place).len() == 1);
        place.ip("link set eth1 down");
        lab.wait(SOON, "the kernel drops it and tells nobody", || routing(&place).is_empty());
        place.ip("link set eth1 up");
        lab.wait(SOON, "it is back", || has_routing(&place, "10.1.0.0/16 via 198.51.100.9"));
        assert_eq!(node.said("Entering MASTER STATE"), 1);
    });
}
