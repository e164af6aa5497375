//! Tracked objects by number: what each instance tracks, and whom a change of one concerns.

use std::collections::HashMap;
use std::sync::Arc;

use tracing::debug;

use super::assess::{TrackedFile, TrackedProcess, TrackedScript, Tracks};
use super::engine::Engine;
use super::{Action, ScriptId};
use crate::config::model::{Model, TrackProcess, VrrpInstance};
use crate::track::{Link, Outcome, Quorum};
use crate::units::{IfIndex, Instant};

/// Where what the names of a configuration stand for is found.
pub(super) struct Places<'m> {
    /// Slot of each check; the first of a name counts.
    scripts: HashMap<&'m str, usize>,
    files: HashMap<&'m str, Arc<str>>,
    /// Slot of each quorum.
    processes: HashMap<&'m str, usize>,
}

impl<'m> Places<'m> {
    /// Those of `model`, whose scripts and processes have the slots of their order.
    pub(super) fn of(model: &'m Model) -> Self {
        let mut scripts = HashMap::new();
        for (slot, script) in model.scripts.iter().enumerate() {
            scripts.entry(script.name.as_str()).or_insert(slot);
        }
        let files = model.track_files.iter().map(|file| (file.name.as_str(), file.path.as_str().into()));
        let processes = model.track_processes.iter().enumerate();
        let processes = processes.map(|(slot, process)| (process.name.as_str(), slot)).collect();
        Self { scripts, files: files.collect(), processes }
    }

    /// What an instance tracks.
    pub(super) fn tracks(&self, settings: &VrrpInstance) -> Tracks {
        let script = |track: &crate::config::model::TrackScript| {
            let check = *self.scripts.get(track.name.as_str())?;
            let name = track.name.clone();
            Some(TrackedScript { name, check, weight: track.weight, reverse: track.reverse })
        };
        let file = |track: &crate::config::model::Tracked| {
            let path = self.files.get(track.name.as_str())?.clone();
            let name = track.name.clone();
            Some(TrackedFile { name, path, weight: track.weight, reverse: track.reverse })
        };
        let process = |track: &crate::config::model::Tracked| {
            let quorum = *self.processes.get(track.name.as_str())?;
            let name = track.name.clone();
            Some(TrackedProcess { name, quorum, weight: track.weight, reverse: track.reverse })
        };
        Tracks {
            scripts: settings.track_scripts.iter().filter_map(script).collect(),
            files: settings.track_files.iter().filter_map(file).collect(),
            processes: settings.track_processes.iter().filter_map(process).collect(),
        }
    }
}

impl Engine {
    /// A link that goes up or down may have to stay so for a while before that counts.
    pub(super) fn link_told(&mut self, now: Instant, mut link: Link, out: &mut Vec<Action>) {
        let known = self.interfaces.named(&link.name).filter(|known| known.index == link.index);
        let was_up = known.is_some_and(|known| known.up != self.link_delays.waits(&link.name));
        let came_up = link.up && !was_up && self.is_running();
        let index = link.index;
        let is_told = self.is_running() && !self.own_interfaces.awaits(&link.name);
        let counts = known.map(|known| known.up).filter(|_| is_told);
        link.up = self.link_delays.told(now, &link.name, link.up, counts);
        self.schedule.set(self.delays_slot(), self.link_delays.deadline());
        let concerned = self.interfaces.insert(link);
        concerned.iter().for_each(|name| self.interface_changed(now, name, out));
        if came_up {
            self.restore_routing(index, out);
        }
    }

    /// The kernel drops the routes of a link that goes down, whether that counts yet or not.
    fn restore_routing(&mut self, index: IfIndex, out: &mut Vec<Action>) {
        self.restore_statics(index, out);
        for slot in 0..self.routers.len() {
            self.order_alone(slot, out, |instance, orders| instance.restore_routing(index, orders));
        }
    }

