//! CPU time and peak memory of `vrrpd --check-config` beside `keepalived -t`, over files of 10 to 50,000 instances.
//!
//! `KEEPALIVED=PATH` names keepalived (default: the one on `PATH`). As root: `cargo build --release`, then
//! `cargo run --release --example check_speed`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example: it prints, and may fail loudly")]

use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{UsageWho, getrusage};

/// Instances in a file; each has five addresses.
const SIZES: [u32; 4] = [10, 1_000, 10_000, 50_000];
/// The best of so many runs counts, but of files that keepalived takes a minute for.
const RUNS: usize = 3;
/// A file of so many instances is read once.
const LARGE: u32 = 50_000;
/// First word of a run of this program that runs another one and prints what it took.
const MEASURE: &str = "--measure";

fn main() {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    match words.split_first() {
        Some((first, command)) if first == MEASURE => measure(command),
        _ => compare(),
    }
}

fn compare() {
    // What is checked must not touch this machine's network, whatever it does.
    unshare(CloneFlags::CLONE_NEWNET).expect("a network namespace needs root");
    let keepalived = std::env::var_os("KEEPALIVED").unwrap_or_else(|| "keepalived".into());
    let vrrpd = beside_this("vrrpd");
    let folder = tempfile::tempdir().unwrap();
    println!("             vrrpd --check-config        keepalived -t       CPU: times as fast");
    println!("instances      CPU s    peak MB       CPU s    peak MB");
    for instances in SIZES {
        let file = folder.path().join(format!("{instances}.conf"));
        fs::write(&file, configuration(instances)).unwrap();
        let runs = if instances < LARGE { RUNS } else { 1 };
        let ours = best(runs, &[vrrpd.clone().into(), "--check-config".into(), file.clone().into()]);
        let theirs = best(runs, &test_with(&keepalived, &file, folder.path()));
        let times = theirs.0 / ours.0;
        println!(
            "{instances:9} {:10.3} {:10.1}  {:10.3} {:10.1} {times:12.1}",
            ours.0, ours.1, theirs.0, theirs.1
        );
    }
}

/// The program that was built with this example.
fn beside_this(name: &str) -> PathBuf {
    let examples = std::env::current_exe().unwrap();
    let path = examples.parent().and_then(Path::parent).unwrap().join(name);
    assert!(path.exists(), "build it first: cargo build --release");
    path
}

/// Instances with a VRID of their own on each of many VLANs, which need not exist.
fn configuration(instances: u32) -> String {
    let mut text = String::from("global_defs {\n    router_id node1\n    dynamic_interfaces\n}\n\n");
    for index in 0..instances {
        let (vlan, vrid) = (index / 255, index % 255 + 1);
        writeln!(text, "vrrp_instance VI_{index} {{").unwrap();
        writeln!(text, "    state BACKUP\n    interface vlan{vlan}\n    virtual_router_id {vrid}").unwrap();
        text.push_str("    priority 100\n    version 3\n    advert_int 0.5\n    virtual_ipaddress {\n");
        for number in index * 5..index * 5 + 5 {
            let [_, high, middle, low] = number.to_be_bytes();
            writeln!(text, "        10.{high}.{middle}.{low}/24").unwrap();
        }
        text.push_str("    }\n}\n\n");
    }
    text
}

fn test_with(keepalived: &OsString, file: &Path, folder: &Path) -> Vec<OsString> {
    let mut words = vec![keepalived.clone(), "-t".into(), "-f".into(), file.into()];
    for (option, name) in [("-p", "pid"), ("-r", "vrrp"), ("-c", "checkers")] {
        words.extend([option.into(), folder.join(name).into()]);
    }
    words
}

/// CPU seconds and peak memory in MB, of the run with the least CPU time.
fn best(runs: usize, command: &[OsString]) -> (f64, f64) {
    let runs = (0..runs).map(|_| {
        // The kernel counts all children of a process together, so each gets a parent of its own.
        let this = std::env::current_exe().unwrap();
        let output = Command::new(this).arg(MEASURE).args(command).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut numbers = text.split_whitespace().map(|word| word.parse().unwrap());
        let status: f64 = numbers.next().unwrap();
        assert!(status == 0.0, "{command:?} ended with {status}");
        (numbers.next().unwrap(), numbers.next().unwrap())
    });
    runs.min_by(|one, other| f64::total_cmp(&one.0, &other.0)).unwrap()
}

/// Runs `command` and prints its exit status, CPU seconds and peak memory in MB.
fn measure(command: &[OsString]) {
    let mut child = Command::new(&command[0]);
    let status = child.args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let seconds = [usage.user_time(), usage.system_time()]
        .map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6);
    let peak = usage.max_rss() as f64 / 1024.0;
    println!("{} {} {peak}", status.code().unwrap_or(-1), seconds[0] + seconds[1]);
}
