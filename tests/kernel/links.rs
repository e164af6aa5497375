//! What the monitor tells of interfaces and addresses that others change.

use std::net::IpAddr;

use vrrpd::config::model::{Prefix, VirtualAddress};
use vrrpd::kernel::{Addresses, Fact, Monitor, OwnRemovals};
use vrrpd::track::LinkAddress;
use vrrpd::units::MacAddr;
use vrrpd::vrrp::PlacedAddress;

use crate::namespace::{alone, index, ip, wait, with_link, with_peer};

/// The next fact for which `wanted` holds; others, such as link-local addresses that come and go, are passed over.
async fn next(monitor: &mut Monitor, wanted: impl Fn(&Fact) -> bool) -> Fact {
    loop {
        let fact = monitor.next().await.unwrap();
        if wanted(&fact) {
            return fact;
        }
    }
}

fn address_of(fact: &Fact) -> Option<&LinkAddress> {
    match fact {
        Fact::Address(address) | Fact::AddressGone(address) => Some(address),
        Fact::Link(_) | Fact::LinkGone(_) => None,
    }
}

fn is_ipv4(fact: &Fact) -> bool {
    address_of(fact).is_some_and(|address| address.address.is_ipv4())
}

fn is_link(fact: &Fact) -> bool {
    address_of(fact).is_none()
}

/// `hv0 up`, `gone`, `+192.0.2.1/24`: a fact in short.
fn short(fact: &Fact) -> String {
    match fact {
        Fact::Link(link) => format!("{} {}", link.name, if link.up { "up" } else { "down" }),
        Fact::LinkGone(_) => "gone".to_owned(),
        Fact::Address(address) => format!("+{}/{}", address.address, address.prefix_len),
        Fact::AddressGone(address) => format!("-{}/{}", address.address, address.prefix_len),
    }
}

fn placed(device: &str, address: IpAddr, length: u8) -> PlacedAddress {
    let prefix = Prefix::new(address, length).unwrap();
    PlacedAddress { interface: index(device), address: VirtualAddress::plain(prefix) }
}

#[test]
fn the_first_facts_are_all_links_then_all_addresses() {
    alone(|| {
        ip("link add d0 address 02:00:00:00:00:07 mtu 1400 type veth peer name d1");
        ip("addr add 192.0.2.9/24 dev d0");
        ip("addr add 192.0.2.1/24 dev d0");
        let (_monitor, facts) = wait(Monitor::start(OwnRemovals::default())).unwrap();
        let told: Vec<_> = facts.iter().map(short).collect();
        assert_eq!(
            told,
            ["lo up", "d1 down", "d0 down", "+127.0.0.1/8", "+192.0.2.9/24", "+192.0.2.1/24", "+::1/128"]
        );
        let (Fact::Link(lo), Fact::Link(d0)) = (&facts[0], &facts[2]) else { panic!("{facts:?}") };
        assert_eq!((lo.loopback, lo.multicast, lo.mac), (true, false, None));
        assert_eq!((d0.loopback, d0.noarp, d0.mtu), (false, false, 1400));
        assert_eq!(d0.mac, Some(MacAddr([2, 0, 0, 0, 0, 7])));
    });
}

#[test]
fn down_up_and_the_loss_of_carrier_are_told() {
    with_peer(|peer| {
        wait(async {
            let (mut monitor, _) = Monitor::start(OwnRemovals::default()).await.unwrap();
            ip("link set hv0 down");
            assert_eq!(short(&next(&mut monitor, is_link).await), "hv0 down");
            ip("link set hv0 up");
            assert_eq!(short(&next(&mut monitor, is_link).await), "hv0 up");
            peer.run(|| ip("link set peer0 down"));
            assert_eq!(short(&next(&mut monitor, is_link).await), "hv0 down");
            peer.run(|| ip("link set peer0 up"));
            assert_eq!(short(&next(&mut monitor, is_link).await), "hv0 up");
        });
    });
}

#[test]
fn a_link_that_is_made_again_is_another_one() {
    alone(|| {
        ip("link add d0 type veth peer name d1");
        ip("link set d0 up");
        ip("addr add 192.0.2.1/24 dev d0");
        let first = index("d0");
        wait(async {
            let (mut monitor, _) = Monitor::start(OwnRemovals::default()).await.unwrap();
            ip("link del d0");
            assert_eq!(short(&next(&mut monitor, is_ipv4).await), "-192.0.2.1/24");
            assert_eq!(
                next(&mut monitor, |fact| matches!(fact, Fact::LinkGone(_))).await,
                Fact::LinkGone(first)
            );
            ip("link add d0 type veth peer name d1");
            let is_d0 = |fact: &Fact| matches!(fact, Fact::Link(link) if link.name.as_str() == "d0");
            let Fact::Link(again) = next(&mut monitor, is_d0).await else { panic!("a link") };
            assert_eq!(again.index, index("d0"));
            assert_ne!(again.index, first);
        });
    });
}

