//! Checks as real processes.

use super::*;
use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::config::model::{Account, Command};
use crate::script::write_executable;
use crate::units::Weight;

const A: ScriptId = ScriptId(1);
const B: ScriptId = ScriptId(2);
const LIMIT: Duration = Duration::from_secs(10);

/// A folder with scripts, and a runner that runs them as ourselves.
struct Lab {
    folder: TempDir,
    runner: Runner,
}

impl Lab {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), runner: Runner::default() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A check that runs `text` with the folder as its argument.
    fn script(&self, name: &str, text: &str) -> VrrpScript {
        let path = self.path(name);
        write_executable(&path, text);
        let user = nix::unistd::geteuid().to_string();
        let argv = [&path, &self.folder.path().to_owned()].map(|part| part.to_str().unwrap().to_owned());
        check(Test::Run(Command { argv: argv.to_vec(), account: Some(Account { user, group: None }) }))
    }

    async fn ended(&mut self) -> (ScriptId, Outcome) {
        timeout(LIMIT, self.runner.next()).await.expect("a run ends in time")
    }

    async fn outcome_of(&mut self, text: &str) -> Outcome {
        let script = self.script("check.sh", text);
        self.runner.run(A, &script);
        self.ended().await.1
    }

    /// The process number that a script wrote to the file.
    async fn process(&self, name: &str) -> Pid {
        let path = self.path(name);
        until(|| fs::read_to_string(&path).ok()?.trim().parse().ok().map(Pid::from_raw)).await
    }
}

fn check(test: Test) -> VrrpScript {
    VrrpScript {
        name: "chk".to_owned(),
        test,
        interval: Duration::from_secs(1),
        timeout: Duration::from_secs(1),
        weight: Weight::FAULT,
        reverse: false,
        rise: NonZeroU32::MIN,
        fall: NonZeroU32::MIN,
        init_fail: false,
    }
}

/// Waits for what another process does, which nothing else announces.
async fn until<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(begun.elapsed() < LIMIT, "in time");
        sleep(Duration::from_millis(2)).await;
    }
}

/// Gone, or a zombie that its adoptive parent has not collected.
fn is_gone(process: Pid) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat"));
    kill(process, None) == Err(Errno::ESRCH) || state.is_ok_and(|text| text.contains(") Z "))
}

#[tokio::test]
async fn exit_statuses_and_deadly_signals_are_told() {
    let mut lab = Lab::new();
    assert_eq!(lab.outcome_of("#!/bin/sh\nexit 0\n").await, Outcome::Exited(0));
    assert_eq!(lab.outcome_of("#!/bin/sh\nexit 3\n").await, Outcome::Exited(3));
    assert_eq!(lab.outcome_of("#!/bin/sh\nkill -9 $$\n").await, Outcome::Killed(9));
    assert!(lab.runner.is_idle());
}

#[tokio::test]
async fn a_text_without_an_interpreter_runs_in_a_shell() {
    assert_eq!(Lab::new().outcome_of("exit 4\n").await, Outcome::Exited(4));
}

#[tokio::test]
async fn what_cannot_be_started_says_so() {
    let mut lab = Lab::new();
    assert_eq!(lab.outcome_of("#!/nonexistent/interpreter\n").await, Outcome::NotStarted);
    let argv = vec!["/nonexistent".to_owned()];
    lab.runner.run(A, &check(Test::Run(Command { argv, account: None })));
    assert_eq!(lab.ended().await, (A, Outcome::NotStarted));
    assert!(lab.runner.is_idle());
}

#[tokio::test]
async fn a_script_that_prints_endlessly_is_killed_like_any_other() {
    let mut lab = Lab::new();
    let script = lab.script("yes.sh", "#!/bin/sh\necho $$ >$1/self\nexec yes\n");
    lab.runner.run(A, &script);
    lab.process("self").await;
    lab.runner.kill(A, Signal::Term);
    assert_eq!(lab.ended().await, (A, Outcome::Killed(15)));
}

#[tokio::test]
async fn a_hung_script_dies_with_its_children() {
    let mut lab = Lab::new();
    let script = lab.script(
        "hang.sh",
        "#!/bin/sh\nsh -c 'trap \"\" TERM; echo $$ >$0/child; while :; do sleep 60; done' $1 &\nwait\n",
    );
    lab.runner.run(A, &script);
    let child = lab.process("child").await;
    assert!(!is_gone(child));
    lab.runner.kill(A, Signal::Term);
    assert_eq!(lab.ended().await, (A, Outcome::Killed(15)));
    // The child ignores SIGTERM: the rest of the group is killed when the leader is gone.
    until(|| is_gone(child).then_some(())).await;
}

#[tokio::test]
async fn a_script_that_ignores_the_first_signal_falls_to_the_second() {
    let mut lab = Lab::new();
    let script = lab.script(
        "stubborn.sh",
        "#!/bin/sh\ntrap '' TERM\nsleep 600 & echo $! >$1/child\nwhile :; do sleep 600; done\n",
    );
    lab.runner.run(A, &script);
    let child = lab.process("child").await;
    lab.runner.kill(A, Signal::Term);
    lab.runner.kill(A, Signal::Kill);
    assert_eq!(lab.ended().await, (A, Outcome::Killed(9)));
    until(|| is_gone(child).then_some(())).await;
}

#[tokio::test]
async fn what_a_script_left_in_the_background_lives_on_and_holds_nothing_up() {
    let mut lab = Lab::new();
    let text = "#!/bin/sh\nsleep 600 &\necho $! >$1/child\nexit 0\n";
    assert_eq!(lab.outcome_of(text).await, Outcome::Exited(0));
    let child = lab.process("child").await;
    assert!(!is_gone(child));
    lab.runner.kill(A, Signal::Kill);
    assert!(!is_gone(child), "the run is over, so nothing is signalled");
    kill(child, Number::SIGKILL).unwrap();
}

#[tokio::test]
async fn a_second_run_waits_for_its_turn_and_other_checks_do_not() {
    let mut lab = Lab::new();
    let slow = lab.script("slow.sh", "#!/bin/sh\necho x >>$1/runs\nread x <$1/gate\n");
    let fast = lab.script("fast.sh", "#!/bin/sh\nexit 7\n");
    let gate = lab.path("gate");
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::S_IRWXU).unwrap();
    lab.runner.run(A, &slow);
    lab.runner.run(A, &slow);
    lab.runner.run(B, &fast);
    assert_eq!(lab.ended().await, (B, Outcome::Exited(7)));
    open_gate(&gate).await;
    assert_eq!(lab.ended().await, (A, Outcome::Exited(0)));
    assert_eq!(fs::read_to_string(lab.path("runs")).unwrap(), "x\n", "one run");
    assert!(lab.runner.is_idle());
}

async fn open_gate(gate: &Path) {
    let open = || OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(gate).ok();
    let mut writer = until(open).await;
    std::io::Write::write_all(&mut writer, b"go\n").unwrap();
}

#[tokio::test]
async fn a_path_is_readable_when_it_opens() {
    let mut lab = Lab::new();
    let (file, fifo) = (lab.path("file"), lab.path("fifo"));
    fs::write(&file, "").unwrap();
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for (path, want) in [(file, 0), (fifo, 0), (lab.path("missing"), 1)] {
        lab.runner.run(A, &check(Test::Readable(path.to_str().unwrap().to_owned())));
        assert_eq!(lab.ended().await, (A, Outcome::Exited(want)), "{}", path.display());
    }
}
