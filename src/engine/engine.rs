//! Everything that runs, and which of it an event concerns.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use super::assess::{self, Facts, TrackedScript};
use super::own_interfaces::OwnInterfaces;
use super::schedule::Schedule;
use super::{Action, Event, InstanceId, InstanceSnapshot, Listen, ScriptId, Snapshot};
use crate::config::model::{Model, OwnInterface, Transport, VrrpInstance};
use crate::packet::{Datagram, vrrp::vrid};
use crate::track::{Check, Interfaces, Outcome, ScriptAction, Verdict};
use crate::units::{IfName, Instant, Vrid};
use crate::vrrp::{self, Instance, NoticeKind, Past};

/// How long to wait before a socket that could not be opened is tried again.
const LISTEN_RETRY: Duration = Duration::from_secs(1);

/// The rules with everything they own.
#[derive(Debug)]
pub struct Engine {
    pub(super) model: Model,
    pub(super) interfaces: Interfaces,
    pub(super) routers: Vec<Router>,
    pub(super) checks: Vec<CheckSlot>,
    pub(super) own_interfaces: OwnInterfaces,
    pub(super) next_instance: u32,
    pub(super) next_script: u32,
    pub(super) quiet_until: Instant,
    stage: Stage,
    /// Routers come first, checks after them.
    schedule: Schedule,
    index: Index,
    /// How many routers listen there.
    listeners: HashMap<Listen, usize>,
    unknown_vrids: u64,
    malformed: u64,
    orders: Vec<vrrp::Action>,
    script_orders: Vec<ScriptAction>,
}

/// An instance with its place in the engine.
#[derive(Debug)]
pub(super) struct Router {
    pub(super) id: InstanceId,
    pub(super) instance: Instance,
    pub(super) scripts: Vec<TrackedScript>,
    pub(super) listen: Option<Listen>,
    /// The socket could not be opened; when to try again.
    pub(super) deaf_until: Option<Instant>,
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

/// Who is concerned by what, made anew when the configuration changes.
#[derive(Debug, Default)]
struct Index {
    by_vrid: HashMap<Vrid, Vec<usize>>,
    by_interface: HashMap<IfName, Vec<usize>>,
    /// Routers that any address of the host may concern.
    by_any_address: Vec<usize>,
    by_check: Vec<Vec<usize>>,
    virtual_addresses: HashSet<IpAddr>,
}

impl Engine {
    /// An engine for `model` that gathers facts until [`Event::Start`]; `vrrp_startup_delay` counts from `now`.
    pub fn new(model: Model, now: Instant) -> Self {
        let mut engine = Self {
            quiet_until: now + model.global.startup_delay,
            model: Model::default(),
            interfaces: Interfaces::default(),
            routers: Vec::new(),
            checks: Vec::new(),
            own_interfaces: OwnInterfaces::default(),
            next_instance: 0,
            next_script: 0,
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
                first.into_iter().chain(self.own_interfaces.deadline()).min()
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
        match event {
            Event::Prepare(wanted) => self.prepare(wanted, out),
            Event::Start(past) => self.start(now, past, out),
            Event::Due => self.due(now, out),
            Event::Packet(listen, datagram) => self.packet(now, listen, &datagram, out),
            Event::Link(link) => {
                let concerned = self.interfaces.insert(link);
                concerned.iter().for_each(|name| self.interface_changed(now, name, out));
            }
            Event::LinkGone(index) => {
                if let Some(name) = self.interfaces.remove(index) {
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
                    self.interface_changed(now, &name, out);
                }
            }
            Event::ScriptEnded(id, outcome) => self.script_ended(now, id, outcome, out),
            Event::Listening(listen) => self.listening(now, listen, out),
            Event::ListenFailed(listen) => self.listen_failed(now, listen, out),
            Event::SendFailed(_) => {}
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
        let mut known: HashMap<_, VecDeque<&Past>> = HashMap::new();
        for past in past {
            known.entry(&past.key).or_default().push_back(past);
        }
        for slot in 0..self.routers.len() {
            let key = self.routers[slot].instance.settings().key();
            let before = known.get_mut(&key).and_then(VecDeque::pop_front);
            if before.is_some_and(|past| past.state == vrrp::State::Master) {
                self.presume_no_faults(slot);
            }
            self.begin(now, slot, before, out);
        }
    }

    /// A predecessor that was MASTER had seen no fault in its scripts.
    fn presume_no_faults(&mut self, slot: usize) {
        for script in &self.routers[slot].scripts {
            let fault_when_up = script.weight.is_fault() && script.reverse;
            let verdict = if fault_when_up { Verdict::Down } else { Verdict::Up };
            self.checks[script.check].check.presume(verdict);
        }
    }

    pub(super) fn begin(&mut self, now: Instant, slot: usize, past: Option<&Past>, out: &mut Vec<Action>) {
        let now_is = self.assess(slot);
        let places = assess::places(self.routers[slot].instance.settings(), &self.interfaces);
        self.set_listen(slot, &now_is, out);
        self.order(slot, out, |instance, orders| instance.begin(now, now_is, places, past, orders));
    }

    fn due(&mut self, now: Instant, out: &mut Vec<Action>) {
        if self.own_interfaces.deadline().is_some_and(|at| at <= now) {
            self.own_interfaces.keep_all(now, &self.interfaces, out);
        }
        while let Some((slot, at)) = self.schedule.first().filter(|&(_, at)| at <= now) {
            let routers = self.routers.len();
            if slot < routers {
                self.router_due(now, slot, out);
            } else {
                self.check_due(now, slot - routers, out);
            }
            debug_assert!(self.schedule.first() != Some((slot, at)), "slot {slot} makes no progress");
        }
    }

    fn router_due(&mut self, now: Instant, slot: usize, out: &mut Vec<Action>) {
        if self.routers[slot].deaf_until.is_some_and(|until| until <= now) {
            self.listen_again(now, slot, out);
        }
        self.order(slot, out, |instance, orders| instance.due(now, orders));
    }

    fn check_due(&mut self, now: Instant, check: usize, out: &mut Vec<Action>) {
        let changed = self.order_check(check, out, |check, orders| check.due(now, orders));
        if changed {
            self.verdict_changed(now, check, out);
        }
    }

    fn script_ended(&mut self, now: Instant, id: ScriptId, outcome: Outcome, out: &mut Vec<Action>) {
        let Some(check) = self.checks.iter().position(|slot| slot.id == id) else { return };
        let changed = self.order_check(check, out, |check, _| check.ended(outcome));
        if changed {
            self.verdict_changed(now, check, out);
        }
    }

    fn verdict_changed(&mut self, now: Instant, check: usize, out: &mut Vec<Action>) {
        for slot in self.index.by_check[check].clone() {
            self.reassess(now, slot, out);
        }
    }

    /// The interface of that name, or an address on it, is not what it was.
    fn interface_changed(&mut self, now: Instant, name: &IfName, out: &mut Vec<Action>) {
        if self.stage != Stage::Running {
            return;
        }
        self.own_interfaces.keep(name, now, &self.interfaces, out);
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
                self.order(slot, out, |instance, orders| instance.address_lost(now, orders));
            }
        }
    }

