//! When announcements leave, to the millisecond.

use crate::config::model::Gaps;

use super::*;
use crate::track::{Link, Over, OverKind};
use crate::units::IfName;

const A: InstanceId = InstanceId(0);
const B: InstanceId = InstanceId(1);

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn index(n: u32) -> IfIndex {
    IfIndex::new(n).unwrap()
}

/// eth1, eth2, and eth3, which is a VMAC over eth1.
fn interfaces() -> Interfaces {
    let mut interfaces = Interfaces::default();
    for n in 1..=3 {
        interfaces.insert(Link {
            over: (n == 3).then(|| Over { parent: Some(index(1)), kind: OverKind::PrivateMacvlan }),
            ..Link::plain(index(n), name(n))
        });
    }
    interfaces
}

fn name(n: u32) -> IfName {
    IfName::new(&format!("eth{n}")).unwrap()
}

fn burst(interface: u32, addresses: &[&str]) -> Vec<Announcement> {
    let announce = |address: &&str| Announcement {
        interface: index(interface),
        mac: MacAddr::BROADCAST,
        address: address.parse().unwrap(),
    };
    addresses.iter().map(announce).collect()
}

/// What is announced and when, until nothing waits.
struct Lane {
    pacing: Pacing,
    interfaces: Interfaces,
    said: Vec<(u128, String)>,
}

impl Lane {
    fn new(limits: &AnnounceLimits) -> Self {
        let mut pacing = Pacing::new(Instant::ZERO);
        let interfaces = interfaces();
        pacing.set(limits, &interfaces, &mut Vec::new());
        Self { pacing, interfaces, said: Vec::new() }
    }

    fn announce(&mut self, id: InstanceId, addresses: Vec<Announcement>, repeat: u32) {
        let mut out = Vec::new();
        self.pacing.announce(id, addresses.into(), repeat, &self.interfaces, &mut out);
        self.note(out);
    }

    fn run_until(&mut self, end: Duration) {
        while let Some(at) = self.pacing.deadline().filter(|&at| at <= Instant::ZERO + end) {
            let mut out = Vec::new();
            self.pacing.now = at;
            self.pacing.due(at, |_| true, &mut out);
            assert!(!out.is_empty(), "woke for nothing");
            self.note(out);
        }
        self.pacing.now = Instant::ZERO + end;
    }

    fn note(&mut self, out: Vec<Action>) {
        let at = self.pacing.now.since(Instant::ZERO).as_millis();
        for action in out {
            let Action::Vrrp(_, vrrp::Action::Announce { addresses, repeat }) = action else { panic!() };
            for _ in 0..repeat {
                self.said.extend(addresses.iter().map(|said| (at, said.address.to_string())));
            }
        }
    }

    fn said(&self) -> Vec<(u128, &str)> {
        self.said.iter().map(|(at, address)| (*at, address.as_str())).collect()
    }
}

fn alone(arp: u64, na: u64) -> AnnounceLimits {
    AnnounceLimits { alone: Gaps { arp: ms(arp), na: ms(na) }, groups: Vec::new() }
}

fn grouped(arp: u64, na: u64, members: &[u32]) -> AnnounceLimits {
    let gaps = Gaps { arp: ms(arp), na: ms(na) };
    let interfaces = members.iter().map(|&n| name(n)).collect();
    AnnounceLimits { groups: vec![GarpGroup { gaps, interfaces }], ..alone(100, 100) }
}

/// As keepalived was seen to send them.
#[test]
fn addresses_take_turns_on_an_interface_over_all_its_instances() {
    let mut lane = Lane::new(&alone(200, 0));
    lane.announce(A, burst(1, &["10.0.0.11", "10.0.0.12", "fd00::1"]), 2);
    lane.announce(B, burst(1, &["10.0.0.21"]), 3);
    lane.run_until(ms(9_000));
    let expected = [
        (0, "10.0.0.11"),
        (0, "fd00::1"),
        (0, "fd00::1"),
        (200, "10.0.0.12"),
        (400, "10.0.0.11"),
        (600, "10.0.0.21"),
        (800, "10.0.0.12"),
        (1_000, "10.0.0.21"),
        (1_200, "10.0.0.21"),
    ];
    assert_eq!(lane.said(), expected);
}

