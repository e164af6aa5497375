//! What `use_vmac` and its kin come to in the Model.

use crate::config::model::{IpvlanMode, Model, OwnKind};
use crate::config::tests::{VALID, reading};

fn model(inner: &str) -> Model {
    let (reading, problems) = reading(&[("k.conf", &VALID.replace("@@", inner))]);
    reading.model.unwrap_or_else(|| panic!("{problems}"))
}

/// Names of the instance's own interface and of those of its addresses.
fn names(model: &Model, instance: usize) -> (Option<&str>, Vec<&str>) {
    let instance = &model.instances[instance];
    let of_addresses = instance.address_interfaces.iter().map(|own| own.name.as_str());
    (instance.own_interface.as_ref().map(|own| own.name.as_str()), of_addresses.collect())
}

fn mac(model: &Model) -> String {
    match model.instances[0].own_interface.as_ref().map(|own| own.kind.clone()) {
        Some(OwnKind::Vmac(mac)) => mac.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_vmac_has_the_name_the_mac_and_the_group_that_it_is_given() {
    let plain = model("use_vmac");
    assert_eq!((names(&plain, 0), mac(&plain).as_str()), ((Some("vrrp.51"), vec![]), "00:00:5e:00:01:33"));
    let full = model("use_vmac lan group 7 02:00:00:00:00:09");
    assert_eq!((names(&full, 0), mac(&full).as_str()), ((Some("lan"), vec![]), "02:00:00:00:00:09"));
    assert_eq!(full.instances[0].own_interface.as_ref().unwrap().group, Some(7));
    assert_eq!(mac(&model("use_vmac 02:00:00:00:00")), "02:00:00:00:00:33");
}

#[test]
fn addresses_go_to_the_vmac_that_they_ask_for() {
    let cases = [
        ("", "", "eth0"),
        ("use_vmac", "", "vrrp.51"),
        ("use_vmac", "dev eth0", "vrrp.51"),
        ("use_vmac", "dev eth1", "eth1"),
        ("use_vmac", "dev eth1 use_vmac", "vrrp1.51"),
        ("", "use_vmac", "vrrp.51"),
        ("", "dev eth1 use_vmac", "vrrp.51"),
        ("use_vmac_addr", "", "vrrp.51"),
        ("use_vmac\nuse_vmac_addr", "", "vrrp.51"),
        ("use_vmac\nuse_vmac_addr", "dev eth1", "vrrp1.51"),
        ("use_ipvlan ip0 192.0.2.5", "", "eth0"),
    ];
    for (lines, options, device) in cases {
        let text = VALID.replace("@@", lines).replace("/24", &format!("/24 {options}"));
        let (reading, problems) = reading(&[("k.conf", &text)]);
        let model = reading.model.unwrap();
        let instance = &model.instances[0];
        let found = instance.device_of(&instance.addresses[0]).unwrap();
        assert_eq!(found.as_str(), device, "{lines} {options}: {problems}");
    }
}

#[test]
fn an_ipv6_address_that_wants_a_vmac_gets_one_of_ipv6() {
    let text = VALID
        .replace("@@", "use_vmac\nuse_vmac_addr")
        .replace("virtual_ipaddress {", "virtual_ipaddress_excluded {\n2001:db8::1\n}\nvirtual_ipaddress {");
    let (reading, _) = reading(&[("k.conf", &text)]);
    let model = reading.model.unwrap();
    assert_eq!(names(&model, 0), (Some("vrrp.51"), vec!["vrrp6.51"]));
    let kind = OwnKind::Vmac(
        "00:00:5e:00:02:33"
            .split(':')
            .map(|byte| u8::from_str_radix(byte, 16).unwrap())
            .collect::<Vec<_>>()
            .try_into()
            .map(crate::units::MacAddr)
            .unwrap(),
    );
    assert_eq!(model.instances[0].address_interfaces[0].kind, kind);
}

#[test]
fn a_name_is_given_once_in_a_file() {
    let second = VALID.replace("VI_1", "VI_2").replace("interface eth0", "interface eth1");
    let text = VALID.replace("@@", "use_vmac") + &second.replace("@@", "use_vmac");
    let (reading_, problems) = reading(&[("k.conf", &text)]);
    let model = reading_.model.unwrap_or_else(|| panic!("{problems}"));
    assert_eq!((names(&model, 0).0, names(&model, 1).0), (Some("vrrp.51"), Some("vrrp1.51")));
    let prefixes = "global_defs {\nvmac_prefix lan\nvmac_addr_prefix vip\n}\n".to_owned();
    let text = prefixes + &VALID.replace("@@", "use_vmac").replace("/24", "/24 dev eth1 use_vmac");
    let (reading, _) = reading(&[("k.conf", &text)]);
    assert_eq!(names(&reading.model.unwrap(), 0), (Some("lan.51"), vec!["vip.51"]));
}

#[test]
fn adverts_leave_by_the_vmac_unless_told_otherwise() {
    let peers = "unicast_peer {\n192.0.2.9\n}";
    let cases = [
        ("use_vmac", "vrrp.51"),
        ("use_vmac\nvmac_xmit_base", "eth0"),
        (&format!("use_vmac\n{peers}"), "eth0"),
        ("use_ipvlan ip0 192.0.2.5", "ip0"),
        ("vmac_xmit_base", "eth0"),
    ];
    for (lines, interface) in cases {
        let model = model(lines);
        assert_eq!(model.instances[0].advert_interface().unwrap().as_str(), interface, "{lines}");
    }
}

#[test]
fn an_ipvlan_s_address_is_the_source_of_its_adverts() {
    let model = model("use_ipvlan ip0 192.0.2.5/24 vepa");
    let instance = &model.instances[0];
    assert_eq!(instance.source, "192.0.2.5".parse().ok());
    let own = instance.own_interface.as_ref().unwrap();
    assert!(matches!(own.kind, OwnKind::Ipvlan { mode: IpvlanMode::Vepa, address: Some(_) }), "{own:?}");
}

#[test]
fn a_vmac_is_part_of_what_makes_a_multicast_instance_the_same() {
    let key = |lines| model(lines).instances[0].key();
    assert_ne!(key(""), key("use_vmac"));
    assert_eq!(key("use_vmac"), key("use_vmac lan"));
    assert_ne!(key("use_vmac"), key("use_vmac\nuse_vmac_addr"));
}

#[test]
fn extra_announcements_come_from_the_instance_before_the_whole_file() {
    let extra = |text: &str| {
        let (reading, _) = reading(&[("k.conf", text)]);
        let extra = reading.model.unwrap().instances[0].announce.extra;
        extra.map(|extra| (extra.every.as_secs(), extra.all))
    };
    let global = "global_defs {\nvrrp_garp_extra_if all 30\n}\n";
    assert_eq!(extra(&VALID.replace("@@", "")), None);
    assert_eq!(extra(&VALID.replace("@@", "garp_extra_if 10")), Some((10, false)));
    assert_eq!(extra(&(global.to_owned() + &VALID.replace("@@", ""))), Some((30, true)));
    assert_eq!(extra(&(global.to_owned() + &VALID.replace("@@", "garp_extra_if 0"))), None);
}

#[test]
fn a_vmac_has_the_delays_of_the_interface_that_it_lies_over_unless_it_has_its_own() {
    let delays = |own: &str| {
        let delays = format!("interface_up_down_delays {{\neth0 1 2\n{own}}}\n");
        let (reading, _) = reading(&[("k.conf", &(delays + &VALID.replace("@@", "use_vmac lan")))]);
        let all = reading.model.unwrap().all_link_delays();
        all.iter()
            .map(|one| format!("{} {} {}", one.name, one.down.as_secs(), one.up.as_secs()))
            .collect::<Vec<_>>()
    };
    assert_eq!(delays(""), ["eth0 1 2", "lan 1 2"]);
    assert_eq!(delays("lan 2 1\n"), ["eth0 1 2", "lan 2 1"]);
}

#[test]
fn promote_secondaries_is_the_vmac_s_and_leaves_the_interface_below_alone() {
    assert!(model("promote_secondaries").instances[0].promote_secondaries);
    assert!(!model("use_vmac\npromote_secondaries").instances[0].promote_secondaries);
}