    fn packet(&mut self, now: Instant, listen: Listen, datagram: &Datagram<'_>, out: &mut Vec<Action>) {
        let Ok(vrid) = vrid(datagram.payload) else {
            self.malformed += 1;
            return;
        };
        match self.addressee(listen, vrid, datagram.source) {
            Some(slot) => self.order(slot, out, |instance, orders| instance.hear(now, datagram, orders)),
            None => {
                self.unknown_vrids += 1;
                if self.model.global.log_unknown_vrids && self.unknown_vrids.is_power_of_two() {
                    info!("Unknown VRID({vrid}) received from {}. ignoring...", datagram.source);
                }
            }
        }
    }

    /// Unicast instances may share a VRID and a socket; then the one that has the sender as a peer is meant.
    fn addressee(&self, listen: Listen, vrid: Vrid, source: IpAddr) -> Option<usize> {
        let here = |slot: &&usize| self.routers[**slot].listen == Some(listen);
        let has_peer = |slot: &&usize| match &self.routers[**slot].instance.settings().transport {
            Transport::Unicast(unicast) => unicast.peers.iter().any(|peer| peer.address == source),
            Transport::Multicast { .. } => true,
        };
        let candidates = self.index.by_vrid.get(&vrid)?;
        let mut those_here = candidates.iter().filter(here);
        those_here.clone().find(has_peer).or_else(|| those_here.next()).copied()
    }

    fn listen_failed(&mut self, now: Instant, listen: Listen, out: &mut Vec<Action>) {
        warn!(?listen, "cannot receive; trying again every second");
        self.listeners.remove(&listen);
        for slot in 0..self.routers.len() {
            if self.routers[slot].listen == Some(listen) {
                self.routers[slot].listen = None;
                self.routers[slot].deaf_until = Some(now + LISTEN_RETRY);
                self.reassess(now, slot, out);
            }
        }
    }

    /// The instance stays in FAULT until [`Event::Listening`] says that the new attempt went well.
    fn listen_again(&mut self, now: Instant, slot: usize, out: &mut Vec<Action>) {
        self.routers[slot].deaf_until = Some(now + LISTEN_RETRY);
        out.extend(self.wanted(slot).map(Action::Listen));
    }

    fn listening(&mut self, now: Instant, listen: Listen, out: &mut Vec<Action>) {
        // Open already: whoever takes it up must not order it again.
        self.listeners.entry(listen).or_insert(0);
        for slot in 0..self.routers.len() {
            if self.routers[slot].deaf_until.is_some() && self.wanted(slot) == Some(listen) {
                self.routers[slot].deaf_until = None;
                self.reassess(now, slot, out);
            }
        }
        if self.listeners.get(&listen) == Some(&0) {
            self.listeners.remove(&listen);
            out.push(Action::Unlisten(listen));
        }
    }

    /// Where the instance in `slot` would listen if it could.
    fn wanted(&self, slot: usize) -> Option<Listen> {
        let path = self.assess(slot).path?;
        Some(assess::listen(self.routers[slot].instance.settings(), &path))
    }

