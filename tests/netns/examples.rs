//! The configurations in `examples/`: each is checked, and each is run as the pair it is written for.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::checks::executable;
use crate::known_differences::differs;
use crate::lab::Lab;
use crate::node::{Node, Program};

const IDS: [&str; 2] = ["node1", "node2"];
const FIRST: &str = "10.0.0.100/24";
const SECOND: &str = "10.0.0.101/24";
/// Checks that fail twice, then a whole VRRPv2 election, on a busy machine.
const LIMIT: Duration = Duration::from_secs(12);

#[test]
fn every_example_passes_the_test_of_the_configuration_on_both_nodes() {
    let (lab, directory) = (Lab::new(1), TempDir::new().unwrap());
    for file in all() {
        for id in IDS {
            let text = localised(&file, directory.path());
            let (status, log) = lab.place(1).run(Program::Subject, &text, &["-t", "-i", id]);
            assert_eq!(status, Some(0), "{} as {id}:\n{log}", file.display());
            let spoilt = text.replace("virtual_router_id", "virtual_ruoter_id");
            let (status, log) = lab.place(1).run(Program::Subject, &spoilt, &["-t", "-i", id]);
            assert_eq!(status, Some(5), "{} as {id}, spoilt:\n{log}", file.display());
        }
    }
}

#[test]
fn every_example_passes_check_config_as_it_stands() {
    differs("every_example_passes_check_config_as_it_stands", || {
        let lab = Lab::new(1);
        for (file, id) in all().into_iter().flat_map(|file| IDS.map(|id| (file.clone(), id))) {
            let text = fs::read_to_string(&file).unwrap();
            let (status, log) = lab.place(1).run(Program::Subject, &text, &["--check-config", "-i", id]);
            assert_eq!(status, Some(0), "{} as {id}:\n{log}", file.display());
            let spoilt = text.replace("virtual_router_id", "virtual_ruoter_id");
            let (status, log) = lab.place(1).run(Program::Subject, &spoilt, &["--check-config", "-i", id]);
            assert_eq!(status, Some(5), "{} as {id}, spoilt:\n{log}", file.display());
        }
    });
}

#[test]
fn the_pair_with_a_password_and_a_process_check_follows_the_process() {
    let directory = TempDir::new().unwrap();
    // Both nodes see the processes of this machine, so each looks for an nginx of its own.
    let named = |node: usize| format!("nginx{node}{}", std::process::id() % 100_000);
    let texts: [String; 2] = [1, 2].map(|node| {
        let text = localised(&example(&format!("master-backup-{node}.conf")), directory.path());
        text.replace("pgrep -x nginx", &format!("pgrep -x {}", named(node)))
    });
    let mut service = pretend(directory.path(), &named(1));
    let mut other_service = pretend(directory.path(), &named(2));

    let lab = Lab::new(2);
    let first = lab.place(1).start(Program::Subject, &texts[0]);
    lab.wait(LIMIT, "node 1 serves", || first.has(FIRST));
    let second = lab.place(2).start(Program::Peer, &texts[1]);
    lab.wait(LIMIT, "node 2 is BACKUP", || second.said("Entering BACKUP STATE") > 0);
    end(&mut service);
    lab.wait(LIMIT, "node 2 serves alone", || second.has(FIRST) && !first.has(FIRST));
    let mut service = pretend(directory.path(), &named(1));
    lab.wait(LIMIT, "node 1 serves alone", || first.has(FIRST) && !second.has(FIRST));
    end(&mut service);
    end(&mut other_service);
}

#[test]
fn two_crossing_instances_serve_one_address_each_and_a_survivor_serves_both() {
    let (lab, nodes) = (Lab::new(2), pair_of("two-instances-crossing.conf"));
    let [first, second] = nodes(&lab);
    let each_its_own = || first.has(FIRST) && !first.has(SECOND) && second.has(SECOND) && !second.has(FIRST);
    lab.wait(LIMIT, "each node serves its own address", each_its_own);
    second.kill();
    lab.wait(LIMIT, "node 1 serves both", || first.has(FIRST) && first.has(SECOND));
}

#[test]
fn the_unicast_pair_fails_over_and_does_not_move_back() {
    let lab = Lab::new(2);
    let [first, second] = pair_of("unicast-cloud.conf")(&lab);
    lab.wait(LIMIT, "node 1 alone serves", || first.has(FIRST) && !second.has(FIRST));
    first.place().unplug();
    lab.wait(LIMIT, "node 2 alone serves", || second.has(FIRST) && !first.has(FIRST));
    first.place().plug();
    lab.holds(Duration::from_secs(4), "node 2 serves on", || second.has(FIRST) && !first.has(FIRST));
}

#[test]
fn the_notify_script_keeps_the_role_and_the_state() {
    let directory = TempDir::new().unwrap();
    let script = fs::read_to_string(example("notify.sh")).unwrap();
    executable(directory.path(), "notify.sh", &localise(&script, directory.path()));
    let text = localised(&example("notify-scripts.conf"), directory.path());
    let read = |file: &str| {
        fs::read_to_string(directory.path().join("keepalived-notify").join(file)).unwrap_or_default()
    };

    let lab = Lab::new(1);
    let node = lab.place(1).start_with(Program::Subject, &text, &["-i", "node1"]);
    let promoted = || read("role") == "demote\npromote\n" && read("database") == "BACKUP\nMASTER\n";
    lab.wait(LIMIT, "the script heard BACKUP and MASTER", promoted);
    node.signal(Signal::SIGTERM);
    let demoted =
        || read("role").ends_with("promote\ndemote\n") && read("database").ends_with("MASTER\nSTOP\n");
    lab.wait(LIMIT, "the script heard STOP", demoted);
}

/// Starts one example on both nodes, node 1 being the subject.
fn pair_of(file: &str) -> impl Fn(&Lab) -> [Node; 2] {
    let text = fs::read_to_string(example(file)).unwrap();
    move |lab| {
        let start = |node, program, id| lab.place(node).start_with(program, &text, &["-i", id]);
        let first = start(1, Program::Subject, IDS[0]);
        lab.wait(LIMIT, "node 1 serves", || first.has(FIRST));
        [first, start(2, Program::Peer, IDS[1])]
    }
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

fn all() -> Vec<PathBuf> {
    let entries = fs::read_dir(example("")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "conf")).collect();
    assert!(files.len() >= 5, "the examples are not where they are looked for");
    files.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("keepalived.conf.example"));
    files
}

fn localised(file: &Path, directory: &Path) -> String {
    localise(&fs::read_to_string(file).unwrap(), directory)
}

/// The same text with its absolute directories inside `directory`.
fn localise(text: &str, directory: &Path) -> String {
    let inside = format!("{}/", directory.display());
    text.replace("/etc/keepalived/", &inside).replace("/run/", &inside)
}

/// A process of this name that does nothing.
fn pretend(directory: &Path, name: &str) -> Child {
    let path = directory.join(name);
    if !path.exists() {
        symlink("/bin/sleep", &path).unwrap();
    }
    Command::new(path).arg("60").spawn().unwrap()
}

fn end(service: &mut Child) {
    service.kill().unwrap();
    service.wait().unwrap();
}
