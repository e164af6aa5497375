//! Packets that break a rule, at any rate: nobody changes anything for them (keepalived's MASTER falls silent).

use std::net::IpAddr;
use std::time::Duration;

use vrrpd::config::model::{self, HmacMode};
use vrrpd::packet::{Addresses, Advert, Authentication, HeaderSeal, Stamp, TrailerKey};
use vrrpd::units::{AdvertInterval, Centiseconds, Instant, Seconds, Vrid, WirePriority};
use vrrpd::vrrp::State;

use crate::conf::{Conf, HMAC_SECRET, ms, own_address, prio, secs};
use crate::lan::Lan;
use crate::network::{Packet, Said};

/// Time of the wall clock.
fn unix(lan: &Lan) -> Duration {
    lan.now.since(Instant::ZERO)
}

/// A good packet of priority 254 for node `to`, to be spoilt.
fn good(lan: &Lan, to: usize) -> Packet {
    let conf = &lan.nodes[to].conf;
    let source = own_address(conf.family, 9);
    let destination = if conf.unicast {
        own_address(conf.family, to)
    } else if source.is_ipv4() {
        IpAddr::from([224, 0, 0, 18])
    } else {
        IpAddr::from([0xff02, 0, 0, 0, 0, 0, 0, 0x12])
    };
    packet((conf, unix(lan)), conf.interval, 51, source, destination)
}

fn advert(conf: &Conf, interval: AdvertInterval, vrid: u8) -> Advert {
    Advert {
        vrid: Vrid::new(vrid).unwrap(),
        priority: WirePriority::from_byte(254),
        interval,
        addresses: Addresses::new(conf.family, conf.virtual_addresses()).unwrap(),
    }
}

/// A packet signed at this second of the simulation, whose wall clock is its monotonic one.
fn packet(
    (conf, unix): (&Conf, Duration),
    interval: AdvertInterval,
    vrid: u8,
    source: IpAddr,
    destination: IpAddr,
) -> Packet {
    let advert = advert(conf, interval, vrid);
    let said = Said { by: None, priority: 254, interval, wrong: true };
    Packet::of(&advert, &authentic(conf, interval, unix), [source, destination], Some(255), said)
}

/// What the instance believes, if it has not heard it yet.
fn authentic(conf: &Conf, interval: AdvertInterval, unix: Duration) -> Authentication {
    match &conf.authentication {
        model::Authentication::None => Authentication::None,
        _ if interval != conf.interval && interval.version() != conf.interval.version() => {
            Authentication::None
        }
        model::Authentication::Pass(password) => Authentication::Pass(*password.wire_bytes()),
        model::Authentication::Ah(password) => {
            Authentication::Header(HeaderSeal { password: *password.wire_bytes(), sequence: 1_000_000 })
        }
        model::Authentication::Hmac(_) => signed(unix, 7),
    }
}

fn signed(unix: Duration, id: u8) -> Authentication {
    Authentication::Trailer(TrailerKey::new(id, HMAC_SECRET).into(), Stamp::at(unix))
}

/// Every way to be wrong that concerns this configuration.
fn wrong(lan: &Lan, to: usize) -> Vec<(&'static str, Packet)> {
    let conf = &lan.nodes[to].conf;
    let good = good(lan, to);
    let spoilt = |spoil: &dyn Fn(&mut Packet)| {
        let mut packet = good.clone();
        spoil(&mut packet);
        packet
    };
    let mut all = vec![
        ("checksum", spoilt(&|packet| packet.payload[7] ^= 1)),
        ("type", spoilt(&|packet| packet.payload[0] ^= 3)),
        ("cut short", spoilt(&|packet| packet.payload.truncate(9))),
        ("no header", spoilt(&|packet| packet.payload.truncate(3))),
        ("nothing", spoilt(&|packet| packet.payload.clear())),
        ("too long", spoilt(&|packet| packet.payload.extend([0; 12]))),
        ("count", spoilt(&|packet| packet.payload[3] += 1)),
        ("version 4", spoilt(&|packet| packet.payload[0] = 0x41)),
        ("virtual router 0", spoilt(&|packet| packet.payload[1] = 0)),
        (
            "another virtual router",
            packet((conf, unix(lan)), conf.interval, 52, good.source, good.destination),
        ),
    ];
    if !conf.unicast {
        all.push(("TTL 254", spoilt(&|packet| packet.hop_limit = Some(254))));
        let to_us = own_address(conf.family, to);
        all.push((
            "unicast to a multicast instance",
            packet((conf, unix(lan)), conf.interval, 51, good.source, to_us),
        ));
    }
    if conf.check_source {
        all.push(("a stranger", good.clone()));
    }
    let other_version = match conf.interval {
        AdvertInterval::V2(_) => AdvertInterval::V3(Centiseconds::new(100).unwrap()),
        AdvertInterval::V3(_) => AdvertInterval::V2(Seconds::new(1).unwrap()),
    };
    all.push((
        "the other version",
        packet((conf, unix(lan)), other_version, 51, good.source, good.destination),
    ));
    if let AdvertInterval::V2(_) = conf.interval {
        let longer = AdvertInterval::V2(Seconds::new(3).unwrap());
        all.push(("interval", packet((conf, unix(lan)), longer, 51, good.source, good.destination)));
        all.push(("authentication type", spoilt(&|packet| packet.payload[4] ^= 2)));
    } else {
        all.push(("interval 0", spoilt(&|packet| packet.payload[4..6].fill(0))));
    }
    if conf.authentication != model::Authentication::None {
        all.push(("last byte", spoilt(&|packet| *packet.payload.last_mut().unwrap() ^= 1)));
        let open = Conf { authentication: model::Authentication::None, ..conf.clone() };
        all.push(("no proof", packet((&open, unix(lan)), conf.interval, 51, good.source, good.destination)));
    }
    all.extend(authenticated_otherwise(conf, &good, unix(lan)));
    all
}

