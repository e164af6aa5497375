//! A crash of the process that sends the adverts is not a failover.

use std::fs;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use tempfile::TempDir;

use crate::checks::executable;
use crate::known_differences::differs;
use crate::lab::Lab;
use crate::node::Program;
use crate::pair::{Pair, SubjectIs};
use crate::protocol::{HIGH, Protocol};

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

#[test]
fn a_hook_that_waited_when_the_worker_died_runs_once() {
    differs("a_hook_that_waited_when_the_worker_died_runs_once", || {
        let directory = TempDir::new().unwrap();
        let log = directory.path().join("log");
        let body = format!("echo $1 >> {}; [ $1 = master ] || sleep 30", log.display());
        let hook = executable(directory.path(), "hook", &body);
        let lines =
            ["backup", "master"].map(|state| format!("notify_{state} \"{} {state}\"", hook.display()));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let said = || fs::read_to_string(&log).unwrap_or_default();

        let lab = Lab::new(1);
        let node = lab.place(1).start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &lines));
        lab.wait(Duration::from_secs(5), "it serves", || node.said("Entering MASTER STATE") == 1);
        assert_eq!(said(), "backup\n", "the hook of MASTER waits for that of BACKUP");
        let worker = node.worker().expect("the vrrp pid file names a process");
        kill(worker, Signal::SIGKILL).unwrap();
        lab.wait(Duration::from_secs(5), "the hook of MASTER ran", || said() == "backup\nmaster\n");

        let worker = node.worker().expect("the vrrp pid file names a process");
        kill(worker, Signal::SIGKILL).unwrap();
        let replaced = || node.worker().is_some_and(|now| now != worker);
        lab.wait(Duration::from_secs(2), "another worker runs", replaced);
        let quiet = || said() == "backup\nmaster\n";
        lab.holds(Duration::from_secs(1), "no hook runs again", quiet);
    });
}
