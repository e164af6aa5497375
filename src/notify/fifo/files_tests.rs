//! FIFOs as files, with the scripts that read them.

use super::*;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;
use std::time::Instant;

use tempfile::TempDir;

use crate::config::model::Command;
use crate::notify::FifoWriters;
use crate::script::write_executable;

const DAEMON: u32 = 1;

fn account(user: &str) -> Option<Account> {
    Some(Account { user: user.to_owned(), group: None })
}

/// A folder and FIFOs in it.
struct Lab {
    folder: TempDir,
    files: FifoFiles,
    clearances: Clearances,
}

impl Lab {
    fn new() -> Self {
        let folder = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir();
        Self { folder: folder.unwrap(), files: FifoFiles::new(None), clearances: Clearances::default() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn fifo(&self, name: &str, account: Option<Account>) -> Fifo {
        Fifo { path: self.path(name).to_str().unwrap().to_owned(), account, reader: None }
    }

    /// A FIFO whose reader runs `text`, in which `$F` is the FIFO and `$L` a log.
    fn read_by(&self, name: &str, text: &str) -> Fifo {
        let script = self.path(&format!("{name}.sh"));
        write_executable(&script, &format!("#!/bin/sh\nF=$2\nL={}\n{text}\n", self.path("log").display()));
        let argv = vec![script.to_str().unwrap().to_owned(), "word".to_owned()];
        Fifo { reader: Some(Command { argv, account: account("root") }), ..self.fifo(name, None) }
    }

    fn prepare(&mut self, fifos: &[Fifo]) -> Vec<String> {
        self.files.prepare(fifos, &self.clearances)
    }

    fn settle(&mut self) {
        self.files.settle(&mut self.clearances);
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    async fn wait_for_log(&self, text: &str) {
        let until = Instant::now() + Duration::from_secs(10);
        while !self.log().contains(text) {
            assert!(Instant::now() < until, "`{text}` is not in: {}", self.log());
            // A file tells nobody that it has grown.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn look(path: &std::path::Path) -> (bool, u32, u32) {
    let found = fs::symlink_metadata(path).unwrap();
    (found.file_type().is_fifo(), found.mode() & 0o777, found.uid())
}

#[tokio::test]
async fn a_fifo_is_made_for_its_account_and_goes_with_us() {
    let mut lab = Lab::new();
    let fifos = [lab.fifo("a", account("root")), lab.fifo("b", account("daemon"))];
    assert_eq!(lab.prepare(&fifos), [fifos[0].path.clone(), fifos[1].path.clone()]);
    lab.settle();
    assert_eq!(look(&lab.path("a")), (true, 0o600, 0));
    assert_eq!(look(&lab.path("b")), (true, 0o600, DAEMON));
    lab.files.finish().await;
    assert!(!lab.path("a").exists() && !lab.path("b").exists());
}

#[tokio::test]
async fn the_umask_of_the_operator_counts() {
    let mut lab = Lab::new();
    lab.files = FifoFiles::new(Some(0o027));
    let fifo = lab.fifo("a", account("root"));
    lab.prepare(&[fifo]);
    assert_eq!(look(&lab.path("a")), (true, 0o640, 0));
}

#[tokio::test]
async fn what_was_there_is_used_only_if_it_is_our_fifo_and_stays() {
    let mut lab = Lab::new();
    let made = |name: &str, uid: u32| {
        mkfifo(&lab.path(name), Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
        chown(lab.path(name), Some(uid), None).unwrap();
    };
    made("ours", 0);
    made("theirs", DAEMON);
    made("elsewhere", 0);
    std::os::unix::fs::symlink(lab.path("elsewhere"), lab.path("link")).unwrap();
    fs::write(lab.path("file"), "kept").unwrap();
    fs::create_dir(lab.path("folder")).unwrap();
    let names = ["ours", "theirs", "link", "file", "folder", "missing/x"];
    let root: Vec<Fifo> = names.iter().map(|name| lab.fifo(name, account("root"))).collect();
    assert_eq!(lab.prepare(&root), [root[0].path.clone()]);
    let daemon: Vec<Fifo> = ["ours", "theirs"].iter().map(|name| lab.fifo(name, account("daemon"))).collect();
    assert_eq!(lab.prepare(&daemon), [daemon[0].path.clone(), daemon[1].path.clone()]);
    lab.settle();
    lab.files.finish().await;
    assert_eq!(look(&lab.path("ours")), (true, 0o600, 0));
    assert_eq!(look(&lab.path("theirs")), (true, 0o600, DAEMON));
    assert_eq!(fs::read_to_string(lab.path("file")).unwrap(), "kept");
}

#[tokio::test]
async fn a_reload_keeps_the_fifos_that_stay_and_removes_the_others() {
    let mut lab = Lab::new();
    let fifos = [lab.fifo("a", account("root")), lab.fifo("b", account("root"))];
    lab.prepare(&fifos);
    lab.settle();
    let inode = fs::metadata(lab.path("a")).unwrap().ino();
    lab.prepare(&[lab.fifo("a", account("daemon"))]);
    assert!(lab.path("b").exists(), "until the new configuration runs");
    lab.settle();
    assert!(!lab.path("b").exists());
    assert_eq!(fs::metadata(lab.path("a")).unwrap().ino(), inode);
    assert_eq!(look(&lab.path("a")), (true, 0o600, DAEMON));
    drop(lab.files);
    assert!(!lab.folder.path().join("a").exists());
}

#[tokio::test]
async fn a_reader_hears_the_last_line_before_it_is_ended() {
    let mut lab = Lab::new();
    let fifo = lab
        .read_by("a", "while read line; do sleep 0.1; echo \"$# $1: $line\" >>$L; done <$F; echo end >>$L");
    let paths = lab.prepare(std::slice::from_ref(&fifo));
    lab.settle();
    let mut writers = FifoWriters::default();
    writers.reopen(&paths);
    writers.write("one\n");
    writers.writable().await;
    writers.flush();
    lab.wait_for_log("one").await;
    writers.write("two\n");
    writers.write("three\n");
    drop(writers);
    lab.files.finish().await;
    assert_eq!(lab.log(), "2 word: one\n2 word: two\n2 word: three\nend\n");
}

#[tokio::test]
async fn a_reader_that_ignores_sigterm_is_killed_and_replaced_at_a_reload() {
    let mut lab = Lab::new();
    let fifo =
        lab.read_by("a", "trap '' TERM; echo \"started $$\" >>$L; exec 3<>$F; while :; do sleep 600; done");
    lab.prepare(std::slice::from_ref(&fifo));
    lab.settle();
    lab.wait_for_log("started").await;
    lab.prepare(std::slice::from_ref(&fifo));
    lab.settle();
    let began = Instant::now();
    while lab.log().lines().count() < 2 {
        assert!(began.elapsed() < Duration::from_secs(10), "no second reader");
        // A file tells nobody that it has grown.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let pids: Vec<PathBuf> =
        lab.log().lines().map(|line| PathBuf::from("/proc").join(line.replace("started ", ""))).collect();
    assert!(!pids[0].exists() && pids[1].exists(), "the first is gone before the second starts");
    lab.files.finish().await;
    assert!(!pids[1].exists());
}
