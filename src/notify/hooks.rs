//! The hooks as processes.

use std::collections::{HashMap, VecDeque};
use std::future::pending;

use nix::sys::signal::Signal;
use tokio::task::JoinSet;
use tracing::warn;

use super::calls::{Call, calls};
use super::lane::Turn;
use super::queue::{HookId, Queue, Step};
use crate::engine::InstanceId;
use crate::script::{Clearances, Group, Leader};
use crate::units::Instant;
use crate::vrrp::{Notice, NoticeKind};

/// Runs the hooks of all instances.
///
/// A hook is never killed for running long; only [`Self::kill_all`] ends it.
#[derive(Debug, Default)]
pub struct Hooks {
    clearances: Clearances,
    queue: Queue<Call>,
    steps: Vec<Step<Call>>,
    /// Hooks whose turn it is, and since when.
    ready: VecDeque<(Instant, HookId, Call)>,
    groups: HashMap<HookId, Group>,
    ended: JoinSet<HookId>,
}

/// A hook that ended; to be given to [`Hooks::ended`].
#[derive(Debug)]
pub struct HookEnded(HookId);

impl Hooks {
    /// Processes started at a time, some 0.2 ms each; adverts that are due go out between.
    const BURST: usize = 2;

    /// Runs what `clearances` allows.
    pub fn new(clearances: Clearances) -> Self {
        Self { clearances, ..Self::default() }
    }

    /// The decisions of a new configuration; hooks under way go on.
    pub fn set_clearances(&mut self, clearances: Clearances) {
        self.clearances = clearances;
    }

    /// Takes a change of an instance; its hooks start when [`Self::due`] is called next, or when it is their turn.
    pub fn notice(&mut self, now: Instant, instance: InstanceId, notice: &Notice) {
        let mut calls = calls(notice);
        calls.retain(|call| self.clearances.get(&call.command).is_ok());
        match notice.kind {
            NoticeKind::Entered(_) | NoticeKind::Deleted => {
                self.queue.state(now, instance, calls, &mut self.steps);
            }
            NoticeKind::Stopped => self.queue.stop(now, instance, calls, &mut self.steps),
            NoticeKind::HeardLowerPriority => {
                if let Some(call) = calls.pop() {
                    self.queue.heard_lower(instance, call, &mut self.steps);
                }
            }
            NoticeKind::PriorityChanged(_) | NoticeKind::Kept(_) => {}
        }
        self.take_steps(now, &notice.name);
    }

    /// When [`Self::due`] must be called; in the past while hooks are ready to be started.
    pub fn deadline(&self) -> Option<Instant> {
        let ready = self.ready.front().map(|(since, ..)| *since);
        ready.or_else(|| self.queue.deadline())
    }

    /// Starts hooks whose turn it is, a few at a time.
    ///
    /// Must be called within a runtime.
    pub fn due(&mut self, now: Instant) {
        self.queue.due(now, &mut self.steps);
        self.take_steps(now, "");
        for _ in 0..Self::BURST {
            let Some((_, id, call)) = self.ready.pop_front() else { return };
            if !self.start(id, &call) {
                self.ended(now, HookEnded(id));
            }
        }
    }

    /// Waits for the next end of a hook; for ever while none runs. Nothing is lost when this is dropped.
    pub async fn next(&mut self) -> HookEnded {
        loop {
            match self.ended.join_next().await {
                Some(Ok(id)) => return HookEnded(id),
                // None of our tasks panics or is cancelled.
                Some(Err(_)) => {}
                None => pending().await,
            }
        }
    }

    /// Takes the end of a hook; those that waited for it are ready now.
    pub fn ended(&mut self, now: Instant, ended: HookEnded) {
        self.groups.remove(&ended.0);
        self.queue.ended(now, ended.0, &mut self.steps);
        self.take_steps(now, "");
    }

    /// Whether hooks of a stop have not ended.
    pub fn is_stopping(&self) -> bool {
        self.queue.is_stopping()
    }

    /// Whether hooks of the last state of an instance have not been started.
    pub fn wait(&self, instance: InstanceId) -> bool {
        self.queue.waits(instance)
    }

    /// Whether no hook waits or runs.
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    /// Kills all hooks with their children: the time to stop is over.
    pub fn kill_all(&self) {
        for group in self.groups.values() {
            group.end(Signal::SIGKILL);
        }
    }

    /// `name` is the instance of a notice; only those can drop states.
    fn take_steps(&mut self, now: Instant, name: &str) {
        for step in self.steps.drain(..) {
            match step {
                Step::Start(id, turn, call) => {
                    if turn == Turn::Beside {
                        let script = call.command.argv.join(" ");
                        warn!(
                            instance = &*call.instance,
                            "Script {script} starts beside hooks that still run"
                        );
                    }
                    self.ready.push_back((now, id, call));
                }
                Step::Dropped(states) => warn!(
                    instance = name,
                    "Hooks run too long: not telling the oldest state of those that wait ({states})"
                ),
            }
        }
    }

    fn start(&mut self, id: HookId, call: &Call) -> bool {
        let Ok(clearance) = self.clearances.get(&call.command) else { return false };
        let configured = call.command.argv.iter().skip(1);
        let args = configured.chain(&call.appended).map(String::as_str);
        match Leader::start(clearance, args) {
            Ok(leader) => self.watch(id, leader),
            Err(error) => {
                let script = call.command.argv.join(" ");
                warn!(instance = &*call.instance, "Script {script} cannot be started: {error}");
                return false;
            }
        }
        true
    }

    fn watch(&mut self, id: HookId, mut leader: Leader) {
        self.groups.insert(id, leader.group());
        self.ended.spawn(async move {
            // How a hook ended changes nothing.
            let _ = leader.ended().await;
            id
        });
    }
}

#[cfg(test)]
#[path = "hooks_tests.rs"]
mod tests;
