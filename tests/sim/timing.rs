//! To the nanosecond: when a router claims, advertises and hands over (RFC 9568 §6.1, and what keepalived was seen to
//! do, `vrrp_startup_delay`, `preempt_delay` and hand-made interference included).

use std::time::Duration;

use vrrpd::units::Instant;
use vrrpd::vrrp::State;

use crate::conf::{Conf, ms, prio, secs, us};
use crate::lan::{Claim, Lan};
use crate::network::{Packet, Said};

/// How long a packet takes.
const WAY: Duration = us(100);

fn ns(nanoseconds: u64) -> Duration {
    Duration::from_nanos(nanoseconds)
}

/// A LAN where node 0 has been master for long; answers when it advertised last.
fn settled(confs: impl IntoIterator<Item = Conf>) -> (Lan, Instant) {
    let mut lan = Lan::new(1, confs);
    lan.run_for(secs(20));
    lan.expect(lan.masters() == [0], "node 0 is the master");
    let last = lan.sent.iter().rfind(|sent| sent.node == 0).unwrap().at;
    lan.claims.clear();
    (lan, last)
}

fn packet_from(lan: &Lan, node: usize, priority: u8, to: usize) -> Packet {
    use vrrpd::packet::{Addresses, Advert, Authentication};
    use vrrpd::units::{Vrid, WirePriority};
    let conf = &lan.nodes[to].conf;
    let source = crate::conf::own_address(conf.family, node);
    let destination = std::net::IpAddr::from([224, 0, 0, 18]);
    let advert = Advert {
        vrid: Vrid::new(51).unwrap(),
        priority: WirePriority::from_byte(priority),
        interval: conf.interval,
        addresses: Addresses::new(conf.family, conf.virtual_addresses()).unwrap(),
    };
    let said = Said { by: Some(node), priority, interval: conf.interval, wrong: false };
    Packet::of(&advert, &Authentication::None, [source, destination], Some(255), said)
}

#[test]
fn alone_it_claims_after_one_master_down_interval() {
    let cases = [
        (prio(150).v2(1), 3_414_062_500),
        (prio(100).v2(1), 3_609_375_000),
        (prio(254).v2(1), 3_007_812_500),
        (prio(1).v2(10), 30_996_093_750),
        (prio(100).v2(1).down_timer_adverts(2), 2_609_375_000),
        (prio(150), 3_414_062_500),
        (prio(150).nopreempt(), 3_414_062_500),
        (prio(150).preempt_delay(secs(100)), 3_414_062_500),
        (prio(150).ipv6(), 3_414_062_500),
        (prio(100).v3(10), 360_937_500),
        (prio(100).v3(1), 36_093_750),
        (prio(150).startup_delay(secs(3)), 6_414_062_500),
        (prio(255), 0),
        (prio(255).v2(5), 0),
        (prio(255).nopreempt(), 0),
        (prio(255).startup_delay(secs(3)), 4_000_000_000),
    ];
    for (conf, after) in cases {
        let what = format!("{conf:?}");
        let mut lan = Lan::new(1, [conf]);
        let start = lan.now;
        lan.run_for(secs(60));
        assert_eq!(lan.claims, [Claim { at: start + ns(after), node: 0 }], "{what}");
        assert_eq!(lan.sent[0].at, start + ns(after), "{what}");
    }
}

#[test]
fn a_backup_claims_one_master_down_interval_after_the_last_advert() {
    let cases = [
        (prio(100).v2(1), 3_609_375_000),
        (prio(254).v2(1), 3_007_812_500),
        (prio(100).v2(1).down_timer_adverts(2), 2_609_375_000),
        (prio(100).v3(10), 360_937_500),
        (prio(100).v3(5), 180_468_750),
        (prio(100).v3(1), 36_093_750),
        (prio(100).nopreempt(), 3_609_375_000),
        (prio(100).preempt_delay(secs(4)), 3_609_375_000),
        (prio(100).unicast(), 3_609_375_000),
        (prio(100).ipv6().unicast(), 3_609_375_000),
    ];
    for (conf, after) in cases {
        let what = format!("{conf:?}");
        let (mut lan, last) = settled([conf.clone().priority(255), conf]);
        lan.crash(0);
        lan.run_for(secs(10));
        assert_eq!(lan.claims, [Claim { at: last + WAY + ns(after), node: 1 }], "{what}");
    }
}

