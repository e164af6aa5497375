//! Everything that runs, and which of it an event concerns.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tracing::info;

use super::assess::{self, Facts, Tracks};
use super::group::{Group, Trouble};
use super::index::Index;
use super::own_interfaces::OwnInterfaces;
use super::pacing::Pacing;
use super::schedule::Schedule;
use super::statics;
use super::{Action, Event, InstanceId, InstanceSnapshot, Listen, ScriptId, Snapshot};
use crate::config::model::{Model, OwnInterface, TrackProcess, VrrpInstance};
use crate::track::{Check, Interfaces, LinkDelays, Quorum, ScriptAction, Verdict};
use crate::units::{IfName, Instant};
use crate::vrrp::{self, Instance, NoticeKind, Past, PlacedAddress, Places, Routing, StepDown};

/// The rules with everything they own.
#[derive(Debug)]
pub struct Engine {
    pub(super) model: Model,
    pub(super) interfaces: Interfaces,
    pub(super) link_delays: LinkDelays,
    pub(super) routers: Vec<Router>,
    pub(super) groups: Vec<Group>,
    pub(super) checks: Vec<CheckSlot>,
    pub(super) own_interfaces: OwnInterfaces,
    /// Processes that are tracked.
    pub(super) quorums: Vec<Quorum>,
    /// Counts of processes that the next configuration asks for.
    pub(super) counted_ahead: Vec<(Arc<TrackProcess>, u32)>,
    /// Number in each tracked file that was read; 0 in others.
    pub(super) numbers: HashMap<Box<str>, i32>,
    pub(super) next_instance: u32,
    pub(super) next_script: u32,
    pub(super) quiet_until: Instant,
    pub(super) unix_at_zero: Duration,
    /// Static entries that have been put in place.
    pub(super) statics: Places,
    pub(super) pacing: Pacing,
    stage: Stage,
    /// Routers come first, then checks, then quorums, then one slot for links whose change waits.
    pub(super) schedule: Schedule,
    pub(super) index: Index,
    /// How many routers listen there.
    pub(super) listeners: HashMap<Listen, usize>,
    pub(super) unknown_vrids: u64,
    pub(super) malformed: u64,
    orders: Vec<vrrp::Action>,
    script_orders: Vec<ScriptAction>,
}

/// An instance with its place in the engine.
#[derive(Debug)]
pub(super) struct Router {
    pub(super) id: InstanceId,
    pub(super) instance: Instance,
    pub(super) tracks: Tracks,
    pub(super) listen: Option<Listen>,
    /// The socket could not be opened; when to try again.
    pub(super) deaf_until: Option<Instant>,
    /// The sync group that it is in.
    pub(super) group: Option<usize>,
    /// What the facts about it mean for that group.
    pub(super) trouble: Trouble,
}

/// A check with its number.
#[derive(Debug)]
pub(super) struct CheckSlot {
    pub(super) id: ScriptId,
    pub(super) check: Check,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Facts come in, nothing is decided yet.
    Gathering,
    Running,
    Stopped,
}

impl Engine {
    /// An engine for `model` that gathers facts until [`Event::Start`]; `vrrp_startup_delay` counts from `now`.
    pub fn new(model: Model, now: Instant) -> Self {
        let mut engine = Self {
            quiet_until: now + model.global.startup_delay,
            model: Model::default(),
            interfaces: Interfaces::default(),
            link_delays: LinkDelays::default(),
            routers: Vec::new(),
            groups: Vec::new(),
            checks: Vec::new(),
            own_interfaces: OwnInterfaces::default(),
            quorums: Vec::new(),
            counted_ahead: Vec::new(),
            numbers: HashMap::new(),
            next_instance: 0,
            next_script: 0,
            unix_at_zero: Duration::ZERO,
            statics: Places::default(),
            pacing: Pacing::new(now),
            stage: Stage::Gathering,
            schedule: Schedule::default(),
            index: Index::default(),
            listeners: HashMap::new(),
            unknown_vrids: 0,
            malformed: 0,
            orders: Vec::new(),
            script_orders: Vec::new(),
        };
        engine.populate(model, now);
        engine
    }

