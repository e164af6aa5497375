//! Which processes run (`vrrp_track_process`).
//!
//! In: the blocks of the configuration. Out: [`ProcessFact`]s, one whenever a count changes. The work is done by a
//! thread of its own, which wakes at every fork and exec of the host: the thread of the adverts must not.
//! Never here: what a count means.

mod connector;
mod table;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc;
use tracing::{info, warn};

use crate::config::model::TrackProcess;
use connector::{Connector, Notice};
use table::Table;

/// How often processes are counted where the kernel tells of none, and how soon the thread notices that it may end.
const PERIOD: Duration = Duration::from_secs(1);
/// Counts that may wait for the worker.
const WAITING: usize = 256;
/// The thread reads one small file at a time.
const STACK: usize = 256 * 1024;

/// How many processes run that a block asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessFact {
    /// The block.
    pub of: Arc<TrackProcess>,
    /// How many.
    pub count: u32,
}

/// Follows the processes that the blocks of one configuration ask for; ends when it is dropped.
pub struct ProcessWatch {
    facts: mpsc::Receiver<ProcessFact>,
    ended: Arc<AtomicBool>,
}

impl ProcessWatch {
    /// Subscribes to the kernel's process connector, then counts; without the connector, which works in the initial
    /// network namespace only, processes are counted each second.
    ///
    /// # Errors
    /// The kernel's refusal of a thread.
    pub fn start(blocks: &[TrackProcess]) -> io::Result<(Self, Vec<ProcessFact>)> {
        let (sender, facts) = mpsc::channel(WAITING);
        let ended = Arc::new(AtomicBool::new(false));
        if blocks.is_empty() {
            return Ok((Self { facts, ended }, Vec::new()));
        }
        let connector = Connector::open();
        if let Err(error) = &connector {
            info!(
                "track_process: the kernel does not tell of processes here ({error}); counting them each second"
            );
        }
        let mut table = Table::new(blocks);
        table.scan();
        let counts = table.counts().collect();
        table.changed().clear();
        let (over, connector) = (Arc::clone(&ended), connector.ok());
        let follow = move || follow(connector, table, &sender, &over);
        thread::Builder::new().name("processes".to_owned()).stack_size(STACK).spawn(follow)?;
        Ok((Self { facts, ended }, counts))
    }

    /// Waits for the next fact; for ever when there is nothing to follow. Dropping the future loses nothing.
    pub async fn next(&mut self) -> ProcessFact {
        match self.facts.recv().await {
            Some(fact) => fact,
            None => std::future::pending().await,
        }
    }
}

impl Drop for ProcessWatch {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

fn follow(
    mut connector: Option<Connector>,
    mut table: Table,
    sender: &mpsc::Sender<ProcessFact>,
    ended: &AtomicBool,
) {
    while !ended.load(Ordering::Relaxed) {
        match connector.as_mut().map(|connector| connector.wait(PERIOD)) {
            None => {
                thread::sleep(PERIOD);
                table.scan();
            }
            Some(Ok(())) => {}
            Some(Err(error)) => {
                warn!("track_process: counting processes each second from now on: {error}");
                connector = None;
            }
        }
        while let Some(notice) = connector.as_mut().and_then(Connector::receive) {
            take(&mut table, notice);
        }
        for fact in table.changed().drain(..) {
            if sender.blocking_send(fact).is_err() {
                return;
            }
        }
    }
}

fn take(table: &mut Table, notice: Notice) {
    match notice {
        Notice::Forked { parent, child } => table.copy(parent, child),
        Notice::Changed(pid) => table.look_at(pid),
        Notice::Ended(pid) => table.forget(pid),
        Notice::Lost => table.scan(),
        Notice::Other => {}
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn block(process: &str) -> TrackProcess {
        TrackProcess {
            name: "p".into(),
            process: process.into(),
            parameters: Vec::new(),
            parameter_match: None,
            full_command: false,
            quorum: 1,
            quorum_max: None,
            terminate_delay: Duration::ZERO,
            fork_delay: Duration::ZERO,
        }
    }

    async fn count(watch: &mut ProcessWatch) -> u32 {
        tokio::time::timeout(LIMIT, watch.next()).await.expect("a fact in time").count
    }

    /// `sleep` under a name of its own, so that others who run these tests do not count.
    struct Sleeper {
        folder: tempfile::TempDir,
        name: String,
    }

    impl Sleeper {
        fn new(name: &str) -> Self {
            let folder = tempfile::TempDir::new().unwrap();
            let name = format!("{name}{}", std::process::id());
            std::fs::copy("/bin/sleep", folder.path().join(&name)).unwrap();
            Self { folder, name }
        }

        fn spawn(&self) -> Child {
            Command::new(self.folder.path().join(&self.name)).arg("100").spawn().unwrap()
        }
    }

    fn end(mut child: Child) {
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[tokio::test]
    async fn processes_are_counted_as_they_come_and_go() {
        let sleeper = Sleeper::new("tka");
        let first = sleeper.spawn();
        let (mut watch, told) = ProcessWatch::start(&[block(&sleeper.name)]).unwrap();
        assert_eq!(told.iter().map(|fact| fact.count).collect::<Vec<_>>(), [1]);
        let second = sleeper.spawn();
        assert_eq!(count(&mut watch).await, 2);
        end(first);
        assert_eq!(count(&mut watch).await, 1);
        end(second);
        assert_eq!(count(&mut watch).await, 0);
    }

    #[tokio::test]
    async fn without_the_connector_processes_are_counted_each_second() {
        let sleeper = Sleeper::new("tkb");
        let (sender, facts) = mpsc::channel(WAITING);
        let ended = Arc::new(AtomicBool::new(false));
        let mut watch = ProcessWatch { facts, ended: ended.clone() };
        let mut table = Table::new(&[block(&sleeper.name)]);
        table.scan();
        table.changed().clear();
        thread::spawn(move || follow(None, table, &sender, &ended));
        let child = sleeper.spawn();
        assert_eq!(count(&mut watch).await, 1);
        end(child);
        assert_eq!(count(&mut watch).await, 0);
    }
}
