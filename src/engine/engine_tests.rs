//! What needs several instances, interfaces or sockets on one host, and no other host.

use std::num::NonZeroU32;

use super::*;
use crate::config::model::{
    AnnounceSchedule, Authentication, InitialState, OldChecksum, Prefix, TrackInterface, Transport,
    UnicastPeer, UnicastPeers, VirtualAddress,
};
use crate::engine::ListenTo;
use crate::track::{Link, LinkAddress};
use crate::units::{AdvertInterval, Centiseconds, IfIndex, Priority, Vrid, Weight};
use crate::vrrp::{Action as Order, State};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn at(milliseconds: u64) -> Instant {
    Instant::from_nanos(1_000_000_000_000) + Duration::from_millis(milliseconds)
}

fn link(index: u32, name: &str, up: bool) -> Link {
    Link { up, ..Link::plain(IfIndex::new(index).unwrap(), IfName::new(name).unwrap()) }
}

fn on_eth0(address: &str) -> LinkAddress {
    let interface = IfIndex::new(2).unwrap();
    LinkAddress { interface, address: ip(address), prefix_len: 24, secondary: false, tentative: false }
}

/// An owner, so that it is master at once.
pub(in crate::engine) fn multicast(vrid: u8, addresses: &[&str]) -> VrrpInstance {
    let virtual_address = |text: &&str| VirtualAddress::plain(Prefix::host(ip(text)));
    VrrpInstance {
        initial_state: InitialState::Master,
        priority: Priority::OWNER,
        addresses: addresses.iter().map(virtual_address).collect(),
        announce: AnnounceSchedule { repeat: NonZeroU32::MIN, ..AnnounceSchedule::default() },
        ..VrrpInstance::with_defaults(
            &format!("VI_{vrid}"),
            Vrid::new(vrid).unwrap(),
            AdvertInterval::V3(Centiseconds::new(100).unwrap()),
        )
    }
}

fn unicast(vrid: u8, peer: &str, address: &str) -> VrrpInstance {
    let peers = vec![UnicastPeer { address: ip(peer), min_ttl: 0, max_ttl: 255 }];
    let transport = Transport::Unicast(UnicastPeers {
        peers,
        ttl: None,
        check_source: false,
        old_checksum: OldChecksum::Never,
    });
    VrrpInstance { name: format!("to {peer}"), transport, ..multicast(vrid, &[address]) }
}

fn tracking(name: &str, settings: VrrpInstance) -> VrrpInstance {
    let name = IfName::new(name).unwrap();
    VrrpInstance {
        track_interfaces: vec![TrackInterface { name, weight: Weight::FAULT, reverse: false }],
        ..settings
    }
}

fn model(instances: impl Into<Vec<VrrpInstance>>) -> Model {
    Model { instances: instances.into(), ..Model::default() }
}

fn started(instances: impl Into<Vec<VrrpInstance>>) -> Engine {
    let mut engine = Engine::new(model(instances), at(0));
    for event in [
        Event::Link(link(2, "eth0", true)),
        Event::Link(link(3, "eth1", true)),
        Event::Address(on_eth0("10.0.0.9")),
        Event::Address(on_eth0("10.0.0.1")),
    ] {
        assert_eq!(tell(&mut engine, 0, event), []);
    }
    tell(&mut engine, 0, Event::Start(&[]));
    engine
}

fn tell(engine: &mut Engine, milliseconds: u64, event: Event<'_>) -> Vec<Action> {
    let mut out = Vec::new();
    engine.handle(at(milliseconds), event, &mut out);
    out
}

fn reload(engine: &mut Engine, instances: impl Into<Vec<VrrpInstance>>) -> Vec<Action> {
    tell(engine, 100, Event::Reload(Box::new(model(instances))))
}

fn states(engine: &Engine) -> Vec<State> {
    engine.instances().map(Instance::state).collect()
}

/// Additions and removals in order, `+` and `-`.
fn addresses(actions: &[Action]) -> Vec<String> {
    let mut changes = Vec::new();
    for action in actions {
        let (sign, list) = match action {
            Action::Vrrp(_, Order::AddAddresses(list)) => ('+', list),
            Action::Vrrp(_, Order::RemoveAddresses(list)) => ('-', list),
            _ => continue,
        };
        changes.extend(list.iter().map(|placed| format!("{sign}{}", placed.address.prefix.address())));
    }
    changes
}

fn farewells(actions: &[Action]) -> usize {
    let is_farewell = |action: &&Action| match action {
        Action::Vrrp(_, Order::Send(sent)) => sent.advert.priority.byte() == 0,
        _ => false,
    };
    actions.iter().filter(is_farewell).count()
}

