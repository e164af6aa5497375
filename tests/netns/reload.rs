//! SIGHUP: what did not change goes on undisturbed, and a file that cannot be used changes nothing.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::known_differences::differs;
use crate::node::Node;
use crate::pair::{Pair, SubjectIs};
use crate::protocol::{HIGH, Protocol};

/// Long enough for a reload and the adverts around it.
const SPAN: Duration = Duration::from_millis(1500);

#[test]
fn a_master_that_reloads_an_unchanged_file_misses_no_advert() {
    let pair = Pair::settled(Protocol::V3, SubjectIs::Master);
    for _ in 0..3 {
        reload_quietly(&pair, &pair.master);
    }
    let frames = pair.judged_frames();
    assert_eq!(frames.of(2).count(), 0, "{frames:#?}");
    assert!(frames.longest_gap(1) < Protocol::V3.interval() * 3 / 2, "an advert is missing: {frames:#?}");
    assert!(frames.of(1).all(|advert| advert.priority == HIGH), "{frames:#?}");
}

#[test]
fn a_backup_that_reloads_an_unchanged_file_stays_backup() {
    let pair = Pair::settled(Protocol::V3, SubjectIs::Backup);
    for _ in 0..3 {
        reload_quietly(&pair, &pair.backup);
    }
    assert_eq!(pair.judged_frames().of(2).count(), 0);
}

#[test]
fn a_file_with_a_missing_brace_changes_nothing_and_the_next_good_one_applies() {
    differs("a_file_with_a_missing_brace_changes_nothing_and_the_next_good_one_applies", || {
        let pair = Pair::settled(Protocol::V3, SubjectIs::Master);
        let good = Protocol::V3.configuration(1, HIGH, &[]);
        let broken = good.trim_end().strip_suffix('}').unwrap().replace("10.0.0.100/24", "10.0.0.101/24");
        pair.master.rewrite(&broken);
        reload_quietly(&pair, &pair.master);
        assert!(!pair.master.has("10.0.0.101/24"), "a part of the broken file was applied");

        pair.master.rewrite(&good.replace("10.0.0.100/24", "10.0.0.100/24\n        10.0.0.102/24"));
        pair.master.signal(Signal::SIGHUP);
        let both = || pair.master.has("10.0.0.100/24") && pair.master.has("10.0.0.102/24");
        pair.lab.wait(SPAN, "the address that the good file adds", both);
        let frames = pair.judged_frames();
        assert_eq!(frames.of(2).count(), 0, "{frames:#?}");
        assert!(frames.longest_gap(1) < Protocol::V3.interval() * 3 / 2, "an advert is missing: {frames:#?}");
    });
}

#[test]
fn an_emptied_file_changes_nothing() {
    differs("an_emptied_file_changes_nothing", || {
        let pair = Pair::settled(Protocol::V3, SubjectIs::Master);
        pair.master.rewrite("");
        reload_quietly(&pair, &pair.master);
        let frames = pair.judged_frames();
        assert_eq!(frames.of(2).count(), 0, "{frames:#?}");
        assert!(frames.longest_gap(1) < Protocol::V3.interval() * 3 / 2, "an advert is missing: {frames:#?}");
    });
}

#[test]
fn a_file_that_names_no_virtual_router_id_changes_nothing() {
    differs("a_file_that_names_no_virtual_router_id_changes_nothing", || {
        let pair = Pair::settled(Protocol::V3, SubjectIs::Master);
        let good = Protocol::V3.configuration(1, HIGH, &[]);
        pair.master.rewrite(&good.replace("virtual_router_id 51", "virtual_router_id"));
        reload_quietly(&pair, &pair.master);
        assert_eq!(pair.judged_frames().of(2).count(), 0);
    });
}

/// SIGHUP to `node`; then node 1 serves on all the time, and the kernel was told nothing about its address.
fn reload_quietly(pair: &Pair, node: &Node) {
    let asked = Instant::now();
    node.signal(Signal::SIGHUP);
    let undisturbed = || {
        pair.master.has(pair.protocol.vip())
            && pair.master.exit_status().is_none()
            && !pair.master.said_since(asked, "Entering")
            && !pair.backup.said_since(asked, "Entering MASTER")
    };
    pair.lab.holds(SPAN, "node 1 serves, nobody changes state", undisturbed);
    assert_eq!(pair.master.place().times_removed(pair.protocol.vip()), 0);
}