#[test]
fn a_farewell_is_followed_after_the_skew() {
    let cases = [
        (prio(100).v2(1), 609_375_000),
        (prio(100).v2(10), 609_375_000),
        (prio(100).v3(50), 304_687_500),
        (prio(100).v3(10), 60_937_500),
        (prio(100).nopreempt(), 609_375_000),
        (prio(100).preempt_delay(secs(4)), 609_375_000),
        (prio(100).unicast().ipv6(), 609_375_000),
    ];
    for (conf, after) in cases {
        let what = format!("{conf:?}");
        let mut lan = Lan::new(1, [conf.clone().priority(200), conf]);
        lan.run_for(secs(100));
        lan.claims.clear();
        let stopped = lan.stop(0);
        assert_eq!(lan.sent_since(0, stopped), [(Duration::ZERO, 0)], "{what}");
        lan.run_for(secs(100));
        assert_eq!(lan.claims, [Claim { at: stopped + WAY + ns(after), node: 1 }], "{what}");
    }
}

#[test]
fn a_backup_waits_by_the_interval_of_its_master_and_serves_by_its_own() {
    let (mut lan, last) = settled([prio(200).v3(50), prio(100).v3(200)]);
    lan.crash(0);
    lan.run_for(secs(30));
    let claim = last + WAY + ns(1_804_687_500);
    assert_eq!(lan.claims, [Claim { at: claim, node: 1 }]);
    let sent = lan.sent_since(1, claim);
    assert_eq!(sent[..4], [(secs(0), 100), (secs(2), 100), (secs(4), 100), (secs(6), 100)]);
    let address = lan.nodes[1].conf.virtual_addresses()[0];
    lan.claims.clear();
    let taken = lan.now;
    lan.take_away(1, address);
    lan.run_for(secs(30));
    assert_eq!(lan.claims, [Claim { at: taken + ns(1_218_750_000), node: 1 }], "by its own interval again");
}

#[test]
fn a_master_that_yields_waits_by_the_interval_of_the_better_one() {
    let mut lan = Lan::off(1, [prio(100).v3(50), prio(200).v3(300)]);
    lan.start(0);
    lan.run_for(secs(10));
    lan.start(1);
    lan.run_for(secs(9) + ns(656_250_000) + ms(1));
    lan.expect(lan.masters() == [1], "the better one has just taken over");
    let last = lan.sent.last().unwrap();
    assert_eq!(last.node, 1);
    let claim = last.at + WAY + ns(10_828_125_000);
    let died = lan.crash(1);
    lan.run_for(secs(30));
    assert_eq!(lan.claims_since(died), [Claim { at: claim, node: 0 }]);
}

#[test]
fn a_better_router_that_starts_takes_over_after_its_own_patience() {
    let cases = [
        (prio(150).v2(1), Some(3_414_062_500)),
        (prio(150), Some(3_414_062_500)),
        (prio(150).nopreempt(), None),
        (prio(255), Some(0)),
    ];
    for (conf, after) in cases {
        let what = format!("{conf:?}");
        let mut lan = Lan::off(1, [conf.clone(), conf.priority(100)]);
        lan.start(1);
        lan.run_for(secs(20) + ms(137));
        lan.claims.clear();
        let started = lan.now;
        lan.start(0);
        lan.run_for(secs(60));
        let claims: Vec<_> =
            after.map(|after| Claim { at: started + ns(after), node: 0 }).into_iter().collect();
        assert_eq!(lan.claims, claims, "{what}");
        lan.expect(lan.masters() == [usize::from(after.is_none())], "one master at the end");
    }
}

#[test]
fn preempt_delay_counts_from_the_first_losing_advert() {
    let mut lan = Lan::off(1, [prio(200).preempt_delay(secs(4)), prio(100)]);
    lan.start(1);
    lan.run_for(secs(20));
    let last = lan.sent.last().unwrap().at;
    lan.claims.clear();
    lan.run_until(last + ms(600));
    lan.start(0);
    lan.run_for(secs(60));
    // Losing adverts are heard 0.4, 1.4, 2.4, 3.4 and 4.4 s after the start; that at 4.4 s ends the 4 s of patience.
    let last_accepted = last + secs(4) + WAY;
    assert_eq!(lan.claims, [Claim { at: last_accepted + ns(3_218_750_000), node: 0 }]);
}

