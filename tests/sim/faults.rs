//! Hosts that die, leave and come back, networks that break: who takes over, when, and who does not.

use std::time::Duration;

use vrrpd::vrrp::State;

use crate::conf::{Conf, ms, prio, secs, us};
use crate::lan::{Claim, Lan};

const WAY: Duration = us(100);

fn ns(nanoseconds: u64) -> Duration {
    Duration::from_nanos(nanoseconds)
}

fn nodes(claims: &[Claim]) -> Vec<usize> {
    claims.iter().map(|claim| claim.node).collect()
}

/// The same in each way to talk.
fn kinds() -> [fn(Conf) -> Conf; 5] {
    [|conf| conf, |conf| conf.v2(1), |conf| conf.unicast(), |conf| conf.ipv6(), |conf| conf.ipv6().unicast()]
}

#[test]
fn only_the_best_ever_claims_when_all_start_together() {
    for kind in kinds() {
        for seed in 0..20 {
            let mut lan = Lan::new(seed, [prio(200), prio(150), prio(100)].map(kind));
            lan.network.jitter = us(900);
            lan.lateness = ms(1);
            lan.run_for(secs(60));
            lan.expect(nodes(&lan.claims) == [0], "the best claims once");
        }
    }
}

#[test]
fn only_the_best_survivor_claims_and_in_time() {
    for kind in kinds() {
        for seed in 0..20 {
            let mut lan = Lan::new(seed, [prio(200), prio(150), prio(100)].map(kind));
            let pause = lan.rng.up_to(secs(2));
            lan.run_for(secs(10) + pause);
            let died = lan.crash(0);
            lan.run_for(secs(10));
            let claims = lan.claims_since(died);
            lan.expect(nodes(&claims) == [1], "node 1 alone claims");
            let took = claims[0].at.since(died);
            let range = ns(2_414_062_500)..=ns(3_414_062_500) + WAY;
            lan.expect(range.contains(&took), "3 intervals and the skew after the last advert");
        }
    }
}

#[test]
fn a_stopped_master_is_replaced_within_the_skew() {
    for kind in kinds() {
        let mut lan = Lan::new(1, [prio(200), prio(150), prio(100)].map(kind));
        lan.run_for(secs(10));
        let stopped = lan.stop(0);
        lan.run_for(secs(10));
        assert_eq!(lan.claims_since(stopped), [Claim { at: stopped + WAY + ns(414_062_500), node: 1 }]);
    }
}

#[test]
fn a_farewell_that_gets_lost_costs_what_a_crash_does() {
    let mut lan = Lan::new(1, [prio(200), prio(150)]);
    lan.run_for(secs(10));
    lan.network.cut(0, 1);
    let stopped = lan.stop(0);
    lan.network.heal();
    lan.run_for(secs(10));
    let claims = lan.claims_since(stopped);
    lan.expect(
        nodes(&claims) == [1] && claims[0].at.since(stopped) <= ns(3_414_062_500) + WAY,
        "as in a crash",
    );
}

#[test]
fn a_partition_has_a_master_on_each_side_and_heals_to_one() {
    for kind in kinds() {
        let mut lan = Lan::new(1, [prio(200), prio(150), prio(100)].map(kind));
        lan.run_for(secs(10));
        let before = lan.now;
        lan.network.partition(&[&[0], &[1, 2]]);
        lan.connectivity_changed();
        lan.run_for(secs(30));
        assert_eq!(lan.masters(), [0, 1]);
        assert_eq!(nodes(&lan.claims_since(before)), [1]);
        let healed = lan.now;
        lan.network.heal();
        lan.connectivity_changed();
        lan.run_for(secs(1) + WAY * 2);
        assert_eq!(lan.masters(), [0], "within one advert of the better one");
        lan.run_for(secs(30));
        assert_eq!(lan.claims_since(healed), []);
        assert_eq!(lan.states(), [Some(State::Master), Some(State::Backup), Some(State::Backup)]);
    }
}

#[test]
fn a_master_that_is_not_heard_has_a_rival_until_it_is() {
    // Node 1 does not hear node 0, which hears it and answers in vain.
    let mut lan = Lan::new(1, [prio(200), prio(150)]);
    lan.run_for(secs(10));
    lan.network.cut(0, 1);
    lan.run_for(secs(30));
    assert_eq!(lan.masters(), [0, 1]);
    lan.network.heal();
    lan.connectivity_changed();
    lan.run_for(secs(1) + WAY * 2);
    assert_eq!(lan.masters(), [0]);
}

#[test]
fn a_backup_that_is_not_heard_stays_one() {
    let mut lan = Lan::new(1, [prio(200), prio(150)]);
    lan.run_for(secs(10));
    let cut = lan.now;
    lan.network.cut(1, 0);
    lan.run_for(secs(100));
    assert_eq!(lan.claims_since(cut), []);
}

#[test]
fn nopreempt_leaves_a_master_that_is_heard_alone() {
    for kind in kinds() {
        let mut lan = Lan::off(1, [prio(200).nopreempt(), prio(150).nopreempt(), prio(100)].map(kind));
        lan.start(2);
        lan.run_for(secs(10));
        lan.start(0);
        lan.start(1);
        lan.run_for(secs(100));
        assert_eq!(lan.masters(), [2]);
        let died = lan.crash(2);
        lan.run_for(secs(10));
        assert_eq!(nodes(&lan.claims_since(died)), [0], "the best of those left");
    }
}

