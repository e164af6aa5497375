//! FIFOs: which lines they get and when, with a reader, without one, and with one that stalls.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::checks::executable;
use crate::frames::losing_advert;
use crate::known_differences::differs;
use crate::lab::Lab;
use crate::node::{Node, Program};
use crate::protocol::{HIGH, Protocol};
use crate::wire::Wire;

const LIMIT: Duration = Duration::from_secs(6);
/// What a test waits to see that nothing comes.
const QUIET: Duration = Duration::from_millis(800);

/// A folder for FIFOs and logs, open to all users.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn configuration(global: &[String], lines: &[&str]) -> String {
    let global: Vec<&str> = global.iter().map(String::as_str).collect();
    let instance = Protocol::V3.configuration(1, HIGH, lines);
    format!("global_defs {{\n    {}\n}}\n{instance}", global.join("\n    "))
}

/// A reader that gets what comes as it comes, and never waits.
struct Reader {
    file: File,
    text: String,
}

impl Reader {
    fn open(path: &Path) -> Self {
        let file = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path).unwrap();
        Self { file, text: String::new() }
    }

    fn lines(&mut self) -> Vec<String> {
        let mut bytes = Vec::new();
        // The end comes as "would block": the FIFO has a writer.
        let _ = self.file.read_to_end(&mut bytes);
        self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        self.text.lines().map(str::to_owned).collect()
    }
}

fn line(state: &str) -> String {
    format!("INSTANCE \"VI_1\" {state} {HIGH}")
}

fn lines(states: &[&str]) -> Vec<String> {
    states.iter().map(|state| line(state)).collect()
}

#[test]
fn fifos_need_no_reader_and_get_a_line_for_each_change() {
    let folder = folder();
    let paths: [PathBuf; 2] = ["all", "vrrp"].map(|name| folder.path().join(name));
    let global = [
        format!("notify_fifo {}", paths[0].display()),
        format!("vrrp_notify_fifo {} daemon", paths[1].display()),
    ];
    let lab = Lab::new(1);
    let node = lab.place(1).start(Program::Subject, &configuration(&global, &[]));
    lab.wait(LIMIT, "it serves", || node.has("10.0.0.100/24"));
    for (path, owner) in paths.iter().zip([0, 1]) {
        let found = fs::metadata(path).unwrap();
        assert!(found.file_type().is_fifo());
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
        assert_eq!(std::os::unix::fs::MetadataExt::uid(&found), owner);
    }
    let mut readers = paths.clone().map(|path| Reader::open(&path));
    let mut wait = |states: &[&str]| {
        for reader in &mut readers {
            lab.wait(LIMIT, "a line for each state", || reader.lines() == lines(states));
        }
    };
    wait(&["BACKUP", "MASTER"]);
    Wire::new(&lab.bridge, "br0").send(&losing_advert(1));
    wait(&["BACKUP", "MASTER", "MASTER_RX_LOWER_PRI"]);
    node.place().unplug();
    wait(&["BACKUP", "MASTER", "MASTER_RX_LOWER_PRI", "FAULT"]);
    node.stop(LIMIT);
    wait(&["BACKUP", "MASTER", "MASTER_RX_LOWER_PRI", "FAULT", "STOP"]);
    assert!(paths.iter().all(|path| !path.exists()), "they go with the daemon that made them");
}

#[test]
fn a_fifo_that_was_there_stays_and_a_file_is_no_fifo() {
    let folder = folder();
    let (fifo, file) = (folder.path().join("fifo"), folder.path().join("file"));
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    fs::write(&file, "kept").unwrap();
    let global = [format!("notify_fifo {}", fifo.display()), format!("vrrp_notify_fifo {}", file.display())];
    let lab = Lab::new(1);
    let node = lab.place(1).start(Program::Subject, &configuration(&global, &[]));
    lab.wait(LIMIT, "it serves", || node.has("10.0.0.100/24"));
    let mut reader = Reader::open(&fifo);
    lab.wait(LIMIT, "both lines", || reader.lines() == lines(&["BACKUP", "MASTER"]));
    assert_eq!(node.said("is not a fifo we own - not using"), 1);
    node.stop(LIMIT);
    assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo());
    assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
}

/// A script that writes what it reads into `log`, and how it begins.
fn reader_script(folder: &Path) -> (PathBuf, PathBuf) {
    let log = folder.join("log");
    let text = format!(
        "echo \"started $*\" >>{log}\nfor last; do :; done\nwhile read -r line; do echo \"$line\" >>{log}; done <$last",
        log = log.display()
    );
    (executable(folder, "reader", &text), log)
}

fn reading_node(lab: &Lab, folder: &Path, lines: &[&str]) -> (Node, PathBuf, String) {
    let (script, log) = reader_script(folder);
    let fifo = folder.join("fifo");
    let global = [
        format!("vrrp_notify_fifo {}", fifo.display()),
        format!("vrrp_notify_fifo_script \"{} word\"", script.display()),
        "fifo_write_vrrp_states_on_reload".to_owned(),
    ];
    let text = configuration(&global, lines);
    let node = lab.place(1).start(Program::Subject, &text);
    (node, log, format!("started word {}", fifo.display()))
}

fn said(log: &Path) -> Vec<String> {
    fs::read_to_string(log).unwrap_or_default().lines().map(str::to_owned).collect()
}

