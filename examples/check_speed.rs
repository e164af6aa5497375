//! CPU time and peak memory of `vrrpd --check-config` beside `keepalived -t`, over files of 10 to 50,000 instances.
//!
//! `KEEPALIVED=PATH` names keepalived (default: the one on `PATH`). As root: `cargo build --release`, then
//! `cargo run --release --example check_speed`. With `-- --all` keepalived reads the largest file too, which takes it
//! half a minute or more.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example: it prints, and may fail loudly")]

use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{UsageWho, getrusage};

/// Instances in a file; each has five addresses.
const SIZES: [u32; 4] = [10, 1_000, COMPARED, LARGE];
/// At so many instances both are compared.
const COMPARED: u32 = 10_000;
/// keepalived reads a file of so many instances once, and only when it is asked to.
const LARGE: u32 = 50_000;
/// The best of so many runs counts.
const RUNS: usize = 3;
/// What our share of keepalived's CPU time and memory should be at most at [`COMPARED`] instances.
const AT_MOST: (f64, f64) = (0.1, 1.0);
/// Asks keepalived to read the largest file.
const ALL: &str = "--all";
/// First word of a run of this program that runs another one and prints what it took.
const MEASURE: &str = "--measure";

fn main() {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    match words.split_first() {
        Some((first, command)) if first == MEASURE => measure(command),
        first => compare(first.is_some_and(|(first, _)| first == ALL)),
    }
}

/// CPU seconds and peak memory in MB of a run.
#[derive(Clone, Copy)]
struct Cost {
    seconds: f64,
    megabytes: f64,
}

fn compare(all: bool) {
    // What is checked must not touch this machine's network, whatever it does.
    unshare(CloneFlags::CLONE_NEWNET).expect("a network namespace needs root");
    let keepalived = std::env::var_os("KEEPALIVED").unwrap_or_else(|| "keepalived".into());
    let vrrpd = beside_this("vrrpd");
    let folder = tempfile::tempdir().unwrap();
    println!("             vrrpd --check-config        keepalived -t          our share of");
    println!("instances      CPU s    peak MB       CPU s    peak MB      CPU    memory");
    let mut ours_by_size = Vec::new();
    let mut share = None;
    for instances in SIZES {
        let file = folder.path().join(format!("{instances}.conf"));
        fs::write(&file, configuration(instances)).unwrap();
        let ours = best(RUNS, &[vrrpd.clone().into(), "--check-config".into(), file.clone().into()]);
        ours_by_size.push((instances, ours));
        print!("{instances:9} {:10.3} {:10.1}", ours.seconds, ours.megabytes);
        if instances == LARGE && !all {
            println!("    (with `{ALL}`: half a minute or more)");
            continue;
        }
        let runs = if instances < LARGE { RUNS } else { 1 };
        let theirs = best(runs, &test_with(&keepalived, &file, folder.path()));
        let of_theirs = (ours.seconds / theirs.seconds, ours.megabytes / theirs.megabytes);
        println!(
            "  {:10.3} {:10.1} {:8.3} {:9.2}",
            theirs.seconds, theirs.megabytes, of_theirs.0, of_theirs.1
        );
        if instances == COMPARED {
            share = Some(of_theirs);
        }
    }
    summary(share.unwrap(), &ours_by_size);
}

/// What the table comes to.
fn summary(share: (f64, f64), ours: &[(u32, Cost)]) {
    let verdict = |good: bool| if good { "reached" } else { "MISSED" };
    let (cpu, memory) = AT_MOST;
    println!(
        "at most {cpu} of keepalived's CPU time at {COMPARED}: {:.3}, {}",
        share.0,
        verdict(share.0 <= cpu)
    );
    println!("at most {memory} of its memory at {COMPARED}: {:.2}, {}", share.1, verdict(share.1 <= memory));
    let [.., (few, small), (many, large)] = ours else { return };
    let (few, many) = (f64::from(*few), f64::from(*many));
    // What both files cost alike is no growth.
    let alike = ours[0].1;
    let per = |cost: &Cost, count: f64| {
        ((cost.seconds - alike.seconds) / count, (cost.megabytes - alike.megabytes) / count)
    };
    let (small, large) = (per(small, few), per(large, many));
    println!(
        "an instance of {many} costs {:.2} times the CPU time and {:.2} times the memory of one of {few}; \
         linear growth is 1",
        large.0 / small.0,
        large.1 / small.1
    );
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

/// What the run with the least CPU time took.
fn best(runs: usize, command: &[OsString]) -> Cost {
    let runs = (0..runs).map(|_| {
        // The kernel counts all children of a process together, so each gets a parent of its own.
        let this = std::env::current_exe().unwrap();
        let output = Command::new(this).arg(MEASURE).args(command).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut numbers = text.split_whitespace().map(|word| word.parse().unwrap());
        let status: f64 = numbers.next().unwrap();
        assert!(status == 0.0, "{command:?} ended with {status}");
        Cost { seconds: numbers.next().unwrap(), megabytes: numbers.next().unwrap() }
    });
    runs.min_by(|one, other| f64::total_cmp(&one.seconds, &other.seconds)).unwrap()
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
