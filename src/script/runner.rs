//! The runs of checks: at most one of each at a time.

use std::collections::{HashMap, VecDeque};
use std::fs::OpenOptions;
use std::future::pending;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use nix::sys::signal::Signal as Number;
use tokio::task::JoinSet;
use tracing::{info, warn};

use super::spawn::{Group, Leader};
use super::{Clearance, Clearances};
use crate::config::model::{Test, VrrpScript};
use crate::engine::ScriptId;
use crate::track::{Outcome, Signal};

/// Runs checks and says how they ended.
#[derive(Debug, Default)]
pub struct Runner {
    clearances: Clearances,
    runs: HashMap<ScriptId, Run>,
    ended: JoinSet<(ScriptId, Outcome)>,
    ready: VecDeque<(ScriptId, Outcome)>,
    returned: HashMap<ScriptId, i32>,
}

/// A run that is under way.
#[derive(Debug)]
struct Run {
    name: String,
    group: Group,
}

impl Runner {
    /// Runs what `clearances` allows.
    pub fn new(clearances: Clearances) -> Self {
        Self { clearances, ..Self::default() }
    }

    /// The decisions of a new configuration; runs under way go on, and exit statuses are logged as after a start.
    pub fn set_clearances(&mut self, clearances: Clearances) {
        self.clearances = clearances;
        // Checks that are gone would otherwise be remembered for ever.
        self.returned.clear();
    }

    /// Starts a run; [`Self::next`] tells how it ended.
    ///
    /// While the previous run of the same check is alive nothing is started and nothing will be told. Must be called
    /// within a runtime.
    pub fn run(&mut self, id: ScriptId, script: &VrrpScript) {
        if self.runs.contains_key(&id) {
            warn!("Track script {} is already running: previous run still alive - skipping run", script.name);
            return;
        }
        match &script.test {
            Test::Readable(path) => self.ready.push_back((id, readable(path))),
            Test::Run(command) => match self.clearances.get(command) {
                Ok(clearance) => {
                    let args = command.argv.iter().skip(1).map(String::as_str);
                    match start(clearance, args, &script.name) {
                        Some(leader) => self.watch(id, &script.name, leader),
                        None => self.ready.push_back((id, Outcome::NotStarted)),
                    }
                }
                // Told once when it was decided.
                Err(_) => self.ready.push_back((id, Outcome::NotStarted)),
            },
        }
    }

    fn watch(&mut self, id: ScriptId, name: &str, mut leader: Leader) {
        self.runs.insert(id, Run { name: name.to_owned(), group: leader.group() });
        self.ended.spawn(async move {
            let status = leader.ended().await;
            (id, status.map_or(Outcome::NotStarted, outcome))
        });
    }

    /// Signals the process group of the run that is under way, if there is one.
    pub fn kill(&self, id: ScriptId, signal: Signal) {
        if let Some(run) = self.runs.get(&id) {
            run.group.end(match signal {
                Signal::Term => Number::SIGTERM,
                Signal::Kill => Number::SIGKILL,
            });
        }
    }

    /// Kills every run that is under way: the daemon stops.
    pub fn kill_all(&self) {
        for run in self.runs.values() {
            run.group.end(Number::SIGKILL);
        }
    }

    /// Whether no run is under way and every end was told.
    pub fn is_idle(&self) -> bool {
        self.ready.is_empty() && self.runs.is_empty()
    }

    /// Waits for the next end of a run; for ever while none is under way. Nothing is lost when this is dropped.
    pub async fn next(&mut self) -> (ScriptId, Outcome) {
        loop {
            if let Some(ended) = self.ready.pop_front() {
                return ended;
            }
            match self.ended.join_next().await {
                Some(Ok((id, outcome))) => return self.finish(id, outcome),
                // A task that panicked or was cancelled has no outcome; none of ours does either.
                Some(Err(_)) => {}
                None => pending().await,
            }
        }
    }

    /// Logs a changed exit status as keepalived does: the first one only if it is not 0.
    fn finish(&mut self, id: ScriptId, outcome: Outcome) -> (ScriptId, Outcome) {
        let run = self.runs.remove(&id);
        if let (Some(run), Outcome::Exited(status)) = (run, outcome) {
            let before = self.returned.insert(id, status).unwrap_or(0);
            if before != status {
                info!("Script `{}` now returning {status}", run.name);
            }
        }
        (id, outcome)
    }
}

fn start<'a>(clearance: &Clearance, args: impl Iterator<Item = &'a str>, name: &str) -> Option<Leader> {
    let started = Leader::start(clearance, args);
    started.inspect_err(|error| warn!("Track script {name} cannot be started: {error}")).ok()
}

fn outcome(status: ExitStatus) -> Outcome {
    match (status.code(), status.signal()) {
        (Some(code), _) => Outcome::Exited(code),
        (None, Some(signal)) => Outcome::Killed(signal),
        (None, None) => Outcome::NotStarted,
    }
}

/// Opens without waiting: a FIFO without a writer must not hold us up.
fn readable(path: &str) -> Outcome {
    let opened = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path);
    Outcome::Exited(i32::from(opened.is_err()))
}

#[cfg(test)]
#[path = "runner_tests.rs"]
mod tests;
