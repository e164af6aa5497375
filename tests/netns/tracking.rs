//! Numbers in files, processes and delayed links, as they move an election between real daemons.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use tempfile::TempDir;

use crate::known_differences::differs;
use crate::pair::{Pair, SLACK, SubjectIs};
use crate::protocol::{HIGH, LOW, Protocol};

const VIP: &str = "10.0.0.100/24";
const LIMIT: Duration = Duration::from_secs(8);

/// A v3 pair whose node 1 has these blocks, and these lines in its instance.
fn pair(subject: SubjectIs, blocks: &str, lines: &[&str]) -> Pair {
    let first = Protocol::V3.configuration(1, HIGH, lines);
    let first = first.replacen("vrrp_instance", &format!("{blocks}\nvrrp_instance"), 1);
    Pair::settled_as(Protocol::V3, subject, [first, Protocol::V3.configuration(2, LOW, &[])])
}

fn moves(pair: &Pair, limit: Duration) {
    pair.lab.wait(limit, "node 2 serves", || pair.backup.has(VIP));
    pair.lab.wait(limit, "node 1 gave way", || !pair.master.has(VIP));
}

fn comes_back(pair: &Pair) {
    let back = || pair.master.has(VIP) && !pair.backup.has(VIP);
    pair.lab.wait(LIMIT, "node 1 alone serves again", back);
}

fn file_block(path: &Path, lines: &str) -> String {
    format!("track_file number {{\n file {}\n {lines}\n}}", path.display())
}

#[test]
fn a_number_in_a_file_lowers_a_priority_however_it_is_written() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("number");
    let block = file_block(&path, "weight -1");
    let pair = pair(SubjectIs::Master, &block, &["track_file {", "number", "}"]);
    fs::write(&path, "150\n").unwrap();
    moves(&pair, LIMIT);
    fs::remove_file(&path).unwrap();
    comes_back(&pair);
    let new = directory.path().join("new");
    fs::write(&new, "0x96").unwrap();
    fs::rename(&new, &path).unwrap();
    moves(&pair, LIMIT);
    let frames = pair.judged_frames();
    let priorities: Vec<u8> = frames.of(1).map(|advert| advert.priority).collect();
    assert!(priorities.contains(&(HIGH - 150)) && !priorities.contains(&0), "{priorities:?}");
}

#[test]
fn a_number_beyond_reason_is_a_fault_and_one_of_weight_0_too() {
    for (weight, number) in [("weight 1", "-254"), ("weight 0", "1")] {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("number");
        let block = file_block(&path, &format!("{weight}\n init_file 0"));
        let pair = pair(SubjectIs::Master, &block, &["track_file {", "number", "}"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "0\n", "written at the start");
        fs::write(&path, number).unwrap();
        moves(&pair, LIMIT);
        let faults = pair.master.said("Entering FAULT STATE");
        assert!(faults > 0, "{weight} {number}");
        fs::write(&path, "0").unwrap();
        comes_back(&pair);
    }
}

#[test]
fn a_process_that_ends_moves_the_address_in_a_namespace_too() {
    differs("a_process_that_ends_moves_the_address_in_a_namespace_too", || {
        let directory = TempDir::new().unwrap();
        let name = format!("tracked{}", std::process::id());
        let program = directory.path().join(&name);
        fs::copy("/bin/sleep", &program).unwrap();
        let begin = || Command::new(&program).arg("100").spawn().unwrap();
        let end = |mut child: Child| {
            child.kill().unwrap();
            child.wait().unwrap();
        };
        let child = begin();
        let block = format!("vrrp_track_process tracked {{\n process {name}\n weight 0\n}}");
        let pair = pair(SubjectIs::Master, &block, &["track_process {", "tracked", "}"]);
        end(child);
        moves(&pair, LIMIT);
        let child = begin();
        comes_back(&pair);
        end(child);
    });
}

#[test]
fn a_link_that_is_down_for_less_than_its_delay_is_not_down() {
    // Two intervals are 0.6 s: the longest that a delay may be here.
    let block = "interface_up_down_delays {\n eth0 0.5\n}";
    let pair = pair(SubjectIs::Master, block, &[]);
    let faults = pair.master.said("Entering FAULT STATE");
    pair.master.place().unplug();
    pair.master.place().plug();
    let steady = || pair.master.has(VIP) && pair.master.said("Entering FAULT STATE") == faults;
    pair.lab.holds(Protocol::V3.interval() * 2, "node 1 does not notice", steady);
    pair.master.place().unplug();
    pair.lab.wait(Duration::from_millis(500) + SLACK, "node 1 is in FAULT", || {
        pair.master.said("Entering FAULT STATE") > faults
    });
}

#[test]
fn a_link_that_is_polled_is_down_within_a_second_or_two() {
    let block = "linkbeat_interfaces {\n eth0 ETHTOOL\n}";
    let pair = pair(SubjectIs::Master, block, &[]);
    pair.master.place().unplug();
    pair.lab.wait(LIMIT, "node 1 is in FAULT", || !pair.master.has(VIP));
    pair.master.place().plug();
    pair.lab.wait(LIMIT, "node 1 alone serves again", || pair.master.has(VIP) && !pair.backup.has(VIP));
}
