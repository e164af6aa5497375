//! Daemons that did not run for a while. A backup that wakes late has heard its master; a master that wakes late may
//! have been replaced, and finds out before it speaks.

use std::time::Duration;

use vrrpd::vrrp::State;

use crate::conf::{Conf, ms, prio, secs};
use crate::lan::{Claim, Lan};

fn settled(confs: impl IntoIterator<Item = Conf>) -> Lan {
    let mut lan = Lan::new(3, confs);
    lan.run_for(secs(20));
    lan.expect(lan.masters() == [0], "node 0 is the master");
    lan.claims.clear();
    lan
}

fn paused(lan: &mut Lan, node: usize, time: Duration) {
    lan.pause(node);
    lan.run_for(time);
    lan.wake(node);
}

fn nodes(claims: &[Claim]) -> Vec<usize> {
    claims.iter().map(|claim| claim.node).collect()
}

#[test]
fn a_backup_that_sleeps_does_not_claim_while_its_master_lives() {
    for conf in [prio(100), prio(100).v2(1), prio(100).v3(1), prio(100).unicast(), prio(100).nopreempt()] {
        for time in [ms(100), secs(1), secs(5), secs(60), secs(3_600)] {
            let mut lan = settled([conf.clone().priority(200), conf.clone()]);
            paused(&mut lan, 1, time);
            lan.run_for(secs(20));
            assert_eq!(lan.claims, [], "{time:?} {conf:?}");
        }
    }
}

#[test]
fn a_backup_that_slept_through_the_death_of_its_master_serves_in_the_end() {
    let mut lan = settled([prio(200), prio(100)]);
    lan.pause(1);
    lan.run_for(secs(2));
    lan.crash(0);
    lan.run_for(secs(60));
    lan.wake(1);
    lan.run_for(secs(4));
    assert_eq!(nodes(&lan.claims), [1]);
}

#[test]
fn a_master_that_slept_less_than_its_peers_wait_goes_on_at_once() {
    let mut lan = settled([prio(200), prio(100)]);
    let last = lan.sent.last().unwrap().at;
    lan.run_until(last);
    lan.pause(0);
    lan.run_until(last + secs(3));
    let woke = lan.now;
    lan.wake(0);
    lan.run_for(secs(5));
    assert_eq!(lan.claims, []);
    assert_eq!(lan.sent_since(0, woke)[..3], [(secs(0), 200), (secs(1), 200), (secs(2), 200)]);
}

#[test]
fn the_best_master_that_overslept_listens_one_interval_and_then_takes_everything_back() {
    for conf in [prio(200), prio(200).v2(1), prio(200).unicast(), prio(200).preempt_delay(secs(10))] {
        let mut lan = settled([conf.clone(), conf.priority(100)]);
        lan.network.jitter = Duration::ZERO;
        paused(&mut lan, 0, secs(60));
        let woke = lan.now;
        assert_eq!(lan.masters(), [0, 1], "it keeps its addresses");
        lan.run_for(ms(999));
        assert_eq!(lan.sent_since(0, woke), [], "and is silent");
        lan.run_for(ms(2));
        assert_eq!(lan.sent_since(0, woke), [(secs(1), 200)]);
        assert_eq!(lan.masters(), [0], "the other yields at once");
        lan.run_for(secs(60));
        assert_eq!(nodes(&lan.claims), [1], "nobody became master but the stand-in");
    }
}

#[test]
fn a_master_that_overslept_yields_to_what_it_must_respect() {
    // (its priority, whether nopreempt, that of the stand-in, who serves in the end)
    let cases = [(200, false, 100, 0), (200, true, 100, 1), (100, false, 200, 1), (150, false, 150, 1)];
    for (own, nopreempt, other, serves) in cases {
        let conf = if nopreempt { prio(own).nopreempt() } else { prio(own) };
        let mut lan = Lan::off(1, [conf, prio(other)]);
        lan.start(0);
        lan.run_for(secs(10));
        lan.pause(0);
        lan.start(1);
        lan.run_for(secs(30));
        lan.wake(0);
        let woke = lan.now;
        lan.run_for(secs(30));
        assert_eq!(lan.masters(), [serves], "{own} {nopreempt} {other}");
        if serves == 1 {
            assert_eq!(lan.sent_since(0, woke), [], "not a word to a master that is respected");
        }
        assert_eq!(lan.claims_since(woke), []);
    }
}

#[test]
fn a_master_that_overslept_alone_goes_on_after_one_interval() {
    let mut lan = settled([prio(200)]);
    paused(&mut lan, 0, secs(100));
    let woke = lan.now;
    lan.run_for(secs(4));
    assert_eq!(lan.sent_since(0, woke), [(secs(1), 200), (secs(2), 200), (secs(3), 200), (secs(4), 200)]);
    assert_eq!(lan.claims, []);
}

#[test]
fn a_fact_about_the_link_does_not_break_the_silence_of_a_master_that_overslept() {
    let mut lan = settled([prio(200), prio(100)]);
    lan.pause(0);
    lan.run_for(secs(30));
    // The interface got another address meanwhile: the daemon reads that first.
    lan.nodes[0].mac_changes();
    lan.set_link(0, true);
    lan.wake(0);
    lan.run_for(ms(500));
    assert_eq!(lan.masters(), [0, 1], "listening");
    lan.run_for(secs(30));
    assert_eq!(lan.masters(), [0]);
}

#[test]
fn a_stop_that_comes_first_after_a_sleep_is_orderly() {
    let mut lan = settled([prio(200), prio(100)]);
    paused(&mut lan, 0, secs(30));
    lan.stop(0);
    lan.run_for(secs(30));
    assert_eq!(lan.states(), [Some(State::Init), Some(State::Master)]);
    assert_eq!(nodes(&lan.claims), [1]);
}

#[test]
fn three_masters_that_wake_one_after_the_other_leave_one() {
    for seed in 0..50 {
        let mut lan = Lan::new(seed, [prio(200), prio(150), prio(100)]);
        lan.run_for(secs(10));
        lan.pause(0);
        lan.run_for(secs(10));
        lan.pause(1);
        lan.run_for(secs(10));
        for node in [1, 0] {
            let pause = lan.rng.up_to(secs(3));
            lan.run_for(pause);
            lan.wake(node);
        }
        lan.run_for(secs(5));
        lan.expect(lan.masters() == [0], "the best serves");
        lan.expect(nodes(&lan.claims) == [0, 1, 2], "and nobody claimed when they woke");
    }
}
