//! A worker that dies and is replaced: a crash is not a failover when the successor is there in time, and follows the
//! rule for oversleeping when it is not.

use vrrpd::config::model::HmacMode;
use vrrpd::vrrp::State;

use crate::conf::{Conf, ms, prio, secs};
use crate::lan::Lan;

fn settled(confs: impl IntoIterator<Item = Conf>) -> Lan {
    let mut lan = Lan::new(4, confs);
    lan.run_for(secs(20) + ms(5));
    lan.expect(lan.masters() == [0], "node 0 is the master");
    lan.claims.clear();
    lan
}

#[test]
fn a_successor_in_time_goes_on_and_nobody_notices() {
    let confs = [
        prio(200),
        prio(200).v2(1),
        prio(200).unicast(),
        prio(200).ipv6(),
        prio(200).nopreempt(),
        prio(200).script(0),
        prio(200).script(0).init_fail(),
        prio(200).script(20),
        prio(200).v2(1).ah("secret"),
        prio(200).v2(1).ah("secret").unicast(),
        prio(200).hmac(HmacMode::Enforce),
        prio(255).startup_delay(secs(30)),
        prio(200).startup_delay(secs(10)),
    ];
    for conf in confs {
        let what = format!("{conf:?}");
        let mut lan = Lan::new(4, [conf.clone(), conf.clone().priority(100)]);
        lan.run_for(secs(60));
        lan.expect(lan.masters() == [0], "node 0 is the master");
        let told = lan.nodes[0].record.told;
        lan.claims.clear();
        lan.kill_worker(0);
        lan.run_for(ms(500));
        let back = lan.now;
        lan.respawn_worker(0);
        assert_eq!(lan.sent_since(0, back).len(), 1, "{what}");
        lan.run_for(secs(60));
        assert_eq!(lan.claims, [], "{what}");
        assert_eq!((lan.masters(), lan.nodes[0].record.told), (vec![0], told), "{what}");
    }
}

#[test]
fn a_late_successor_listens_first() {
    // (own priority, stand-in, who serves in the end)
    for (own, other, serves) in [(200, 100, 0), (150, 150, 1)] {
        let mut lan = Lan::off(1, [prio(own), prio(other)]);
        lan.start(0);
        lan.run_for(secs(10));
        lan.start(1);
        lan.run_for(secs(10));
        lan.kill_worker(0);
        lan.run_for(secs(10));
        assert_eq!(lan.masters(), [1]);
        assert!(!lan.nodes[0].held.is_empty(), "the kernel still has the addresses");
        let back = lan.now;
        lan.respawn_worker(0);
        lan.run_for(ms(900));
        assert_eq!(lan.sent_since(0, back), []);
        lan.run_for(secs(30));
        assert_eq!(lan.masters(), [serves]);
        assert_eq!(lan.claims_since(back), []);
    }
}

#[test]
fn the_successor_of_a_backup_is_a_backup_and_tells_nobody() {
    let mut lan = settled([prio(200), prio(100)]);
    for _ in 0..5 {
        lan.kill_worker(1);
        lan.run_for(ms(100));
        lan.respawn_worker(1);
        assert_eq!(lan.nodes[1].state(), Some(State::Backup));
        lan.run_for(secs(5));
    }
    assert_eq!(lan.claims, []);
}

#[test]
fn the_successor_of_an_owner_that_yielded_to_another_does_not_claim() {
    let mut lan = Lan::new(1, [prio(255), prio(255)]);
    lan.run_for(secs(20));
    lan.expect(lan.masters() == [1], "the higher address serves");
    lan.claims.clear();
    lan.kill_worker(0);
    lan.respawn_worker(0);
    lan.run_for(secs(20));
    assert_eq!((lan.claims.clone(), lan.masters()), (Vec::new(), vec![1]));
}

#[test]
fn a_worker_that_dies_again_and_again_costs_nothing_either() {
    let mut lan = settled([prio(200), prio(100)]);
    for _ in 0..20 {
        lan.kill_worker(0);
        lan.run_for(ms(50));
        lan.respawn_worker(0);
        lan.run_for(ms(50));
    }
    lan.kill_worker(0);
    lan.run_for(secs(2));
    lan.respawn_worker(0);
    lan.run_for(secs(10));
    assert_eq!(lan.claims, []);
}

#[test]
fn a_successor_that_finds_the_link_down_gives_up() {
    let mut lan = settled([prio(200), prio(100)]);
    lan.kill_worker(0);
    lan.set_link(0, false);
    lan.run_for(secs(1));
    lan.respawn_worker(0);
    assert_eq!(lan.nodes[0].state(), Some(State::Fault));
    lan.run_for(secs(10));
    assert_eq!(lan.masters(), [1]);
}

#[test]
fn a_fresh_start_removes_what_it_finds() {
    let mut lan = settled([prio(200), prio(100)]);
    lan.kill_worker(0);
    lan.nodes[0].past.clear();
    assert!(!lan.nodes[0].held.is_empty());
    lan.start(0);
    assert!(lan.nodes[0].held.is_empty());
    lan.run_for(secs(10));
    assert_eq!(lan.masters(), [0]);
}
