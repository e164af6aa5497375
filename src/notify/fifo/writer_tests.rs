//! FIFOs with readers that read, stall and are not there.

use super::*;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use nix::sys::stat::Mode;
use tempfile::TempDir;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(10);

fn fifo(folder: &TempDir, name: &str) -> String {
    let path = folder.path().join(name);
    nix::unistd::mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    path.to_str().unwrap().to_owned()
}

fn reader(path: &str) -> File {
    File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path).unwrap()
}

/// What can be read at once.
fn read(file: &mut File) -> String {
    let mut text = Vec::new();
    // The end comes as "would block": the FIFO has a writer.
    let _ = file.read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}

/// As the worker's loop does.
async fn drain(writers: &mut FifoWriters) {
    while writers.wait() {
        timeout(LIMIT, writers.writable()).await.expect("there is room");
        writers.flush();
    }
}

#[tokio::test]
async fn every_fifo_gets_every_line_with_or_without_a_reader() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [fifo(&folder, "a"), fifo(&folder, "b")];
    let mut writers = FifoWriters::default();
    writers.reopen(&paths);
    let mut early = reader(&paths[0]);
    writers.write("one\n");
    writers.write("two\n");
    drain(&mut writers).await;
    let mut late = reader(&paths[1]);
    assert_eq!((read(&mut early), read(&mut late)), ("one\ntwo\n".to_owned(), "one\ntwo\n".to_owned()));
    assert!(!writers.wait());
}

#[tokio::test]
async fn a_reader_that_stalls_makes_lines_wait_and_gets_them_all_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = fifo(&folder, "a");
    let mut writers = FifoWriters::default();
    writers.reopen(std::slice::from_ref(&path));
    let mut file = reader(&path);
    let line = |n: usize| format!("INSTANCE \"VI_{n}\" MASTER 100\n");
    writers.write(&line(0));
    drain(&mut writers).await;
    for n in 1..5000 {
        writers.write(&line(n));
    }
    assert!(writers.wait(), "more than a pipe takes");
    // A reload in between loses nothing either.
    writers.reopen(std::slice::from_ref(&path));
    let mut said = String::new();
    while writers.wait() {
        said.push_str(&read(&mut file));
        timeout(LIMIT, writers.writable()).await.expect("there is room again");
        writers.flush();
    }
    said.push_str(&read(&mut file));
    assert!(said == (0..5000).map(line).collect::<String>(), "all lines, in order");
}

#[tokio::test]
async fn what_is_no_fifo_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file").to_str().unwrap().to_owned();
    std::fs::write(&file, "kept").unwrap();
    let mut writers = FifoWriters::default();
    writers.reopen(&[file.clone(), folder.path().join("missing").to_str().unwrap().to_owned()]);
    writers.write("line\n");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");
    assert!(writers.writers.is_empty());
}