#[test]
fn two_lost_adverts_in_a_row_change_nothing() {
    let mut lan = Lan::new(1, [prio(200), prio(100)]);
    lan.run_for(secs(10));
    let claims = lan.claims.len();
    for _ in 0..100 {
        let last = lan.sent.last().unwrap().at;
        lan.run_until(last + ms(500));
        lan.network.cut(0, 1);
        lan.run_for(secs(2));
        lan.network.heal();
        lan.run_for(ms(600));
    }
    assert_eq!(lan.claims.len(), claims);
}

#[test]
fn duplicates_and_overtaking_change_nothing() {
    for seed in 0..50 {
        let mut lan = Lan::new(seed, [prio(200).v3(10), prio(150).v3(10), prio(100).v3(10)]);
        lan.network.duplication = 500;
        lan.network.jitter = ms(15);
        lan.run_for(secs(60));
        lan.expect(nodes(&lan.claims) == [0], "the best claims once");
    }
}

#[test]
fn a_reload_that_changes_nothing_is_not_noticed() {
    for kind in kinds() {
        let confs = [prio(200), prio(100)].map(kind);
        let mut lan = Lan::new(1, confs.clone());
        lan.run_for(secs(10) + ms(300));
        let before = lan.now;
        let last = lan.sent.last().unwrap().at;
        for _ in 0..10 {
            lan.reload(0, confs[0].clone());
            lan.reload(1, confs[1].clone());
            lan.run_for(ms(70));
        }
        lan.run_for(secs(10));
        assert_eq!(lan.claims_since(before), []);
        let sent: Vec<_> = lan.sent_since(0, before).into_iter().take(3).map(|(at, _)| before + at).collect();
        assert_eq!(sent, [last + secs(1), last + secs(2), last + secs(3)], "no advert early, none late");
    }
}

#[test]
fn a_reload_that_lowers_the_priority_hands_over_to_the_better_one() {
    let mut lan = Lan::new(1, [prio(200), prio(150)]);
    lan.run_for(secs(10));
    let before = lan.now;
    lan.reload(0, prio(100));
    lan.run_for(secs(20));
    assert_eq!(lan.masters(), [1]);
    assert_eq!(nodes(&lan.claims_since(before)), [1]);
    assert!(lan.sent_since(0, before).iter().all(|(_, priority)| *priority == 100), "no farewell");
}

#[test]
fn a_removed_instance_says_farewell_and_a_new_one_starts_as_a_backup() {
    let mut lan = Lan::new(1, [prio(200), prio(150)]);
    lan.run_for(secs(10));
    let removed = lan.now;
    lan.reload(0, prio(200).without_instance());
    assert_eq!(lan.sent_since(0, removed), [(secs(0), 0)]);
    lan.run_for(secs(20));
    assert_eq!(lan.claims_since(removed), [Claim { at: removed + WAY + ns(414_062_500), node: 1 }]);
    let back = lan.now;
    lan.reload(0, prio(200));
    assert_eq!(lan.nodes[0].state(), Some(State::Backup));
    lan.run_for(secs(20));
    assert_eq!(lan.claims_since(back), [Claim { at: back + ns(3_218_750_000), node: 0 }]);
}

#[test]
fn a_reload_adds_and_takes_addresses_without_a_change_of_state() {
    let mut lan = Lan::new(1, [prio(200), prio(150)]);
    lan.run_for(secs(10));
    let before = lan.now;
    for count in [3, 1, 5, 2] {
        // The referee compares what is held with what is configured.
        lan.reload(0, prio(200).addresses(count));
        lan.reload(1, prio(150).addresses(count));
        lan.run_for(secs(5));
    }
    assert_eq!(lan.claims_since(before), []);
}

#[test]
fn a_reload_to_a_shorter_interval_is_not_mistaken_for_oversleeping() {
    let mut lan = Lan::new(1, [prio(200).v3(1000), prio(150).v3(1000)]);
    lan.run_for(secs(100));
    let last = lan.sent.last().unwrap().at;
    lan.run_until(last + secs(8));
    let before = lan.now;
    lan.reload(0, prio(200).v3(100));
    lan.run_for(secs(30));
    assert_eq!(lan.sent_since(0, before)[..3], [(secs(0), 200), (secs(1), 200), (secs(2), 200)]);
    assert_eq!(lan.claims_since(before), []);
}

#[test]
fn a_backup_whose_v2_interval_grows_waits_by_the_new_one() {
    // Rolling change: the backup first, the master a little later.
    let mut lan = Lan::new(1, [prio(200).v2(1), prio(150).v2(1)]);
    lan.run_for(secs(10));
    let before = lan.now;
    lan.reload(1, prio(150).v2(5));
    lan.network.cut(0, 1);
    lan.run_for(secs(8));
    lan.network.heal();
    lan.reload(0, prio(200).v2(5));
    lan.run_for(secs(60));
    assert_eq!(lan.claims_since(before), []);
}
