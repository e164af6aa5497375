//! The nodes, the clock and everything that is still to happen.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use vrrpd::engine::{Action, Engine, Event, ScriptId};
use vrrpd::track::{Outcome, ScriptAction};
use vrrpd::units::{Instant, WirePriority};
use vrrpd::vrrp::{self, State, Transmission};

use crate::conf::{Conf, own_address};
use crate::network::{Network, Packet, Said};
use crate::node::{Fact, Life, Node};
use crate::referee::Step;
use crate::rng::Rng;
use crate::trace::{Did, Trace};

/// How long a run of a script takes.
const SCRIPT_RUN: Duration = Duration::from_millis(10);
/// What a socket holds before the kernel drops packets.
const SOCKET: usize = 256;

/// Why a node was told something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cause {
    Start,
    /// A new worker where one died.
    Resume,
    Due,
    Heard(Said),
    LinkUp,
    LinkDown,
    Address,
    AddressGone,
    ScriptPassed,
    ScriptFailed,
    Reload,
    Stop,
}

/// Compares the kind alone.
impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// A node became MASTER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) at: Instant,
    pub(crate) node: usize,
}

/// An advert left a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) at: Instant,
    pub(crate) node: usize,
    pub(crate) priority: u8,
}

pub(crate) struct Lan {
    pub(crate) now: Instant,
    pub(crate) nodes: Vec<Node>,
    pub(crate) network: Network,
    pub(crate) rng: Rng,
    /// Daemons wake up to this late.
    pub(crate) lateness: Duration,
    /// Whether [`Self::sent`] is filled.
    pub(crate) records: bool,
    pub(crate) sent: Vec<Sent>,
    pub(crate) claims: Vec<Claim>,
    /// Addresses that were announced, by which node and when; filled like [`Self::sent`].
    pub(crate) announced: Vec<(Instant, usize, IpAddr)>,
    /// How many events the engines were told.
    pub(crate) events: u64,
    seed: u64,
    queue: BinaryHeap<Reverse<Pending>>,
    order: u64,
    trace: Trace,
    actions: Vec<Action>,
    did: Vec<Did>,
    /// Since when two masters have heard each other without agreeing.
    quarrel: Option<Instant>,
}

struct Pending {
    at: Instant,
    order: u64,
    node: usize,
    what: Coming,
}

enum Coming {
    Packet(Rc<Packet>),
    Fact(Fact),
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}

impl Eq for Pending {}

impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pending {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

impl Lan {
    /// Nodes that are all off.
    pub(crate) fn off(seed: u64, confs: impl IntoIterator<Item = Conf>) -> Self {
        let nodes: Vec<Node> = confs.into_iter().map(Node::new).collect();
        Self {
            now: Instant::ZERO + Duration::from_secs(1_000),
            network: Network::new(nodes.len()),
            nodes,
            rng: Rng::new(seed),
            lateness: Duration::ZERO,
            records: true,
            sent: Vec::new(),
            claims: Vec::new(),
            announced: Vec::new(),
            events: 0,
            seed,
            queue: BinaryHeap::new(),
            order: 0,
            trace: Trace::default(),
            actions: Vec::new(),
            did: Vec::new(),
            quarrel: None,
        }
    }

    /// Nodes that all start now.
    pub(crate) fn new(seed: u64, confs: impl IntoIterator<Item = Conf>) -> Self {
        let mut lan = Self::off(seed, confs);
        (0..lan.nodes.len()).for_each(|node| lan.start(node));
        lan
    }

    /// Power on.
    pub(crate) fn start(&mut self, node: usize) {
        self.trace.say(self.now, Some(node), "starts");
        self.boot(node, Cause::Start);
    }

    /// The host dies: nothing is said, nothing is left.
    pub(crate) fn crash(&mut self, node: usize) -> Instant {
        self.trace.say(self.now, Some(node), "crashes");
        let conf = self.nodes[node].conf.clone();
        let Node { link_up, worker, script_good, .. } = self.nodes[node];
        self.nodes[node] = Node { link_up, worker, script_good, ..Node::new(conf) };
        self.connectivity_changed();
        self.now
    }

    /// The worker process dies; what it put in the kernel stays.
    pub(crate) fn kill_worker(&mut self, node: usize) {
        self.trace.say(self.now, Some(node), "its worker dies");
        let host = &mut self.nodes[node];
        host.past = host.engine.take().map(|engine| engine.snapshot().past()).unwrap_or_default();
        host.life = Life::WorkerDead;
        (host.listen, host.wake) = (None, None);
        host.socket.clear();
        host.facts.clear();
        host.record.state = None;
        self.connectivity_changed();
    }

    /// The supervisor starts another worker.
    pub(crate) fn respawn_worker(&mut self, node: usize) {
        self.trace.say(self.now, Some(node), "has a new worker");
        self.boot(node, Cause::Resume);
    }

    /// Like SIGSTOP.
    pub(crate) fn pause(&mut self, node: usize) {
        self.trace.say(self.now, Some(node), "is paused");
        self.nodes[node].life = Life::Paused;
        self.connectivity_changed();
    }

    /// Like SIGCONT: what waits in the sockets is told before any timer is looked at.
    pub(crate) fn wake(&mut self, node: usize) {
        self.trace.say(self.now, Some(node), "goes on");
        let host = &mut self.nodes[node];
        host.life = Life::Running;
        host.record.woke = true;
        let (facts, packets) = (std::mem::take(&mut host.facts), std::mem::take(&mut host.socket));
        let facts_first = self.rng.chance(500);
        let mut facts = Some(facts);
        if facts_first {
            facts.take().into_iter().flatten().for_each(|fact| self.tell_fact(node, fact));
        }
        packets.into_iter().for_each(|packet| self.tell_packet(node, &packet));
        facts.into_iter().flatten().for_each(|fact| self.tell_fact(node, fact));
        self.nodes[node].wake = None;
        self.plan(node);
        self.connectivity_changed();
    }

    /// SIGTERM.
    pub(crate) fn stop(&mut self, node: usize) -> Instant {
        self.tell(node, Cause::Stop, Event::Stop);
        self.nodes[node].life = Life::Stopped;
        self.connectivity_changed();
        self.now
    }

    pub(crate) fn reload(&mut self, node: usize, conf: Conf) {
        let model = conf.model(node, self.nodes.len());
        self.nodes[node].conf = conf;
        self.tell(node, Cause::Reload, Event::Reload(Box::new(model)));
    }

    pub(crate) fn set_link(&mut self, node: usize, up: bool) {
        self.trace.say(self.now, Some(node), if up { "link comes up" } else { "link goes down" });
        self.nodes[node].link_up = up;
        self.fact(node, Fact::Link(up));
        self.connectivity_changed();
    }

    /// Somebody removes a virtual address by hand.
    pub(crate) fn take_away(&mut self, node: usize, address: IpAddr) {
        if self.nodes[node].held.remove(&address) {
            self.fact(node, Fact::AddressGone(address));
        }
    }

    /// A packet from nowhere arrives at one node now.
    pub(crate) fn inject(&mut self, to: usize, packet: Packet) {
        self.arrive(to, &Rc::new(packet));
    }

    /// After the network was changed by hand.
    pub(crate) fn connectivity_changed(&mut self) {
        self.quarrel = None;
        self.look_for_quarrel();
    }

    pub(crate) fn run_for(&mut self, time: Duration) {
        self.run_until(self.now + time);
    }

    pub(crate) fn run_until(&mut self, end: Instant) {
        loop {
            let timer = self.first_timer();
            let packet = self.queue.peek().map(|Reverse(pending)| pending.at);
            // What came in at the same moment is told before a timer.
            match (packet, timer) {
                (Some(at), _) if at <= end && timer.is_none_or(|(due, _)| at <= due) => self.arrivals(),
                (_, Some((due, node))) if due <= end => {
                    self.now = self.now.max(due);
                    self.tell(node, Cause::Due, Event::Due);
                }
                _ => break,
            }
        }
        self.now = end;
    }

    /// Nodes that are MASTER and can act on it.
    pub(crate) fn masters(&self) -> Vec<usize> {
        let serves = |node: &usize| self.nodes[*node].takes_part() && self.nodes[*node].is_master();
        (0..self.nodes.len()).filter(serves).collect()
    }

    pub(crate) fn states(&self) -> Vec<Option<State>> {
        self.nodes.iter().map(Node::state).collect()
    }

    pub(crate) fn claims_since(&self, since: Instant) -> Vec<Claim> {
        self.claims.iter().filter(|claim| claim.at >= since).copied().collect()
    }

    /// Adverts of one node since then: when, and with what priority.
    pub(crate) fn sent_since(&self, node: usize, since: Instant) -> Vec<(Duration, u8)> {
        let those = self.sent.iter().filter(|sent| sent.node == node && sent.at >= since);
        those.map(|sent| (sent.at.since(since), sent.priority)).collect()
    }

    /// Ends the test with everything that is needed to see why.
    pub(crate) fn fail(&self, why: &str) -> ! {
        panic!("seed {}, at {}: {why}\n{:?}\n{}", self.seed, self.now, self.states(), self.trace)
    }

    pub(crate) fn expect(&self, holds: bool, what: &str) {
        if !holds {
            self.fail(what);
        }
    }

    fn boot(&mut self, node: usize, cause: Cause) {
        let nodes = self.nodes.len();
        let (now, host) = (self.now, &mut self.nodes[node]);
        let mut engine = Engine::new(host.conf.model(node, nodes), now);
        let mut nothing = Vec::new();
        engine.handle(now, Event::Link(host.link()), &mut nothing);
        engine.handle(now, Event::Address(host.own_link_address(node)), &mut nothing);
        for &address in &host.held {
            engine.handle(now, Event::Address(host.link_address(address)), &mut nothing);
        }
        host.engine = Some(engine);
        host.worker += 1;
        host.life = Life::Running;
        let quiet = if cause == Cause::Start { host.conf.startup_delay } else { Duration::ZERO };
        host.record.quiet_until = now + quiet;
        if cause == Cause::Start {
            host.record.told = None;
        }
        let past = std::mem::take(&mut host.past);
        assert!(nothing.is_empty(), "acted before the start");
        self.tell(node, cause, Event::Start(&past));
        self.connectivity_changed();
    }

    fn first_timer(&self) -> Option<(Instant, usize)> {
        let awake = self.nodes.iter().enumerate().filter(|(_, node)| node.life == Life::Running);
        awake.filter_map(|(node, host)| Some((host.wake?.1, node))).min()
    }

    fn arrivals(&mut self) {
        let Some(Reverse(pending)) = self.queue.pop() else { return };
        self.now = self.now.max(pending.at);
        match pending.what {
            Coming::Packet(packet) => self.arrive(pending.node, &packet),
            Coming::Fact(fact) => self.fact(pending.node, fact),
        }
    }

    fn arrive(&mut self, node: usize, packet: &Rc<Packet>) {
        let host = &mut self.nodes[node];
        if !host.link_up || host.listen.is_none() {
            return;
        }
        match host.life {
            Life::Paused if host.socket.len() < SOCKET => host.socket.push_back(packet.clone()),
            Life::Running | Life::Stopped => self.tell_packet(node, packet),
            Life::Paused | Life::Off | Life::WorkerDead => {}
        }
    }

    fn fact(&mut self, node: usize, fact: Fact) {
        match self.nodes[node].life {
            Life::Paused => self.nodes[node].facts.push_back(fact),
            Life::Running | Life::Stopped => self.tell_fact(node, fact),
            Life::Off | Life::WorkerDead => {}
        }
    }

    fn tell_packet(&mut self, node: usize, packet: &Packet) {
        if let Some(listen) = self.nodes[node].listen {
            self.tell(node, Cause::Heard(packet.said), Event::Packet(listen, packet.datagram()));
        }
    }

    fn tell_fact(&mut self, node: usize, fact: Fact) {
        let host = &self.nodes[node];
        match fact {
            Fact::Link(up) => {
                let link = vrrpd::track::Link { up, ..host.link() };
                let cause = if up { Cause::LinkUp } else { Cause::LinkDown };
                self.tell(node, cause, Event::Link(link));
            }
            Fact::Address(address) => {
                let address = host.link_address(address);
                self.tell(node, Cause::Address, Event::Address(address));
            }
            Fact::AddressGone(address) => {
                let address = host.link_address(address);
                self.tell(node, Cause::AddressGone, Event::AddressGone(address));
            }
            Fact::ScriptEnded(worker, id, good) if worker == host.worker => {
                let outcome = Outcome::Exited(i32::from(!good));
                let cause = if good { Cause::ScriptPassed } else { Cause::ScriptFailed };
                self.tell(node, cause, Event::ScriptEnded(id, outcome));
            }
            Fact::ScriptEnded(..) => {}
        }
    }

    /// Tells one node one thing, does what it orders, and lets the referee look.
    fn tell(&mut self, node: usize, cause: Cause, event: Event<'_>) {
        let host = &mut self.nodes[node];
        let Some(engine) = &mut host.engine else { return };
        self.events += 1;
        let stopped = engine.finished();
        let mut actions = std::mem::take(&mut self.actions);
        engine.handle(self.now, event, &mut actions);
        let deadline = engine.deadline();
        self.did.clear();
        self.did.extend(without_copies(&actions).map(Did::of));
        let (before, after) = (host.record.state, host.state());
        self.trace.told(self.now, node, cause, after, &self.did, deadline);
        if stopped && !(actions.is_empty() && deadline.is_none()) {
            self.fail("a stopped engine acted");
        }
        if self.records {
            self.record(node);
        }
        let mut added = Vec::new();
        for action in actions.drain(..) {
            self.perform(node, action, &mut added);
        }
        self.actions = actions;
        if !stopped {
            self.judge(node, cause, after, deadline);
        }
        self.plan(node);
        if before != after {
            if after == Some(State::Master) && cause != Cause::Resume {
                self.claims.push(Claim { at: self.now, node });
            }
            self.look_for_quarrel();
        }
        self.check_quarrel();
        // The kernel tells of what was put there.
        added.into_iter().for_each(|address| self.tell_fact(node, Fact::Address(address)));
    }

    fn record(&mut self, node: usize) {
        let priorities = self.did.iter().filter_map(|did| match did {
            Did::Send(priority) => Some(*priority),
            _ => None,
        });
        self.sent.extend(priorities.map(|priority| Sent { at: self.now, node, priority }));
    }

    fn judge(&mut self, node: usize, cause: Cause, after: Option<State>, deadline: Option<Instant>) {
        let own = self.nodes[node].priority().map_or(0, |priority| priority.get());
        let Node { record, conf, held, held_routing, .. } = &mut self.nodes[node];
        let step = Step {
            now: self.now,
            cause,
            node,
            conf,
            after,
            own,
            did: &self.did,
            held,
            held_routing: held_routing.len(),
            deadline,
            lateness: self.lateness,
        };
        if let Err(why) = record.judge(&step) {
            self.fail(&format!("node {node}: {why}"));
        }
    }

    /// When the daemon will wake: a little late, as on a busy host.
    fn plan(&mut self, node: usize) {
        let late = self.lateness;
        let host = &mut self.nodes[node];
        let deadline = host.engine.as_ref().and_then(Engine::deadline);
        if host.wake.map(|(deadline, _)| deadline) != deadline {
            let mut at = |deadline: Instant| deadline.max(self.now) + self.rng.up_to(late);
            host.wake = deadline.map(|deadline| (deadline, at(deadline)));
        }
    }

    fn perform(&mut self, node: usize, action: Action, added: &mut Vec<IpAddr>) {
        match action {
            Action::Listen(listen) => self.nodes[node].listen = Some(listen),
            Action::Unlisten(listen) => {
                let open = &mut self.nodes[node].listen;
                *open = open.filter(|open| *open != listen);
            }
            Action::ReceiveBuffer(..) => {}
            Action::Script(id, _, ScriptAction::Run) => self.run_script(node, id),
            Action::Script(_, _, ScriptAction::Kill(_)) => {}
            // The nodes of this LAN have no interfaces of their own making.
            Action::MakeInterface(_) | Action::RemoveInterface(_) => {}
            // No file of these tests has any.
            Action::KeepStatics(_) | Action::DropStatics(_) => {}
            Action::Vrrp(_, order) => match order {
                vrrp::Action::Send(sent) => self.send(node, &sent),
                vrrp::Action::AddAddresses(list) => {
                    let list = list.iter().map(|placed| placed.address.prefix.address());
                    added.extend(list.filter(|&address| self.nodes[node].held.insert(address)));
                }
                vrrp::Action::RemoveAddresses(list) => {
                    for placed in list.iter() {
                        self.nodes[node].held.remove(&placed.address.prefix.address());
                    }
                }
                vrrp::Action::AddRouting(list) => {
                    let held = &mut self.nodes[node].held_routing;
                    let new: Vec<_> = list.iter().filter(|new| !held.contains(new)).cloned().collect();
                    held.extend(new);
                }
                vrrp::Action::RemoveRouting(list) => {
                    self.nodes[node].held_routing.retain(|held| !list.contains(held));
                }
                // Packets that are not VRRP do not exist here.
                vrrp::Action::BlockPackets(_) | vrrp::Action::UnblockPackets(_) => {}
                vrrp::Action::Announce { addresses, repeat } if self.records => {
                    let (now, times) = (self.now, usize::try_from(repeat).unwrap());
                    let round = addresses.iter().map(|said| (now, node, said.address));
                    self.announced.extend(round.cycle().take(addresses.len() * times));
                }
                vrrp::Action::Announce { .. } | vrrp::Action::Notify(_) | vrrp::Action::Remember(..) => {}
            },
        }
    }

    fn run_script(&mut self, node: usize, id: ScriptId) {
        let Node { script_good, worker, .. } = self.nodes[node];
        let ended = Fact::ScriptEnded(worker, id, script_good);
        self.push(self.now + SCRIPT_RUN, node, Coming::Fact(ended));
    }

    fn send(&mut self, node: usize, sent: &Transmission) {
        let priority = match sent.advert.priority {
            WirePriority::Release => 0,
            WirePriority::Is(priority) => priority.get(),
        };
        if !self.nodes[node].link_up {
            return;
        }
        let said = Said { by: Some(node), priority, interval: sent.advert.interval, wrong: false };
        let way = [sent.source, sent.destination];
        let hops = sent.hop_limit.or(Some(64));
        let packet = Rc::new(Packet::of(&sent.advert, &sent.authentication, way, hops, said));
        for to in 0..self.nodes.len() {
            let meant = sent.destination.is_multicast()
                || own_address(self.nodes[to].conf.family, to) == sent.destination;
            if to != node && meant && self.network.reaches(node, to) {
                for journey in self.network.journeys(&mut self.rng).collect::<Vec<_>>() {
                    self.push(self.now + journey, to, Coming::Packet(packet.clone()));
                }
            }
        }
    }

    fn push(&mut self, at: Instant, node: usize, what: Coming) {
        self.order += 1;
        self.queue.push(Reverse(Pending { at, order: self.order, node, what }));
    }

    /// Two masters that hear each other agree within an advert of the better one.
    fn look_for_quarrel(&mut self) {
        let masters = self.masters();
        let hear_each_other = |a: usize, b: usize| self.network.reaches(a, b) && self.network.reaches(b, a);
        let quarrel = masters
            .iter()
            .enumerate()
            .any(|(place, &a)| masters[place + 1..].iter().any(|&b| hear_each_other(a, b)));
        self.quarrel = quarrel.then(|| self.quarrel.unwrap_or(self.now));
    }

    fn check_quarrel(&self) {
        let Some(since) = self.quarrel.filter(|_| self.network.is_lossless()) else { return };
        let longest = self.nodes.iter().map(|node| node.conf.interval.duration()).max().unwrap_or_default();
        // One interval to speak, one more where a master listens first.
        let limit = longest * 2 + self.network.delay + self.network.jitter + self.lateness;
        if self.now.since(since) > limit {
            self.fail("two masters hear each other and do not agree");
        }
    }
}

/// What others can notice of these actions; the copies of one advert to several peers count as one.
fn without_copies(actions: &[Action]) -> impl Iterator<Item = &Action> {
    let mut last = None;
    actions.iter().filter(move |action| {
        // What a successor would have to know concerns nobody else.
        if matches!(action, Action::Vrrp(_, vrrp::Action::Remember(..))) {
            return false;
        }
        let Action::Vrrp(_, vrrp::Action::Send(sent)) = action else { return true };
        last.replace(sent.id) != Some(sent.id)
    })
}
