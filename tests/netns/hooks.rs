//! Notify scripts: which run, with which arguments, in which order.

use std::fs;
use std::time::Duration;

use tempfile::TempDir;

use crate::checks::executable;
use crate::known_differences::differs;
use crate::lab::Lab;
use crate::node::Program;
use crate::protocol::{HIGH, Protocol};

#[test]
fn hooks_run_in_the_order_of_the_states_with_the_arguments_of_keepalived() {
    let directory = TempDir::new().unwrap();
    let log = directory.path().join("log");
    let hook = executable(directory.path(), "hook", &format!("echo \"$@\" >> {}", log.display()));
    let mut lines: Vec<String> = ["master", "backup", "fault", "stop"]
        .map(|state| format!("notify_{state} \"{} {state} one\"", hook.display()))
        .into();
    lines.push(format!("notify \"{} any\"", hook.display()));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let said = || fs::read_to_string(&log).unwrap_or_default();
    let count = |state: &str| said().matches(&format!("any INSTANCE VI_1 {state} ")).count();

    let lab = Lab::new(1);
    let limit = Protocol::V3.master_down(HIGH) + Duration::from_secs(3);
    let node = lab.place(1).start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &lines));
    lab.wait(limit, "the hook of MASTER ran", || count("MASTER") == 1);
    node.place().unplug();
    lab.wait(limit, "the hook of FAULT ran", || count("FAULT") == 1);
    node.place().plug();
    lab.wait(limit, "the hook of MASTER ran again", || count("MASTER") == 2);
    node.stop(Duration::from_secs(8));
    lab.wait(limit, "the hooks of STOP ran", || count("STOP") == 1 && said().contains("stop one"));

    let said = said();
    let (any, named): (Vec<&str>, Vec<&str>) = said.lines().partition(|line| line.starts_with("any"));
    let states = ["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER", "STOP"];
    assert_eq!(any, states.map(|state| format!("any INSTANCE VI_1 {state} {HIGH}")));
    assert_eq!(named, states.map(|state| format!("{} one", state.to_lowercase())));
}

#[test]
fn a_hook_of_the_stop_may_take_its_time() {
    differs("a_hook_of_the_stop_may_take_its_time", || {
        let directory = TempDir::new().unwrap();
        let done = directory.path().join("done");
        let hook = executable(directory.path(), "hook", &format!("sleep 2; touch {}", done.display()));
        let line = format!("notify_stop {}", hook.display());
        let lab = Lab::new(1);
        let node = lab.place(1).start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &[&line]));
        lab.wait(Duration::from_secs(5), "it runs", || node.said("Entering BACKUP STATE") == 1);
        node.stop(Duration::from_secs(8));
        assert!(done.exists(), "the daemon ended before its hook had");
    });
}
