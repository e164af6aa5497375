//! From one configuration to the next: what stays is not touched, what leaves is given up before anything new begins.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tracing::info;

use super::engine::{CheckSlot, Engine, Router};
use super::group::Trouble;
use super::tracked::Places;
use super::{Action, InstanceId, ScriptId};
use crate::config::model::{Model, VrrpInstance, VrrpScript};
use crate::track::{Check, ScriptAction};
use crate::units::Instant;
use crate::vrrp::{Instance, NoticeKind};

impl Engine {
    /// Fills an empty engine.
    pub(super) fn populate(&mut self, model: Model, now: Instant) {
        self.checks = model.scripts.iter().map(|script| self.numbered_check(script, now)).collect();
        self.replace_quorums(now, &model.track_processes);
        let places = Places::of(&model);
        let instances = model.instances.iter();
        self.routers =
            instances.map(|instance| self.new_router(Arc::new(instance.clone()), &places)).collect();
        self.own_interfaces.replace(&model);
        self.model = model;
        self.regroup();
        self.link_delays.set(&self.model.all_link_delays());
        self.pacing.set(&self.model.announce_limits, &self.interfaces, &mut Vec::new());
        self.reindex();
    }

    /// Runs `model` from now on. An instance that is the same in both keeps its state and misses no advert.
    pub(super) fn reload(&mut self, now: Instant, model: Model, out: &mut Vec<Action>) {
        self.replace_checks(&model.scripts, now, out);
        self.replace_quorums(now, &model.track_processes);
        let places = Places::of(&model);
        let mut before: HashMap<_, VecDeque<Router>> = HashMap::new();
        for router in self.routers.drain(..) {
            before.entry(router.instance.settings().key()).or_default().push_back(router);
        }
        let mut changes = Vec::new();
        let mut routers = Vec::new();
        for settings in &model.instances {
            let settings = Arc::new(settings.clone());
            match before.get_mut(&settings.key()).and_then(VecDeque::pop_front) {
                Some(mut router) => {
                    router.tracks = places.tracks(&settings);
                    let same = **router.instance.settings() == *settings;
                    changes.push(if same { Change::None } else { Change::Settings(settings) });
                    routers.push(router);
                }
                None => {
                    changes.push(Change::New);
                    routers.push(self.new_router(settings, &places));
                }
            }
        }
        let own_gone = self.own_interfaces.replace(&model);
        self.model = model;
        self.drop_statics(out);
        self.end_routers(now, before.into_values().flatten().collect(), out);
        self.routers = routers;
        self.regroup();
        self.link_delays.set(&self.model.all_link_delays());
        self.pacing.set(&self.model.announce_limits, &self.interfaces, out);
        self.reindex();
        self.weigh_groups();
        self.own_interfaces.keep_all(now, &self.interfaces, out);
        self.apply(now, changes, out);
        out.extend(own_gone.into_iter().map(Action::RemoveInterface));
    }

    /// Gives up everything that is not wanted any more before any instance takes something new: it may be the same.
    fn apply(&mut self, now: Instant, changes: Vec<Change>, out: &mut Vec<Action>) {
        for (slot, change) in changes.iter().enumerate() {
            if let Change::Settings(settings) = change {
                let later = self.assess_as(settings, &self.routers[slot].tracks, false);
                self.order_alone(slot, out, |instance, orders| instance.retire(&later, orders));
            }
        }
        self.keep_statics(out);
        for (slot, change) in changes.into_iter().enumerate() {
            match change {
                Change::None => self.stay(slot, out, |engine, out| engine.reassess(now, slot, out)),
                Change::Settings(settings) => {
                    self.stay(slot, out, |engine, out| engine.reconfigure(now, slot, settings, out));
                }
                Change::New => self.begin(now, slot, None, out),
            }
        }
        self.tell_groups(out);
    }

    /// Does what `act` says, and tells the state again when that did not change it and the configuration asks for it.
    fn stay(&mut self, slot: usize, out: &mut Vec<Action>, act: impl FnOnce(&mut Self, &mut Vec<Action>)) {
        let before = self.routers[slot].instance.state();
        act(self, out);
        if self.model.global.fifo_states_on_reload && self.routers[slot].instance.state() == before {
            self.order_alone(slot, out, Instance::tell_kept_state);
        }
    }

    fn reconfigure(&mut self, now: Instant, slot: usize, settings: Arc<VrrpInstance>, out: &mut Vec<Action>) {
        info!("({}) configuration changed", settings.name);
        let deaf = self.routers[slot].deaf_until.is_some();
        let now_is = self.with_group(slot, self.assess_as(&settings, &self.routers[slot].tracks, deaf));
        self.set_listen(slot, &now_is, out);
        let resized = settings.receive_buffer != self.routers[slot].instance.settings().receive_buffer;
        self.order_alone(slot, out, |instance, orders| instance.reconfigure(now, settings, now_is, orders));
        if resized {
            self.size_buffer(slot, out);
        }
    }

    fn end_routers(&mut self, now: Instant, mut gone: Vec<Router>, out: &mut Vec<Action>) {
        gone.sort_by_key(|router| router.id);
        for mut router in gone {
            let mut orders = Vec::new();
            router.instance.end(now, NoticeKind::Deleted, &mut orders);
            self.pass_on(router.id, orders, out);
            router.listen.into_iter().for_each(|listen| self.unlisten(listen, out));
        }
    }

    /// A check whose definition is the same keeps its history and its run.
    fn replace_checks(&mut self, scripts: &[VrrpScript], now: Instant, out: &mut Vec<Action>) {
        let mut before: Vec<Option<CheckSlot>> = self.checks.drain(..).map(Some).collect();
        let mut take = |script: &VrrpScript| {
            before
                .iter_mut()
                .find(|slot| slot.as_ref().is_some_and(|slot| **slot.check.settings() == *script))?
                .take()
        };
        let kept: Vec<Option<CheckSlot>> = scripts.iter().map(&mut take).collect();
        self.checks = kept
            .into_iter()
            .zip(scripts)
            .map(|(kept, script)| kept.unwrap_or_else(|| self.numbered_check(script, now)))
            .collect();
        for mut gone in before.into_iter().flatten() {
            let mut orders: Vec<ScriptAction> = Vec::new();
            gone.check.end(&mut orders);
            let settings = gone.check.settings();
            out.extend(orders.into_iter().map(|order| Action::Script(gone.id, settings.clone(), order)));
        }
    }

    fn numbered_check(&mut self, script: &VrrpScript, now: Instant) -> CheckSlot {
        let id = ScriptId(self.next_script);
        self.next_script += 1;
        CheckSlot { id, check: Check::new(Arc::new(script.clone()), now) }
    }

    fn new_router(&mut self, settings: Arc<VrrpInstance>, places: &Places<'_>) -> Router {
        let id = InstanceId(self.next_instance);
        self.next_instance += 1;
        let tracks = places.tracks(&settings);
        let mut instance = Instance::new(settings, self.quiet_until);
        instance.set_clock(self.unix_at_zero);
        Router {
            id,
            tracks,
            instance,
            listen: None,
            deaf_until: None,
            group: None,
            trouble: Trouble::default(),
        }
    }
}

enum Change {
    None,
    Settings(Arc<VrrpInstance>),
    New,
}