#[test]
fn preempt_delay_begins_anew_after_a_better_master() {
    let mut lan = Lan::off(1, [prio(150).preempt_delay(secs(5)), prio(100), prio(200)]);
    lan.start(1);
    lan.run_for(secs(10));
    lan.start(0);
    lan.run_for(secs(3));
    lan.start(2);
    lan.run_for(secs(10));
    lan.expect(lan.masters() == [2], "the best serves");
    // Node 1 is kept from hearing the end: it claims first again.
    lan.claims.clear();
    let stopped = lan.stop(2);
    lan.run_for(secs(60));
    let first = stopped + WAY + ns(414_062_500);
    assert_eq!(lan.claims, [Claim { at: first, node: 0 }], "patience is for masters, not for an empty place");
}

#[test]
fn a_higher_packet_once_costs_one_master_down_interval() {
    for (conf, after) in [(prio(150).v2(1), 3_414_062_500), (prio(150), 3_414_062_500)] {
        let (mut lan, _) = settled([conf]);
        let heard = lan.now;
        lan.inject(0, packet_from(&lan, 1, 200, 0));
        assert_eq!(lan.states(), [Some(State::Backup)]);
        lan.run_for(secs(10));
        assert_eq!(lan.claims, [Claim { at: heard + ns(after), node: 0 }]);
        assert!(lan.sent.iter().all(|sent| sent.priority != 0), "no farewell to a better one");
    }
}

#[test]
fn a_master_answers_what_loses_and_what_leaves_and_counts_anew() {
    // (priority heard, sender above or below us)
    for (priority, from) in [(0, 2), (0, 0), (100, 2), (100, 0), (150, 0)] {
        let mut lan = Lan::off(1, [prio(1), prio(150), prio(1)]);
        lan.start(1);
        lan.run_for(secs(20));
        let heard = lan.now;
        lan.inject(1, packet_from(&lan, from, priority, 1));
        lan.run_for(secs(2));
        assert_eq!(lan.sent_since(1, heard), [(secs(0), 150), (secs(1), 150), (secs(2), 150)], "{priority}");
        assert_eq!(lan.claims.len(), 1);
    }
}

#[test]
fn of_equals_the_higher_address_serves() {
    for conf in [prio(150), prio(150).v2(1), prio(150).ipv6(), prio(150).unicast(), prio(255)] {
        let mut lan = Lan::new(1, [conf.clone(), conf.clone(), conf]);
        lan.run_for(secs(30));
        lan.expect(lan.masters() == [2], "the highest address serves");
        let before = lan.now;
        lan.run_for(secs(100));
        assert_eq!(lan.claims_since(before), []);
    }
}

#[test]
fn an_equal_that_starts_later_leaves_the_master_alone() {
    let mut lan = Lan::off(1, [prio(150), prio(150)]);
    lan.start(0);
    lan.run_for(secs(20));
    lan.start(1);
    lan.run_for(secs(60));
    lan.expect(lan.masters() == [0], "the first one still serves");
    assert_eq!(lan.claims.len(), 1);
}

#[test]
fn an_address_removed_by_hand_costs_one_skew() {
    for (conf, after) in
        [(prio(150).v2(1), 414_062_500), (prio(150).v3(10), 41_406_250), (prio(150), 414_062_500)]
    {
        let (mut lan, _) = settled([conf.addresses(3)]);
        let address = lan.nodes[0].conf.virtual_addresses()[1];
        let taken = lan.now;
        lan.take_away(0, address);
        assert_eq!(lan.states(), [Some(State::Backup)]);
        assert_eq!(lan.sent_since(0, taken), [(secs(0), 0)]);
        lan.run_for(secs(10));
        assert_eq!(lan.claims, [Claim { at: taken + ns(after), node: 0 }]);
    }
}

#[test]
fn a_lost_link_is_a_fault_and_its_return_a_new_start() {
    for conf in [prio(150), prio(150).v2(1), prio(150).unicast(), prio(150).ipv6(), prio(255)] {
        let after = if conf.priority == 255 { 3_003_906_250 } else { 3_414_062_500 };
        let mut lan = Lan::off(1, [conf.clone(), conf]);
        lan.start(0);
        lan.run_for(secs(20) + ms(5));
        lan.claims.clear();
        let down = lan.now;
        lan.set_link(0, false);
        assert_eq!(lan.nodes[0].state(), Some(State::Fault));
        lan.run_for(secs(10));
        assert_eq!(lan.sent_since(0, down), [], "there is no way out");
        let up = lan.now;
        lan.set_link(0, true);
        lan.run_for(secs(10));
        assert_eq!(lan.claims, [Claim { at: up + ns(after), node: 0 }], "a full wait, for an owner too");
    }
}

