//! The virtual address against the hands of somebody else.

use std::time::{Duration, Instant};

use crate::lab::Lab;
use crate::node::Program;
use crate::pair::{Pair, SLACK, SubjectIs, wait_until_serving};
use crate::protocol::{HIGH, Protocol};

#[test]
fn a_virtual_address_removed_by_hand_comes_back_within_the_skew_time() {
    for protocol in [Protocol::V2, Protocol::V3, Protocol::V3Ipv6] {
        let lab = Lab::new(1);
        let node = lab.place(1).start(Program::Subject, &protocol.configuration(1, HIGH, &[]));
        wait_until_serving(&lab, &node, protocol);

        let removed = Instant::now();
        node.place().ip(&format!("address del {} dev eth0", protocol.vip()));
        let back = || node.has(protocol.vip()) && node.said_since(removed, "Entering MASTER STATE");
        lab.wait(protocol.skew(HIGH) + SLACK, "the address is back and the node MASTER again", back);
    }
}

#[test]
fn a_backup_takes_the_address_that_was_removed_from_the_master_for_no_longer_than_it_is_away() {
    let pair = Pair::settled(Protocol::V3, SubjectIs::Master);
    pair.master.place().ip("address del 10.0.0.100/24 dev eth0");
    let limit = Protocol::V3.skew(HIGH) + SLACK;
    pair.lab.wait(limit, "node 1 has the address back", || pair.master.has("10.0.0.100/24"));
    let alone = || !pair.backup.has("10.0.0.100/24") && pair.master.has("10.0.0.100/24");
    pair.lab.wait(SLACK, "node 1 alone serves", alone);
    pair.lab.holds(Duration::from_secs(1), "node 1 alone serves", alone);
    pair.judged_frames();
}

#[test]
fn an_address_that_a_dead_predecessor_left_is_removed_at_a_start() {
    let protocol = Protocol::V2;
    let lab = Lab::new(1);
    lab.place(1).ip("address add 10.0.0.100/24 dev eth0");
    let node = lab.place(1).start(Program::Subject, &protocol.configuration(1, HIGH, &[]));
    // Its own turn comes after 3.2 s: before that nobody serves.
    lab.wait(Duration::from_secs(2), "the address is gone", || !node.has(protocol.vip()));
}

#[test]
fn an_address_that_was_left_on_an_interface_without_others_is_removed_at_a_start() {
    let protocol = Protocol::V2;
    let lab = Lab::new(1);
    lab.place(1).ip("address flush dev eth0 scope global");
    lab.place(1).ip("address add 10.0.0.100/24 dev eth0");
    let node = lab.place(1).start(Program::Subject, &protocol.configuration(1, HIGH, &[]));
    // It stays in FAULT, having no source: another node serves meanwhile.
    lab.wait(Duration::from_secs(2), "the address is gone", || !node.has(protocol.vip()));
}

#[test]
fn promote_secondaries_is_set_while_the_daemon_runs() {
    const SETTING: &str = "net/ipv4/conf/eth0/promote_secondaries";
    let lab = Lab::new(1);
    let place = lab.place(1);
    let second = "10.9.0.2/24";
    let lines = ["promote_secondaries", "virtual_ipaddress_excluded {", "10.9.0.1/24", second, "}"];
    let node = place.start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &lines));
    wait_until_serving(&lab, &node, Protocol::V3);
    lab.wait(SLACK, "both of a subnet", || node.has("10.9.0.1/24") && node.has(second));
    assert_eq!(place.sysctl(SETTING), "1");
    node.stop(Duration::from_secs(5));
    assert_eq!(place.sysctl(SETTING), "0");
}