    pub(super) fn link_delay_due(&mut self, now: Instant, out: &mut Vec<Action>) {
        for name in self.link_delays.due(now) {
            if let Some(link) = self.interfaces.named(&name) {
                let link = Link { up: !link.up, ..link.clone() };
                self.interfaces.insert(link);
                self.interface_changed(now, &name, out);
            }
        }
        self.schedule.set(self.delays_slot(), self.link_delays.deadline());
    }

    pub(super) fn script_ended(
        &mut self,
        now: Instant,
        id: ScriptId,
        outcome: Outcome,
        out: &mut Vec<Action>,
    ) {
        let Some(check) = self.checks.iter().position(|slot| slot.id == id) else { return };
        let changed = self.order_check(check, out, |check, _| check.ended(outcome));
        if changed {
            self.verdict_changed(now, check, out);
        }
    }

    pub(super) fn check_due(&mut self, now: Instant, check: usize, out: &mut Vec<Action>) {
        let changed = self.order_check(check, out, |check, orders| check.due(now, orders));
        if changed {
            self.verdict_changed(now, check, out);
        }
    }

    fn verdict_changed(&mut self, now: Instant, check: usize, out: &mut Vec<Action>) {
        for slot in self.index.by_check[check].clone() {
            self.reassess(now, slot, out);
        }
    }

    pub(super) fn file_changed(&mut self, now: Instant, path: String, value: i32, out: &mut Vec<Action>) {
        if self.numbers.get(path.as_str()) == Some(&value) {
            return;
        }
        debug!(path, value, "tracked file");
        let concerned = self.index.by_file.get(path.as_str()).cloned().unwrap_or_default();
        self.numbers.insert(path.into(), value);
        self.reassess_all(now, concerned, out);
    }

    pub(super) fn processes_counted(
        &mut self,
        now: Instant,
        of: Arc<TrackProcess>,
        count: u32,
        out: &mut Vec<Action>,
    ) {
        match self.quorums.iter().position(|quorum| *quorum.settings() == of) {
            Some(slot) => {
                let changed = self.quorums[slot].count(now, count);
                self.quorum_changed(now, slot, changed, out);
            }
            None => self.counted_ahead.push((of, count)),
        }
    }

    pub(super) fn quorum_due(&mut self, now: Instant, slot: usize, out: &mut Vec<Action>) {
        let changed = self.quorums[slot].due(now);
        self.quorum_changed(now, slot, changed, out);
    }

    fn quorum_changed(&mut self, now: Instant, slot: usize, changed: bool, out: &mut Vec<Action>) {
        let deadline = self.quorums[slot].deadline();
        self.schedule.set(self.first_quorum() + slot, deadline);
        if changed {
            self.reassess_all(now, self.index.by_quorum[slot].clone(), out);
        }
    }

    /// Before the start nothing is decided.
    fn reassess_all(&mut self, now: Instant, slots: Vec<usize>, out: &mut Vec<Action>) {
        if self.is_running() {
            slots.into_iter().for_each(|slot| self.reassess(now, slot, out));
        }
    }

    /// Processes whose block is the same keep their count; others have the one that was told ahead.
    pub(super) fn replace_quorums(&mut self, now: Instant, settings: &[TrackProcess]) {
        let mut before = std::mem::take(&mut self.quorums);
        for settings in settings {
            let known = before.iter().position(|known| **known.settings() == *settings);
            let quorum = known.map_or_else(|| self.new_quorum(now, settings), |at| before.swap_remove(at));
            self.quorums.push(quorum);
        }
        self.counted_ahead.clear();
    }

    fn new_quorum(&self, now: Instant, settings: &TrackProcess) -> Quorum {
        let mut quorum = Quorum::new(Arc::new(settings.clone()));
        if let Some((_, count)) = self.counted_ahead.iter().rfind(|(of, _)| **of == *settings) {
            quorum.count(now, *count);
        }
        quorum
    }
}