#[test]
fn a_script_of_weight_0_decides_on_fault_and_back() {
    let (mut lan, _) = settled([prio(150).script(0), prio(100)]);
    lan.nodes[0].script_good = false;
    let bad = lan.now;
    lan.run_for(secs(10));
    assert_eq!(lan.states(), [Some(State::Fault), Some(State::Master)]);
    let farewells: Vec<_> =
        lan.sent_since(0, bad).into_iter().filter(|(_, priority)| *priority == 0).collect();
    let [(failed, 0)] = farewells[..] else { panic!("one farewell, not {farewells:?}") };
    assert_eq!(lan.claims, [Claim { at: bad + failed + WAY + ns(609_375_000), node: 1 }]);
    lan.nodes[0].script_good = true;
    let good = lan.now;
    lan.run_for(secs(10));
    let back = lan.claims_since(good);
    assert_eq!(back.iter().map(|claim| claim.node).collect::<Vec<_>>(), [0]);
    let waited = back[0].at.since(good);
    assert!(
        (ns(3_414_062_500)..=ns(4_424_062_500)).contains(&waited),
        "within one run of the script: {waited:?}"
    );
}

#[test]
fn nothing_is_decided_before_the_first_result_of_a_script() {
    for conf in [prio(150).script(0), prio(255).script(0)] {
        let owner = conf.priority == 255;
        let mut lan = Lan::off(1, [conf]);
        lan.start(0);
        let start = lan.now;
        assert_eq!(lan.states(), [Some(State::Init)]);
        lan.run_for(secs(10));
        let after = if owner { ms(10) } else { ms(10) + ns(3_414_062_500) };
        assert_eq!(lan.claims, [Claim { at: start + after, node: 0 }]);
    }
}

#[test]
fn init_fail_is_a_fault_until_the_first_success() {
    let mut lan = Lan::off(1, [prio(150).script(0).init_fail()]);
    lan.start(0);
    assert_eq!(lan.states(), [Some(State::Fault)]);
    let start = lan.now;
    lan.run_for(secs(10));
    assert_eq!(lan.claims, [Claim { at: start + ms(10) + ns(3_414_062_500), node: 0 }]);
}

#[test]
fn weights_hand_over_without_a_farewell() {
    let mut lan = Lan::new(1, [prio(150).script(-60), prio(100)]);
    lan.run_for(secs(20));
    lan.expect(lan.masters() == [0], "the better one serves");
    lan.claims.clear();
    lan.nodes[0].script_good = false;
    let bad = lan.now;
    lan.run_for(secs(20));
    lan.expect(lan.masters() == [1], "90 is less than 100");
    assert_eq!(lan.claims.iter().map(|claim| claim.node).collect::<Vec<_>>(), [1]);
    assert!(lan.sent_since(0, bad).iter().all(|(_, priority)| *priority != 0));
    assert!(lan.claims[0].at.since(bad) <= ns(4_609_375_000), "one run of the script, then master down");
}

#[test]
fn a_tracked_change_of_priority_does_not_delay_a_takeover() {
    // keepalived waits 3.6 s here: a change moves its deadline by a full master-down time.
    let (mut lan, _) = settled([prio(200), prio(100).script(5)]);
    lan.nodes[1].script_good = false;
    lan.run_for(ms(2_000));
    let stopped = lan.stop(0);
    lan.nodes[1].script_good = true;
    lan.run_for(secs(10));
    let waited = lan.claims[0].at.since(stopped + WAY);
    assert!(waited <= ns(609_375_000), "{waited:?}");
}

#[test]
fn adverts_do_not_drift_however_late_the_daemon_wakes() {
    let mut lan = Lan::off(7, [prio(255).v3(10)]);
    lan.lateness = ms(20);
    let start = lan.now;
    lan.start(0);
    lan.run_for(secs(1_000));
    let sent = lan.sent_since(0, start);
    assert!(sent.len() >= 10_000, "{} adverts", sent.len());
    for (number, (at, _)) in sent.iter().enumerate() {
        let planned = ms(100) * u32::try_from(number).unwrap();
        assert!((planned..=planned + ms(20)).contains(at), "advert {number} at {at:?}");
    }
}