#[test]
fn an_interface_tracked_since_a_reload_counts() {
    let mut engine = started([multicast(51, &["10.0.0.100"])]);
    reload(&mut engine, [tracking("eth1", multicast(51, &["10.0.0.100"]))]);
    assert_eq!(states(&engine), [State::Master]);
    tell(&mut engine, 200, Event::Link(link(3, "eth1", false)));
    assert_eq!(states(&engine), [State::Fault]);
    reload(&mut engine, [multicast(51, &["10.0.0.100"])]);
    assert_eq!(states(&engine), [State::Backup]);
}

#[test]
fn the_instances_of_one_socket_add_up_what_they_ask_for_its_buffer() {
    let asks = |vrid, address, receive_buffer| VrrpInstance { receive_buffer, ..multicast(vrid, &[address]) };
    let sizes = |actions: &[Action]| {
        let size = |action: &Action| match action {
            Action::ReceiveBuffer(listen, bytes) => Some((listen.to, *bytes)),
            _ => None,
        };
        actions.iter().filter_map(size).collect::<Vec<_>>()
    };
    let group = ListenTo::Group(ip("224.0.0.18"));
    let all = |third| {
        [asks(51, "10.0.0.100", Some(1_000)), asks(52, "10.0.0.101", None), asks(53, "10.0.0.102", third)]
    };
    let mut engine = Engine::new(model(all(Some(500))), at(0));
    tell(&mut engine, 0, Event::Link(link(2, "eth0", true)));
    tell(&mut engine, 0, Event::Address(on_eth0("10.0.0.1")));
    let actions = tell(&mut engine, 0, Event::Start(&[]));
    assert_eq!(sizes(&actions), [(group, 1_000), (group, 1_500)]);
    assert_eq!(sizes(&reload(&mut engine, all(Some(500)))), []);
    assert_eq!(sizes(&reload(&mut engine, all(Some(700)))), [(group, 1_700)]);
}

#[test]
fn a_clock_that_is_set_counts_for_instances_of_a_later_reload_too() {
    let hmac = crate::config::model::Hmac {
        keys: vec![crate::config::model::HmacKey { id: 1, secret: vec![1; 32] }],
        active: 1,
        mode: crate::config::model::HmacMode::Enforce,
        window: Some(Duration::from_secs(5)),
    };
    let signing =
        VrrpInstance { authentication: Authentication::Hmac(hmac), ..multicast(51, &["10.0.0.100"]) };
    let mut engine = started([]);
    tell(&mut engine, 0, Event::Clock(Duration::from_secs(5_000)));
    let actions = reload(&mut engine, [signing]);
    let sent = actions.iter().find_map(|action| match action {
        Action::Vrrp(_, Order::Send(sent)) => Some(&sent.authentication),
        _ => None,
    });
    let Some(crate::packet::Authentication::Trailer(_, stamp)) = sent else { panic!("{actions:?}") };
    assert!(stamp.is_after(crate::packet::Stamp::at(Duration::from_secs(5_000))));
}

#[test]
fn an_address_made_virtual_by_a_reload_is_no_source_any_more() {
    let mut engine = started([multicast(51, &["10.0.0.100"])]);
    let actions = reload(&mut engine, [multicast(51, &["10.0.0.100", "10.0.0.9"])]);
    let sources = actions.iter().filter_map(|action| match action {
        Action::Vrrp(_, Order::Send(sent)) => Some(sent.source),
        _ => None,
    });
    assert_eq!(sources.collect::<Vec<_>>(), [ip("10.0.0.1")]);
}

#[test]
fn unicast_instances_of_one_key_are_each_kept_and_each_ended() {
    let both = || [unicast(51, "10.0.0.2", "10.0.0.100"), unicast(51, "10.0.0.3", "10.0.0.101")];
    assert_eq!(both()[0].key(), both()[1].key());
    let mut engine = started(both());
    assert_eq!(states(&engine), [State::Master, State::Master]);
    assert_eq!(reload(&mut engine, both()), []);
    assert_eq!(states(&engine), [State::Master, State::Master]);
    let actions = reload(&mut engine, []);
    assert_eq!(
        (farewells(&actions), addresses(&actions)),
        (2, vec!["-10.0.0.100".into(), "-10.0.0.101".into()])
    );
}

#[test]
fn the_successors_of_instances_of_one_key_each_go_on() {
    let both = || [unicast(51, "10.0.0.2", "10.0.0.100"), unicast(51, "10.0.0.3", "10.0.0.101")];
    let past = started(both()).snapshot().past();
    let mut successor = Engine::new(model(both()), at(500));
    tell(&mut successor, 500, Event::Link(link(2, "eth0", true)));
    tell(&mut successor, 500, Event::Address(on_eth0("10.0.0.9")));
    let actions = tell(&mut successor, 500, Event::Start(&past));
    assert_eq!(addresses(&actions), ["+10.0.0.100", "+10.0.0.101"], "adopted, not removed");
}

