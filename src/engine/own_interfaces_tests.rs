//! When an interface is ordered, and when not.

use super::*;
use crate::config::model::{NameWish, VrrpInstance};
use crate::track::LinkAddress;
use crate::units::{MacAddr, Vrid};

const PARENT: u32 = 2;

fn at(milliseconds: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(milliseconds)
}

fn index(number: u32) -> IfIndex {
    IfIndex::new(number).unwrap()
}

fn vmac(family: Family) -> OwnInterface {
    let vrid = Vrid::new(51).unwrap();
    OwnInterface {
        name: IfName::new("vrrp.51").unwrap(),
        parent: IfName::new("eth0").unwrap(),
        kind: OwnKind::Vmac(OwnInterface::virtual_mac(family, vrid)),
        family,
        keeps_ipv6: false,
        copies_link_local: family == Family::V6,
        group: None,
        wish: NameWish { given: None, prefix: "vrrp".to_owned(), vrid },
    }
}

fn parent() -> Link {
    Link {
        mac: Some(MacAddr([2, 0, 0, 0, 0, 1])),
        ..Link::plain(index(PARENT), IfName::new("eth0").unwrap())
    }
}

/// What the kernel tells of the VMAC when all is well.
fn right(family: Family) -> Link {
    let OwnKind::Vmac(mac) = vmac(family).kind else { unreachable!("made above") };
    Link {
        index: index(7),
        name: IfName::new("vrrp.51").unwrap(),
        mac: Some(mac),
        over: Some(Over { parent: Some(index(PARENT)), kind: OverKind::PrivateMacvlan }),
        ..parent()
    }
}

fn wanting(family: Family) -> OwnInterfaces {
    let mut own = OwnInterfaces::default();
    assert!(own.replace(&model(family)).is_empty());
    own
}

fn model(family: Family) -> Model {
    let instance: VrrpInstance = crate::engine::engine::tests::multicast(51, &[]);
    let own_interface = Some(Box::new(vmac(family)));
    Model { instances: vec![VrrpInstance { own_interface, ..instance }], ..Model::default() }
}

fn link_local(interface: u32) -> LinkAddress {
    let address = "fe80::1".parse().unwrap();
    LinkAddress { interface: index(interface), address, prefix_len: 64, secondary: false, tentative: false }
}

fn orders(own: &mut OwnInterfaces, milliseconds: u64, interfaces: &Interfaces) -> Vec<Action> {
    let mut out = Vec::new();
    own.keep_all(at(milliseconds), interfaces, &mut out);
    out
}

#[test]
fn nothing_is_made_without_a_parent_and_nothing_made_anew_that_is_right() {
    let (mut own, mut interfaces) = (wanting(Family::V4), Interfaces::default());
    assert_eq!(orders(&mut own, 0, &interfaces), []);
    interfaces.insert(parent());
    assert_eq!(orders(&mut own, 0, &interfaces).len(), 1);
    interfaces.insert(right(Family::V4));
    assert_eq!((orders(&mut own, 0, &interfaces), own.deadline()), (vec![], None));
}

#[test]
fn whatever_is_wrong_is_ordered_to_be_made_right() {
    let elsewhere = Over { parent: Some(index(9)), kind: OverKind::PrivateMacvlan };
    let bridge = Over { parent: Some(index(PARENT)), kind: OverKind::OtherMacvlan };
    let cases = [
        ("another MAC", Link { mac: Some(MacAddr([2; 6])), ..right(Family::V4) }),
        ("over another interface", Link { over: Some(elsewhere), ..right(Family::V4) }),
        ("in another mode", Link { over: Some(bridge), ..right(Family::V4) }),
        ("no macvlan", Link { over: None, ..right(Family::V4) }),
        ("in a VRF alone", Link { vrf: Some(index(5)), ..right(Family::V4) }),
        ("never up", Link { up: false, ..right(Family::V4) }),
    ];
    for (what, wrong) in cases {
        let (mut own, mut interfaces) = (wanting(Family::V4), Interfaces::default());
        interfaces.insert(parent());
        interfaces.insert(wrong);
        assert_eq!(orders(&mut own, 0, &interfaces).len(), 1, "{what}");
    }
}

#[test]
fn an_order_that_did_not_come_true_is_given_again_after_a_second() {
    let (mut own, mut interfaces) = (wanting(Family::V4), Interfaces::default());
    interfaces.insert(parent());
    let given: Vec<usize> =
        [0, 1, 999, 1000, 1001].map(|now| orders(&mut own, now, &interfaces).len()).into();
    assert_eq!(given, [1, 0, 0, 1, 0]);
    assert_eq!(own.deadline(), Some(at(2000)));
}

#[test]
fn one_that_was_up_and_is_set_down_is_left_down() {
    let (mut own, mut interfaces) = (wanting(Family::V4), Interfaces::default());
    interfaces.insert(parent());
    interfaces.insert(right(Family::V4));
    assert_eq!(orders(&mut own, 0, &interfaces), []);
    interfaces.insert(Link { up: false, ..right(Family::V4) });
    assert_eq!(orders(&mut own, 0, &interfaces), []);
    let mut out = Vec::new();
    OwnInterfaces::default().prepare(&[vmac(Family::V4)], &interfaces, &mut out);
    assert_eq!(out.len(), 1, "a start sets it up");
}

#[test]
fn a_link_local_address_of_the_parent_is_copied_when_it_is_there() {
    let (mut own, mut interfaces) = (wanting(Family::V6), Interfaces::default());
    interfaces.insert(parent());
    interfaces.insert(right(Family::V6));
    assert_eq!(orders(&mut own, 0, &interfaces), []);
    interfaces.insert_address(link_local(PARENT));
    let ordered = orders(&mut own, 0, &interfaces);
    let [Action::MakeInterface(make)] = ordered.as_slice() else { panic!("{ordered:?}") };
    assert_eq!(make.link_local, "fe80::1".parse().ok());
    interfaces.insert_address(link_local(7));
    assert_eq!(orders(&mut own, 0, &interfaces), []);
}

#[test]
fn a_reload_gives_up_what_is_another_interface_now_and_prepares_only_new_names() {
    let mut own = wanting(Family::V4);
    let mut interfaces = Interfaces::default();
    interfaces.insert(parent());
    let mut out = Vec::new();
    own.prepare(&[vmac(Family::V6)], &interfaces, &mut out);
    assert_eq!(out, [], "the name is still in use");
    let renamed = OwnInterface { name: IfName::new("lan").unwrap(), ..vmac(Family::V6) };
    own.prepare(&[renamed], &interfaces, &mut out);
    assert_eq!(out.len(), 1);
    assert!(own.replace(&model(Family::V4)).is_empty());
    assert_eq!(own.replace(&model(Family::V6)), [Arc::new(vmac(Family::V4))]);
}
