//! What an option changes on the wire, and who is heard then.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};

use crate::lab::Lab;
use crate::node::{Node, Program};
use crate::pair::{Pair, SubjectIs, wait_until_serving};
use crate::protocol::{HIGH, LOW, Protocol};
use crate::tap::Tap;

/// The frames with adverts of node 1.
fn adverts(tap: &Tap) -> Vec<Vec<u8>> {
    tap.frames().into_iter().filter(|frame| frame[23] == 112 && frame[11] == 1).collect()
}

/// A node alone, with further lines, and the first advert that it sent.
fn first_advert(protocol: Protocol, lines: &[&str], change: impl Fn(String) -> String) -> Vec<u8> {
    let lab = Lab::new(1);
    let tap = Tap::new(&lab);
    // A peer's link-layer address must be known for a packet to leave.
    lab.place(1).ip("neighbour replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0");
    let text = change(protocol.configuration(1, HIGH, lines));
    let _node = lab.place(1).start(Program::Subject, &text);
    lab.wait(Duration::from_secs(8), "an advert", || !adverts(&tap).is_empty());
    adverts(&tap).swap_remove(0)
}

/// RFC 1071 over a pseudo-header with this destination, or over the message alone.
fn is_right(frame: &[u8], destination: Option<[u8; 4]>) -> bool {
    let mut covered = Vec::new();
    if let Some(destination) = destination {
        let len = u8::try_from(frame.len() - 34).unwrap();
        covered.extend([&frame[26..30], &destination, &[0, 112, 0, len]].concat());
    }
    covered.extend(&frame[34..]);
    let words = covered.chunks(2).map(|pair| u64::from(pair[0]) << 8 | u64::from(pair[1]));
    words.sum::<u64>() % 0xffff == 0
}

const GROUP: [u8; 4] = [224, 0, 0, 18];
const PEER: [u8; 4] = [10, 0, 0, 2];

#[test]
fn the_checksum_has_the_form_that_is_configured() {
    let same = |text| text;
    let unicast = |lines: &[&str]| first_advert(Protocol::V3Unicast, lines, same);
    assert!(is_right(&unicast(&[]), Some(PEER)));
    assert!(is_right(&unicast(&["old_unicast_checksum never"]), Some(PEER)));
    assert!(is_right(&unicast(&["old_unicast_checksum"]), Some(GROUP)));
    assert!(is_right(&unicast(&["v3_checksum_as_v2"]), None));
    assert!(is_right(&first_advert(Protocol::V3, &["v3_checksum_as_v2"], same), None));
    let globally = |text: String| text.replace("global_defs {", "global_defs {\n    v3_checksum_as_v2");
    assert!(is_right(&first_advert(Protocol::V3, &[], globally), None));
    let other_group =
        |text: String| text.replace("global_defs {", "global_defs {\n    vrrp_mcast_group4 224.0.0.99");
    let advert = first_advert(Protocol::V3Unicast, &["old_unicast_checksum"], other_group);
    assert!(is_right(&advert, Some([224, 0, 0, 99])));
}

#[test]
fn source_group_and_ttl_are_those_configured() {
    let same = |text| text;
    let advert = first_advert(Protocol::V3, &["mcast_src_ip 10.0.0.77"], same);
    assert_eq!((&advert[26..30], &advert[30..34], advert[22]), (&[10, 0, 0, 77][..], &GROUP[..], 255));
    let advert = first_advert(Protocol::V3, &["mcast_dst_ip 224.0.0.99"], same);
    assert_eq!((&advert[30..34], advert[5]), (&[224, 0, 0, 99][..], 99));
    let group =
        |text: String| text.replace("global_defs {", "global_defs {\n    vrrp_mcast_group4 224.0.0.98");
    assert_eq!(first_advert(Protocol::V2, &[], group)[30..34], [224, 0, 0, 98]);
    assert_eq!(first_advert(Protocol::V2Unicast, &["unicast_ttl 64"], same)[22], 64);
    assert_eq!(first_advert(Protocol::V2Unicast, &[], same)[22], 255);
}

/// Two nodes with these lines; whether the worse one believes the better.
fn believes(subject: SubjectIs, protocol: Protocol, texts: [String; 2]) -> bool {
    let lab = Lab::new(2);
    let [one, two] = subject.programs();
    let first = lab.place(1).start(one, &texts[0]);
    wait_until_serving(&lab, &first, protocol);
    let second = lab.place(2).start(two, &texts[1]);
    lab.wait(Duration::from_secs(5), "it began", || second.said("Entering BACKUP STATE") > 0);
    let claims = || second.said("Entering MASTER STATE") > 0;
    lab.bell.wait(protocol.master_down(LOW) * 3 / 2, claims).is_none()
}

fn both(protocol: Protocol, first: &[&str], second: &[&str]) -> [String; 2] {
    [protocol.configuration(1, HIGH, first), protocol.configuration(2, LOW, second)]
}

