//! `use_vmac`: the virtual MAC address belongs to whoever serves, the VMAC comes and goes with the daemon, and nothing
//! else on the host is changed for good.

use std::collections::BTreeSet;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};

use crate::capture::Frames;
use crate::known_differences::differs;
use crate::lab::Lab;
use crate::namespace::write_sysctl;
use crate::node::{Place, Program};
use crate::pair::{Pair, SLACK, SubjectIs, wait_until_serving};
use crate::protocol::{HIGH, Protocol};

const LIMIT: Duration = Duration::from_secs(5);

#[test]
fn the_virtual_mac_moves_to_a_keepalived() {
    the_virtual_mac_moves(Protocol::V3, SubjectIs::Master);
}

#[test]
fn the_virtual_mac_moves_from_a_keepalived() {
    the_virtual_mac_moves(Protocol::V3, SubjectIs::Backup);
}

#[test]
fn the_virtual_mac_of_ipv6_moves_to_a_keepalived() {
    the_virtual_mac_moves(Protocol::V3Ipv6, SubjectIs::Master);
}

#[test]
fn the_virtual_mac_of_ipv6_moves_from_a_keepalived() {
    the_virtual_mac_moves(Protocol::V3Ipv6, SubjectIs::Backup);
}

#[test]
fn xmit_base_keeps_adverts_on_the_parent_and_announces_from_the_vmac() {
    let lines = ["use_vmac", "vmac_xmit_base"];
    let pair = Pair::settled_with(Protocol::V3, SubjectIs::Master, &lines, &lines);
    ask_for(&pair, "10.0.0.100");
    pair.master.stop(LIMIT);
    pair.wait_for_takeover();
    let frames = pair.judged_frames();
    assert_eq!(frames.last_of(1).priority, 0, "the farewell came by the parent: {frames:#?}");
    assert!(frames.adverts.iter().all(|advert| advert.mac.starts_with("02:00:00:00:00:0")), "{frames:#?}");
    assert_told(&frames, Protocol::V3);
}

#[test]
fn a_stop_removes_the_vmac_and_puts_every_setting_back() {
    differs("a_stop_removes_the_vmac_and_puts_every_setting_back", || {
        let lab = Lab::new(1);
        let place = lab.place(1);
        place.namespace().inside(|| write_sysctl("net/ipv4/conf/all/rp_filter", "2"));
        let (settings, links) = (place.settings(), links(&place));
        let node = place.start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &["use_vmac"]));
        wait_until_serving(&lab, &node, Protocol::V3);
        let now = place.settings();
        for set in [
            "net/ipv4/conf/eth0/arp_ignore = 1",
            "net/ipv4/conf/eth0/arp_filter = 1",
            "net/ipv4/conf/eth0/rp_filter = 2",
            "net/ipv4/conf/all/rp_filter = 0",
            "net/ipv4/conf/default/rp_filter = 2",
            "net/ipv4/conf/vrrp.51/rp_filter = 0",
            "net/ipv4/conf/vrrp.51/arp_ignore = 1",
            "net/ipv4/conf/vrrp.51/accept_local = 1",
            "net/ipv6/conf/vrrp.51/disable_ipv6 = 1",
        ] {
            assert!(now.contains(set), "{set} is missing: {:#?}", now.difference(&settings));
        }
        assert!(node.stop(LIMIT).success());
        assert_eq!(self::links(&place), links);
        assert_eq!(place.settings(), settings);
    });
}

#[test]
fn the_reverse_path_filter_of_a_third_interface_stays_as_strict_as_all_was() {
    differs("the_reverse_path_filter_of_a_third_interface_stays_as_strict_as_all_was", || {
        let lab = Lab::new(1);
        let place = lab.place(1);
        place.ip("link add eth7 type veth peer name eth8");
        place.ip("address add 10.7.0.1/24 dev eth7");
        place.ip("link set eth8 up");
        place.ip("link set eth7 up");
        place.namespace().inside(|| write_sysctl("net/ipv4/conf/all/rp_filter", "1"));
        let node = place.start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &["use_vmac"]));
        wait_until_serving(&lab, &node, Protocol::V3);
        assert!(place.settings().contains("net/ipv4/conf/eth7/rp_filter = 1"));
    });
}

#[test]
fn a_killed_worker_s_successor_takes_the_vmac_over_and_puts_the_settings_back() {
    differs("a_killed_worker_s_successor_takes_the_vmac_over_and_puts_the_settings_back", || {
        let pair = Pair::settled_with(Protocol::V3, SubjectIs::Master, &["use_vmac"], &["use_vmac"]);
        let place = pair.master.place();
        let before = place.output("ip -o link show vrrp.51");
        let worker = pair.master.worker().expect("the vrrp pid file names a process");
        kill(worker, Signal::SIGKILL).unwrap();
        let replaced = || pair.master.worker().is_some_and(|now| now != worker);
        pair.lab.wait(LIMIT, "another worker runs", replaced);
        let serves = || pair.master.has("10.0.0.100/24") && pair.backup.said("Entering MASTER STATE") == 0;
        pair.lab.holds(pair.master_down() * 2, "node 1 has the address, node 2 is BACKUP", serves);
        assert_eq!(place.output("ip -o link show vrrp.51"), before, "it is the same interface");
        assert!(pair.master.stop(LIMIT).success());
        assert!(!links(place).contains("vrrp.51"));
        assert!(place.settings().contains("net/ipv4/conf/eth0/arp_ignore = 0"));
        assert!(place.settings().contains("net/ipv4/conf/eth0/arp_filter = 0"));
    });
}

