//! Sync groups: members are in one state, which they reach in one turn.
//!
//! MASTER when the last of them could claim, BACKUP when one hears a better router, FAULT while one is in FAULT. The
//! member from which a change came changes first, then the others in the order of the group, then the group's hooks
//! are told.

use std::collections::HashMap;
use std::sync::Arc;

use super::engine::Engine;
use super::{Action, InstanceId};
use crate::config::model::{Model, NotifyScripts, SyncGroup};
use crate::units::Instant;
use crate::vrrp::{self, Circumstances, Fault, Instance, Notice, NoticeKind, State, StepDown, Subject};

/// A `vrrp_sync_group` with its place in the engine.
#[derive(Debug)]
pub(super) struct Group {
    id: InstanceId,
    name: Arc<str>,
    /// Slots of the members, in the order of the group.
    members: Vec<usize>,
    hooks: Arc<NotifyScripts>,
    /// State that its hooks were last told of.
    told: Option<State>,
    /// What keeps any of its members from taking part.
    trouble: Trouble,
}

/// What the facts about one member mean for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    faulty: bool,
    waiting: bool,
}

impl Trouble {
    /// That of a member in these circumstances of its own.
    fn of(own: &Circumstances) -> Self {
        Self { faulty: !own.faults.is_empty(), waiting: own.waiting }
    }

    fn or(self, other: Self) -> Self {
        Self { faulty: self.faulty || other.faulty, waiting: self.waiting || other.waiting }
    }
}

impl Group {
    /// What this group adds to the circumstances of a member.
    fn weigh_on(&self, own: &mut Circumstances) {
        own.waiting |= self.trouble.waiting;
        if self.trouble.faulty && own.faults.is_empty() {
            own.faults.push(Fault::SyncGroup(self.name.clone()));
        }
    }
}

impl Engine {
    /// Makes the groups fit the routers of the moment; a group of the same name goes on as the same group.
    pub(super) fn regroup(&mut self) {
        let slots: HashMap<&str, usize> = slots(&self.model);
        let mut before: HashMap<Arc<str>, Group> =
            self.groups.drain(..).map(|group| (group.name.clone(), group)).collect();
        self.routers.iter_mut().for_each(|router| router.group = None);
        for settings in &self.model.sync_groups {
            let members = members(settings, &slots);
            members.iter().for_each(|slot| self.routers[*slot].group = Some(self.groups.len()));
            let known = before.remove(settings.name.as_str());
            let id = known.as_ref().map_or_else(|| fresh(&mut self.next_instance), |group| group.id);
            self.groups.push(Group {
                id,
                name: settings.name.as_str().into(),
                members,
                hooks: Arc::new(settings.notify.clone()),
                told: known.and_then(|group| group.told),
                trouble: Trouble::default(),
            });
        }
        for router in &mut self.routers {
            router.instance.set_grouped(router.group.is_some());
        }
    }

    /// Looks at the facts about every member, as the configuration has them, before any of them acts on them.
    pub(super) fn weigh_groups(&mut self) {
        for slot in 0..self.routers.len() {
            if self.routers[slot].group.is_some() {
                let own = self.assess_as_configured(slot);
                self.routers[slot].trouble = Trouble::of(&own);
            }
        }
        (0..self.groups.len()).for_each(|group| self.sum_up(group));
    }

    /// Adds to a member's own circumstances what its group means for it.
    pub(super) fn with_group(&self, slot: usize, mut own: Circumstances) -> Circumstances {
        if let Some(group) = self.routers[slot].group {
            self.groups[group].weigh_on(&mut own);
        }
        own
    }

    /// Takes note of a member's own circumstances; answers its group when all members must look again.
    pub(super) fn note_trouble(&mut self, slot: usize, own: &Circumstances) -> Option<usize> {
        let group = self.routers[slot].group?;
        let trouble = Trouble::of(own);
        if std::mem::replace(&mut self.routers[slot].trouble, trouble) == trouble {
            return None;
        }
        let before = self.groups[group].trouble;
        self.sum_up(group);
        (self.groups[group].trouble != before).then_some(group)
    }

    fn sum_up(&mut self, group: usize) {
        let members = self.groups[group].members.iter().map(|slot| self.routers[*slot].trouble);
        self.groups[group].trouble = members.fold(Trouble::default(), Trouble::or);
    }

    /// The other members, in the order of the group.
    pub(super) fn siblings(&self, slot: usize) -> Vec<usize> {
        let members = self.routers[slot].group.map(|group| &self.groups[group].members);
        members.into_iter().flatten().copied().filter(|other| *other != slot).collect()
    }

    /// The deadline of a member has passed. One whose turn it is to claim waits until the others could claim as well.
    pub(super) fn member_due(&mut self, now: Instant, slot: usize, out: &mut Vec<Action>) {
        if !self.routers[slot].instance.is_due_to_claim(now) {
            return self.order_alone(slot, out, |instance, orders| instance.due(now, orders));
        }
        let siblings = self.siblings(slot);
        let agrees = |slot: &usize| {
            let instance = &self.routers[*slot].instance;
            instance.state() == State::Master || instance.wishes_to_claim()
        };
        if !siblings.iter().all(agrees) {
            return self.order_alone(slot, out, |instance, _| instance.wait_for_group(now));
        }
        self.order_alone(slot, out, |instance, orders| instance.claim(now, orders));
        for sibling in siblings {
            self.order_alone(sibling, out, |instance, orders| instance.claim(now, orders));
        }
        self.tell_group(slot, out);
    }