#[test]
fn interfaces_do_not_wait_for_each_other() {
    let mut lane = Lane::new(&alone(200, 0));
    lane.announce(A, [burst(1, &["10.0.0.11"]), burst(2, &["10.1.0.13"])].concat(), 2);
    lane.run_until(ms(9_000));
    let expected = [(0, "10.0.0.11"), (0, "10.1.0.13"), (200, "10.0.0.11"), (200, "10.1.0.13")];
    assert_eq!(lane.said(), expected);
}

#[test]
fn a_vmac_waits_with_the_interface_that_it_lies_over() {
    let mut lane = Lane::new(&alone(200, 0));
    lane.announce(A, [burst(1, &["10.0.0.11"]), burst(3, &["10.0.0.13"])].concat(), 1);
    lane.run_until(ms(9_000));
    assert_eq!(lane.said(), [(0, "10.0.0.11"), (200, "10.0.0.13")]);
}

#[test]
fn those_of_a_group_do_and_the_global_gaps_are_not_for_them() {
    let mut lane = Lane::new(&grouped(300, 0, &[1, 2]));
    lane.announce(A, [burst(1, &["10.0.0.11", "fd00::1"]), burst(2, &["10.1.0.13"])].concat(), 2);
    lane.run_until(ms(9_000));
    let expected = [
        (0, "10.0.0.11"),
        (0, "fd00::1"),
        (0, "fd00::1"),
        (300, "10.1.0.13"),
        (600, "10.0.0.11"),
        (900, "10.1.0.13"),
    ];
    assert_eq!(lane.said(), expected);
}

#[test]
fn a_burst_that_waits_is_not_added_to_but_begun_again() {
    let mut lane = Lane::new(&alone(100, 0));
    lane.announce(A, burst(1, &["10.0.0.11", "10.0.0.12"]), 3);
    lane.run_until(ms(250));
    lane.announce(A, burst(1, &["10.0.0.11", "10.0.0.12"]), 3);
    lane.run_until(ms(9_000));
    let times = |address: &str| lane.said().iter().filter(|(_, said)| *said == address).count();
    assert_eq!((times("10.0.0.11"), times("10.0.0.12")), (2 + 3, 1 + 3));
    let gaps: Vec<_> = lane.said().windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    assert_eq!(gaps, [100; 8]);
}

#[test]
fn what_is_given_up_is_announced_no_more() {
    use crate::config::model::{Prefix, VirtualAddress};
    let mut lane = Lane::new(&alone(100, 0));
    lane.announce(A, burst(1, &["10.0.0.11"]), 3);
    lane.announce(B, burst(1, &["10.0.0.11"]), 1);
    let address = VirtualAddress::plain(Prefix::host("10.0.0.11".parse().unwrap()));
    lane.pacing.forget(A, &[PlacedAddress { interface: index(1), address }]);
    lane.run_until(ms(9_000));
    assert_eq!(lane.said(), [(0, "10.0.0.11"), (100, "10.0.0.11")]);
    lane.announce(A, burst(1, &["10.0.0.11"]), 2);
    lane.pacing.forget_interface(index(1));
    assert_eq!(lane.pacing.deadline(), None);
}

#[test]
fn an_instance_that_must_not_speak_loses_its_turns() {
    let mut lane = Lane::new(&alone(100, 0));
    lane.announce(A, burst(1, &["10.0.0.11", "10.0.0.12"]), 3);
    let mut out = Vec::new();
    lane.pacing.due(Instant::ZERO + ms(5_000), |_| false, &mut out);
    assert_eq!((out, lane.pacing.deadline()), (Vec::new(), None));
}

#[test]
fn what_waits_when_the_gaps_change_goes_on_by_the_new_ones() {
    let mut lane = Lane::new(&alone(10_000, 0));
    lane.announce(A, burst(1, &["10.0.0.11", "10.0.0.12"]), 2);
    let mut out = Vec::new();
    lane.pacing.now = Instant::ZERO + ms(50);
    lane.pacing.set(&alone(0, 0), &lane.interfaces, &mut out);
    lane.note(out);
    lane.run_until(ms(9_000));
    let expected = [(0, "10.0.0.11"), (50, "10.0.0.12"), (50, "10.0.0.12"), (50, "10.0.0.11")];
    assert_eq!(lane.said(), expected);
}