#[test]
fn a_vmac_that_a_crashed_daemon_left_is_taken_over_up_or_down() {
    differs("a_vmac_that_a_crashed_daemon_left_is_taken_over_up_or_down", || {
        let lab = Lab::new(1);
        let place = lab.place(1);
        place.ip("link add link eth0 name left address 00:00:5e:00:01:33 type macvlan mode private");
        let node = place.start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &["use_vmac"]));
        wait_until_serving(&lab, &node, Protocol::V3);
        assert_eq!(links(&place), BTreeSet::from(["eth0", "left", "lo"].map(str::to_owned)));
        assert!(node.stop(LIMIT).success());
        assert!(!links(&place).contains("left"));
    });
}

#[test]
fn a_name_that_another_interface_has_is_left_to_it() {
    let lab = Lab::new(1);
    let place = lab.place(1);
    place.ip("link add vrrp.51 type veth peer name other");
    let node = place.start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &["use_vmac"]));
    wait_until_serving(&lab, &node, Protocol::V3);
    assert!(address_is_on(&place, "vrrp1.51"));
    assert!(node.stop(LIMIT).success());
    assert_eq!(links(&place), BTreeSet::from(["eth0", "lo", "other", "vrrp.51"].map(str::to_owned)));
}

#[test]
fn a_reload_brings_a_vmac_and_takes_it_away() {
    let lab = Lab::new(1);
    let place = lab.place(1);
    let configuration = |lines: &[&str]| Protocol::V3.configuration(1, HIGH, lines);
    let node = place.start(Program::Subject, &configuration(&[]));
    wait_until_serving(&lab, &node, Protocol::V3);
    assert!(address_is_on(&place, "eth0"));
    for (lines, device) in [(&["use_vmac"][..], "vrrp.51"), (&[], "eth0"), (&["use_vmac lan"], "lan")] {
        node.rewrite(&configuration(lines));
        node.signal(Signal::SIGHUP);
        lab.wait(LIMIT, "the address moves", || address_is_on(&place, device));
        let vmacs = links(&place).into_iter().filter(|name| !["eth0", "lo"].contains(&name.as_str()));
        let wanted: Vec<&str> = (device != "eth0").then_some(device).into_iter().collect();
        assert_eq!(vmacs.collect::<Vec<_>>(), wanted);
    }
    assert_eq!(node.said("Entering FAULT STATE"), 0, "an instance began before its VMAC was there");
}

#[test]
fn a_vmac_follows_a_parent_that_is_deleted_and_made_anew() {
    let lab = Lab::new(1);
    let place = lab.place(1);
    let node = place.start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &["use_vmac"]));
    wait_until_serving(&lab, &node, Protocol::V3);
    place.ip("link del eth0");
    lab.wait(LIMIT, "FAULT", || node.said("Entering FAULT STATE") == 1 && !links(&place).contains("vrrp.51"));
    lab.reconnect(1);
    lab.wait(LIMIT, "it serves on a new VMAC", || address_is_on(&place, "vrrp.51"));
    assert!(place.settings().contains("net/ipv4/conf/eth0/arp_ignore = 1"));
}

#[test]
fn a_vmac_that_somebody_deletes_is_made_again() {
    let lab = Lab::new(1);
    let place = lab.place(1);
    let node = place.start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &["use_vmac"]));
    wait_until_serving(&lab, &node, Protocol::V3);
    place.ip("link del vrrp.51");
    lab.wait(LIMIT, "FAULT", || node.said("Entering FAULT STATE") == 1);
    lab.wait(LIMIT, "it serves again", || address_is_on(&place, "vrrp.51"));
    assert!(place.settings().contains("net/ipv4/conf/vrrp.51/rp_filter = 0"));
}

#[test]
fn a_renamed_vmac_gets_its_name_back_and_serves_again() {
    differs("a_renamed_vmac_gets_its_name_back_and_serves_again", || {
        let lab = Lab::new(1);
        let place = lab.place(1);
        let node = place.start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &["use_vmac"]));
        wait_until_serving(&lab, &node, Protocol::V3);
        place.ip("link set vrrp.51 name other");
        let back = || address_is_on(&place, "vrrp.51") && !links(&place).contains("other");
        lab.wait(LIMIT, "it serves again", back);
    });
}