#[test]
fn a_bridge_that_loses_a_port_does_not_lose_the_link() {
    alone(|| {
        ip("link add d0 type veth peer name d1");
        ip("link add br0 type bridge");
        ip("link set d0 master br0");
        wait(async {
            let (mut monitor, _) = Monitor::start(OwnRemovals::default()).await.unwrap();
            ip("link set d0 nomaster");
            ip("link set d0 mtu 1300");
            let told = next(&mut monitor, |fact| match fact {
                Fact::Link(link) => link.name.as_str() == "d0",
                other => is_link(other),
            });
            assert!(matches!(told.await, Fact::Link(link) if link.mtu == 1300));
        });
    });
}

#[test]
fn an_address_removed_by_another_is_told_and_our_own_removal_is_not() {
    with_link(|| {
        wait(async {
            let own = OwnRemovals::default();
            let (mut monitor, _) = Monitor::start(own.clone()).await.unwrap();
            let mut addresses = Addresses::new(own).unwrap();
            let vip = [placed("hv0", [192, 0, 2, 100].into(), 24)];
            let mut told = Vec::new();
            for _ in 0..2 {
                assert_eq!(addresses.add(&vip), []);
                assert_eq!(addresses.remove(&vip), []);
            }
            assert_eq!(addresses.add(&vip), []);
            ip("addr del 192.0.2.100/24 dev hv0");
            ip("addr add 198.51.100.1/24 dev hv0");
            while told.last().is_none_or(|last| last != "+198.51.100.1/24") {
                told.push(short(&next(&mut monitor, is_ipv4).await));
            }
            let added = "+192.0.2.100/24";
            assert_eq!(told, [added, added, added, "-192.0.2.100/24", "+198.51.100.1/24"]);
        });
    });
}

#[test]
fn a_removal_that_found_nothing_hides_no_later_one() {
    with_link(|| {
        wait(async {
            let own = OwnRemovals::default();
            let (mut monitor, _) = Monitor::start(own.clone()).await.unwrap();
            let mut addresses = Addresses::new(own).unwrap();
            assert_eq!(addresses.remove(&[placed("hv0", [192, 0, 2, 100].into(), 24)]), []);
            ip("addr add 192.0.2.100/24 dev hv0");
            ip("addr del 192.0.2.100/24 dev hv0");
            assert_eq!(short(&next(&mut monitor, is_ipv4).await), "+192.0.2.100/24");
            assert_eq!(short(&next(&mut monitor, is_ipv4).await), "-192.0.2.100/24");
        });
    });
}

#[test]
fn a_tentative_address_is_told_again_when_it_is_good() {
    with_link(|| {
        wait(async {
            let (mut monitor, _) = Monitor::start(OwnRemovals::default()).await.unwrap();
            crate::namespace::write("/proc/sys/net/ipv6/conf/hv0/accept_dad", "1");
            ip("addr add 2001:db8::1/64 dev hv0");
            let is_it =
                |fact: &Fact| address_of(fact).is_some_and(|a| a.address.to_string() == "2001:db8::1");
            let tentative = |fact: &Fact| address_of(fact).map(|address| address.tentative);
            assert_eq!(tentative(&next(&mut monitor, is_it).await), Some(true));
            assert_eq!(tentative(&next(&mut monitor, is_it).await), Some(false));
        });
    });
}

#[test]
fn after_lost_notices_only_what_changed_or_vanished_is_told() {
    alone(|| {
        ip("link add d0 type veth peer name d1");
        ip("addr add 192.0.2.1/24 dev d0");
        wait(async {
            let own = OwnRemovals::default();
            let (mut monitor, _) = Monitor::start(own.clone()).await.unwrap();
            let mut addresses = Addresses::new(own).unwrap();
            let many: Vec<_> = (0..200u8).map(|n| placed("d0", [10, 0, 0, n].into(), 32)).collect();
            // More notices than the buffer holds: without a loss, hundreds of facts would follow.
            for _ in 0..100 {
                assert_eq!(addresses.add(&many), []);
                assert_eq!(addresses.remove(&many), []);
            }
            assert_eq!(addresses.add(&many[..1]), []);
            ip("addr del 192.0.2.1/24 dev d0");
            assert_eq!(addresses.remove(&many[..1]), []);
            ip("addr add 192.0.2.2/24 dev d0");
            assert_eq!(short(&monitor.next().await.unwrap()), "-192.0.2.1/24");
            assert_eq!(short(&monitor.next().await.unwrap()), "+192.0.2.2/24");
            assert_eq!(monitor.try_next().unwrap(), None);
            // It hears on, and what was forgotten hides nothing.
            assert_eq!(addresses.add(&many[..1]), []);
            ip("addr del 10.0.0.0/32 dev d0");
            assert_eq!(short(&monitor.next().await.unwrap()), "+10.0.0.0/32");
            assert_eq!(short(&monitor.next().await.unwrap()), "-10.0.0.0/32");
        });
    });
}
