//! A check script that fails: weight 0 is a fault, any other weight moves the priority.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::pair::{Pair, SubjectIs};
use crate::protocol::{HIGH, LOW, Protocol};

/// A run each second, its result, and a whole election.
const LIMIT: Duration = Duration::from_secs(8);

#[test]
fn a_failing_check_of_weight_0_is_a_fault_until_it_succeeds_again() {
    a_fault(SubjectIs::Master);
}

#[test]
fn a_check_that_fails_on_the_other_node_brings_the_address_here() {
    a_fault(SubjectIs::Backup);
}

fn a_fault(subject: SubjectIs) {
    let directory = TempDir::new().unwrap();
    let pair = pair_with_check(subject, directory.path(), 0);
    break_it(directory.path());
    pair.lab.wait(LIMIT, "node 2 serves", || pair.backup.has("10.0.0.100/24"));
    pair.lab.wait(LIMIT, "node 1 gave up", || !pair.master.has("10.0.0.100/24"));
    assert_eq!(pair.master.said("Entering FAULT STATE"), 1);

    repair_it(directory.path());
    let back = || pair.master.has("10.0.0.100/24") && !pair.backup.has("10.0.0.100/24");
    pair.lab.wait(LIMIT, "node 1 alone serves again", back);
    let frames = pair.judged_frames();
    assert!(frames.of(1).any(|advert| advert.priority == 0), "node 1 resigned: {frames:#?}");
}

#[test]
fn a_failing_check_with_a_weight_lowers_the_priority_and_loses_the_election() {
    a_weight(SubjectIs::Master);
}

#[test]
fn a_peer_whose_weighted_check_fails_is_preempted() {
    a_weight(SubjectIs::Backup);
}

fn a_weight(subject: SubjectIs) {
    let directory = TempDir::new().unwrap();
    let pair = pair_with_check(subject, directory.path(), -150);
    break_it(directory.path());
    pair.lab.wait(LIMIT, "node 2 serves", || pair.backup.has("10.0.0.100/24"));
    pair.lab.wait(LIMIT, "node 1 gave way", || !pair.master.has("10.0.0.100/24"));
    assert_eq!(pair.master.said("Entering FAULT STATE"), 0);

    repair_it(directory.path());
    let back = || pair.master.has("10.0.0.100/24") && !pair.backup.has("10.0.0.100/24");
    pair.lab.wait(LIMIT, "node 1 alone serves again", back);
    let frames = pair.judged_frames();
    let priorities: Vec<u8> = frames.of(1).map(|advert| advert.priority).collect();
    assert!(priorities.contains(&(HIGH - 150)), "the lowered priority is told: {priorities:?}");
    assert!(!priorities.contains(&0), "a weight is no reason to resign: {priorities:?}");
}

/// A v3 pair whose node 1 runs a check that fails while the file `broken` exists.
fn pair_with_check(subject: SubjectIs, directory: &Path, weight: i32) -> Pair {
    let script = executable(directory, "check", &format!("test ! -e {}/broken", directory.display()));
    let check = format!(
        "vrrp_script check {{\n    script {}\n    interval 1\n    weight {weight}\n    user root\n}}\n",
        script.display()
    );
    let first = Protocol::V3.configuration(1, HIGH, &["track_script {", "check", "}"]);
    let second = Protocol::V3.configuration(2, LOW, &[]);
    Pair::settled_as(
        Protocol::V3,
        subject,
        [first.replacen("vrrp_instance", &format!("{check}\nvrrp_instance"), 1), second],
    )
}

fn break_it(directory: &Path) {
    fs::write(directory.join("broken"), "").unwrap();
}

fn repair_it(directory: &Path) {
    fs::remove_file(directory.join("broken")).unwrap();
}

/// Writes a shell script that may be run.
pub(crate) fn executable(directory: &Path, name: &str, commands: &str) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, format!("#!/bin/sh\n{commands}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}