    /// When to call [`Self::handle`] with [`Event::Due`]; `None` means never.
    pub fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Gathering | Stage::Stopped => None,
            Stage::Running => {
                let first = self.schedule.first().map(|(_, at)| at);
                let others = [self.own_interfaces.deadline(), self.pacing.deadline()];
                first.into_iter().chain(others.into_iter().flatten()).min()
            }
        }
    }

    /// Whether [`Event::Stop`] has been handled.
    pub fn finished(&self) -> bool {
        self.stage == Stage::Stopped
    }

    /// The configuration that runs.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The instances in file order.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.routers.iter().map(|router| &router.instance)
    }

    /// Takes one event at `now` and appends what must be done, in order, to `out`. Never blocks, never fails.
    pub fn handle(&mut self, now: Instant, event: Event<'_>, out: &mut Vec<Action>) {
        if self.stage == Stage::Stopped {
            return;
        }
        self.pacing.now = now;
        match event {
            Event::Prepare(wanted) => self.prepare(wanted, out),
            Event::Start(past) => self.start(now, past, out),
            Event::Due => self.due(now, out),
            Event::Packet(listen, datagram) => self.packet(now, listen, &datagram, out),
            Event::Link(link) => self.link_told(now, link, out),
            Event::LinkGone(index) => {
                self.pacing.forget_interface(index);
                if let Some(name) = self.interfaces.remove(index) {
                    self.link_delays.forget(&name);
                    info!("Interface {name} deleted");
                    self.interface_changed(now, &name, out);
                }
            }
            Event::Address(address) => {
                if let Some(name) = self.interfaces.insert_address(address) {
                    self.interface_changed(now, &name, out);
                }
            }
            Event::AddressGone(address) => {
                if let Some(name) = self.interfaces.remove_address(&address) {
                    self.address_lost(now, &name, address.address, out);
                    self.static_address_lost(&address, out);
                    self.interface_changed(now, &name, out);
                }
            }
            Event::RoutingGone(lost) => self.routing_lost(now, &lost, out),
            Event::ScriptEnded(id, outcome) => self.script_ended(now, id, outcome, out),
            Event::File { path, value } => self.file_changed(now, path, value, out),
            Event::Processes { of, count } => self.processes_counted(now, of, count, out),
            Event::Listening(listen) => self.listening(now, listen, out),
            Event::ListenFailed(listen) => self.listen_failed(now, listen, out),
            Event::SendFailed(_) => {}
            Event::Clock(unix_at_zero) => self.set_clock(unix_at_zero),
            Event::Reload(model) => self.reload(now, *model, out),
            Event::Stop => self.stop(now, out),
        }
    }

    /// Number, name and state of every instance, in file order.
    pub fn states(&self) -> impl Iterator<Item = (InstanceId, Arc<str>, vrrp::State)> {
        let state = |router: &Router| {
            (router.id, router.instance.settings().name.as_str().into(), router.instance.state())
        };
        self.routers.iter().map(state)
    }

    /// What a reader may see.
    pub fn snapshot(&self) -> Snapshot {
        let snapshot = |router: &Router| InstanceSnapshot {
            name: router.instance.settings().name.clone(),
            key: router.instance.settings().key(),
            state: router.instance.state(),
            priority: router.instance.priority(),
            last_advert: router.instance.last_advert(),
            counters: *router.instance.counters(),
            memory: router.instance.memory(),
        };
        Snapshot { instances: self.routers.iter().map(snapshot).collect() }
    }

    /// Before the start nothing is taken from anybody.
    fn prepare(&self, wanted: &[OwnInterface], out: &mut Vec<Action>) {
        match self.stage {
            Stage::Gathering => OwnInterfaces::default().prepare(wanted, &self.interfaces, out),
            Stage::Running | Stage::Stopped => self.own_interfaces.prepare(wanted, &self.interfaces, out),
        }
    }

    fn start(&mut self, now: Instant, past: &[Past], out: &mut Vec<Action>) {
        self.stage = Stage::Running;
        self.own_interfaces.keep_all(now, &self.interfaces, out);
        self.keep_statics(out);
        let mut known: HashMap<_, VecDeque<&Past>> = HashMap::new();
        for past in past {
            known.entry(&past.key).or_default().push_back(past);
        }
        let mut before = Vec::with_capacity(self.routers.len());
        for slot in 0..self.routers.len() {
            let key = self.routers[slot].instance.settings().key();
            let past = known.get_mut(&key).and_then(VecDeque::pop_front);
            if past.is_some_and(|past| past.state == vrrp::State::Master) {
                self.presume_no_faults(slot);
            }
            before.push(past);
        }
        self.weigh_groups();
        self.presume_told(|slot| before[slot].map(|past| past.state));
        let first = out.len();
        for (slot, past) in before.into_iter().enumerate() {
            self.begin(now, slot, past, out);
        }
        self.tell_groups_at_start(first, out);
    }

    /// A predecessor that was MASTER had seen no fault in its scripts.
    fn presume_no_faults(&mut self, slot: usize) {
        for script in &self.routers[slot].tracks.scripts {
            let fault_when_up = script.weight.is_fault() && script.reverse;
            let verdict = if fault_when_up { Verdict::Down } else { Verdict::Up };
            self.checks[script.check].check.presume(verdict);
        }
    }

    pub(super) fn begin(&mut self, now: Instant, slot: usize, past: Option<&Past>, out: &mut Vec<Action>) {
        let now_is = self.assess(slot);
        let places = assess::places(self.routers[slot].instance.settings(), &self.interfaces);
        self.set_listen(slot, &now_is, out);
        self.order_alone(slot, out, |instance, orders| instance.begin(now, now_is, places, past, orders));
    }

    fn set_clock(&mut self, unix_at_zero: Duration) {
        self.unix_at_zero = unix_at_zero;
        self.routers.iter_mut().for_each(|router| router.instance.set_clock(unix_at_zero));
    }

    fn due(&mut self, now: Instant, out: &mut Vec<Action>) {
        if self.own_interfaces.deadline().is_some_and(|at| at <= now) {
            self.own_interfaces.keep_all(now, &self.interfaces, out);
        }
        while let Some((slot, at)) = self.schedule.first().filter(|&(_, at)| at <= now) {
            let (checks, quorums) = (self.routers.len(), self.first_quorum());
            if slot < checks {
                self.router_due(now, slot, out);
            } else if slot < quorums {
                self.check_due(now, slot - checks, out);
            } else if slot < self.delays_slot() {
                self.quorum_due(now, slot - quorums, out);
            } else {
                self.link_delay_due(now, out);
            }
            debug_assert!(self.schedule.first() != Some((slot, at)), "slot {slot} makes no progress");
        }
        // After the instances: one that finds that it overslept is silent.
        self.announcements_due(now, out);
    }

    fn announcements_due(&mut self, now: Instant, out: &mut Vec<Action>) {
        if self.pacing.deadline().is_some_and(|at| at <= now) {
            let routers = &self.routers;
            let instance = |id| routers.iter().find(|router| router.id == id).map(|router| &router.instance);
            let may_speak = |id| instance(id).is_some_and(|instance| !instance.keeps_silent(now));
            self.pacing.due(now, may_speak, out);
        }
    }

    fn router_due(&mut self, now: Instant, slot: usize, out: &mut Vec<Action>) {
        if self.routers[slot].deaf_until.is_some_and(|until| until <= now) {
            self.listen_again(now, slot, out);
        }
        self.member_due(now, slot, out);
    }

    /// The interface of that name, or an address on it, is not what it was.
    pub(super) fn interface_changed(&mut self, now: Instant, name: &IfName, out: &mut Vec<Action>) {
        if self.stage != Stage::Running {
            return;
        }
        self.own_interfaces.keep(name, now, &self.interfaces, out);
        if self.index.static_devices.contains(name) {
            self.drop_statics(out);
            self.keep_statics(out);
        }
        let here = self.index.by_interface.get(name).cloned().unwrap_or_default();
        for slot in here.into_iter().chain(self.index.by_any_address.clone()) {
            self.reassess(now, slot, out);
        }
    }

    fn address_lost(&mut self, now: Instant, name: &IfName, address: IpAddr, out: &mut Vec<Action>) {
        for slot in self.index.by_interface.get(name).cloned().unwrap_or_default() {
            let index = self.interfaces.named(name).map(|link| link.index);
            let held = self.routers[slot].instance.held().iter();
            let lost = held
                .filter(|held| !held.address.no_track)
                .any(|held| Some(held.interface) == index && held.address.prefix.address() == address);
            if lost {
                let how = StepDown::Resign;
                self.order_member(now, slot, how, out, |instance, orders| instance.address_lost(now, orders));
            }
        }
    }

    /// Whoever holds it runs for everything again; a static one is put back.
    fn routing_lost(&mut self, now: Instant, lost: &Routing, out: &mut Vec<Action>) {
        for slot in 0..self.routers.len() {
            if self.routers[slot].instance.held_routing().contains(lost) {
                let how = StepDown::Resign;
                self.order_member(now, slot, how, out, |instance, orders| {
                    instance.routing_lost(now, lost, orders);
                });
            }
        }
        self.static_routing_lost(lost, out);
    }

    fn stop(&mut self, now: Instant, out: &mut Vec<Action>) {
        for slot in 0..self.routers.len() {
            self.order_alone(slot, out, |instance, orders| instance.end(now, NoticeKind::Stopped, orders));
        }
        self.stop_groups(out);
        self.end_statics(out);
        for check in 0..self.checks.len() {
            self.order_check(check, out, |check, orders| {
                check.end(orders);
                false
            });
        }
        out.extend(self.own_interfaces.all().map(Action::RemoveInterface));
        self.stage = Stage::Stopped;
    }

    /// Looks at the facts again; an instance hears of it only when something is different for it, and with it the
    /// other members of its sync group when something is different for all of them.
    pub(super) fn reassess(&mut self, now: Instant, slot: usize, out: &mut Vec<Action>) {
        let own = self.assess_own(slot);
        let regroups = self.note_trouble(slot, &own).is_some();
        let now_is = self.with_group(slot, own);
        self.put_in(now, slot, now_is, out);
        if regroups {
            for sibling in self.siblings(slot) {
                let now_is = self.assess(sibling);
                self.put_in(now, sibling, now_is, out);
            }
            self.tell_group(slot, out);
        }
    }

    fn put_in(&mut self, now: Instant, slot: usize, now_is: vrrp::Circumstances, out: &mut Vec<Action>) {
        if !self.routers[slot].instance.is_in(&now_is) {
            self.set_listen(slot, &now_is, out);
            self.order_alone(slot, out, |instance, orders| instance.update(now, now_is, orders));
        } else {
            self.set_listen(slot, &now_is, out);
            self.reschedule(slot);
        }
    }

    /// What the facts mean for the instance in `slot`, its sync group included.
    pub(super) fn assess(&self, slot: usize) -> vrrp::Circumstances {
        self.with_group(slot, self.assess_own(slot))
    }

    /// What the facts about the host mean for the instance in `slot`.
    fn assess_own(&self, slot: usize) -> vrrp::Circumstances {
        let router = &self.routers[slot];
        self.assess_as(router.instance.settings(), &router.tracks, router.deaf_until.is_some())
    }

    /// As [`Self::assess_own`] with the settings of the configuration, which a reload has yet to tell the instance.
    pub(super) fn assess_as_configured(&self, slot: usize) -> vrrp::Circumstances {
        let router = &self.routers[slot];
        self.assess_as(&self.model.instances[slot], &router.tracks, router.deaf_until.is_some())
    }

    /// What the facts would mean for these settings.
    pub(super) fn assess_as(
        &self,
        settings: &VrrpInstance,
        tracks: &Tracks,
        deaf: bool,
    ) -> vrrp::Circumstances {
        let facts = Facts {
            interfaces: &self.interfaces,
            virtual_addresses: &self.index.virtual_addresses,
            verdict: &|check| self.checks[check].check.verdict(),
            number: &|path| self.numbers.get(path).copied().unwrap_or(0),
            is_met: &|quorum| self.quorums[quorum].is_met(),
        };
        assess::assess(settings, tracks, deaf, &facts)
    }

    /// Lets the instance in `slot` act, and passes on what it orders.
    ///
    /// Alone: what its sync group makes of it is for the caller to see to.
    pub(super) fn order_alone(
        &mut self,
        slot: usize,
        out: &mut Vec<Action>,
        act: impl FnOnce(&mut Instance, &mut Vec<vrrp::Action>),
    ) {
        let router = &mut self.routers[slot];
        act(&mut router.instance, &mut self.orders);
        let id = router.id;
        let orders = std::mem::take(&mut self.orders);
        self.orders = self.pass_on(id, orders, out);
        self.reschedule(slot);
    }

    /// Passes orders of an instance on; the list comes back empty, to be filled again.
    pub(super) fn pass_on(
        &mut self,
        id: InstanceId,
        mut orders: Vec<vrrp::Action>,
        out: &mut Vec<Action>,
    ) -> Vec<vrrp::Action> {
        for order in orders.drain(..) {
            if let vrrp::Action::RemoveAddresses(gone) = &order {
                self.forget(gone);
                self.pacing.forget(id, gone);
            }
            match order {
                vrrp::Action::Announce { addresses, repeat } => {
                    self.pacing.announce(id, addresses, repeat, &self.interfaces, out);
                }
                order => out.push(Action::Vrrp(id, order)),
            }
        }
        orders
    }

    /// What is to be removed counts as removed: the kernel's word of it will not be passed on.
    pub(super) fn forget(&mut self, gone: &[PlacedAddress]) {
        let gone = gone.iter().map(|placed| (placed.interface, placed.address.prefix.address()));
        self.interfaces.forget(gone);
    }

    pub(super) fn order_check(
        &mut self,
        slot: usize,
        out: &mut Vec<Action>,
        act: impl FnOnce(&mut Check, &mut Vec<ScriptAction>) -> bool,
    ) -> bool {
        let CheckSlot { id, check } = &mut self.checks[slot];
        let changed = act(check, &mut self.script_orders);
        out.extend(
            self.script_orders.drain(..).map(|order| Action::Script(*id, check.settings().clone(), order)),
        );
        let deadline = check.deadline();
        self.schedule.set(self.routers.len() + slot, self.is_tracked(slot).then_some(deadline));
        changed
    }

    fn reschedule(&mut self, slot: usize) {
        let router = &self.routers[slot];
        let deadline = [router.instance.deadline(), router.deaf_until].into_iter().flatten().min();
        self.schedule.set(slot, deadline);
    }

    /// Where the quorums begin in the schedule.
    pub(super) fn first_quorum(&self) -> usize {
        self.routers.len() + self.checks.len()
    }

    /// The last place in the schedule: links whose change waits.
    pub(super) fn delays_slot(&self) -> usize {
        self.first_quorum() + self.quorums.len()
    }

    pub(super) fn is_running(&self) -> bool {
        self.stage == Stage::Running
    }

    /// A check that no instance tracks is not run.
    fn is_tracked(&self, check: usize) -> bool {
        !self.index.by_check[check].is_empty()
    }

    /// Makes the index and the schedule fit the routers and checks of the moment.
    pub(super) fn reindex(&mut self) {
        let mut index = Index {
            by_check: vec![Vec::new(); self.checks.len()],
            by_quorum: vec![Vec::new(); self.quorums.len()],
            ..Index::default()
        };
        // By the model, not by what the instances run: a reload comes here before it tells them.
        for (slot, (router, settings)) in self.routers.iter().zip(&self.model.instances).enumerate() {
            index.add(slot, settings, &router.tracks);
        }
        index.static_devices = statics::devices(&self.model.statics).into_iter().cloned().collect();
        self.index = index;
        self.schedule = Schedule::with_slots(self.delays_slot() + 1);
        self.schedule.set(self.delays_slot(), self.link_delays.deadline());
        for slot in 0..self.routers.len() {
            self.reschedule(slot);
        }
        for (slot, check) in self.checks.iter().enumerate() {
            let deadline = check.check.deadline();
            self.schedule.set(self.routers.len() + slot, self.is_tracked(slot).then_some(deadline));
        }
        for (slot, quorum) in self.quorums.iter().enumerate() {
            self.schedule.set(self.first_quorum() + slot, quorum.deadline());
        }
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
pub(super) mod tests;
