//! The script that reads a FIFO.

use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::config::model::Command;
use crate::script::{Clearance, Clearances, Leader};

/// A script that reads one FIFO until it is told to end.
#[derive(Debug)]
pub(super) struct Reader {
    /// How long it may take to end by itself from now on.
    end: oneshot::Sender<Duration>,
    task: JoinHandle<()>,
}

impl Reader {
    /// What a script gets between SIGTERM and SIGKILL.
    const GRACE: Duration = Duration::from_secs(1);

    /// Starts `command` with `path` as its last argument, after the end of the one `before`: two of them would share
    /// the lines between them. Needs the runtime.
    pub(super) fn start(
        command: &Command,
        path: &str,
        clearances: &mut Clearances,
        before: Option<Self>,
    ) -> Option<Self> {
        // Why it is disabled was told when that was decided.
        let clearance = clearances.get(command).ok()?.clone();
        let configured = command.argv.iter().skip(1).cloned();
        let script = Script {
            words: command.argv.join(" "),
            clearance,
            arguments: configured.chain([path.to_owned()]).collect(),
        };
        let (end, told) = oneshot::channel();
        let task = tokio::spawn(async move {
            if let Some(before) = before {
                before.end_after(Duration::ZERO).await;
            }
            script.run(told).await;
        });
        Some(Self { end, task })
    }

    /// SIGTERM now; nobody waits for the end.
    pub(super) fn end_soon(self) {
        let _ = self.end.send(Duration::ZERO);
    }

    /// Waits until it has ended: by itself within `patience`, then by SIGTERM, then by SIGKILL.
    pub(super) async fn end_after(self, patience: Duration) {
        // An error says that it has ended already.
        let _ = self.end.send(patience);
        drop(self.task.await);
    }
}

struct Script {
    words: String,
    clearance: Clearance,
    arguments: Vec<String>,
}

impl Script {
    async fn run(&self, told: oneshot::Receiver<Duration>) {
        let arguments = self.arguments.iter().map(String::as_str);
        let mut leader = match Leader::start(&self.clearance, arguments) {
            Ok(leader) => leader,
            Err(error) => return warn!("FIFO script {} cannot be started: {error}", self.words),
        };
        let group = leader.group();
        let patience = tokio::select! {
            ended = leader.ended() => {
                let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
                return warn!("FIFO script {} ended by itself ({how}); nobody reads until the next reload", self.words);
            }
            patience = told => patience.unwrap_or_default(),
        };
        if !patience.is_zero() && timeout(patience, leader.ended()).await.is_ok() {
            return;
        }
        group.end(Signal::SIGTERM);
        if timeout(Reader::GRACE, leader.ended()).await.is_err() {
            info!("FIFO script {} ignores SIGTERM; killing it", self.words);
            group.end(Signal::SIGKILL);
            drop(leader.ended().await);
        }
    }
}
