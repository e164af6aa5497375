//! No memory is allocated for an advert, sent or received, once a daemon runs: engine, codec and sockets together.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use allocation_counter::measure;
use vrrpd::config::model::{
    AnnounceSchedule, Authentication, Hmac, HmacKey, HmacMode, Model, OldChecksum, Password, Prefix,
    Transport, UnicastPeer, UnicastPeers, VirtualAddress, VrrpInstance,
};
use vrrpd::engine::{Action, Engine, Event};
use vrrpd::kernel::{self, VrrpSockets};
use vrrpd::track::{Link, LinkAddress};
use vrrpd::units::{AdvertInterval, Centiseconds, Family, IfName, Instant, MacAddr, Priority, Seconds, Vrid};
use vrrpd::vrrp::{self, State, Transmission};

use crate::namespace::{Namespace, index, ip, wait, with_peer};

/// Adverts after which everything has the size that it keeps.
const WARM_UP: usize = 10;
const MEASURED: usize = 100;

#[derive(Clone)]
struct Kind {
    what: &'static str,
    family: Family,
    interval: AdvertInterval,
    unicast: bool,
    authentication: Authentication,
}

fn kinds() -> Vec<Kind> {
    let v2 = AdvertInterval::V2(Seconds::ONE);
    let v3 = AdvertInterval::V3(Centiseconds::new(100).unwrap());
    let password = Password::new(b"secret").unwrap();
    let hmac = Hmac {
        keys: vec![HmacKey { id: 1, secret: vec![7; 32] }],
        active: 1,
        mode: HmacMode::Enforce,
        window: Some(Duration::from_secs(300)),
    };
    let plain = |what, interval| Kind {
        what,
        family: Family::V4,
        interval,
        unicast: false,
        authentication: Authentication::None,
    };
    vec![
        plain("v3", v3),
        Kind { family: Family::V6, ..plain("v3 IPv6", v3) },
        Kind { unicast: true, ..plain("v3 unicast", v3) },
        Kind { authentication: Authentication::Pass(password), ..plain("v2 PASS", v2) },
        Kind { authentication: Authentication::Ah(password), ..plain("v2 AH", v2) },
        Kind { authentication: Authentication::Hmac(hmac.clone()), ..plain("v2 HMAC", v2) },
        Kind { family: Family::V6, authentication: Authentication::Hmac(hmac), ..plain("v3 IPv6 HMAC", v3) },
    ]
}

fn own(family: Family, node: u8) -> IpAddr {
    match family {
        Family::V4 => IpAddr::from([10, 0, 0, node]),
        Family::V6 => format!("fe80::ff:fe00:{node}").parse().unwrap(),
    }
}

fn model(kind: &Kind, node: u8, priority: u8) -> Model {
    let peer = UnicastPeer { address: own(kind.family, 3 - node), min_ttl: 0, max_ttl: 255 };
    let transport = if kind.unicast {
        Transport::Unicast(UnicastPeers {
            peers: vec![peer],
            ttl: None,
            check_source: true,
            old_checksum: OldChecksum::Never,
        })
    } else {
        let group = match kind.family {
            Family::V4 => "224.0.0.18",
            Family::V6 => "ff02::12",
        };
        Transport::Multicast { group: group.parse().unwrap() }
    };
    let address = |n: u8| match kind.family {
        Family::V4 => IpAddr::from([10, 0, 0, 100 + n]),
        Family::V6 => format!("fe80::1:{n}").parse().unwrap(),
    };
    let virtual_address = |n| VirtualAddress::plain(Prefix::host(address(n)));
    let instance = VrrpInstance {
        family: kind.family,
        interface: IfName::new(if node == 1 { "hv0" } else { "peer0" }),
        priority: Priority::new(priority).unwrap(),
        transport,
        authentication: kind.authentication.clone(),
        addresses: (0..20).map(virtual_address).collect(),
        announce: AnnounceSchedule { repeat: NonZeroU32::MIN, ..AnnounceSchedule::default() },
        ..VrrpInstance::with_defaults("VI_1", Vrid::new(51).unwrap(), kind.interval)
    };
    Model { instances: vec![instance], ..Model::default() }
}