#[test]
fn the_script_reads_the_fifo_and_is_started_again_by_a_reload() {
    let folder = folder();
    let lab = Lab::new(1);
    let (node, log, started) = reading_node(&lab, folder.path(), &[]);
    let before = [vec![started.clone()], lines(&["BACKUP", "MASTER"])].concat();
    lab.wait(LIMIT, "the script reads", || said(&log) == before);
    node.signal(Signal::SIGHUP);
    lab.wait(LIMIT, "it starts again", || said(&log).iter().filter(|line| **line == started).count() == 2);
    node.place().unplug();
    lab.wait(LIMIT, "the second one reads", || said(&log).last() == Some(&line("FAULT")));
}

#[test]
fn a_reload_tells_the_states_that_it_leaves_when_asked_to() {
    differs("a_reload_tells_the_states_that_it_leaves_when_asked_to", || {
        let folder = folder();
        let lab = Lab::new(1);
        let (node, log, started) = reading_node(&lab, folder.path(), &[]);
        let start = [vec![started.clone()], lines(&["BACKUP", "MASTER"])].concat();
        lab.wait(LIMIT, "the script reads", || said(&log) == start);
        node.signal(Signal::SIGHUP);
        let master = |log: &Path| said(log).iter().filter(|said| **said == line("MASTER")).count();
        lab.wait(LIMIT, "MASTER again", || master(&log) == 2);
    });
}

#[test]
fn the_script_hears_of_the_stop() {
    differs("the_script_hears_of_the_stop", || {
        let folder = folder();
        let lab = Lab::new(1);
        let (node, log, _) = reading_node(&lab, folder.path(), &[]);
        lab.wait(LIMIT, "the script reads", || said(&log).last() == Some(&line("MASTER")));
        node.stop(LIMIT);
        assert_eq!(said(&log).last(), Some(&line("STOP")), "and the daemon waits until it has");
    });
}

#[test]
fn a_worker_that_dies_takes_neither_fifo_nor_script_along() {
    differs("a_worker_that_dies_takes_neither_fifo_nor_script_along", || {
        let folder = folder();
        let lab = Lab::new(1);
        let (node, log, started) = reading_node(&lab, folder.path(), &[]);
        lab.wait(LIMIT, "the script reads", || said(&log).last() == Some(&line("MASTER")));
        let worker = node.worker().unwrap();
        nix::sys::signal::kill(worker, Signal::SIGKILL).unwrap();
        lab.wait(LIMIT, "another worker", || node.worker().is_some_and(|now| now != worker));
        node.place().unplug();
        lab.wait(LIMIT, "the same script reads on", || said(&log).last() == Some(&line("FAULT")));
        assert_eq!(said(&log).iter().filter(|line| **line == started).count(), 1);
        node.stop(LIMIT);
        assert!(!folder.path().join("fifo").exists());
    });
}

#[test]
fn a_reader_that_stalls_stops_no_advert_and_gets_its_lines_later() {
    differs("a_reader_that_stalls_stops_no_advert_and_gets_its_lines_later", || {
        let folder = folder();
        let fifo = folder.path().join("fifo");
        let global = [format!("vrrp_notify_fifo {}", fifo.display())];
        let lab = Lab::new(1);
        let node = lab.place(1).start(Program::Subject, &configuration(&global, &[]));
        lab.wait(LIMIT, "it serves", || node.has("10.0.0.100/24"));
        let mut reader = Reader::open(&fifo);
        // Somebody else has filled it.
        let mut filler = File::options().write(true).custom_flags(libc::O_NONBLOCK).open(&fifo).unwrap();
        let junk = [&[b'x'; 99][..], b"\n"].concat();
        while filler.write(&junk).is_ok() {}
        while filler.write(b"\n").is_ok() {}
        node.place().unplug();
        lab.wait(LIMIT, "FAULT", || node.said("Entering FAULT STATE") == 1);
        node.place().plug();
        lab.wait(LIMIT, "it serves again", || node.has("10.0.0.100/24"));
        let last = |reader: &mut Reader| {
            let lines = reader.lines();
            lines.into_iter().filter(|line| line.starts_with("INSTANCE")).collect::<Vec<_>>()
        };
        let all = lines(&["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER"]);
        lab.wait(LIMIT, "every line", || last(&mut reader).ends_with(&all[2..]));
    });
}

#[test]
fn priority_changes_are_told_where_asked_for() {
    let folder = folder();
    let (fifo, check) = (folder.path().join("fifo"), folder.path().join("up"));
    fs::write(&check, "").unwrap();
    let script = executable(folder.path(), "check", &format!("test -e {}", check.display()));
    let global = [format!("vrrp_notify_fifo {}", fifo.display()), "vrrp_notify_priority_changes".to_owned()];
    let text = format!(
        "vrrp_script check {{\n    script {}\n    interval 1\n    weight 10\n    user root\n}}\n{}",
        script.display(),
        configuration(&global, &["track_script {\n check\n }"])
    );
    let lab = Lab::new(1);
    let node = lab.place(1).start(Program::Subject, &text);
    lab.wait(LIMIT, "it serves", || node.has("10.0.0.100/24"));
    let mut reader = Reader::open(&fifo);
    let raised = |state: &str| format!("INSTANCE \"VI_1\" {state} {}", HIGH + 10);
    let first = [line("BACKUP"), raised("BACKUP_PRIORITY"), raised("MASTER")];
    lab.wait(LIMIT, "the check counts", || reader.lines() == first);
    fs::remove_file(&check).unwrap();
    lab.wait(LIMIT, "the master hears of it", || reader.lines().last() == Some(&line("MASTER_PRIORITY")));
    lab.holds(QUIET, "once", || reader.lines().len() == 4);
}
