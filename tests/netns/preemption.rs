//! A better node that starts later takes over, or with `nopreempt` does not.

use std::time::Duration;

use crate::capture::Capture;
use crate::lab::Lab;
use crate::node::Node;
use crate::pair::{EARLY, SLACK, SubjectIs, wait_until_serving};
use crate::protocol::{HIGH, LOW, Protocol};

/// What a daemon's own start may take before its timers run.
const START: Duration = Duration::from_secs(2);

macro_rules! in_both_roles {
    ($($module:ident: $protocol:ident $role:ident,)*) => {$(
        mod $module {
            use crate::{pair::SubjectIs::$role, protocol::Protocol::$protocol};

            #[test]
            fn a_higher_priority_that_starts_later_takes_over() {
                super::preempt($protocol, $role);
            }

            #[test]
            fn with_nopreempt_a_higher_priority_waits_until_the_master_is_gone() {
                super::wait_for_its_turn($protocol, $role);
            }
        }
    )*};
}

in_both_roles! {
    v2_subject_is_master: V2 Master,
    v2_subject_is_backup: V2 Backup,
    v3_subject_is_master: V3 Master,
    v3_subject_is_backup: V3 Backup,
    v3_ipv6_subject_is_master: V3Ipv6 Master,
    v3_ipv6_subject_is_backup: V3Ipv6 Backup,
}

fn preempt(protocol: Protocol, subject: SubjectIs) {
    let (lab, worse, better, capture) = worse_first(protocol, subject, &[]);
    let due = protocol.master_down(HIGH);
    let took = lab.wait(due + START, "the better node has the address", || better.has(protocol.vip()));
    assert!(took + EARLY >= due, "{took:?} after its start, before its down time of {due:?}");
    lab.wait(SLACK, "the worse node gives way", || !worse.has(protocol.vip()));
    let settled = || better.has(protocol.vip()) && !worse.has(protocol.vip());
    lab.holds(protocol.interval() * 2, "the better node alone serves", settled);

    let frames = capture.frames();
    frames.assert_valid(protocol);
    let first = frames.of(1).next().expect("the better node advertises").at;
    let after = frames.of(2).filter(|advert| advert.at > first + Duration::from_millis(200)).count();
    assert_eq!(after, 0, "the worse node still advertises: {frames:#?}");
    assert!(
        frames.of(2).all(|advert| advert.priority == LOW),
        "it is outvoted, it does not resign: {frames:#?}"
    );
}

fn wait_for_its_turn(protocol: Protocol, subject: SubjectIs) {
    let (lab, worse, better, _capture) = worse_first(protocol, subject, &["nopreempt"]);
    lab.wait(START, "the better node is BACKUP", || better.said("Entering BACKUP STATE") > 0);
    let waits = || worse.has(protocol.vip()) && !better.has(protocol.vip());
    lab.holds(protocol.master_down(HIGH) * 3 / 2, "the worse node serves on", waits);

    worse.kill();
    let due = protocol.master_down(HIGH) + SLACK;
    lab.wait(due, "the better node has the address", || better.has(protocol.vip()));
}

/// Node 2 serves with the lower priority; then node 1 was started with the higher one.
fn worse_first(protocol: Protocol, subject: SubjectIs, lines: &[&str]) -> (Lab, Node, Node, Capture) {
    let lab = Lab::new(2);
    let capture = Capture::start(&lab);
    let [one, two] = subject.programs();
    let worse = lab.place(2).start(two, &protocol.configuration(2, LOW, &[]));
    wait_until_serving(&lab, &worse, protocol);
    let better = lab.place(1).start(one, &protocol.configuration(1, HIGH, lines));
    (lab, worse, better, capture)
}
