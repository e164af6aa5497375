//! A network namespace with the interfaces that the files name, a private `/etc/keepalived` with the files, and both
//! programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::corpus;

/// Configuration id of both, for `@` conditions.
pub(crate) const ID: &str = "node1";
/// Where the files stand in the lab: a file system of its own, which nobody else sees.
pub(crate) const FOLDER: &str = "/etc/keepalived";
/// Every interface that the files name, as the two ends of cables, with an address each.
const CABLES: &[[(&str, &str); 2]] = &[
    [("eth0", "192.0.2.1/24"), ("eth1", "192.0.2.65/24")],
    [("eth2", "198.51.100.1/24"), ("eth3", "198.51.100.65/24")],
    [("eth0.100", "10.100.0.1/24"), ("eth0.200", "10.200.0.1/24")],
];
/// A program that takes longer hangs.
const LIMIT_SECONDS: &str = "20";
/// The least status by which `timeout` says that the program did not end by itself.
const NO_VERDICT: i32 = 124;

/// The namespaces of the thread that made it, and of the threads which that one starts.
pub(crate) struct Lab {
    pub(crate) keepalived: PathBuf,
    pub(crate) release: Release,
}

/// The releases of keepalived whose answers are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Release {
    /// 2.2.7, which Debian 12 has.
    Debian12,
    /// 2.4.3, the measure.
    Measure,
}

/// What a program said to a file.
pub(crate) struct Answer {
    /// Exit status; `None` for a crash or no end in time.
    pub(crate) status: Option<i32>,
    pub(crate) text: String,
}

impl Release {
    fn of(path: &Path) -> Self {
        let output = Command::new(path).arg("-v").output();
        let output = output.unwrap_or_else(|error| panic!("{} cannot be run: {error}", path.display()));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        match text.split_whitespace().nth(1) {
            Some("v2.4.3") => Self::Measure,
            Some("v2.2.7") => Self::Debian12,
            _ => panic!("{} is neither keepalived 2.4.3 nor 2.2.7: {text}", path.display()),
        }
    }
}

impl Lab {
    /// Enters fresh namespaces of network and mounts, and fills them.
    pub(crate) fn new() -> Self {
        let keepalived = std::env::var_os("KEEPALIVED").map_or("keepalived".into(), PathBuf::from);
        let release = Release::of(&keepalived);
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS).expect("a mount namespace needs root");
        run("mount", &["--make-rprivate", "/"]);
        std::fs::create_dir_all(FOLDER).unwrap();
        run("mount", &["-t", "tmpfs", "tmpfs", FOLDER]);
        // Pipes, tracked files and pids of daemons are nobody else's business either.
        run("mount", &["-t", "tmpfs", "tmpfs", "/run"]);
        let all = format!("{}/.", corpus::folder().display());
        run("cp", &["-r", &all, FOLDER]);
        std::fs::create_dir(format!("{FOLDER}/samples")).unwrap();
        // What git does not keep: keepalived wants keys that nobody else may read.
        run("chmod", &["600", &format!("{FOLDER}/scripts/hmac.key")]);
        enter_network();
        Self { keepalived, release }
    }

    /// keepalived's answer to `-t`.
    pub(crate) fn keepalived(&self, file: &Path) -> Answer {
        let mut command = limited(&self.keepalived);
        for (option, name) in [("-p", "pid"), ("-r", "vrrp"), ("-c", "checkers"), ("-b", "bfd")] {
            command.args([option, &format!("{FOLDER}/{name}")]);
        }
        answer(command.arg("-t").arg("-f").arg(file))
    }

    /// Our answer.
    pub(crate) fn vrrpd(&self, file: &Path) -> Answer {
        let mut command = limited(Path::new(env!("CARGO_BIN_EXE_vrrpd")));
        answer(command.args(["-t", "--message-format", "json", "-f"]).arg(file))
    }
}

/// Enters a fresh network namespace with all interfaces up.
pub(crate) fn enter_network() {
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).expect("a network namespace needs root");
    run("ip", &["link", "set", "lo", "up"]);
    for [(one, one_address), (other, other_address)] in CABLES {
        run("ip", &["link", "add", one, "type", "veth", "peer", "name", other]);
        for (name, address) in [(one, one_address), (other, other_address)] {
            run("ip", &["link", "set", name, "up"]);
            run("ip", &["address", "add", address, "dev", name]);
        }
    }
}

fn limited(program: &Path) -> Command {
    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", LIMIT_SECONDS]).arg(program).args(["-i", ID]);
    command.env("DIFFERENTIAL_VRID", "51").current_dir(FOLDER);
    command
}

fn answer(command: &mut Command) -> Answer {
    let output = command.output().unwrap();
    let status = output.status.code().filter(|status| *status < NO_VERDICT);
    Answer { status, text: String::from_utf8_lossy(&output.stderr).into_owned() }
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
