//! Adverts that must be believed and adverts that must not: sequence numbers, stamps, replays, mixed settings.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};

use crate::known_differences::differs;
use crate::lab::Lab;
use crate::node::{Node, Program};
use crate::pair::{Pair, SubjectIs, wait_until_serving};
use crate::protocol::{HIGH, LOW, Protocol};
use crate::tap::Tap;
use crate::wire::Wire;

/// Sequence number of a frame with an authentication header.
fn sequence(frame: &[u8]) -> u32 {
    u32::from_be_bytes(frame[42..46].try_into().unwrap())
}

/// Frames with an authentication header of `node`.
fn sealed_by(tap: &Tap, node: u8) -> Vec<Vec<u8>> {
    tap.frames().into_iter().filter(|frame| frame[23] == 51 && frame[29] == node).collect()
}

fn signed_by(tap: &Tap, node: u8) -> Vec<Vec<u8>> {
    let of_node = |frame: &Vec<u8>| frame[12..14] == [8, 0] && frame[23] == 112 && frame[29] == node;
    tap.frames().into_iter().filter(of_node).collect()
}

#[test]
fn a_new_master_goes_on_from_the_sequence_number_that_it_heard() {
    for subject in [SubjectIs::Master, SubjectIs::Backup] {
        let pair = Pair::settled(Protocol::V2Ah, subject);
        let tap = Tap::new(&pair.lab);
        let interval = Protocol::V2Ah.interval();
        pair.lab.wait(interval * 3, "an advert", || !sealed_by(&tap, 1).is_empty());
        pair.master.kill();
        pair.wait_for_takeover();
        let (before, after) = (sealed_by(&tap, 1), sealed_by(&tap, 2));
        assert_eq!(sequence(&after[0]), sequence(before.last().unwrap()) + 1, "{subject:?}");
    }
}

#[test]
fn a_reload_goes_on_counting() {
    let pair = Pair::settled(Protocol::V2Ah, SubjectIs::Master);
    let tap = Tap::new(&pair.lab);
    pair.lab.wait(Duration::from_secs(3), "an advert", || !sealed_by(&tap, 1).is_empty());
    pair.master.rewrite(&Protocol::V2Ah.configuration(1, HIGH - 1, &[]));
    pair.master.signal(Signal::SIGHUP);
    let told = |frame: &Vec<u8>| frame[60] == HIGH - 1;
    pair.lab.wait(Duration::from_secs(4), "an advert after it", || sealed_by(&tap, 1).iter().any(told));
    pair.lab.holds(pair.master_down(), "node 2 believes it", || pair.backup.said("Entering MASTER") == 0);
    let numbers: Vec<u32> = sealed_by(&tap, 1).iter().map(|frame| sequence(frame)).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
}

#[test]
fn the_successor_of_a_dead_worker_is_believed() {
    differs("the_successor_of_a_dead_worker_is_believed", || {
        for protocol in [Protocol::V2Ah, Protocol::V2AhUnicast, Protocol::V2Hmac] {
            let pair = Pair::settled(protocol, SubjectIs::Master);
            let worker = pair.master.worker().expect("the vrrp pid file names a process");
            kill(worker, Signal::SIGKILL).unwrap();
            let serves = || pair.master.has(protocol.vip()) && pair.backup.said("Entering MASTER STATE") == 0;
            pair.lab.holds(pair.master_down() * 2, "node 2 believes the new worker", serves);
            assert_eq!(pair.judged_frames().of(2).count(), 0, "{protocol:?}");
        }
    });
}

#[test]
fn a_node_that_starts_again_is_heard_by_those_that_know_its_numbers() {
    for subject in [SubjectIs::Master, SubjectIs::Backup] {
        let protocol = Protocol::V2Ah;
        let pair = Pair::settled(protocol, subject);
        let program = subject.programs()[0];
        // A master that is away for less than its peer waits begins with number 1 although more are known.
        pair.lab.holds(protocol.interval() * 3, "node 2 is BACKUP", || {
            pair.backup.said("Entering MASTER STATE") == 0
        });
        pair.master.kill();
        pair.master.place().ip("address del 10.0.0.100/24 dev eth0");
        let again = pair.lab.place(1).start(program, &protocol.configuration(1, HIGH, &[]));
        let agreed = || again.has(protocol.vip()) && !pair.backup.has(protocol.vip());
        pair.lab.wait(protocol.master_down(LOW) * 3, "node 1 serves, node 2 does not", agreed);
        // One that began with a number known already is not believed before it has heard the other one.
        let _settling = pair.lab.bell.wait(protocol.master_down(LOW), || false);
        pair.lab.holds(protocol.master_down(LOW), "they agree", agreed);
    }
}

#[test]
fn a_master_that_starts_again_at_once_is_believed_at_once() {
    differs("a_master_that_starts_again_at_once_is_believed_at_once", || {
        let protocol = Protocol::V2Ah;
        let pair = Pair::settled(protocol, SubjectIs::Master);
        let claims = || pair.backup.said("Entering MASTER STATE") > 0;
        pair.lab.holds(protocol.interval() * 3, "node 2 is BACKUP", || !claims());
        pair.master.kill();
        pair.master.place().ip("address del 10.0.0.100/24 dev eth0");
        let again = pair.lab.place(1).start(Program::Subject, &protocol.configuration(1, HIGH, &[]));
        let serves = || again.has(protocol.vip());
        pair.lab.wait(protocol.master_down(HIGH) + Duration::from_secs(2), "node 1 serves", serves);
        // Node 2 waits longer than node 1 by the difference of their priorities, which a slow start may use up.
        let claimed_before = claims();
        pair.lab.holds(protocol.master_down(LOW) * 2, "node 2 believes it", || {
            claims() == claimed_before && again.has(protocol.vip())
        });
        assert!(!pair.backup.has(protocol.vip()));
    });
}

