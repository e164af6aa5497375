//! Who serves next when the master is killed, stopped or cut off, and when: every protocol, both roles.

use std::time::Duration;

use crate::capture::Frames;
use crate::pair::{Pair, SLACK, SubjectIs, assert_due};
use crate::protocol::{HIGH, Protocol};

/// The five announcements of a takeover are a burst: they follow each other within microseconds.
const BURST: Duration = Duration::from_millis(300);

macro_rules! with_role {
    ($module:ident, $protocol:ident, $role:ident) => {
        mod $module {
            use crate::{pair::SubjectIs::$role, protocol::Protocol::$protocol};

            #[test]
            fn a_killed_master_is_followed_when_its_down_time_ends_and_not_before() {
                super::super::kill($protocol, $role);
            }

            #[test]
            fn a_master_that_is_stopped_hands_over_by_priority_0_within_the_skew_time() {
                super::super::stop($protocol, $role);
            }

            #[test]
            fn a_master_that_loses_its_link_is_followed_and_preempts_when_it_is_back() {
                super::super::lose_the_link($protocol, $role);
            }

            #[test]
            fn only_the_master_sends_while_both_live() {
                super::super::live($protocol, $role);
            }
        }
    };
}

macro_rules! with_protocol {
    ($module:ident, $protocol:ident) => {
        mod $module {
            with_role!(subject_is_master, $protocol, Master);
            with_role!(subject_is_backup, $protocol, Backup);
        }
    };
}

with_protocol!(v2, V2);
with_protocol!(v2_pass, V2Pass);
with_protocol!(v2_unicast, V2Unicast);
with_protocol!(v2_ah, V2Ah);
with_protocol!(v2_ah_unicast, V2AhUnicast);
with_protocol!(v2_hmac, V2Hmac);
with_protocol!(v3, V3);
with_protocol!(v3_ipv6, V3Ipv6);
with_protocol!(v3_unicast, V3Unicast);
with_protocol!(v3_hmac, V3Hmac);
with_protocol!(v3_hmac_ipv6, V3HmacIpv6);
with_protocol!(v3_hmac_unicast, V3HmacUnicast);

fn kill(protocol: Protocol, subject: SubjectIs) {
    let pair = Pair::settled(protocol, subject);
    pair.master.kill();
    pair.wait_for_takeover();
    pair.lab.holds(BURST, "node 2 serves", || pair.backup.has(protocol.vip()));

    let frames = pair.judged_frames();
    let heard = frames.last_of(1).at;
    let first = frames.of(2).next().expect("node 2 advertises").at;
    assert!(first > heard, "node 2 sent before node 1 had died: {frames:#?}");
    assert_due(first - heard, pair.master_down(), "the first advert");
    assert_announced(&frames, protocol, first);
}

fn stop(protocol: Protocol, subject: SubjectIs) {
    let pair = Pair::settled(protocol, subject);
    let status = pair.master.stop(Duration::from_secs(8));
    assert!(status.success(), "{status}");
    assert!(!pair.master.has(protocol.vip()), "the address stayed on the node that stopped");
    pair.wait_for_takeover();

    let frames = pair.judged_frames();
    let release = frames.last_of(1);
    assert_eq!(release.priority, 0, "{release:?}");
    let first_release = frames.of(1).find(|advert| advert.priority == 0).expect("found above").at;
    assert_due(frames.first_after(2, first_release).at - first_release, pair.skew(), "the first advert");
}

fn lose_the_link(protocol: Protocol, subject: SubjectIs) {
    let pair = Pair::settled(protocol, subject);
    pair.master.place().unplug();
    pair.wait_for_takeover();
    let gave_up = || pair.master.said("Entering FAULT STATE") > 0 && !pair.master.has(protocol.vip());
    pair.lab.wait(Duration::from_secs(2), "node 1 is in FAULT and has no address", gave_up);

    pair.master.place().plug();
    let back = protocol.master_down(HIGH) + SLACK;
    pair.lab.wait(back, "node 1 serves again", || pair.master.has(protocol.vip()));
    pair.lab.wait(SLACK, "node 2 gives way", || !pair.backup.has(protocol.vip()));

    let frames = pair.judged_frames();
    let took = frames.of(2).next().expect("node 2 advertised").at;
    let heard = frames.of(1).rfind(|advert| advert.at < took).expect("node 1 advertised").at;
    assert_due(took - heard, pair.master_down(), "the first advert of node 2");
    assert_eq!(frames.last_of(1).priority, HIGH);
}

fn live(protocol: Protocol, subject: SubjectIs) {
    let pair = Pair::settled(protocol, subject);
    let one_serves = || pair.master.has(protocol.vip()) && !pair.backup.has(protocol.vip());
    pair.lab.holds(protocol.interval() * 5, "node 1 serves and node 2 does not", one_serves);

    let frames = pair.judged_frames();
    assert_eq!(frames.of(2).count(), 0, "{frames:#?}");
    assert!(frames.longest_gap(1) < protocol.interval() * 2, "an advert is missing: {frames:#?}");
}

/// RFC 9568 §6.4.2: an announcement for the address follows the first advert; keepalived's default is five.
fn assert_announced(frames: &Frames, protocol: Protocol, first_advert: Duration) {
    let by_node_2 =
        frames.announcements.iter().filter(|sent| sent.node == 2 && sent.address == protocol.bare_vip());
    let sent: Vec<_> = by_node_2.filter(|sent| sent.at > first_advert).collect();
    assert_eq!(sent.len(), 5, "{frames:#?}");
    assert!(sent.iter().all(|sent| sent.well_formed), "{sent:#?}");
    assert!(sent[0].at < first_advert + BURST, "{sent:#?}");
}
