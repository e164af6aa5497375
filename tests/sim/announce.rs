//! When addresses are announced: bursts, refreshes, and the gaps that an operator asks for.

use std::num::NonZeroU32;
use std::time::Duration;

use vrrpd::config::model::AnnounceSchedule;
use vrrpd::units::Instant;

use crate::conf::{Conf, ms, prio, secs};
use crate::lan::Lan;

const GAP: Duration = ms(200);

/// Three addresses, a refresh every 4 s.
fn paced(priority: u8) -> Conf {
    let announce = AnnounceSchedule {
        repeat: NonZeroU32::new(3).unwrap(),
        refresh: secs(4),
        ..AnnounceSchedule::default()
    };
    Conf { announce, ..prio(priority).addresses(3).announced_every(GAP) }
}

/// When node `node` announced something, in order.
fn times(lan: &Lan, node: usize) -> Vec<Instant> {
    lan.announced.iter().filter(|(_, by, _)| *by == node).map(|(at, ..)| *at).collect()
}

#[test]
fn whatever_happens_two_announcements_of_a_node_keep_their_gap() {
    for seed in 0..50 {
        let mut lan = Lan::new(seed, [paced(200), paced(100)]);
        lan.lateness = ms(5);
        for round in 0..20 {
            lan.run_for(ms(700 + 311 * round));
            match round % 5 {
                0 => lan.set_link(0, false),
                1 => lan.set_link(0, true),
                2 => lan.pause(0),
                3 => lan.wake(0),
                _ => lan.take_away(0, lan.nodes[0].conf.virtual_addresses()[1]),
            }
        }
        for node in 0..2 {
            let times = times(&lan, node);
            let kept = times.windows(2).all(|pair| pair[1].since(pair[0]) >= GAP);
            lan.expect(kept && !times.is_empty(), &format!("announcements of node {node}: {times:?}"));
        }
    }
}

/// keepalived starts another timer at each mastership.
#[test]
fn refreshes_do_not_multiply_with_masterships() {
    let mut lan = Lan::new(1, [paced(200).announced_every(Duration::ZERO)]);
    lan.run_for(secs(20));
    for _ in 0..4 {
        lan.set_link(0, false);
        lan.run_for(secs(1));
        lan.set_link(0, true);
        lan.run_for(secs(10));
    }
    lan.announced.clear();
    lan.run_for(secs(40));
    lan.expect(lan.announced.len() == 3 * 10, &format!("{:?}", lan.announced));
}

#[test]
fn who_ceases_to_be_master_announces_nothing_more() {
    let mut lan = Lan::new(1, [paced(200), paced(100)]);
    lan.run_for(secs(20));
    lan.set_link(0, false);
    lan.announced.clear();
    lan.run_for(secs(20));
    lan.expect(times(&lan, 0).is_empty(), "node 0 announces what node 1 holds");
    lan.expect(!times(&lan, 1).is_empty(), "node 1 announces what it holds");
}
