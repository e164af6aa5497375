//! Ten thousand hours of LANs on which everything goes wrong, at random, and is well again for a while.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use vrrpd::config::model::Preemption;
use vrrpd::units::Instant;
use vrrpd::vrrp::State;

use crate::conf::{Conf, prio, secs, us};
use crate::lan::Lan;
use crate::node::Life;
use crate::rng::Rng;

/// What the issue asks for.
const HOURS: u64 = 10_000;
/// Seeds run by this many threads.
const THREADS: u64 = 2;

/// A kind of LAN: hours to simulate, and how its nodes are made.
struct Kind {
    name: &'static str,
    hours: u64,
    conf: fn(&mut Rng) -> Conf,
}

const KINDS: [Kind; 7] = [
    Kind { name: "VRRPv3, 1 s", hours: 3_000, conf: |rng| prio(random_priority(rng)) },
    Kind {
        name: "VRRPv2, 1 s",
        hours: 2_500,
        conf: |rng| prio(random_priority(rng)).v2(1).password("secret"),
    },
    Kind {
        name: "VRRPv3 unicast IPv6, 1 s",
        hours: 1_000,
        conf: |rng| prio(random_priority(rng)).unicast().ipv6(),
    },
    Kind { name: "VRRPv3, 0.1 s", hours: 100, conf: |rng| prio(random_priority(rng)).v3(10) },
    Kind { name: "VRRPv3, each node its own interval", hours: 1_500, conf: mixed },
    Kind { name: "VRRPv2, 5 s", hours: 1_000, conf: |rng| prio(random_priority(rng)).v2(5) },
    Kind { name: "VRRPv3, 40.95 s", hours: 1_000, conf: |rng| prio(random_priority(rng)).v3(4095) },
];

fn random_priority(rng: &mut Rng) -> u8 {
    u8::try_from(1 + rng.below(254)).unwrap()
}

fn mixed(rng: &mut Rng) -> Conf {
    let interval = rng.pick(&[50, 100, 200, 300, 1_000]);
    prio(random_priority(rng)).v3(interval)
}

/// What makes a node unlike the others.
fn habits(rng: &mut Rng, conf: Conf) -> Conf {
    match rng.below(10) {
        0 | 1 => conf.nopreempt(),
        2 => {
            let most = conf.interval.duration() * 20;
            let delay = us(1) + rng.up_to(most);
            conf.preempt_delay(delay)
        }
        3 => conf.priority(255),
        4 => conf.startup_delay(secs(7)),
        5 => conf.addresses(3),
        6 => conf.script(rng.pick(&[0, -100, 50])),
        _ => conf,
    }
}

struct Run {
    lan: Lan,
    /// Longest time that any node waits for anything.
    patience: Duration,
    longest_interval: Duration,
}

#[test]
fn ten_thousand_hours_of_faults_break_no_rule() {
    let (simulated, events) = (AtomicU64::new(0), AtomicU64::new(0));
    for kind in &KINDS {
        let before = simulated.load(Ordering::Relaxed);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (simulated, events) = (&simulated, &events);
                scope.spawn(move || live(kind, thread, simulated, events));
            }
        });
        let hours = (simulated.load(Ordering::Relaxed) - before) / 3_600;
        println!("{hours} hours of {}", kind.name);
    }
    let hours = simulated.into_inner() / 3_600;
    println!("{hours} hours of LAN in all, {} events", events.into_inner());
    assert!(hours >= HOURS, "{hours} hours");
}

/// One thread's share of a kind: seed after seed until its hours are over.
fn live(kind: &Kind, thread: u64, simulated: &AtomicU64, events: &AtomicU64) {
    let share = kind.hours * 3_600 / THREADS + 1;
    let mut lived = 0;
    let mut seed = thread;
    while lived < share {
        let mut run = Run::new(kind, seed);
        let start = run.lan.now;
        for _ in 0..8 {
            run.trouble();
            run.repair();
            run.settle();
            run.calm();
        }
        let seconds = run.lan.now.since(start).as_secs();
        lived += seconds;
        simulated.fetch_add(seconds, Ordering::Relaxed);
        events.fetch_add(run.lan.events, Ordering::Relaxed);
        seed += THREADS;
    }
}