/// Sends what node 1 said once more, again and again, in its place, after its death.
fn replay(protocol: Protocol, recorded: impl Fn(&Tap) -> Vec<Vec<u8>>) {
    let pair = Pair::settled(protocol, SubjectIs::Backup);
    let tap = Tap::new(&pair.lab);
    pair.lab.wait(Duration::from_secs(4), "two adverts", || recorded(&tap).len() > 1);
    let frames = recorded(&tap);
    pair.master.kill();
    let wire = Wire::new(&pair.lab.bridge, "br0");
    let mut sent = 0;
    let limit = pair.master_down() + crate::pair::SLACK;
    pair.lab.wait(limit, "node 2 serves although old adverts come in", || {
        frames.iter().for_each(|frame| wire.send(frame));
        sent += 1;
        pair.backup.has(protocol.vip())
    });
    assert!(sent > 0);
}

#[test]
fn replayed_adverts_with_a_header_keep_nobody_waiting() {
    replay(Protocol::V2Ah, |tap| sealed_by(tap, 1));
}

#[test]
fn replayed_signed_adverts_keep_nobody_waiting() {
    replay(Protocol::V3Hmac, |tap| signed_by(tap, 1));
}

#[test]
fn replays_are_known_after_a_reload() {
    differs("replays_are_known_after_a_reload", || {
        let protocol = Protocol::V3Hmac;
        let pair = Pair::settled(protocol, SubjectIs::Backup);
        let tap = Tap::new(&pair.lab);
        pair.lab.wait(Duration::from_secs(4), "adverts", || signed_by(&tap, 1).len() > 1);
        pair.master.kill();
        pair.wait_for_takeover();
        let frames = signed_by(&tap, 1);
        pair.backup.rewrite(&protocol.configuration(2, LOW + 1, &[]));
        pair.backup.signal(Signal::SIGHUP);
        let reloaded = |frame: &Vec<u8>| frame[36] == LOW + 1;
        pair.lab.wait(Duration::from_secs(3), "it reloaded", || signed_by(&tap, 2).iter().any(reloaded));
        let wire = Wire::new(&pair.lab.bridge, "br0");
        frames.iter().for_each(|frame| wire.send(frame));
        let serves = || pair.backup.has(protocol.vip()) && pair.backup.said("Entering BACKUP") == 1;
        pair.lab.holds(protocol.interval() * 2, "node 2 serves on", serves);
    });
}

/// `auth_hmac` in this mode on node `node`.
fn in_mode(mode: &str, node: usize, priority: u8) -> String {
    let text = Protocol::V3Hmac.configuration(node, priority, &[]);
    text.replace("active_key 7", &format!("active_key 7\n        mode {mode}"))
}

fn start(lab: &Lab, node: usize, program: Program, text: &str) -> Node {
    lab.place(node).start(program, text)
}

#[test]
fn modes_go_together_as_an_operator_turns_them_on_node_by_node() {
    let plain = |node, priority| Protocol::V3.configuration(node, priority, &[]);
    // (better node, worse node, whether the worse one believes the better)
    let cases = [
        (in_mode("enforce", 1, HIGH), in_mode("enforce", 2, LOW), true),
        (in_mode("enforce", 1, HIGH), in_mode("permissive", 2, LOW), true),
        (in_mode("enforce", 1, HIGH), in_mode("receive-only", 2, LOW), true),
        (in_mode("receive-only", 1, HIGH), in_mode("permissive", 2, LOW), true),
        (in_mode("receive-only", 1, HIGH), plain(2, LOW), true),
        (plain(1, HIGH), in_mode("permissive", 2, LOW), true),
        (plain(1, HIGH), in_mode("enforce", 2, LOW), false),
        (in_mode("permissive", 1, HIGH), plain(2, LOW), false),
    ];
    for (better, worse, believed) in cases {
        for programs in [SubjectIs::Master.programs(), SubjectIs::Backup.programs()] {
            let lab = Lab::new(2);
            let first = start(&lab, 1, programs[0], &better);
            wait_until_serving(&lab, &first, Protocol::V3Hmac);
            let second = start(&lab, 2, programs[1], &worse);
            lab.wait(Duration::from_secs(5), "it began", || second.said("Entering BACKUP STATE") > 0);
            let claimed = || second.said("Entering MASTER STATE") > 0;
            if believed {
                let span = Protocol::V3Hmac.master_down(LOW) * 3 / 2;
                lab.holds(span, "node 2 believes node 1", || !claimed());
            } else {
                lab.wait(Duration::from_secs(5), "node 2 does not believe node 1", claimed);
            }
        }
    }
}

#[test]
fn no_secret_is_logged_by_nodes_that_disagree_on_it() {
    for protocol in [Protocol::V2Pass, Protocol::V2Ah, Protocol::V2Hmac] {
        let lab = Lab::new(2);
        let theirs = protocol.configuration(1, HIGH, &[]);
        let ours = theirs
            .replace("secret", "geheim")
            .replace(crate::protocol::HMAC_SECRET, "geheimgeheimgeheimgeheimgeheimgeheim");
        assert_ne!(ours, theirs);
        let _first = start(&lab, 1, Program::Peer, &theirs);
        let node = start(&lab, 2, Program::Subject, &ours);
        let limit = protocol.master_down(HIGH) + Duration::from_secs(3);
        let claims = || node.said("Entering MASTER STATE") > 0;
        lab.wait(limit, "they do not believe each other", claims);
        assert!(!node.log().contains("geheim"), "{}", node.log());
    }
}