    fn stop(&mut self, now: Instant, out: &mut Vec<Action>) {
        for slot in 0..self.routers.len() {
            self.order(slot, out, |instance, orders| instance.end(now, NoticeKind::Stopped, orders));
        }
        for check in 0..self.checks.len() {
            self.order_check(check, out, |check, orders| {
                check.end(orders);
                false
            });
        }
        out.extend(self.own_interfaces.all().map(Action::RemoveInterface));
        self.stage = Stage::Stopped;
    }

    /// Looks at the facts again; an instance hears of it only when something is different for it.
    pub(super) fn reassess(&mut self, now: Instant, slot: usize, out: &mut Vec<Action>) {
        let now_is = self.assess(slot);
        if !self.routers[slot].instance.is_in(&now_is) {
            self.set_listen(slot, &now_is, out);
            self.order(slot, out, |instance, orders| instance.update(now, now_is, orders));
        } else {
            self.set_listen(slot, &now_is, out);
            self.reschedule(slot);
        }
    }

    /// What the facts mean for the instance in `slot`.
    pub(super) fn assess(&self, slot: usize) -> vrrp::Circumstances {
        let router = &self.routers[slot];
        self.assess_as(router.instance.settings(), &router.scripts, router.deaf_until.is_some())
    }

    /// What the facts would mean for these settings.
    pub(super) fn assess_as(
        &self,
        settings: &VrrpInstance,
        scripts: &[TrackedScript],
        deaf: bool,
    ) -> vrrp::Circumstances {
        let facts = Facts {
            interfaces: &self.interfaces,
            virtual_addresses: &self.index.virtual_addresses,
            verdict: &|check| self.checks[check].check.verdict(),
        };
        assess::assess(settings, scripts, deaf, &facts)
    }

    /// Who can be heard follows the path; a socket stays open while anybody listens there.
    pub(super) fn set_listen(&mut self, slot: usize, now_is: &vrrp::Circumstances, out: &mut Vec<Action>) {
        let router = &mut self.routers[slot];
        let wanted = match (&now_is.path, router.deaf_until) {
            (Some(path), None) => Some(assess::listen(router.instance.settings(), path)),
            _ => None,
        };
        let before = std::mem::replace(&mut router.listen, wanted);
        if before == wanted {
            return;
        }
        if let Some(listen) = wanted {
            let count = self.listeners.entry(listen).or_insert_with(|| {
                out.push(Action::Listen(listen));
                0
            });
            *count += 1;
        }
        before.into_iter().for_each(|listen| self.unlisten(listen, out));
    }

    pub(super) fn unlisten(&mut self, listen: Listen, out: &mut Vec<Action>) {
        let Some(count) = self.listeners.get_mut(&listen) else { return };
        *count -= 1;
        if *count == 0 {
            self.listeners.remove(&listen);
            out.push(Action::Unlisten(listen));
        }
    }

    /// Lets the instance in `slot` act, and passes on what it orders.
    pub(super) fn order(
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
                let gone = gone.iter().map(|placed| (placed.interface, placed.address.prefix.address()));
                self.interfaces.forget(gone);
            }
            out.push(Action::Vrrp(id, order));
        }
        orders
    }

    fn order_check(
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

    /// A check that no instance tracks is not run.
    fn is_tracked(&self, check: usize) -> bool {
        !self.index.by_check[check].is_empty()
    }

    /// Makes the index and the schedule fit the routers and checks of the moment.
    pub(super) fn reindex(&mut self) {
        let mut index = Index { by_check: vec![Vec::new(); self.checks.len()], ..Index::default() };
        // By the model, not by what the instances run: a reload comes here before it tells them.
        for (slot, (router, settings)) in self.routers.iter().zip(&self.model.instances).enumerate() {
            index.add(slot, settings, &router.scripts);
        }
        self.index = index;
        self.schedule = Schedule::with_slots(self.routers.len() + self.checks.len());
        for slot in 0..self.routers.len() {
            self.reschedule(slot);
        }
        for (slot, check) in self.checks.iter().enumerate() {
            let deadline = check.check.deadline();
            self.schedule.set(self.routers.len() + slot, self.is_tracked(slot).then_some(deadline));
        }
    }
}

impl Index {
    fn add(&mut self, slot: usize, settings: &VrrpInstance, scripts: &[TrackedScript]) {
        self.by_vrid.entry(settings.vrid).or_default().push(slot);
        let devices = settings.all_addresses().filter_map(|address| settings.device_of(address));
        let tracked = settings.track_interfaces.iter().map(|tracked| &tracked.name);
        let own = settings.interface.iter().chain(settings.own_interfaces().map(|own| &own.name));
        let names: HashSet<&IfName> = own.chain(&settings.vrf).chain(devices).chain(tracked).collect();
        for name in names {
            self.by_interface.entry(name.clone()).or_default().push(slot);
        }
        if settings.track_source {
            self.by_any_address.push(slot);
        }
        for script in scripts {
            self.by_check[script.check].push(slot);
        }
        self.virtual_addresses.extend(settings.all_addresses().map(|address| address.prefix.address()));
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
pub(super) mod tests;