/// An engine that has gathered its facts and begun.
fn begun(kind: &Kind, node: u8, priority: u8, now: Instant, out: &mut Vec<Action>) -> Engine {
    let mut engine = Engine::new(model(kind, node, priority), now);
    let name = if node == 1 { "hv0" } else { "peer0" };
    let link = Link {
        mac: Some(MacAddr([2, 0, 0, 0, 0, node])),
        ..Link::plain(index(name), IfName::new(name).unwrap())
    };
    let (address, interface) = (own(kind.family, node), link.index);
    let address = LinkAddress { interface, address, prefix_len: 24, secondary: false, tentative: false };
    engine.handle(now, Event::Clock(Duration::from_secs(1_700_000_000)), out);
    engine.handle(now, Event::Link(link), out);
    engine.handle(now, Event::Address(address), out);
    engine.handle(now, Event::Start(&[]), out);
    engine
}

fn sent(action: &Action) -> Option<&Transmission> {
    match action {
        Action::Vrrp(_, vrrp::Action::Send(transmission)) => Some(transmission),
        _ => None,
    }
}

/// Lets the engine do what is due next, and sends what it orders; answers the time.
fn next_turn(engine: &mut Engine, sockets: &mut VrrpSockets, actions: &mut Vec<Action>) -> Instant {
    let now = engine.deadline().expect("something is always due");
    engine.handle(now, Event::Due, actions);
    for action in actions.drain(..) {
        if let Some(transmission) = sent(&action) {
            sockets.send(transmission).unwrap();
        }
    }
    now
}

fn state(engine: &Engine) -> State {
    engine.states().next().unwrap().2
}

#[test]
fn a_master_allocates_nothing_to_send_an_advert() {
    with_peer(|_peer| {
        ip("address add 10.0.0.1/24 dev hv0");
        // The peer's address need not answer: the neighbour is known.
        ip("neighbour replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev hv0");
        for kind in kinds() {
            wait(async {
                let mut sockets = VrrpSockets::new().unwrap();
                let mut actions = Vec::new();
                let mut engine = begun(&kind, 1, 200, kernel::now(), &mut actions);
                actions.clear();
                for _ in 0..WARM_UP {
                    next_turn(&mut engine, &mut sockets, &mut actions);
                }
                assert_eq!(state(&engine), State::Master, "{}", kind.what);
                let allocated = measure(|| {
                    for _ in 0..MEASURED {
                        next_turn(&mut engine, &mut sockets, &mut actions);
                    }
                });
                assert_eq!(allocated.count_total, 0, "{}: allocations for {MEASURED} adverts", kind.what);
            });
        }
    });
}

/// Has a master in `peer` send this many adverts.
fn send_from(peer: &Namespace, kind: &Kind, adverts: usize) {
    let kind = kind.clone();
    peer.run(move || {
        wait(async {
            let mut sockets = VrrpSockets::new().unwrap();
            let mut actions = Vec::new();
            let mut engine = begun(&kind, 2, 200, kernel::now(), &mut actions);
            actions.clear();
            // More turns than adverts: some are announcements.
            for _ in 0..adverts + 5 {
                next_turn(&mut engine, &mut sockets, &mut actions);
            }
        });
    });
}

#[test]
fn a_backup_allocates_nothing_to_hear_an_advert() {
    with_peer(|peer| {
        ip("address add 10.0.0.1/24 dev hv0");
        peer.run(|| {
            ip("address add 10.0.0.2/24 dev peer0");
            ip("neighbour replace 10.0.0.1 lladdr 02:00:00:00:00:01 dev peer0")
        });
        for kind in kinds() {
            wait(async {
                let mut sockets = VrrpSockets::new().unwrap();
                let mut actions = Vec::new();
                let now = kernel::now();
                let mut engine = begun(&kind, 1, 100, now, &mut actions);
                for action in actions.drain(..) {
                    if let Action::Listen(listen) = action {
                        sockets.listen(&listen).unwrap();
                        sockets.set_receive_buffer(&listen, 1 << 20).unwrap();
                    }
                }
                send_from(&peer, &kind, WARM_UP + MEASURED);
                let hear = |sockets: &mut VrrpSockets, engine: &mut Engine, actions: &mut Vec<_>| {
                    let received = sockets.try_receive().expect("enough has been sent");
                    let datagram = received.datagram().unwrap();
                    engine.handle(now, Event::Packet(received.listen, datagram), actions);
                    actions.clear();
                };
                for _ in 0..WARM_UP {
                    hear(&mut sockets, &mut engine, &mut actions);
                }
                let allocated = measure(|| {
                    for _ in 0..MEASURED {
                        hear(&mut sockets, &mut engine, &mut actions);
                    }
                });
                assert_eq!(allocated.count_total, 0, "{}: allocations for {MEASURED} adverts", kind.what);
                let counters = engine.instances().next().unwrap().counters().received;
                assert_eq!(counters, (WARM_UP + MEASURED) as u64, "{}", kind.what);
            });
        }
    });
}
