//! A crash of the process that sends the adverts is not a failover.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};

use crate::known_differences::differs;
use crate::pair::{Pair, SubjectIs};
use crate::protocol::Protocol;

#[test]
fn a_killed_worker_is_replaced_before_the_peer_misses_it() {
    differs("a_killed_worker_is_replaced_before_the_peer_misses_it", || {
        let pair = Pair::settled(Protocol::V2, SubjectIs::Master);
        let worker = pair.master.worker().expect("the vrrp pid file names a process");
        kill(worker, Signal::SIGKILL).unwrap();
        let killed = Instant::now();
        let replaced = || pair.master.worker().is_some_and(|now| now != worker);
        pair.lab.wait(Duration::from_secs(2), "another worker runs", replaced);
        let serves = || pair.master.has("10.0.0.100/24") && pair.backup.said("Entering MASTER STATE") == 0;
        let twice_its_down_time = pair.master_down() * 2;
        pair.lab.holds(twice_its_down_time, "node 1 has the address, node 2 is BACKUP", serves);

        assert_eq!(pair.master.place().times_removed("10.0.0.100/24"), 0, "the address was never away");
        let frames = pair.judged_frames();
        assert_eq!(frames.of(2).count(), 0, "{frames:#?}");
        assert!(frames.longest_gap(1) < Duration::from_secs(3), "{:?}: {frames:#?}", killed.elapsed());
        assert!(frames.of(1).all(|advert| advert.priority != 0), "{frames:#?}");
    });
}

#[test]
fn the_successor_of_a_worker_that_was_told_to_stop_begins_anew() {
    let pair = Pair::settled(Protocol::V2, SubjectIs::Master);
    let worker = pair.master.worker().expect("the vrrp pid file names a process");
    kill(worker, Signal::SIGTERM).unwrap();
    let begins = || pair.master.said("Entering BACKUP STATE (init)") == 2;
    pair.lab.wait(Duration::from_secs(3), "another worker is BACKUP", begins);
    // The hooks of the stop have run, so those of a new mastership must.
    let again = || pair.master.said("Entering MASTER STATE") == 2 && pair.master.has("10.0.0.100/24");
    pair.lab.wait(pair.master_down() * 2, "it runs for the address again", again);
}

#[test]
fn signals_that_ask_for_nothing_end_nothing() {
    let pair = Pair::settled(Protocol::V2, SubjectIs::Master);
    let worker = pair.master.worker().expect("the vrrp pid file names a process");
    let strangers = [Signal::SIGALRM, Signal::SIGQUIT, Signal::SIGXCPU, Signal::SIGTSTP, Signal::SIGIO];
    for signal in strangers {
        pair.master.signal(signal);
        kill(worker, signal).unwrap();
    }
    let serves = || pair.master.has("10.0.0.100/24") && pair.master.worker() == Some(worker);
    pair.lab.holds(pair.master_down(), "the same worker serves", serves);
    assert_eq!(pair.backup.said("Entering MASTER STATE"), 0);
}
