//! Hooks as real processes.

use super::*;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::timeout;

use crate::config::model::{Account, Command, NotifyScripts};
use crate::script::write_executable;
use crate::units::Priority;
use crate::vrrp::{State, Subject};

const A: InstanceId = InstanceId(1);
const LIMIT: Duration = Duration::from_secs(10);
const MASTER: NoticeKind = NoticeKind::Entered(State::Master);
const BACKUP: NoticeKind = NoticeKind::Entered(State::Backup);

/// A folder with hooks that write to `log`, and a clock.
struct Lab {
    folder: TempDir,
    hooks: Hooks,
    now: Instant,
}

impl Lab {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), hooks: Hooks::default(), now: Instant::ZERO }
    }

    /// A hook that runs `text`, in which `$L` is the log.
    fn hook(&self, name: &str, text: &str) -> Option<Box<Command>> {
        let path = self.folder.path().join(name);
        write_executable(&path, &format!("#!/bin/sh\nL={}\n{text}\n", self.path("log").display()));
        let account = Some(Account { user: nix::unistd::geteuid().to_string(), group: None });
        Some(Box::new(Command { argv: vec![path.to_str().unwrap().to_owned(), "a b".to_owned()], account }))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn tell(&mut self, kind: NoticeKind, scripts: &Arc<NotifyScripts>) {
        let scripts = Arc::clone(scripts);
        let notice =
            Notice { name: "VI_1".into(), kind, subject: Subject::Instance(Priority::DEFAULT), scripts };
        self.hooks.notice(self.now, A, &notice);
        self.drive();
    }

    /// As the worker's loop does.
    fn drive(&mut self) {
        while self.hooks.deadline().is_some_and(|due| due <= self.now) {
            self.hooks.due(self.now);
        }
    }

    async fn one_ends(&mut self) {
        let ended = timeout(LIMIT, self.hooks.next()).await.expect("a hook ends in time");
        self.hooks.ended(self.now, ended);
        self.drive();
    }

    async fn all_end(&mut self) {
        while !self.hooks.is_idle() {
            self.one_ends().await;
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }
}

#[tokio::test]
async fn hooks_of_successive_states_run_in_order_with_keepaliveds_arguments() {
    let mut lab = Lab::new();
    let scripts = Arc::new(NotifyScripts {
        master: lab.hook("master", "sleep 0.1; echo \"master $#:$*\" >>$L"),
        backup: lab.hook("backup", "echo \"backup $#:$*\" >>$L"),
        ..NotifyScripts::default()
    });
    lab.tell(MASTER, &scripts);
    lab.tell(BACKUP, &scripts);
    let generic = NotifyScripts {
        every: lab.hook("every", "echo \"$#:$1:$2:$3:$4:$5\" >>$L"),
        ..NotifyScripts::default()
    };
    lab.tell(NoticeKind::Entered(State::Fault), &Arc::new(generic));
    lab.all_end().await;
    assert_eq!(lab.log(), "master 1:a b\nbackup 1:a b\n5:a b:INSTANCE:VI_1:FAULT:100\n");
}

#[tokio::test]
async fn a_hook_that_never_ends_is_left_running_until_the_end_of_the_stop() {
    let mut lab = Lab::new();
    let scripts = Arc::new(NotifyScripts {
        master: lab.hook("master", "echo started >>$L; sleep 600 & wait"),
        backup: lab.hook("backup", "echo backup >>$L"),
        stop: lab.hook("stop", "echo stop >>$L"),
        ..NotifyScripts::default()
    });
    lab.tell(MASTER, &scripts);
    lab.tell(BACKUP, &scripts);
    assert_eq!(lab.hooks.deadline(), Some(lab.now + Duration::from_secs(10)));
    lab.now = lab.now + Duration::from_secs(10);
    lab.drive();
    lab.one_ends().await;
    assert!(!lab.hooks.is_idle(), "the first still runs");
    lab.tell(NoticeKind::Stopped, &scripts);
    assert!(lab.hooks.is_stopping());
    lab.now = lab.now + Duration::from_secs(1);
    lab.drive();
    lab.one_ends().await;
    assert!(!lab.hooks.is_stopping() && !lab.hooks.is_idle());
    lab.hooks.kill_all();
    lab.all_end().await;
    // The endless one may have come to its first word at any time.
    let log = lab.log();
    let ended: Vec<&str> = log.lines().filter(|line| *line != "started").collect();
    assert_eq!(ended, ["backup", "stop"]);
}

#[tokio::test]
async fn a_hook_that_cannot_be_started_holds_nothing_up() {
    let mut lab = Lab::new();
    let broken = lab.hook("broken", "");
    write_executable(&lab.path("broken"), "#!/nonexistent/interpreter\n");
    let missing = Some(Box::new(Command { argv: vec!["/nonexistent".to_owned()], account: None }));
    let scripts = Arc::new(NotifyScripts {
        master: broken,
        backup: lab.hook("backup", "echo \"$#:$3\" >>$L"),
        every: missing,
        ..NotifyScripts::default()
    });
    lab.tell(MASTER, &scripts);
    lab.tell(BACKUP, &scripts);
    lab.all_end().await;
    assert_eq!(lab.log(), "1:\n");
}

#[tokio::test]
async fn a_hundred_instances_start_a_few_hooks_at_a_time() {
    let mut lab = Lab::new();
    let scripts =
        Arc::new(NotifyScripts { master: lab.hook("master", "exit 0"), ..NotifyScripts::default() });
    for number in 0..100 {
        let notice = Notice {
            name: "VI".into(),
            kind: MASTER,
            subject: Subject::Instance(Priority::DEFAULT),
            scripts: Arc::clone(&scripts),
        };
        lab.hooks.notice(lab.now, InstanceId(number), &notice);
    }
    lab.hooks.due(lab.now);
    assert_eq!(lab.hooks.groups.len(), Hooks::BURST);
    assert_eq!(lab.hooks.deadline(), Some(lab.now), "the others are ready");
    lab.drive();
    assert_eq!((lab.hooks.groups.len(), lab.hooks.deadline()), (100, None));
    lab.all_end().await;
}
