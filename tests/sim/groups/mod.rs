//! Four virtual routers in two sync groups on four links, and everything that can go wrong with them.
//!
//! `SEEDS=N` sets how many LANs live and die, 100 faults each; the default is a share that fits into a test run.

mod host;
mod lan;
mod referee;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use vrrpd::config::model::{Model, Preemption, Prefix, SyncGroup, VirtualAddress};
use vrrpd::units::{Family, IfName, Vrid};

use crate::conf::{Conf, prio, secs, us};
use crate::node::Life;
use crate::rng::Rng;
use host::{GROUPS, LINKS, own_address, virtual_address};
use lan::Lan;

const DEFAULT_SEEDS: u64 = 1_000;
const THREADS: u64 = 2;
/// Rounds of trouble and peace for each seed, and faults in each.
const ROUNDS: usize = 8;
const FAULTS: usize = 13;

#[test]
fn groups_keep_every_rule_whatever_fails() {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(DEFAULT_SEEDS);
    let (faults, events) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (faults, events) = (&faults, &events);
            scope.spawn(move || {
                for seed in (thread..seeds).step_by(THREADS as usize) {
                    let run = live(seed);
                    faults.fetch_add(run.0, Ordering::Relaxed);
                    events.fetch_add(run.1, Ordering::Relaxed);
                }
            });
        }
    });
    let (faults, events) = (faults.into_inner(), events.into_inner());
    println!("{faults} faults over {seeds} seeds, {events} events");
    assert!(faults >= seeds * 100, "{faults} faults");
}

/// One LAN; answers how many faults it had and how many events its nodes were told.
fn live(seed: u64) -> (u64, u64) {
    let mut rng = Rng::new(seed ^ 0x5eed);
    let nodes = 2 + rng.below(3);
    let habits: Vec<[Conf; GROUPS]> = (0..nodes).map(|_| [habit(&mut rng), habit(&mut rng)]).collect();
    let delays = habits.iter().flatten().map(|conf| match conf.preemption {
        Preemption::Delayed(delay) => delay,
        Preemption::Immediate | Preemption::Never => Duration::ZERO,
    });
    // A start, a wait for the worst, the group's slowest member, patience, a wait again, a master that listens.
    let patience = secs(30) + delays.max().unwrap_or_default();
    let mut lan = Lan::new(seed, habits.into_iter().enumerate().map(|(node, habits)| model(node, habits)));
    let mut faults = 0;
    for _ in 0..ROUNDS {
        for _ in 0..FAULTS {
            one_fault(&mut lan);
            faults += 1;
            let scale = lan.rng.pick(&[1, 3, 8]);
            let pause = lan.rng.up_to(Duration::from_millis(500) * scale);
            lan.run_for(pause);
        }
        lan.repair();
        lan.run_for(patience);
        lan.expect_one_master_per_group();
    }
    (faults, lan.events)
}

/// What a node does with a group: the same for all its members.
fn habit(rng: &mut Rng) -> Conf {
    let conf = prio(u8::try_from(1 + rng.below(254)).unwrap());
    match rng.below(8) {
        0 | 1 => conf.nopreempt(),
        2 => {
            let delay = us(1) + rng.up_to(secs(10));
            conf.preempt_delay(delay)
        }
        3 => conf.priority(255),
        4 => conf.script(0),
        5 => conf.script(-100),
        _ => conf,
    }
}

fn model(node: usize, habits: [Conf; GROUPS]) -> Model {
    let mut model = Model::default();
    for (group, conf) in habits.into_iter().enumerate() {
        let mut made = conf.model(node, 0);
        let check = format!("check{group}");
        made.scripts.iter_mut().for_each(|script| script.name.clone_from(&check));
        model.scripts.extend(made.scripts);
        let mut members = Vec::new();
        for link in (0..LINKS).filter(|link| link % GROUPS == group) {
            let mut instance = made.instances[0].clone();
            instance.name = format!("V{link}");
            instance.vrid = Vrid::new(u8::try_from(link + 1).unwrap()).unwrap();
            instance.interface = IfName::new(&format!("eth{link}"));
            instance.addresses = vec![VirtualAddress::plain(Prefix::new(virtual_address(link), 24).unwrap())];
            instance.track_scripts.iter_mut().for_each(|tracked| tracked.name.clone_from(&check));
            members.push(instance.name.clone());
            model.instances.push(instance);
        }
        model.sync_groups.push(SyncGroup {
            name: format!("G{group}"),
            members,
            track_interfaces: Vec::new(),
            track_scripts: Vec::new(),
            track_files: Vec::new(),
            track_processes: Vec::new(),
            tracking_weight: true,
            notify: made.instances[0].notify.clone(),
        });
    }
    assert_eq!(Family::of(own_address(0, node)), Family::V4);
    model
}

fn one_fault(lan: &mut Lan) {
    let (node, link) = (lan.rng.below(lan.hosts.len()), lan.rng.below(LINKS));
    let life = lan.hosts[node].life;
    match (lan.rng.below(16), life) {
        (0, Life::Off | Life::Stopped) => lan.start(node),
        (0, _) => lan.crash(node),
        (1, Life::Running) => lan.stop(node),
        (2 | 3, Life::Running) => lan.pause(node),
        (2 | 3, Life::Paused) => lan.wake(node),
        (4, Life::Running) => lan.kill_worker(node),
        (4 | 5, Life::WorkerDead) => lan.respawn_worker(node),
        (5, Life::Running) => {
            lan.kill_worker(node);
            lan.respawn_worker(node);
        }
        (6..=8, _) => lan.toggle_link(node, link),
        (9, _) => {
            let other = (node + 1) % lan.hosts.len();
            lan.cuts.push((link, node, other));
        }
        (10, _) => {
            let others = (0..lan.hosts.len()).filter(|other| *other != node);
            let both = others.flat_map(|other| [(link, node, other), (link, other, node)]);
            let both: Vec<_> = both.collect();
            lan.cuts.extend(both);
        }
        (11, _) => lan.loss = lan.rng.pick(&[50, 300, 700]),
        (12, Life::Running) => lan.take_away(node, virtual_address(link)),
        (13, Life::Running) => lan.reload(node, None),
        (14, Life::Running) => {
            let priority = u8::try_from(1 + lan.rng.below(254)).unwrap();
            lan.reload(node, Some((link % GROUPS, priority)));
        }
        (15, _) => lan.toggle_script(node, link % GROUPS),
        _ => {
            lan.cuts.clear();
            lan.loss = 0;
        }
    }
}
