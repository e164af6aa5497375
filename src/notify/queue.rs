//! The order in which hooks start.
//!
//! Hooks of one instance start in the order of its states: those of one state together; those of the next wait for
//! them at most [`Lane::PATIENCE`], then start beside them. A stop shortens that to [`Lane::PATIENCE_AT_STOP`] for all
//! that wait. Instances do not wait for each other.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::lane::{Batch, Lane, Turn};
use crate::engine::InstanceId;
use crate::units::Instant;

/// Number of a started hook; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct HookId(pub(super) u64);

/// What is to be done, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step<H> {
    /// Start this hook; its end must be told to [`Queue::ended`].
    Start(HookId, Turn, H),
    /// Warn: so many states of the instance will not be told.
    Dropped(usize),
}

/// A hook that runs.
#[derive(Clone, Copy, Debug)]
struct Running {
    instance: InstanceId,
    state: u64,
}

/// All instances with hooks that wait or run.
#[derive(Debug)]
pub(super) struct Queue<H> {
    lanes: HashMap<InstanceId, Lane<H>>,
    due: BTreeSet<(Instant, InstanceId)>,
    running: HashMap<HookId, Running>,
    last: u64,
    /// Instances whose hook for a losing advert runs.
    hears_lower: HashMap<InstanceId, HookId>,
    /// Hooks that run and were started after the stop was told.
    stops: HashSet<HookId>,
}

impl<H> Default for Queue<H> {
    fn default() -> Self {
        Self {
            lanes: HashMap::new(),
            due: BTreeSet::new(),
            running: HashMap::new(),
            last: 0,
            hears_lower: HashMap::new(),
            stops: HashSet::new(),
        }
    }
}

impl<H> Queue<H> {
    /// The hooks of a new state of an instance.
    pub(super) fn state(
        &mut self,
        now: Instant,
        instance: InstanceId,
        hooks: Vec<H>,
        out: &mut Vec<Step<H>>,
    ) {
        if !hooks.is_empty() {
            let dropped = self.lanes.entry(instance).or_default().push(Batch { hooks, told: now });
            if dropped > 0 {
                out.push(Step::Dropped(dropped));
            }
            self.advance(now, instance, out);
        }
    }

    /// The hooks of the stop of an instance: they and all that still waits start soon, in order.
    pub(super) fn stop(&mut self, now: Instant, instance: InstanceId, hooks: Vec<H>, out: &mut Vec<Step<H>>) {
        self.lanes.entry(instance).or_default().stop(now);
        self.state(now, instance, hooks, out);
        self.advance(now, instance, out);
    }

    /// The hook of a losing advert: it belongs to the state that runs. One that a peer causes while the one before
    /// still runs, or while a state waits, is left out.
    pub(super) fn heard_lower(&mut self, instance: InstanceId, hook: H, out: &mut Vec<Step<H>>) {
        if self.hears_lower.contains_key(&instance) {
            return;
        }
        let lane = self.lanes.entry(instance).or_default();
        if lane.join() {
            let state = lane.state();
            let id = self.start(instance, state);
            self.hears_lower.insert(instance, id);
            out.push(Step::Start(id, Turn::Due, hook));
        }
    }

    /// A hook has ended or could not be started.
    pub(super) fn ended(&mut self, now: Instant, id: HookId, out: &mut Vec<Step<H>>) {
        let Some(Running { instance, state }) = self.running.remove(&id) else { return };
        self.stops.remove(&id);
        if self.hears_lower.get(&instance) == Some(&id) {
            self.hears_lower.remove(&instance);
        }
        if let Some(lane) = self.lanes.get_mut(&instance) {
            lane.ended(state);
        }
        self.advance(now, instance, out);
    }

    /// When [`Self::due`] must be called; `None` while only the end of a hook can change anything.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Starts what has waited long enough.
    pub(super) fn due(&mut self, now: Instant, out: &mut Vec<Step<H>>) {
        while let Some((due, instance)) = self.due.first().copied() {
            if due > now {
                return;
            }
            self.advance(now, instance, out);
        }
    }

    /// Whether hooks of a stop, or of what had not been told when it came, wait or run.
    pub(super) fn is_stopping(&self) -> bool {
        !self.stops.is_empty() || self.lanes.values().any(|lane| lane.is_stopping() && lane.waits())
    }

    /// Whether a state of this instance waits for its turn.
    pub(super) fn waits(&self, instance: InstanceId) -> bool {
        self.lanes.get(&instance).is_some_and(Lane::waits)
    }

    /// Whether no hook waits or runs.
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    fn advance(&mut self, now: Instant, instance: InstanceId, out: &mut Vec<Step<H>>) {
        self.unschedule(instance);
        let stopping = self.lanes.get(&instance).is_some_and(Lane::is_stopping);
        while let Some((state, turn, hooks)) = self.lanes.get_mut(&instance).and_then(|lane| lane.next(now)) {
            for hook in hooks {
                let id = self.start(instance, state);
                if stopping {
                    self.stops.insert(id);
                }
                out.push(Step::Start(id, turn, hook));
            }
        }
        self.schedule(instance);
    }

    fn start(&mut self, instance: InstanceId, state: u64) -> HookId {
        self.last += 1;
        let id = HookId(self.last);
        self.running.insert(id, Running { instance, state });
        id
    }

    fn unschedule(&mut self, instance: InstanceId) {
        if let Some(due) = self.lanes.get_mut(&instance).and_then(|lane| lane.scheduled.take()) {
            self.due.remove(&(due, instance));
        }
    }

    fn schedule(&mut self, instance: InstanceId) {
        let Some(lane) = self.lanes.get_mut(&instance) else { return };
        if lane.is_empty() {
            self.lanes.remove(&instance);
            return;
        }
        lane.scheduled = lane.due();
        self.due.extend(lane.scheduled.map(|due| (due, instance)));
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
