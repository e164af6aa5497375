//! Checks and hooks as another user, which takes a detour through our own executable.
//!
//! This program is that executable: asked for the role, it takes it, as vrrpd does. It needs root, and fails without.

#![allow(clippy::print_stdout, reason = "it is its own test harness")]

use std::env;
use std::ffi::OsString;
use std::fs;
use std::num::NonZeroU32;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::timeout;
use vrrpd::config::model::{Account, Command, Test, VrrpScript};
use vrrpd::engine::ScriptId;
use vrrpd::script::{Runner, SCRIPT_ROLE, script_role};
use vrrpd::track::{Outcome, Signal};
use vrrpd::units::Weight;

const CHECK: ScriptId = ScriptId(1);
const LIMIT: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    match args.next() {
        Some(word) if word == SCRIPT_ROLE => ExitCode::from(script_role(args)),
        _ => tests(),
    }
}

type Case = (&'static str, fn(&Path));

fn tests() -> ExitCode {
    let cases: [Case; 4] = [
        ("a_script_runs_with_user_groups_and_arguments", a_script_runs_with_user_groups_and_arguments),
        ("dangerous_variables_do_not_reach_a_script", dangerous_variables_do_not_reach_a_script),
        ("a_text_without_an_interpreter_runs_in_a_shell", a_text_without_an_interpreter_runs_in_a_shell),
        ("a_hung_script_of_another_user_dies", a_hung_script_of_another_user_dies),
    ];
    for (name, case) in cases {
        let folder = tempfile::tempdir_in("/tmp").expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("root");
        chown(folder.path(), Some(1), Some(1)).expect("these tests need root");
        case(folder.path());
        println!("test {name} ... ok");
    }
    ExitCode::SUCCESS
}

fn a_script_runs_with_user_groups_and_arguments(folder: &Path) {
    let text = "#!/bin/sh\n{ id -u; id -g; id -G; echo \"$#:$2\"; grep SigBlk /proc/self/status; } >$1/said\nexit 3\n";
    assert_eq!(run(folder, text, Some("sys"), None), Outcome::Exited(3));
    let said = fs::read_to_string(folder.join("said")).expect("written by the script");
    let words: Vec<&str> = said.split_whitespace().collect();
    assert_eq!(words[..2], ["1", "3"], "user daemon, group sys: {said}");
    assert!(!words.contains(&"0"), "none of root's groups: {said}");
    assert!(said.contains("2:a b\n"), "{said}");
    assert!(said.ends_with("SigBlk:\t0000000000000000\n"), "{said}");
}

fn dangerous_variables_do_not_reach_a_script(folder: &Path) {
    assert!(env::var_os("LD_LIBRARY_PATH").is_some(), "cargo sets it, so there is something to remove");
    let text = "#!/bin/sh\n/usr/bin/env >$1/said\n";
    assert_eq!(run(folder, text, None, None), Outcome::Exited(0));
    let said = fs::read_to_string(folder.join("said")).expect("written by the script");
    let inherited = said.lines().any(|line| line.starts_with("PATH="));
    let dangerous =
        said.lines().any(|line| line.starts_with("LD_LIBRARY_PATH=/") || line.starts_with("LD_PRELOAD="));
    assert!(inherited && !dangerous, "{said}");
}

fn a_text_without_an_interpreter_runs_in_a_shell(folder: &Path) {
    assert_eq!(run(folder, "test \"$2\" = 'a b' && exit 4\n", None, None), Outcome::Exited(4));
}

fn a_hung_script_of_another_user_dies(folder: &Path) {
    let text = "#!/bin/sh\nsleep 600 &\nwait\n";
    assert_eq!(run(folder, text, None, Some(Signal::Term)), Outcome::Killed(15));
}

/// Runs `text` as the user daemon and signals it if asked to.
fn run(folder: &Path, text: &str, group: Option<&str>, signal: Option<Signal>) -> Outcome {
    let path = folder.join("check.sh");
    fs::write(&path, text).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut runner = Runner::default();
        runner.run(CHECK, &check(&path, folder, group));
        if let Some(signal) = signal {
            runner.kill(CHECK, signal);
        }
        timeout(LIMIT, runner.next()).await.expect("the run ends in time").1
    })
}

fn check(path: &Path, folder: &Path, group: Option<&str>) -> VrrpScript {
    let argv = [path.as_os_str(), folder.as_os_str(), &OsString::from("a b")];
    let argv = argv.map(|word| word.to_str().expect("plain text").to_owned()).to_vec();
    let account = Some(Account { user: "daemon".to_owned(), group: group.map(str::to_owned) });
    VrrpScript {
        name: "chk".to_owned(),
        test: Test::Run(Command { argv, account }),
        interval: Duration::from_secs(1),
        timeout: Duration::from_secs(1),
        weight: Weight::FAULT,
        reverse: false,
        rise: NonZeroU32::MIN,
        fall: NonZeroU32::MIN,
        init_fail: false,
    }
}