/// The good packet with another proof.
fn authenticated_otherwise(conf: &Conf, good: &Packet, unix: Duration) -> Vec<(&'static str, Packet)> {
    let with = |authentication: &Authentication| {
        let bare = Conf { authentication: model::Authentication::None, ..conf.clone() };
        let advert = advert(&bare, conf.interval, 51);
        Packet::of(&advert, authentication, [good.source, good.destination], good.hop_limit, good.said)
    };
    match &conf.authentication {
        model::Authentication::None | model::Authentication::Pass(_) => Vec::new(),
        model::Authentication::Ah(password) => {
            let sealed =
                |password, sequence| with(&Authentication::Header(HeaderSeal { password, sequence }));
            let own = *password.wire_bytes();
            let mut reflected = sealed(own, 1_000_000);
            reflected.source = own_address(conf.family, 5);
            reflected.headers.as_mut().unwrap().0[15] ^= 5;
            vec![
                ("another password", sealed([9; 8], 1_000_000)),
                ("sequence number 0", sealed(own, 0)),
                ("a sequence number that was heard", sealed(own, 1)),
                ("from another source", reflected),
            ]
        }
        model::Authentication::Hmac(_) => {
            let other = Authentication::Trailer(TrailerKey::new(7, &[1; 32]).into(), Stamp::at(unix));
            vec![
                ("another secret", with(&other)),
                ("an unknown key", with(&signed(unix, 8))),
                ("an old one", with(&signed(unix - secs(6), 7))),
                ("one of the future", with(&signed(unix + secs(11), 7))),
                (
                    "from another source",
                    Packet { source: own_address(conf.family, 5), ..with(&signed(unix, 7)) },
                ),
            ]
        }
    }
}

fn confs() -> Vec<Conf> {
    vec![
        prio(150),
        prio(150).v2(1),
        prio(150).v2(1).password("secret"),
        prio(150).v2(1).ah("secret"),
        prio(150).v2(1).ah("secret").unicast(),
        prio(150).hmac(HmacMode::Enforce),
        prio(150).v2(1).hmac(HmacMode::Enforce),
        prio(150).ipv6().hmac(HmacMode::Enforce),
        prio(150).unicast().hmac(HmacMode::Enforce),
        prio(150).ipv6(),
        prio(150).unicast().check_source(),
        prio(150).nopreempt(),
    ]
}

#[test]
fn what_is_to_be_spoilt_is_heard_as_it_is() {
    for conf in confs() {
        let mut lan = Lan::new(1, [conf.clone(), conf.priority(100)]);
        lan.run_for(secs(10));
        let mut packet = good(&lan, 0);
        packet.source = own_address(lan.nodes[0].conf.family, 1);
        packet = packet_again(&lan, packet);
        lan.inject(0, packet);
        assert_eq!(lan.nodes[0].state(), Some(State::Backup));
    }
}

/// The same with the checksum of its new source.
fn packet_again(lan: &Lan, changed: Packet) -> Packet {
    let conf = &lan.nodes[0].conf;
    let made = packet((conf, unix(lan)), conf.interval, 51, changed.source, changed.destination);
    Packet { said: Said { wrong: false, by: Some(1), ..made.said }, ..made }
}

#[test]
fn a_flood_of_each_kind_of_wrong_packet_changes_nothing_for_anybody() {
    for conf in confs() {
        let mut lan = Lan::new(1, [conf.clone(), conf.clone().priority(100)]);
        lan.run_for(secs(10));
        for kind in 0..wrong(&lan, 0).len() {
            let (name, to_master) = wrong(&lan, 0).swap_remove(kind);
            let (_, to_backup) = wrong(&lan, 1).swap_remove(kind);
            let (before, claims) = (lan.now, lan.claims.len());
            // keepalived is silenced by one packet every 0.4 s; here come 50 in that time.
            for _ in 0..600 {
                lan.inject(0, to_master.clone());
                lan.inject(1, to_backup.clone());
                lan.run_for(ms(8));
            }
            lan.expect(lan.masters() == [0] && lan.claims.len() == claims, name);
            let sent = lan.sent_since(0, before);
            assert!((4..=5).contains(&sent.len()), "{name}: {} adverts in 4.8 s, {conf:?}", sent.len());
            assert_eq!(lan.sent_since(1, before), []);
        }
    }
}

#[test]
fn a_flood_does_not_keep_a_backup_from_its_turn() {
    for conf in confs() {
        let mut lan = Lan::new(1, [conf.clone().priority(200), conf]);
        lan.run_for(secs(10));
        let kinds = wrong(&lan, 1);
        let died = lan.crash(0);
        for _ in 0..500 {
            for (_, packet) in &kinds {
                lan.inject(1, packet.clone());
            }
            lan.run_for(ms(8));
        }
        let [claim] = lan.claims_since(died)[..] else { panic!("one claim") };
        // The referee knows the exact moment; here it only must have come.
        assert_eq!(claim.node, 1);
    }
}

#[test]
fn a_router_in_fault_hears_nothing() {
    for conf in confs() {
        let mut lan = Lan::new(1, [conf.clone(), conf.priority(100)]);
        lan.run_for(secs(10));
        lan.set_link(0, false);
        lan.nodes[0].link_up = true;
        let mut packet = packet_again(&lan, good(&lan, 0));
        packet.said.wrong = true;
        lan.inject(0, packet);
        assert_eq!(lan.nodes[0].state(), Some(State::Fault));
    }
}
