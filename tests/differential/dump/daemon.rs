//! keepalived as a daemon for the moment that it takes to write its dump.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::lab::{ID, Lab};

/// A daemon that takes longer to start, dump and stop hangs.
const LIMIT_SECONDS: &str = "60";

/// The texts of `keepalived.data` and, `with_bfd`, of `keepalived_bfd.data` for a file; the log when the daemon does
/// not come so far.
pub(super) fn dump_of(lab: &Lab, file: &Path, with_bfd: bool) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(lab, file, folder.path());
    let log = converse(child.stderr.take().unwrap(), folder.path(), with_bfd);
    child.wait().unwrap();
    let texts =
        ["keepalived.data", "keepalived_bfd.data"].map(|name| fs::read_to_string(folder.path().join(name)));
    let texts: Vec<String> = texts.into_iter().filter_map(Result::ok).collect();
    if texts.is_empty() { Err(log) } else { Ok(texts.concat()) }
}

/// Asks for the dump and then for the end, each when the log says that it is time; the whole log.
///
/// Signals that wait are heard in the order of their numbers, so the dump is whole before the end.
fn converse(stderr: ChildStderr, folder: &Path, with_bfd: bool) -> String {
    let printed = if with_bfd { "Printing BFD data" } else { "Printing VRRP data" };
    let mut steps =
        [("Startup complete", Signal::SIGUSR1), (printed, Signal::SIGTERM)].into_iter().peekable();
    let mut log = String::new();
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        if let Some((_, signal)) = steps.next_if(|(awaited, _)| line.contains(awaited)) {
            tell(folder, signal);
        }
        log.push_str(&line);
        log.push('\n');
    }
    log
}

fn start(lab: &Lab, file: &Path, folder: &Path) -> Child {
    let mut command = Command::new("timeout");
    command
        .args(["-s", "KILL", LIMIT_SECONDS])
        .arg(&lab.keepalived)
        .args(["-n", "-l", "-i", ID, "-f"])
        .arg(file);
    for (option, name) in [("-p", "pid"), ("-r", "vrrp"), ("-c", "checkers"), ("-b", "bfd")] {
        command.arg(option).arg(folder.join(name));
    }
    command.env("TMPDIR", folder).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn tell(folder: &Path, signal: Signal) {
    let text = fs::read_to_string(folder.join("pid")).unwrap();
    kill(Pid::from_raw(text.trim().parse().unwrap()), signal).unwrap();
}
