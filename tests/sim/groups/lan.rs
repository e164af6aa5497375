//! The hosts, their links, the clock and what is on its way.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use vrrpd::config::model::{Model, Preemption};
use vrrpd::engine::{Action, Engine, Event, ScriptId};
use vrrpd::track::{Outcome, ScriptAction};
use vrrpd::units::{Instant, Priority, WirePriority};
use vrrpd::vrrp::{self, Past, State, Transmission};

use super::host::{
    GROUPS, Host, LINKS, Packet, Tale, link, link_address, link_of, own_address, place_of, virtual_address,
};
use super::referee::{Cause, Step};
use crate::conf::us;
use crate::node::Life;
use crate::rng::Rng;

/// How long a run of a script takes.
const SCRIPT_RUN: Duration = Duration::from_millis(10);
/// Longest way of a packet.
const JOURNEY: Duration = Duration::from_millis(2);
/// Steps that a failure shows.
const TRACE: usize = 60;

pub(super) struct Lan {
    pub(super) hosts: Vec<Host>,
    pub(super) rng: Rng,
    /// Links on which the first node is not heard by the second.
    pub(super) cuts: Vec<(usize, usize, usize)>,
    /// Of a thousand packets, how many get lost.
    pub(super) loss: u64,
    pub(super) events: u64,
    now: Instant,
    seed: u64,
    lateness: Duration,
    /// By time and order.
    coming: BTreeMap<(Instant, u64), (usize, Tale)>,
    order: u64,
    trace: VecDeque<String>,
}

impl Lan {
    pub(super) fn new(seed: u64, models: impl Iterator<Item = Model>) -> Self {
        let mut rng = Rng::new(seed);
        let lateness = rng.pick(&[Duration::ZERO, us(300), us(3_000)]);
        let mut lan = Self {
            hosts: models.map(Host::new).collect(),
            rng,
            cuts: Vec::new(),
            loss: 0,
            events: 0,
            now: Instant::ZERO + Duration::from_secs(1_000),
            seed,
            lateness,
            coming: BTreeMap::new(),
            order: 0,
            trace: VecDeque::new(),
        };
        (0..lan.hosts.len()).for_each(|node| lan.start(node));
        lan
    }

    pub(super) fn start(&mut self, node: usize) {
        self.hosts[node].past.clear();
        self.boot(node, Cause::Start);
    }

    pub(super) fn crash(&mut self, node: usize) {
        self.say(node, "crashes");
        let host = &self.hosts[node];
        let Host { up, worker, script_good, .. } = *host;
        let model = host.model.clone();
        self.hosts[node] = Host { up, worker, script_good, ..Host::new(model) };
    }

    pub(super) fn stop(&mut self, node: usize) {
        self.tell(node, Cause::Stop, Event::Stop);
        self.hosts[node].life = Life::Stopped;
        self.hosts[node].listens.clear();
    }

    pub(super) fn pause(&mut self, node: usize) {
        self.say(node, "is paused");
        self.hosts[node].life = Life::Paused;
    }

