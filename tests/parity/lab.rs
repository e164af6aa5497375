//! A network namespace with two interfaces, and both programs in it.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use vrrpd::config::{Level, Reading, Request, read};

use crate::probes::{Probe, known_differences};

/// Configuration id of both.
const ID: &str = "node1";

/// The thread's own namespace; it goes when the thread ends.
pub(crate) struct Lab {
    keepalived: PathBuf,
    release: Release,
}

/// The releases of keepalived whose answers are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Release {
    /// 2.2.7, which Debian 12 has.
    Debian12,
    /// 2.4.3, the measure.
    Measure,
}

impl Release {
    /// Of the program at `path`.
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
    /// Enters a fresh namespace and makes `eth0` and `eth1` in it, and two macvlans on `eth0`.
    pub(crate) fn new() -> Self {
        let keepalived = std::env::var_os("KEEPALIVED").map_or("keepalived".into(), PathBuf::from);
        let release = Release::of(&keepalived);
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).expect("a network namespace needs root");
        run("ip", &["link", "add", "eth0", "type", "veth", "peer", "name", "eth1"]);
        for (name, mode) in [("mv0", "private"), ("mvb0", "bridge")] {
            run("ip", &["link", "add", name, "link", "eth0", "type", "macvlan", "mode", mode]);
        }
        run("ip", &["link", "set", "eth0", "up"]);
        run("ip", &["link", "set", "eth1", "up"]);
        Self { keepalived, release }
    }

    /// Whether both answers to `name` are as they should be: equal, unless they differ on purpose or, for 2.2.7, by the
    /// table of its known differences.
    pub(crate) fn expects(&self, name: &str, theirs: i32, equal: bool, on_purpose: bool) -> bool {
        let usual = equal != on_purpose;
        match known_differences::in_2_2_7(name).filter(|_| self.release == Release::Debian12) {
            Some(status) => theirs == status && !usual,
            None => usual,
        }
    }

    /// The files of a probe.
    pub(crate) fn folder(&self, probe: &Probe) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in &probe.files {
            let path = folder.path().join(name);
            match name.strip_suffix('/') {
                Some(_) => std::fs::create_dir_all(path).unwrap(),
                None => {
                    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                    let text = text.replace("@D@", &folder.path().display().to_string());
                    std::fs::write(&path, text).unwrap();
                    let mode = if name.ends_with(".sh") { 0o755 } else { 0o644 };
                    std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
                }
            }
        }
        folder
    }

    /// Exit status of `keepalived -t`; negative for a signal.
    pub(crate) fn keepalived(&self, main: &Path, strict: bool) -> i32 {
        let state = tempfile::tempdir().unwrap();
        let mut command = Command::new(&self.keepalived);
        command.arg("-t").arg("-f").arg(main).arg("-i").arg(ID);
        for (option, file) in [("-p", "pid"), ("-r", "vrrp"), ("-c", "checkers")] {
            command.arg(option).arg(state.path().join(file));
        }
        if strict {
            command.arg("-e");
        }
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        status.code().unwrap_or_else(|| -status.signal().unwrap_or(1))
    }

    /// Our reading at the same level.
    pub(crate) fn ours(&self, main: &Path, strict: bool) -> Reading {
        read(&Request {
            file: main,
            config_id: ID,
            strict_includes: strict,
            level: Level::Host,
            vrrp_only: false,
            namespace: None,
        })
    }
}

/// Runs a program that must succeed.
pub(crate) fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status();
    assert!(status.is_ok_and(|status| status.success()), "{program} {arguments:?} failed");
}
