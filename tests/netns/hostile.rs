//! A flood of wrong packets changes no state, silences no master and delays no takeover.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::frames::{advert_with_interval_0, junk};
use crate::known_differences::differs;
use crate::pair::{Pair, SubjectIs};
use crate::protocol::Protocol;
use crate::wire::Wire;

/// Between two wrong packets: many in each interval.
const PACE: Duration = Duration::from_millis(3);

#[test]
fn junk_does_not_silence_a_v2_master() {
    differs("junk_does_not_silence_a_v2_master", || flood_the_master(Protocol::V2Pass));
}

#[test]
fn junk_does_not_silence_a_v3_master() {
    differs("junk_does_not_silence_a_v3_master", || flood_the_master(Protocol::V3));
}

#[test]
fn a_v2_backup_flooded_with_junk_takes_over_in_time_and_not_before() {
    flood_the_backup(Protocol::V2Pass);
}

#[test]
fn a_v3_backup_flooded_with_junk_takes_over_in_time_and_not_before() {
    flood_the_backup(Protocol::V3);
}

#[test]
fn an_advert_with_interval_0_makes_no_master_and_ends_none() {
    differs("an_advert_with_interval_0_makes_no_master_and_ends_none", || {
        let pair = Pair::settled(Protocol::V3, SubjectIs::Master);
        let wire = Wire::new(&pair.lab.bridge, "br0");
        wire.send(&advert_with_interval_0(1));
        let serves = || pair.master.said("Entering") == 2 && pair.master.has(Protocol::V3.vip());
        pair.lab.holds(
            pair.master_down() * 2,
            "node 1, BACKUP and then MASTER since its start, serves on",
            serves,
        );
    });
}

fn flood_the_master(protocol: Protocol) {
    let pair = Pair::settled(protocol, SubjectIs::Master);
    let before = pair.master.said("Entering");
    under_flood(&pair, 1, || {
        let unmoved =
            || pair.master.said("Entering") == before && pair.backup.said("Entering MASTER STATE") == 0;
        pair.lab.holds(pair.master_down() * 2, "nobody changes state", unmoved);
    });
    let frames = pair.capture.frames();
    let sent_by_node_1: Vec<_> = frames.of(1).map(|advert| advert.at).collect();
    assert!(sent_by_node_1.len() > 6, "node 1 fell silent: {frames:#?}");
    assert!(
        frames.longest_gap(1) < protocol.interval() * 2,
        "node 1 fell silent: {:?}",
        frames.longest_gap(1)
    );
}

fn flood_the_backup(protocol: Protocol) {
    let pair = Pair::settled(protocol, SubjectIs::Backup);
    under_flood(&pair, 2, || {
        let unmoved = || pair.backup.said("Entering MASTER STATE") == 0;
        pair.lab.holds(pair.master_down() * 2, "node 2 stays BACKUP", unmoved);
        pair.master.kill();
        pair.wait_for_takeover();
    });
}

/// Sends each kind of junk to `node` over and over while `body` runs.
fn under_flood(pair: &Pair, node: u8, body: impl FnOnce()) {
    let wire = Wire::new(&pair.lab.bridge, "br0");
    let frames = junk(pair.protocol, node);
    let done = AtomicBool::new(false);
    let finally = SetOnDrop(&done);
    thread::scope(|scope| {
        scope.spawn(|| {
            for (_, frame) in frames.iter().cycle().take_while(|_| !done.load(Ordering::Relaxed)) {
                wire.send(frame);
                thread::sleep(PACE);
            }
        });
        let _also_after_a_panic = finally;
        body();
    });
}

struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