    pub(super) fn wake(&mut self, node: usize) {
        self.say(node, "goes on");
        self.hosts[node].life = Life::Running;
        let waiting = std::mem::take(&mut self.hosts[node].waiting);
        let (packets, facts): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|tale| matches!(tale, Tale::Packet(_)));
        let (first, second) = if self.rng.chance(500) { (packets, facts) } else { (facts, packets) };
        first.into_iter().chain(second).for_each(|tale| self.tell_tale(node, tale));
        self.plan(node);
    }

    pub(super) fn kill_worker(&mut self, node: usize) {
        self.say(node, "its worker dies");
        let host = &mut self.hosts[node];
        let past = host.engine.take().map(|engine| engine.snapshot().past()).unwrap_or_default();
        // INIT is never reported: the supervisor still has the state before it.
        let before = std::mem::take(&mut host.past);
        let known = |past: Past| {
            let earlier = before.iter().find(|known| known.key == past.key);
            earlier.filter(|_| past.state == State::Init).cloned().unwrap_or(past)
        };
        host.past = past.into_iter().map(known).collect();
        host.life = Life::WorkerDead;
        host.wake = None;
        host.listens.clear();
    }

    pub(super) fn respawn_worker(&mut self, node: usize) {
        self.boot(node, Cause::Resume);
    }

    pub(super) fn toggle_link(&mut self, node: usize, link: usize) {
        let up = !self.hosts[node].up[link];
        self.hosts[node].up[link] = up;
        self.say(node, &format!("eth{link} is {}", if up { "up" } else { "down" }));
        self.arrive(node, Tale::Link(link, up));
    }

    pub(super) fn take_away(&mut self, node: usize, address: IpAddr) {
        if self.hosts[node].held.remove(&address) {
            self.arrive(node, Tale::Gone(address));
        }
    }

    pub(super) fn toggle_script(&mut self, node: usize, group: usize) {
        self.hosts[node].script_good[group] ^= true;
    }

    /// The same again, or with another priority for the members of a group.
    pub(super) fn reload(&mut self, node: usize, change: Option<(usize, u8)>) {
        let host = &mut self.hosts[node];
        for (place, instance) in host.model.instances.iter_mut().enumerate() {
            if let Some((group, priority)) = change
                && place / (LINKS / GROUPS) == group
                && !instance.priority.is_owner()
            {
                instance.priority = Priority::new(priority).unwrap();
            }
        }
        let model = Box::new(host.model.clone());
        self.tell(node, Cause::Reload, Event::Reload(model));
    }

    /// Everything works from now on.
    pub(super) fn repair(&mut self) {
        self.cuts.clear();
        self.loss = 0;
        for node in 0..self.hosts.len() {
            self.hosts[node].script_good = [true; GROUPS];
            for link in 0..LINKS {
                if !self.hosts[node].up[link] {
                    self.toggle_link(node, link);
                }
            }
            match self.hosts[node].life {
                Life::Off | Life::Stopped => self.start(node),
                Life::Paused => self.wake(node),
                Life::WorkerDead => self.respawn_worker(node),
                Life::Running => {}
            }
        }
    }

    pub(super) fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let timer = self.first_timer();
            let packet = self.coming.first_key_value().map(|((at, _), _)| *at);
            match (packet, timer) {
                (Some(at), _) if at <= end && timer.is_none_or(|(due, _)| at <= due) => {
                    let Some((_, (node, tale))) = self.coming.pop_first() else { break };
                    self.now = self.now.max(at);
                    self.arrive(node, tale);
                }
                (_, Some((due, node))) if due <= end => {
                    self.now = self.now.max(due);
                    self.tell(node, Cause::Due, Event::Due);
                }
                _ => break,
            }
        }
        self.now = end;
    }

    /// Every group has one master with all its members, and nobody who should serve instead.
    pub(super) fn expect_one_master_per_group(&self) {
        let states: Vec<[State; LINKS]> = self.hosts.iter().map(Host::states).collect();
        let state = |node: usize, link: usize| states[node][link];
        for link in 0..LINKS {
            let is_master = |node: &usize| state(*node, link) == State::Master;
            let masters: Vec<usize> = (0..self.hosts.len()).filter(is_master).collect();
            let [master] = masters[..] else { self.fail(&format!("one master is needed on link {link}")) };
            let serving = self.hosts[master].priorities()[link];
            for (node, host) in self.hosts.iter().enumerate().filter(|(node, _)| *node != master) {
                if state(node, link) != State::Backup {
                    self.fail(&format!("node {node} is no backup on link {link}"));
                }
                let settings = host.model.instances.iter().find(|one| place_of(&one.name) == link).unwrap();
                if host.priorities()[link] > serving && settings.preemption != Preemption::Never {
                    self.fail(&format!("node {node} would be the better master on link {link}"));
                }
            }
        }
    }

    fn boot(&mut self, node: usize, cause: Cause) {
        self.say(node, if cause == Cause::Start { "starts" } else { "has a new worker" });
        let (now, host) = (self.now, &mut self.hosts[node]);
        let mut engine = Engine::new(host.model.clone(), now);
        let mut nothing = Vec::new();
        for place in 0..LINKS {
            engine.handle(now, Event::Link(link(place, host.up[place])), &mut nothing);
            let own = link_address(place, own_address(place, node));
            engine.handle(now, Event::Address(own), &mut nothing);
        }
        assert!(nothing.is_empty(), "acted before the start");
        host.known_up = host.up;
        host.places = engine.states().map(|(id, name, _)| (id, place_of(&name))).collect();
        host.engine = Some(engine);
        host.worker += 1;
        host.life = Life::Running;
        if cause == Cause::Start {
            host.record.forget();
        }
        let past = host.past.clone();
        self.tell(node, cause, Event::Start(&past));
    }

    fn first_timer(&self) -> Option<(Instant, usize)> {
        let awake = self.hosts.iter().enumerate().filter(|(_, host)| host.life == Life::Running);
        awake.filter_map(|(node, host)| Some((host.wake?.1, node))).min()
    }

    fn arrive(&mut self, node: usize, tale: Tale) {
        let host = &mut self.hosts[node];
        let reaches = match &tale {
            Tale::Packet(packet) => host.up[packet.link] && host.listens.contains_key(&packet.link),
            Tale::Link(..) | Tale::Gone(_) | Tale::ScriptEnded(..) => true,
        };
        match host.life {
            Life::Running if reaches => self.tell_tale(node, tale),
            Life::Paused if reaches && host.waiting.len() < 1_000 => host.waiting.push_back(tale),
            Life::Running | Life::Paused | Life::Off | Life::WorkerDead | Life::Stopped => {}
        }
    }

    fn tell_tale(&mut self, node: usize, tale: Tale) {
        match tale {
            Tale::Packet(packet) => {
                if let Some(listen) = self.hosts[node].listens.get(&packet.link).copied() {
                    let cause = Cause::Heard { link: packet.link, priority: packet.priority };
                    self.tell(node, cause, Event::Packet(listen, packet.datagram()));
                }
            }
            Tale::Link(place, up) => {
                self.hosts[node].known_up[place] = up;
                self.tell(node, Cause::Link, Event::Link(link(place, up)));
            }
            Tale::Gone(address) => {
                let place = (0..LINKS).find(|link| virtual_address(*link) == address).unwrap();
                let gone = link_address(place, address);
                self.tell(node, Cause::AddressGone, Event::AddressGone(gone));
            }
            Tale::ScriptEnded(worker, id, good) if worker == self.hosts[node].worker => {
                let outcome = Outcome::Exited(i32::from(!good));
                self.tell(node, Cause::Script, Event::ScriptEnded(id, outcome));
            }
            Tale::ScriptEnded(..) => {}
        }
    }

    fn tell(&mut self, node: usize, cause: Cause, event: Event<'_>) {
        self.events += 1;
        let before = match &event {
            Event::Start(past) => self.states_of(node, past),
            _ => self.hosts[node].states(),
        };
        let host = &mut self.hosts[node];
        let Some(engine) = &mut host.engine else { return };
        let mut actions = Vec::new();
        engine.handle(self.now, event, &mut actions);
        actions.iter().for_each(|action| self.perform(node, action));
        self.plan(node);
        self.note(node, cause, &actions);
        let host = &mut self.hosts[node];
        let (after, deadline) = (host.states(), host.deadline());
        let step = Step {
            now: self.now,
            cause,
            before,
            after,
            actions: &actions,
            held: &host.held,
            links: host.known_up,
            deadline,
        };
        let ruling = host.record.judge(&step, &host.model, &host.places);
        if let Err(why) = ruling {
            self.fail(&format!("node {node}: {why}"));
        }
    }

    /// What a predecessor was, by link.
    fn states_of(&self, node: usize, past: &[Past]) -> [State; LINKS] {
        let mut states = [State::Init; LINKS];
        for instance in &self.hosts[node].model.instances {
            if let Some(past) = past.iter().find(|past| past.key == instance.key()) {
                states[place_of(&instance.name)] = past.state;
            }
        }
        states
    }

    fn perform(&mut self, node: usize, action: &Action) {
        match action {
            Action::Listen(listen) => {
                let place = link_of(listen.interface.unwrap());
                self.hosts[node].listens.insert(place, *listen);
            }
            Action::Unlisten(listen) => {
                self.hosts[node].listens.retain(|_, open| open != listen);
            }
            Action::Script(id, script, ScriptAction::Run) => self.run_script(node, *id, &script.name),
            Action::Script(_, _, ScriptAction::Kill(_)) => {}
            Action::Vrrp(_, vrrp::Action::Send(sent)) => self.send(node, sent),
            Action::Vrrp(_, vrrp::Action::AddAddresses(list)) => {
                let addresses = list.iter().map(|placed| placed.address.prefix.address());
                self.hosts[node].held.extend(addresses);
            }
            Action::Vrrp(_, vrrp::Action::RemoveAddresses(list)) => {
                for placed in list.iter() {
                    self.hosts[node].held.remove(&placed.address.prefix.address());
                }
            }
            // No file of these tests has interfaces of its own, routes, rules or anything static.
            Action::MakeInterface(_) | Action::RemoveInterface(_) => {}
            Action::ReceiveBuffer(..) | Action::KeepStatics(_) | Action::DropStatics(_) => {}
            Action::Vrrp(
                _,
                vrrp::Action::BlockPackets(_)
                | vrrp::Action::UnblockPackets(_)
                | vrrp::Action::AddRouting(_)
                | vrrp::Action::RemoveRouting(_)
                | vrrp::Action::Announce { .. }
                | vrrp::Action::Notify(_)
                | vrrp::Action::Remember(..),
            ) => {}
        }
    }

    fn run_script(&mut self, node: usize, id: ScriptId, name: &str) {
        let group: usize = name.trim_start_matches("check").parse().unwrap();
        let host = &self.hosts[node];
        let ended = Tale::ScriptEnded(host.worker, id, host.script_good[group]);
        self.push(self.now + SCRIPT_RUN, node, ended);
    }

    fn send(&mut self, node: usize, sent: &Transmission) {
        let place = link_of(sent.interface.unwrap());
        if !self.hosts[node].up[place] {
            return;
        }
        let priority = match sent.advert.priority {
            WirePriority::Release => 0,
            WirePriority::Is(priority) => priority.get(),
        };
        let mut payload = Vec::with_capacity(64);
        sent.advert.encode(&sent.authentication, sent.checksum, sent.source, sent.destination, &mut payload);
        let (source, destination) = (sent.source, sent.destination);
        let packet = Rc::new(Packet { link: place, source, destination, payload, priority });
        for to in (0..self.hosts.len()).filter(|to| *to != node) {
            if !self.cuts.contains(&(place, node, to)) && !self.rng.chance(self.loss) {
                let at = self.now + us(100) + self.rng.up_to(JOURNEY);
                self.push(at, to, Tale::Packet(packet.clone()));
            }
        }
    }

    fn push(&mut self, at: Instant, node: usize, tale: Tale) {
        self.order += 1;
        self.coming.insert((at, self.order), (node, tale));
    }

    /// When the daemon will wake: a little late, as on a busy host.
    fn plan(&mut self, node: usize) {
        let (late, now) = (self.rng.up_to(self.lateness), self.now);
        let host = &mut self.hosts[node];
        let deadline = host.deadline();
        if host.wake.map(|(deadline, _)| deadline) != deadline {
            host.wake = deadline.map(|deadline| (deadline, deadline.max(now) + late));
        }
    }

    fn say(&mut self, node: usize, what: &str) {
        self.keep(format!("{} node {node} {what}", self.now));
    }

    fn note(&mut self, node: usize, cause: Cause, actions: &[Action]) {
        if actions.is_empty() && matches!(cause, Cause::Heard { .. }) {
            return;
        }
        let host = &self.hosts[node];
        let words: Vec<String> = actions.iter().map(|action| word(action, host)).collect();
        let line = format!("{} node {node} {cause:?}: {words:?} -> {:?}", self.now, host.states());
        self.keep(line);
    }

    fn keep(&mut self, line: String) {
        if self.trace.len() == TRACE {
            self.trace.pop_front();
        }
        self.trace.push_back(line);
    }

    fn fail(&self, why: &str) -> ! {
        let trace = self.trace.iter().cloned().collect::<Vec<_>>().join("\n");
        panic!("seed {}, at {}: {why}\n{trace}", self.seed, self.now)
    }
}

fn word(action: &Action, host: &Host) -> String {
    let Action::Vrrp(id, order) = action else { return "-".to_owned() };
    let who = host.places.get(id).map_or("G".to_owned(), |place| format!("V{place}"));
    match order {
        vrrp::Action::Send(sent) => format!("{who} says {}", sent.advert.priority.byte()),
        vrrp::Action::BlockPackets(_) => format!("{who} blocks"),
        vrrp::Action::UnblockPackets(_) => format!("{who} unblocks"),
        vrrp::Action::AddAddresses(_) => format!("{who} adds"),
        vrrp::Action::RemoveAddresses(_) => format!("{who} removes"),
        vrrp::Action::AddRouting(_) => format!("{who} routes"),
        vrrp::Action::RemoveRouting(_) => format!("{who} stops to route"),
        vrrp::Action::Announce { .. } => format!("{who} announces"),
        vrrp::Action::Remember(..) => format!("{who} remembers"),
        vrrp::Action::Notify(notice) => format!("{} {:?}", notice.name, notice.kind),
    }
}
