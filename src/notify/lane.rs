//! The hooks of one instance: which wait, which run, and who may start next.

use std::collections::VecDeque;
use std::time::Duration;

use crate::units::Instant;

/// Hooks that start together because they tell of one state.
#[derive(Debug)]
pub(super) struct Batch<H> {
    pub(super) hooks: Vec<H>,
    pub(super) told: Instant,
}

/// Why a batch may start now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Those of the state before have ended.
    Due,
    /// Those of the state before have had their time and still run.
    Beside,
}

/// The hooks of one instance.
#[derive(Debug)]
pub(super) struct Lane<H> {
    waiting: VecDeque<Batch<H>>,
    /// Hooks of the last started state that run.
    of_state: usize,
    /// All hooks that run.
    alive: usize,
    /// Number of the last started state.
    state: u64,
    /// When it was started.
    started: Instant,
    /// From when on nothing waits, because the stop was told.
    ends_waiting: Option<Instant>,
    /// The due time that the queue keeps for this lane.
    pub(super) scheduled: Option<Instant>,
}

impl<H> Default for Lane<H> {
    fn default() -> Self {
        let started = Instant::ZERO;
        Self {
            waiting: VecDeque::new(),
            of_state: 0,
            alive: 0,
            state: 0,
            started,
            ends_waiting: None,
            scheduled: None,
        }
    }
}

impl<H> Lane<H> {
    /// How long hooks of a state wait for those of the state before.
    pub(super) const PATIENCE: Duration = Duration::from_secs(10);
    /// How long after the stop was told hooks still wait for those before them.
    pub(super) const PATIENCE_AT_STOP: Duration = Duration::from_secs(1);
    /// States that may wait.
    pub(super) const MAX_WAITING: usize = 32;
    /// Hooks that may run; more wait until one ends.
    pub(super) const MAX_ALIVE: usize = 64;

    /// Queues a state; returns how many older ones, told too late to be of use, were dropped for it.
    pub(super) fn push(&mut self, batch: Batch<H>) -> usize {
        self.waiting.push_back(batch);
        let excess = self.waiting.len().saturating_sub(Self::MAX_WAITING);
        self.waiting.drain(..excess);
        excess
    }

    /// Whether a state has not been started.
    pub(super) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The stop is told at `now`: soon nothing waits.
    pub(super) fn stop(&mut self, now: Instant) {
        self.ends_waiting.get_or_insert(now + Self::PATIENCE_AT_STOP);
    }

    /// Whether the stop was told.
    pub(super) fn is_stopping(&self) -> bool {
        self.ends_waiting.is_some()
    }

    /// The next state whose hooks may start at `now`, with its number.
    pub(super) fn next(&mut self, now: Instant) -> Option<(u64, Turn, Vec<H>)> {
        let turn = match self.due() {
            Some(due) if due <= now => self.turn(),
            Some(_) | None => return None,
        };
        let batch = self.waiting.pop_front()?;
        self.state += 1;
        self.started = now;
        self.of_state = batch.hooks.len();
        self.alive += batch.hooks.len();
        Some((self.state, turn, batch.hooks))
    }

    fn turn(&self) -> Turn {
        if self.of_state > 0 && !self.is_stopping() { Turn::Beside } else { Turn::Due }
    }

    /// When the next state's hooks may start; `None` while only the end of a hook can allow it.
    pub(super) fn due(&self) -> Option<Instant> {
        let first = self.waiting.front()?;
        if let Some(end) = self.ends_waiting {
            return Some(if self.of_state > 0 { end } else { Instant::ZERO });
        }
        if self.alive + first.hooks.len() > Self::MAX_ALIVE {
            return None;
        }
        let patience = if self.of_state > 0 { Self::PATIENCE } else { Duration::ZERO };
        Some(self.started.max(first.told) + patience)
    }

    /// Adds a hook to the state that runs; false when one must wait or there is no room.
    pub(super) fn join(&mut self) -> bool {
        let joins = self.waiting.is_empty() && self.alive < Self::MAX_ALIVE;
        if joins {
            self.of_state += 1;
            self.alive += 1;
        }
        joins
    }

    /// Number of the state that started last.
    pub(super) fn state(&self) -> u64 {
        self.state
    }

    /// A hook of the state with this number has ended.
    pub(super) fn ended(&mut self, state: u64) {
        self.alive = self.alive.saturating_sub(1);
        if state == self.state {
            self.of_state = self.of_state.saturating_sub(1);
        }
    }

    /// Whether there is nothing left to do.
    pub(super) fn is_empty(&self) -> bool {
        self.alive == 0 && self.waiting.is_empty()
    }
}