impl Run {
    fn new(kind: &Kind, seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x5eed);
        let nodes = 2 + rng.below(3);
        let confs: Vec<Conf> = (0..nodes)
            .map(|_| {
                let conf = (kind.conf)(&mut rng);
                habits(&mut rng, conf)
            })
            .collect();
        let longest_interval = confs.iter().map(|conf| conf.interval.duration()).max().unwrap_or_default();
        let delays = confs.iter().map(|conf| match conf.preemption {
            Preemption::Delayed(delay) => delay,
            Preemption::Immediate | Preemption::Never => Duration::ZERO,
        });
        let longest_delay = delays.max().unwrap_or_default();
        let mut lan = Lan::new(seed, confs);
        lan.records = false;
        lan.network.jitter = us(1_900);
        lan.network.duplication = rng.pick(&[0, 0, 50]);
        lan.lateness = rng.pick(&[Duration::ZERO, us(300), us(3_000)]);
        // A start, a wait for the worst, patience, a wait again, and a master that listens.
        Self { lan, patience: longest_interval * 12 + longest_delay + secs(10), longest_interval }
    }

    /// Some faults, each with time to do harm.
    fn trouble(&mut self) {
        for _ in 0..1 + self.lan.rng.below(6) {
            self.one_fault();
            let scale = self.lan.rng.pick(&[1, 3, 8]);
            let pause = self.lan.rng.up_to(self.longest_interval * scale);
            self.lan.run_for(pause);
        }
    }

    fn one_fault(&mut self) {
        let nodes = self.lan.nodes.len();
        let node = self.lan.rng.below(nodes);
        let other = (node + 1 + self.lan.rng.below(nodes - 1)) % nodes;
        let kind = self.lan.rng.below(15);
        let lan = &mut self.lan;
        let life = lan.nodes[node].life;
        match (kind, life) {
            (0, Life::Off | Life::Stopped) => lan.start(node),
            (0 | 1, _) => {
                lan.crash(node);
            }
            (2, Life::Running) => {
                lan.stop(node);
            }
            (3 | 4, Life::Running) => lan.pause(node),
            (3 | 4, Life::Paused) => lan.wake(node),
            (5, Life::Running) => lan.kill_worker(node),
            (5, Life::WorkerDead) => lan.respawn_worker(node),
            (6, _) => {
                let up = lan.nodes[node].link_up;
                lan.set_link(node, !up);
            }
            (7, _) => {
                lan.network.cut(node, other);
                lan.connectivity_changed();
            }
            (8, _) => {
                let rest: Vec<usize> = (0..nodes).filter(|one| *one != node).collect();
                lan.network.partition(&[&[node], &rest]);
                lan.connectivity_changed();
            }
            (9, _) => lan.network.loss = lan.rng.pick(&[50, 300, 700]),
            (10, Life::Running) => {
                let held = lan.nodes[node].held.first().copied();
                held.into_iter().for_each(|address| lan.take_away(node, address));
            }
            (11, Life::Running) => {
                let conf = lan.nodes[node].conf.clone();
                lan.reload(node, conf);
            }
            (12, Life::Running) if lan.nodes[node].conf.priority != 255 => {
                let priority = random_priority(&mut lan.rng);
                let conf = lan.nodes[node].conf.clone().priority(priority);
                lan.reload(node, conf);
            }
            (13, Life::Running) => {
                // Dies and is back before anybody can notice.
                lan.kill_worker(node);
                lan.respawn_worker(node);
            }
            (14, _) => lan.nodes[node].script_good = !lan.nodes[node].script_good,
            _ => {
                lan.network.heal();
                lan.connectivity_changed();
            }
        }
    }

    /// Everything works from now on.
    fn repair(&mut self) {
        let lan = &mut self.lan;
        lan.network.heal();
        lan.network.loss = 0;
        lan.connectivity_changed();
        for node in 0..lan.nodes.len() {
            lan.nodes[node].script_good = true;
            if !lan.nodes[node].link_up {
                lan.set_link(node, true);
            }
            match lan.nodes[node].life {
                Life::Off | Life::Stopped => lan.start(node),
                Life::Paused => lan.wake(node),
                Life::WorkerDead => lan.respawn_worker(node),
                Life::Running => {}
            }
        }
        lan.connectivity_changed();
    }

    /// Long enough for everybody's patience: then there is one master, and it is the right one.
    fn settle(&mut self) {
        self.lan.run_for(self.patience);
        let lan = &self.lan;
        let [master] = lan.masters()[..] else { lan.fail("one master is needed") };
        for node in 0..lan.nodes.len() {
            let wanted = if node == master { State::Master } else { State::Backup };
            lan.expect(lan.nodes[node].state() == Some(wanted), "all but the master are backups");
        }
        for node in (0..lan.nodes.len()).filter(|&node| node != master) {
            let content = lan.nodes[node].conf.preemption == Preemption::Never
                || lan.nodes[node].priority() <= lan.nodes[master].priority();
            lan.expect(content, "a better router would serve");
        }
    }

    /// Nothing happens, and nothing may happen.
    fn calm(&mut self) {
        let (before, claims): (Instant, usize) = (self.lan.now, self.lan.claims.len());
        let master = self.lan.masters();
        let time = self.longest_interval * 200 + self.lan.rng.up_to(self.longest_interval * 200);
        self.lan.run_for(time);
        self.lan.expect(self.lan.claims.len() == claims, "somebody claimed without cause");
        self.lan.expect(self.lan.masters() == master, "the master changed without cause");
        for node in master {
            let silent = self.lan.now.since(self.lan.nodes[node].record.last_sent);
            let interval = self.lan.nodes[node].conf.interval.duration();
            self.lan.expect(silent <= interval + self.lan.lateness, "the master advertises");
            self.lan.expect(self.lan.now > before, "time passed");
        }
        self.lan.claims.clear();
    }
}
