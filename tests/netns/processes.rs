//! Where the daemon runs and how its processes are run.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::known_differences::differs;
use crate::lab::Lab;
use crate::node::{Node, Program};
use crate::protocol::Protocol;

const LIMIT: Duration = Duration::from_secs(8);

/// An owner, which serves at once, under these lines of the root level and of `global_defs`.
fn configuration(root: &str, global: &str) -> String {
    let instance = Protocol::V2.configuration(1, 255, &[]);
    format!("{root}\nglobal_defs {{\n    {global}\n}}\n{instance}")
}

fn proc(pid: Pid, file: &str) -> String {
    fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default()
}

/// The words after `key` in a file of /proc.
fn of(pid: Pid, file: &str, key: &str) -> String {
    let text = proc(pid, file);
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.trim_start_matches(':').split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Nice level, real-time priority and policy.
fn scheduling(pid: Pid) -> [String; 3] {
    let text = proc(pid, "stat");
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // Fields 19, 40 and 41 of proc_pid_stat(5); the first here is the third there.
    [16, 37, 38].map(|place| fields.get(place).copied().unwrap_or_default().to_owned())
}

fn served(lab: &Lab, node: &Node) -> Pid {
    lab.wait(LIMIT, "it serves", || node.has("10.0.0.100/24"));
    node.worker().unwrap()
}

#[test]
fn the_worker_runs_as_the_file_says() {
    let lab = Lab::new(1);
    let global = "vrrp_rt_priority 20\n    vrrp_rlimit_rttime 2000000\n    vrrp_cpu_affinity 0\n    \
                  process_name parent\n    vrrp_process_name child\n    umask 027";
    let node = lab.place(1).start(Program::Subject, &configuration("", global));
    let worker = served(&lab, &node);
    assert_eq!(scheduling(worker)[1..], ["20", "2"], "SCHED_RR");
    assert_eq!(of(worker, "limits", "Max realtime timeout"), "1000000 2000000 us");
    assert_eq!(of(worker, "status", "Cpus_allowed_list"), "0");
    assert_eq!(of(worker, "status", "Umask"), "0027");
    assert_eq!(proc(worker, "comm"), "child\n");
    assert_eq!(proc(node.supervisor(), "comm"), "parent\n");
    assert_eq!(of(node.supervisor(), "status", "Umask"), "0027");
}

#[test]
fn only_a_limit_that_was_asked_for_ends_a_busy_worker() {
    differs("only_a_limit_that_was_asked_for_ends_a_busy_worker", || {
        let lab = Lab::new(1);
        let node = lab.place(1).start(Program::Subject, &configuration("", "vrrp_rt_priority 20"));
        let worker = served(&lab, &node);
        assert_eq!(of(worker, "limits", "Max realtime timeout"), "unlimited unlimited us");
    });
}

#[test]
fn a_nice_level_counts_without_real_time() {
    let lab = Lab::new(1);
    let node =
        lab.place(1).start(Program::Subject, &configuration("", "vrrp_priority -5\n    process_names"));
    let worker = served(&lab, &node);
    assert_eq!(scheduling(worker), ["-5", "0", "0"]);
    assert_eq!(proc(worker, "comm"), "keepalived_vrrp\n");
    assert_eq!(of(worker, "status", "Umask"), "0177");
}

#[test]
fn a_worker_that_was_late_rises() {
    let lab = Lab::new(1);
    let global = "max_auto_priority 5\n    min_auto_priority_delay 500000";
    let node = lab.place(1).start(Program::Subject, &configuration("", global));
    let worker = served(&lab, &node);
    let stopped = || proc(worker, "stat").contains(") T ");
    let raised = || scheduling(worker)[1..] == ["1", "2"];
    // keepalived does not rise at every lateness.
    let rises = |_| {
        kill(worker, Signal::SIGSTOP).unwrap();
        lab.wait(LIMIT, "it is stopped", stopped);
        lab.holds(Duration::from_millis(1_200), "it is stopped", stopped);
        kill(worker, Signal::SIGCONT).unwrap();
        node.place().wait(Duration::from_millis(1_500), raised).is_some()
    };
    assert!((0..4).any(rises), "{:?}", scheduling(worker));
}

#[test]
fn the_daemon_enters_the_namespace_that_the_file_names() {
    let lab = Lab::new(1);
    let place = lab.place(1);
    // Started from the bridge's namespace, where there is no eth0.
    let text = configuration(&format!("net_namespace {}", place.namespace_name()), "");
    let node = place.start_from_bridge(Program::Subject, &text, &[]);
    let worker = served(&lab, &node);
    assert_eq!(namespace_of(worker), place.inode());
    assert_eq!(namespace_of(node.supervisor()), place.inode());
    assert!(node.stop(LIMIT).success());
    assert!(!node.has("10.0.0.100/24"));
}

#[test]
fn the_option_counts_more_than_the_file() {
    let lab = Lab::new(1);
    let place = lab.place(1);
    let options = ["-s", place.namespace_name()];
    let node = place.start_from_bridge(Program::Subject, &configuration("net_namespace none", ""), &options);
    let worker = served(&lab, &node);
    assert_eq!(namespace_of(worker), place.inode());
}

#[test]
fn a_missing_namespace_ends_the_start_with_a_status() {
    differs("a_missing_namespace_ends_the_start_with_a_status", || {
        let lab = Lab::new(1);
        let missing = configuration("net_namespace none-such", "");
        let (status, said) = lab.place(1).run(Program::Subject, &missing, &[]);
        assert_eq!(status, Some(1), "{said}");
    });
}

#[test]
fn a_reload_does_not_move_the_daemon() {
    let lab = Lab::new(1);
    let node = lab.place(1).start(Program::Subject, &configuration("instance one", ""));
    let worker = served(&lab, &node);
    node.rewrite(&configuration("instance two", "vrrp_startup_delay 1"));
    node.signal(Signal::SIGHUP);
    lab.holds(Duration::from_secs(2), "it serves", || node.has("10.0.0.100/24"));
    assert_eq!(node.worker(), Some(worker));
}

/// Both run what a script prepared for them, and one that tidies up.
#[test]
fn scripts_run_before_everything_and_after_it() {
    let lab = Lab::new(1);
    let folder = TempDir::with_prefix("vrrpd-lab-").unwrap();
    let heard = folder.path().join("heard");
    let script = |name: &str, line: &str| {
        let path = folder.path().join(name);
        let text = format!(
            "#!/bin/sh\n{line}\necho {name} $* $(ip -o addr show | grep -c 10.0.0.100/24) >> {}\n",
            heard.display()
        );
        write_executable(&path, &text);
        path.display().to_string()
    };
    let global = format!(
        "script_user root\n    startup_script \"{} a b\"\n    shutdown_script {}",
        script("up", "sleep 0.3"),
        script("down", "")
    );
    let node = lab.place(1).start(Program::Subject, &configuration("", &global));
    served(&lab, &node);
    assert_eq!(fs::read_to_string(&heard).unwrap(), "up a b 0\n");
    assert!(node.stop(LIMIT).success());
    assert_eq!(fs::read_to_string(&heard).unwrap(), "up a b 0\ndown 0\n");
}

#[test]
fn a_startup_script_that_hangs_is_ended_and_the_daemon_starts() {
    let lab = Lab::new(1);
    let folder = TempDir::with_prefix("vrrpd-lab-").unwrap();
    let path = folder.path().join("hangs");
    write_executable(&path, "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n");
    let global =
        format!("script_user root\n    startup_script {}\n    startup_script_timeout 1", path.display());
    let node = lab.place(1).start(Program::Subject, &configuration("", &global));
    // 1 s, 2 s between SIGTERM and SIGKILL, and a start.
    served(&lab, &node);
}

#[test]
fn reports_of_local_groups_are_off_while_the_daemon_runs() {
    const SETTING: &str = "net/ipv4/igmp_link_local_mcast_reports";
    let lab = Lab::new(1);
    let node = lab.place(1).start(Program::Subject, &configuration("", "disable_local_igmp"));
    served(&lab, &node);
    assert_eq!(node.place().sysctl(SETTING), "0");
    assert!(node.stop(LIMIT).success());
    assert_eq!(node.place().sysctl(SETTING), "1");
}

fn namespace_of(pid: Pid) -> u64 {
    fs::metadata(format!("/proc/{pid}/ns/net")).unwrap().ino()
}

fn write_executable(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