    /// Lets one member act on what it alone heard or lost; the others follow.
    pub(super) fn order_member(
        &mut self,
        now: Instant,
        slot: usize,
        how: StepDown,
        out: &mut Vec<Action>,
        act: impl FnOnce(&mut Instance, &mut Vec<vrrp::Action>),
    ) {
        let (before, first) = (self.routers[slot].instance.state(), out.len());
        self.order_alone(slot, out, act);
        if self.routers[slot].group.is_none() {
            return;
        }
        let instance = &self.routers[slot].instance;
        let left = before == State::Master && instance.state() == State::Backup;
        // A member that a reload added stands for itself until the group is one again.
        if left || (instance.follows_a_master() && self.is_split(slot)) {
            self.step_down_with(now, slot, how, out);
        } else if out[first..].iter().any(hears_lower) {
            for sibling in self.siblings(slot) {
                self.order_alone(sibling, out, |instance, orders| instance.announce_over_loser(now, orders));
            }
        }
    }

    /// Whether any member of the group is MASTER.
    fn is_split(&self, slot: usize) -> bool {
        let members = self.routers[slot].group.map(|group| &self.groups[group].members);
        members.into_iter().flatten().any(|slot| self.routers[*slot].instance.state() == State::Master)
    }

    fn step_down_with(&mut self, now: Instant, slot: usize, how: StepDown, out: &mut Vec<Action>) {
        for sibling in self.siblings(slot) {
            if self.routers[sibling].instance.state() == State::Master {
                self.order_alone(sibling, out, |instance, orders| instance.step_down(now, how, orders));
            }
        }
        self.tell_group(slot, out);
    }

    /// Tells the hooks of the group in which `slot` is when all members are in a state that is new to them.
    pub(super) fn tell_group(&mut self, slot: usize, out: &mut Vec<Action>) {
        if let Some(group) = self.routers[slot].group {
            out.extend(self.news(group));
        }
    }

    /// Tells the hooks of every group, as [`Self::tell_group`] does.
    pub(super) fn tell_groups(&mut self, out: &mut Vec<Action>) {
        for group in 0..self.groups.len() {
            out.extend(self.news(group));
        }
    }

    /// At the start a group in BACKUP is told before its members: `first` is where their orders begin.
    pub(super) fn tell_groups_at_start(&mut self, first: usize, out: &mut Vec<Action>) {
        let backup = |engine: &Self, group: &usize| engine.common_state(*group) == Some(State::Backup);
        let early: Vec<usize> = (0..self.groups.len()).filter(|group| backup(self, group)).collect();
        let early: Vec<Action> = early.into_iter().filter_map(|group| self.news(group)).collect();
        out.splice(first..first, early);
        self.tell_groups(out);
    }

    /// What a predecessor told the hooks of the groups: the state of all members, if they had one.
    pub(super) fn presume_told(&mut self, past: impl Fn(usize) -> Option<State>) {
        for group in &mut self.groups {
            let mut states = group.members.iter().map(|slot| past(*slot));
            let first = states.next().flatten();
            group.told = first.filter(|first| states.all(|state| state == Some(*first)));
        }
    }

    /// The last word of every group.
    pub(super) fn stop_groups(&self, out: &mut Vec<Action>) {
        out.extend(self.groups.iter().map(|group| group.notice(NoticeKind::Stopped)));
    }

    fn news(&mut self, group: usize) -> Option<Action> {
        let state = self.common_state(group).filter(|state| *state != State::Init)?;
        let group = &mut self.groups[group];
        let known = group.told.replace(state) == Some(state);
        (!known).then(|| group.notice(NoticeKind::Entered(state)))
    }

    fn common_state(&self, group: usize) -> Option<State> {
        let mut states = self.groups[group].members.iter().map(|slot| self.routers[*slot].instance.state());
        let first = states.next()?;
        states.all(|state| state == first).then_some(first)
    }
}

impl Group {
    fn notice(&self, kind: NoticeKind) -> Action {
        let (name, scripts) = (self.name.clone(), self.hooks.clone());
        Action::Vrrp(self.id, vrrp::Action::Notify(Notice { name, kind, subject: Subject::Group, scripts }))
    }
}

fn hears_lower(action: &Action) -> bool {
    let Action::Vrrp(_, vrrp::Action::Notify(notice)) = action else { return false };
    notice.kind == NoticeKind::HeardLowerPriority
}

fn slots(model: &Model) -> HashMap<&str, usize> {
    let names = model.instances.iter().map(|instance| instance.name.as_str());
    names.enumerate().map(|(slot, name)| (name, slot)).collect()
}

fn members(group: &SyncGroup, slots: &HashMap<&str, usize>) -> Vec<usize> {
    group.members.iter().filter_map(|name| slots.get(name.as_str()).copied()).collect()
}

fn fresh(next: &mut u32) -> InstanceId {
    *next += 1;
    InstanceId(*next - 1)
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