#[test]
fn nodes_with_and_without_an_option_believe_each_other_as_keepalived_does() {
    use Protocol::{V3, V3Ipv6, V3Unicast};
    let old = "old_unicast_checksum";
    let own_ttl = ["unicast_ttl 64"];
    let global =
        |text: String, line: &str| text.replace("global_defs {", &format!("global_defs {{\n    {line}"));
    let ranged = |range: &str| {
        let [first, second] = both(V3Unicast, &own_ttl, &[]);
        [first, second.replace("        10.0.0.1\n", &format!("        10.0.0.1 {range}\n"))]
    };
    let group6 = both(V3Ipv6, &[], &[]).map(|text| global(text, "vrrp_mcast_group6 ff02::99"));
    let one_group = both(V3, &[], &["mcast_dst_ip 224.0.0.99"]);
    let strangers = both(V3Unicast, &[], &["check_unicast_src"])
        .map(|text| text.replace("        10.0.0.1\n", "        10.0.0.9\n"));
    let checked = both(V3Unicast, &["check_unicast_src"], &["check_unicast_src"]);
    let cases = [
        ("old form on both", V3Unicast, both(V3Unicast, &[old], &[old]), true),
        ("old form on the better", V3Unicast, both(V3Unicast, &[old], &[]), true),
        (
            "never on both",
            V3Unicast,
            both(V3Unicast, &["old_unicast_checksum never"], &["old_unicast_checksum never"]),
            true,
        ),
        ("old form to never", V3Unicast, both(V3Unicast, &[old], &["old_unicast_checksum never"]), false),
        ("message only on both", V3, both(V3, &["v3_checksum_as_v2"], &["v3_checksum_as_v2"]), true),
        (
            "another group on both",
            V3,
            both(V3, &["mcast_dst_ip 224.0.0.99"], &["mcast_dst_ip 224.0.0.99"]),
            true,
        ),
        ("another group on one", V3, one_group, false),
        ("another IPv6 group on both", V3Ipv6, group6, true),
        ("TTL 64 within the range", V3Unicast, ranged("min_ttl 60 max_ttl 70"), true),
        ("TTL 64 below the range", V3Unicast, ranged("min_ttl 65"), false),
        ("TTL 64 above the range", V3Unicast, ranged("max_ttl 63"), false),
        ("a peer where peers are checked", V3Unicast, checked, true),
        ("a stranger where peers are checked", V3Unicast, strangers, false),
        ("strict mode on both", V3, both(V3, &["strict_mode"], &["strict_mode"]), true),
        ("native_ipv6 on both", V3Ipv6, both(V3Ipv6, &["native_ipv6"], &["native_ipv6"]), true),
    ];
    for (what, protocol, texts, believed) in cases {
        for subject in [SubjectIs::Master, SubjectIs::Backup] {
            assert_eq!(believes(subject, protocol, texts.clone()), believed, "{what}, {subject:?}");
        }
    }
}

#[test]
fn vrrpv2_over_ipv6_goes_together_with_keepalived() {
    let older =
        |text: String| text.replace("version 3", "version 2").replace("advert_int 0.3", "advert_int 1");
    for subject in [SubjectIs::Master, SubjectIs::Backup] {
        let texts = both(Protocol::V3Ipv6, &[], &[]).map(older);
        let lab = Lab::new(2);
        let [one, two] = subject.programs();
        let first = lab.place(1).start(one, &texts[0]);
        let vip = Protocol::V3Ipv6.vip();
        lab.wait(Duration::from_secs(8), "node 1 serves", || first.has(vip));
        let second = lab.place(2).start(two, &texts[1]);
        let alone = || second.said("Entering MASTER STATE") == 0;
        lab.holds(Duration::from_secs(6), "node 2 believes node 1", alone);
        first.kill();
        lab.wait(Duration::from_secs(6), "node 2 serves", || second.has(vip));
    }
}

#[test]
fn an_instance_without_peers_that_must_have_some_is_in_fault() {
    let lab = Lab::new(1);
    let text = Protocol::V2Unicast.configuration(1, HIGH, &["unicast_fault_no_peer"]);
    let text = text.replace("        10.0.0.2\n", "");
    let node = lab.place(1).start(Program::Subject, &text);
    // keepalived begins in FAULT without saying that it enters it.
    let serves_nothing = || !node.has("10.0.0.100/24") && node.said("Entering MASTER STATE") == 0;
    let limit = Protocol::V2Unicast.master_down(HIGH) + Duration::from_secs(3);
    lab.holds(limit, "it serves nothing", serves_nothing);
    assert!(node.exit_status().is_none(), "it runs");
}

/// Stops the process that sends, for as long as its peer needs to take over, and lets it go on.
fn put_to_sleep(pair: &Pair, node: &Node) {
    let worker = node.worker().expect("the vrrp pid file names a process");
    kill(worker, Signal::SIGSTOP).unwrap();
    pair.wait_for_takeover();
    let longer = Duration::from_millis(300);
    pair.lab.holds(longer, "node 2 serves", || pair.backup.has(pair.protocol.vip()));
    kill(worker, Signal::SIGCONT).unwrap();
}

#[test]
fn a_master_that_overslept_gives_up_silently_with_timer_expired_backup() {
    let lines = ["nopreempt", "timer_expired_backup 100"];
    let pair = Pair::settled_with(Protocol::V3, SubjectIs::Master, &lines, &[]);
    let entered = pair.master.said("Entering BACKUP STATE");
    put_to_sleep(&pair, &pair.master);
    let gave_up =
        || pair.master.said("Entering BACKUP STATE") > entered && !pair.master.has(pair.protocol.vip());
    pair.lab.wait(Duration::from_secs(2), "node 1 is BACKUP and has no address", gave_up);
    pair.lab.holds(pair.master_down() * 2, "node 2 serves on", || {
        pair.backup.has(pair.protocol.vip()) && !pair.master.has(pair.protocol.vip())
    });
    let frames = pair.judged_frames();
    let taken = frames.of(2).next().expect("node 2 advertised").at;
    assert_eq!(frames.of(1).filter(|advert| advert.at > taken).count(), 0, "{frames:#?}");
}