#[test]
fn a_vmac_that_is_set_down_holds_its_instance_in_fault_until_it_is_up() {
    let lab = Lab::new(1);
    let place = lab.place(1);
    let node = place.start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &["use_vmac"]));
    wait_until_serving(&lab, &node, Protocol::V3);
    place.ip("link set vrrp.51 down");
    lab.wait(LIMIT, "FAULT", || node.said("Entering FAULT STATE") == 1 && !node.has("10.0.0.100/24"));
    lab.holds(LIMIT / 2, "it stays in FAULT", || node.said("Entering BACKUP STATE") == 1);
    place.ip("link set vrrp.51 up");
    lab.wait(LIMIT, "it serves again", || address_is_on(&place, "vrrp.51"));
}

#[test]
fn garp_extra_if_announces_on_the_vmacs_that_no_advert_leaves_by() {
    differs("garp_extra_if_announces_on_the_vmacs_that_no_advert_leaves_by", || {
        let lines = ["use_vmac", "vmac_xmit_base", "garp_extra_if 1", "garp_master_delay 1"];
        let pair =
            Pair::settled_with(Protocol::V3, SubjectIs::Master, &lines, &["use_vmac", "vmac_xmit_base"]);
        let serves = || pair.master.has("10.0.0.100/24");
        pair.lab.holds(Duration::from_secs(4), "node 1 serves", serves);
        let frames = pair.judged_frames();
        let sent: Vec<_> = frames.announcements.iter().filter(|sent| sent.address == "10.0.0.100").collect();
        let alone = sent.windows(2).filter(|two| two[1].at - two[0].at > Duration::from_millis(800)).count();
        // One burst at once, one after garp_master_delay, then one a second.
        assert!(alone >= 3, "{sent:#?}");
        assert!(sent.iter().all(|sent| sent.mac == "00:00:5e:00:01:33"), "{sent:#?}");
    });
}

fn the_virtual_mac_moves(protocol: Protocol, subject: SubjectIs) {
    let pair = Pair::settled_with(protocol, subject, &["use_vmac"], &["use_vmac"]);
    let mac = virtual_mac(protocol);
    ask_for(&pair, protocol.bare_vip());
    pair.lab.wait(LIMIT, "the switch knows the port", || port_of(&pair, mac).as_deref() == Some("port1"));
    pair.master.kill();
    pair.wait_for_takeover();
    pair.lab
        .wait(SLACK, "the switch knows the other port", || port_of(&pair, mac).as_deref() == Some("port2"));
    ask_for(&pair, protocol.bare_vip());

    let frames = pair.judged_frames();
    assert!(frames.adverts.iter().all(|advert| advert.mac == mac), "{frames:#?}");
    let sources: BTreeSet<&str> = frames.adverts.iter().map(|advert| advert.source.as_str()).collect();
    assert_eq!(sources.len(), 2, "each node sends from its own address: {sources:?}");
    assert_told(&frames, protocol);
}

/// RFC 9568 §7.3.
fn virtual_mac(protocol: Protocol) -> &'static str {
    if protocol == Protocol::V3Ipv6 { "00:00:5e:00:02:33" } else { "00:00:5e:00:01:33" }
}

/// The virtual address is announced with the virtual MAC address alone, and that is what who asks is told.
fn assert_told(frames: &Frames, protocol: Protocol) {
    let (mac, vip) = (virtual_mac(protocol), protocol.bare_vip());
    let announced: Vec<_> = frames.announcements.iter().filter(|sent| sent.address == vip).collect();
    assert!(!announced.is_empty(), "{frames:#?}");
    assert!(announced.iter().all(|sent| sent.mac == mac), "{announced:#?}");
    let told: Vec<_> = frames.answers.iter().filter(|(_, address)| address == vip).collect();
    // Over IPv6 an answer is a neighbour advertisement as well, and was looked at above.
    assert!(protocol == Protocol::V3Ipv6 || !told.is_empty(), "{frames:#?}");
    assert!(told.iter().all(|(hardware, _)| hardware == mac), "{told:#?}");
}

/// Lets the observer on the bridge ask the link whose the address is.
fn ask_for(pair: &Pair, address: &str) {
    let bridge = &pair.lab.bridge;
    if address.contains(':') {
        bridge.ip("address replace 2001:db8::fe/64 dev br0 nodad");
    }
    bridge.ip("neighbour flush dev br0");
    bridge.output(&format!("ping -c 1 -W 2 {address}"));
}

/// The port behind which the switch has learnt that address.
fn port_of(pair: &Pair, mac: &str) -> Option<String> {
    let table = pair.lab.bridge.output("bridge fdb show br br0");
    let line = table.lines().find(|line| line.starts_with(mac))?;
    line.split_whitespace().nth(2).map(str::to_owned)
}

/// Names of the interfaces there are.
fn links(place: &Place) -> BTreeSet<String> {
    let lines = place.output("ip -o link");
    let name = |line: &str| line.split(": ").nth(1)?.split('@').next().map(str::to_owned);
    lines.lines().filter_map(name).collect()
}

fn address_is_on(place: &Place, device: &str) -> bool {
    place.output(&format!("ip -o address show dev {device}")).contains("10.0.0.100/24")
}