#[test]
fn an_address_that_moves_between_instances_is_given_up_once_and_first() {
    let before = [multicast(51, &["10.0.0.100"]), multicast(52, &["10.0.0.101", "10.0.0.102"])];
    let mut engine = started(before);
    // The one that loses an address fails in the same moment.
    let after =
        [multicast(51, &["10.0.0.100", "10.0.0.102"]), tracking("eth9", multicast(52, &["10.0.0.101"]))];
    let actions = reload(&mut engine, after);
    assert_eq!(addresses(&actions), ["-10.0.0.102", "+10.0.0.102", "-10.0.0.101"]);
    assert_eq!(states(&engine), [State::Master, State::Fault]);
}

#[test]
fn a_socket_that_opens_late_is_ordered_again_until_then_and_not_afterwards() {
    let mut engine = started([multicast(51, &["10.0.0.100"]), multicast(52, &["10.0.0.101"])]);
    let listen = engine.routers[0].listen.unwrap();
    let actions = tell(&mut engine, 100, Event::ListenFailed(listen));
    assert_eq!(farewells(&actions), 2);
    assert_eq!(states(&engine), [State::Fault, State::Fault]);
    assert_eq!(engine.deadline(), Some(at(1_100)));
    let retry = tell(&mut engine, 1_100, Event::Due);
    assert!(!retry.is_empty() && retry.iter().all(|action| *action == Action::Listen(listen)));
    let opened = tell(&mut engine, 1_101, Event::Listening(listen));
    assert!(!opened.iter().any(|action| matches!(action, Action::Listen(_) | Action::Unlisten(_))));
    assert_eq!(states(&engine), [State::Backup, State::Backup]);
    let ended = tell(&mut engine, 1_102, Event::Reload(Box::default()));
    assert_eq!(ended.iter().filter(|action| **action == Action::Unlisten(listen)).count(), 1);
}

#[test]
fn a_socket_that_nobody_wants_by_the_time_it_opens_is_closed() {
    let mut engine = started([multicast(51, &["10.0.0.100"])]);
    let listen = engine.routers[0].listen.unwrap();
    tell(&mut engine, 100, Event::ListenFailed(listen));
    tell(&mut engine, 1_100, Event::Due);
    tell(&mut engine, 1_101, Event::LinkGone(listen.interface.unwrap()));
    assert_eq!(tell(&mut engine, 1_102, Event::Listening(listen)), [Action::Unlisten(listen)]);
}

#[test]
fn an_interface_that_is_made_anew_is_taken_up_where_it_is_now() {
    let mut engine = started([multicast(51, &["10.0.0.100"])]);
    tell(&mut engine, 100, Event::LinkGone(IfIndex::new(2).unwrap()));
    assert_eq!(states(&engine), [State::Fault]);
    tell(&mut engine, 200, Event::Link(link(7, "eth0", true)));
    assert_eq!(states(&engine), [State::Fault], "no source address yet");
    let address = LinkAddress { interface: IfIndex::new(7).unwrap(), ..on_eth0("10.0.0.9") };
    let actions = tell(&mut engine, 300, Event::Address(address));
    assert!(
        actions
            .iter()
            .any(|action| matches!(action, Action::Listen(listen) if listen.interface == IfIndex::new(7)))
    );
    assert_eq!(states(&engine), [State::Backup]);
    let due = engine.deadline().unwrap();
    let mut out = Vec::new();
    engine.handle(due, Event::Due, &mut out);
    assert_eq!(addresses(&out), ["+10.0.0.100"]);
}

#[test]
fn a_stopped_engine_is_deaf_and_has_nothing_to_wait_for() {
    let mut engine = started([multicast(51, &["10.0.0.100"])]);
    let actions = tell(&mut engine, 100, Event::Stop);
    assert_eq!((farewells(&actions), addresses(&actions)), (1, vec!["-10.0.0.100".into()]));
    assert!(engine.finished());
    assert_eq!(engine.deadline(), None);
    for event in [Event::Due, Event::Stop, Event::Link(link(2, "eth0", true)), Event::Reload(Box::default())]
    {
        assert_eq!(tell(&mut engine, 5_000, event), []);
    }
}

#[test]
fn instances_that_are_due_together_act_in_one_wake_up() {
    let mut engine = started((1..=50).map(|vrid| multicast(vrid, &["10.0.0.100"])).collect::<Vec<_>>());
    let due = engine.deadline().unwrap();
    let mut out = Vec::new();
    engine.handle(due, Event::Due, &mut out);
    assert_eq!(out.iter().filter(|action| matches!(action, Action::Vrrp(_, Order::Send(_)))).count(), 50);
    assert_eq!(engine.deadline(), Some(due + Duration::from_secs(1)));
}
