//! Addresses with their options, as `ip` shows them.

use serde_json::{Value, json};
use vrrpd::config::model::{AddressFlags, Prefix, VirtualAddress};
use vrrpd::kernel::{AddressError, Addresses, OwnRemovals, Refusal};
use vrrpd::units::IfIndex;
use vrrpd::vrrp::PlacedAddress;

use crate::namespace::{alone, index, ip, with_link};

const FOREVER: u32 = u32::MAX;

fn address(text: &str) -> VirtualAddress {
    let (ip, length) = text.split_once('/').unwrap();
    VirtualAddress::plain(Prefix::new(ip.parse().unwrap(), length.parse().unwrap()).unwrap())
}

fn with(text: &str, change: impl FnOnce(&mut VirtualAddress)) -> VirtualAddress {
    let mut address = address(text);
    change(&mut address);
    address
}

fn with_flags(text: &str, change: impl FnOnce(&mut AddressFlags)) -> VirtualAddress {
    with(text, |address| change(&mut address.flags))
}

fn on(device: &str, address: VirtualAddress) -> PlacedAddress {
    PlacedAddress { interface: index(device), address }
}

fn addresses() -> Addresses {
    Addresses::new(OwnRemovals::default()).unwrap()
}

/// What `ip -j addr` says of the addresses of an interface.
fn shown(device: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(&ip(&format!("-j addr show dev {device}"))).unwrap();
    all[0]["addr_info"].as_array().cloned().unwrap_or_default()
}

fn shown_address(device: &str, local: &str) -> Option<Value> {
    shown(device).into_iter().find(|entry| entry["local"] == local)
}

/// Each line beside what keepalived 2.4.3 made of the same line of `virtual_ipaddress` on `hv0`.
fn cases() -> Vec<(&'static str, VirtualAddress, Value)> {
    let v4 = |rest: Value| merge(json!({"family": "inet", "label": "hv0", "scope": "global"}), rest);
    let v6 = |rest: Value| merge(json!({"family": "inet6", "scope": "global", "nodad": true}), rest);
    vec![
        ("10.0.0.101", address("10.0.0.101/32"), v4(json!({"local": "10.0.0.101", "prefixlen": 32}))),
        (
            "10.1.0.102/24 brd + scope link label hv0:lab",
            with("10.1.0.102/24", |address| {
                address.scope = 253;
                address.broadcast = Some([10, 1, 0, 255].into());
                address.label = Some("hv0:lab".to_owned());
            }),
            v4(json!({"local": "10.1.0.102", "prefixlen": 24, "broadcast": "10.1.0.255", "scope": "link",
                      "label": "hv0:lab"})),
        ),
        (
            "10.2.0.103/32 peer 10.9.9.9",
            with("10.2.0.103/32", |address| address.peer = Some([10, 9, 9, 9].into())),
            v4(json!({"local": "10.2.0.103", "address": "10.9.9.9", "prefixlen": 32})),
        ),
        (
            "10.5.0.1/24 scope host",
            with("10.5.0.1/24", |address| address.scope = 254),
            v4(json!({"local": "10.5.0.1", "prefixlen": 24, "scope": "host"})),
        ),
        (
            "10.6.0.1/24 scope site noprefixroute",
            with("10.6.0.1/24", |address| {
                address.scope = 200;
                address.flags.noprefixroute = true;
            }),
            v4(json!({"local": "10.6.0.1", "prefixlen": 24, "scope": "site", "noprefixroute": true})),
        ),
        (
            "10.0.2.105/24 brd -",
            with("10.0.2.105/24", |address| address.broadcast = Some([10, 0, 2, 0].into())),
            v4(json!({"local": "10.0.2.105", "prefixlen": 24, "broadcast": "10.0.2.0"})),
        ),
        (
            "10.0.3.105/24 preferred_lft 100",
            with("10.0.3.105/24", |address| address.preferred_lifetime = 100),
            v4(json!({"local": "10.0.3.105", "prefixlen": 24})),
        ),
        (
            "10.0.4.106/24 home mngtmpaddr -nodad",
            with_flags("10.0.4.106/24", |flags| {
                *flags = AddressFlags { home: true, mngtmpaddr: true, detect_duplicates: true, ..*flags };
            }),
            v4(json!({"local": "10.0.4.106", "prefixlen": 24})),
        ),
        (
            "224.0.0.77/32 autojoin",
            with_flags("224.0.0.77/32", |flags| flags.autojoin = true),
            v4(json!({"local": "224.0.0.77", "prefixlen": 32, "autojoin": true})),
        ),
        (
            "fe80::100/64",
            address("fe80::100/64"),
            v6(json!({"local": "fe80::100", "prefixlen": 64, "scope": "link"})),
        ),
        (
            "2001:db8:1::1/64",
            address("2001:db8:1::1/64"),
            v6(json!({"local": "2001:db8:1::1", "prefixlen": 64})),
        ),
        (
            "2001:db8::2",
            address("2001:db8::2/128"),
            v6(
                json!({"local": "2001:db8::2", "prefixlen": 128, "deprecated": true, "preferred_life_time": 0}),
            ),
        ),
        (
            "2001:db8::a/128 preferred_lft forever",
            with("2001:db8::a/128", |address| address.preferred_lifetime = FOREVER),
            v6(json!({"local": "2001:db8::a", "prefixlen": 128})),
        ),
        (
            "2001:db8:4::1/64 home mngtmpaddr noprefixroute preferred_lft 0",
            with("2001:db8:4::1/64", |address| {
                address.preferred_lifetime = 0;
                let flags = &mut address.flags;
                *flags = AddressFlags { home: true, mngtmpaddr: true, noprefixroute: true, ..*flags };
            }),
            v6(json!({"local": "2001:db8:4::1", "prefixlen": 64, "home": true, "deprecated": true,
                      "mngtmpaddr": true, "noprefixroute": true, "preferred_life_time": 0})),
        ),
        (
            "2001:db8:3::9/128 peer 2001:db8:3::99",
            with("2001:db8:3::9/128", |address| address.peer = Some("2001:db8:3::99".parse().unwrap())),
            v6(json!({"local": "2001:db8:3::9", "address": "2001:db8:3::99", "prefixlen": 128,
                      "deprecated": true, "preferred_life_time": 0})),
        ),
        (
            "ff05::1234/128 autojoin",
            with_flags("ff05::1234/128", |flags| flags.autojoin = true),
            v6(json!({"local": "ff05::1234", "prefixlen": 128, "scope": "site", "deprecated": true,
                      "autojoin": true, "preferred_life_time": 0})),
        ),
    ]
}

fn merge(mut base: Value, rest: Value) -> Value {
    let object = base.as_object_mut().unwrap();
    object.insert("valid_life_time".to_owned(), FOREVER.into());
    object.insert("preferred_life_time".to_owned(), FOREVER.into());
    object.extend(rest.as_object().unwrap().clone());
    base
}

#[test]
fn every_option_makes_the_address_that_keepalived_makes_of_it() {
    with_link(|| {
        let mut addresses = addresses();
        for (line, address, want) in cases() {
            let placed = [on("hv0", address)];
            assert_eq!(addresses.add(&placed), [], "{line}");
            assert_eq!(shown_address("hv0", want["local"].as_str().unwrap()), Some(want.clone()), "{line}");
            assert_eq!(addresses.remove(&placed), [], "{line}");
            assert_eq!(shown_address("hv0", want["local"].as_str().unwrap()), None, "{line}");
        }
    });
}

#[test]
fn only_without_nodad_is_an_ipv6_address_checked_for_duplicates() {
    with_link(|| {
        let checked = with_flags("2001:db8::3/64", |flags| flags.detect_duplicates = true);
        assert_eq!(addresses().add(&[on("hv0", checked)]), []);
        assert_eq!(shown_address("hv0", "2001:db8::3").unwrap().get("nodad"), None);
    });
}

#[test]
fn a_limited_preferred_lifetime_runs_down() {
    with_link(|| {
        let limited = with("2001:db8::7/64", |address| address.preferred_lifetime = 77);
        assert_eq!(addresses().add(&[on("hv0", limited)]), []);
        let entry = shown_address("hv0", "2001:db8::7").unwrap();
        assert!((40..=77).contains(&entry["preferred_life_time"].as_u64().unwrap()), "{entry}");
        assert_eq!(entry["valid_life_time"], FOREVER);
    });
}

#[test]
fn an_address_that_exists_is_adopted_and_can_be_removed() {
    with_link(|| {
        ip("addr add 192.0.2.1/24 dev hv0");
        ip("addr add 2001:db8::1/64 dev hv0");
        let placed = [on("hv0", address("192.0.2.1/24")), on("hv0", address("2001:db8::1/64"))];
        let mut addresses = addresses();
        assert_eq!(addresses.add(&placed), []);
        assert_eq!(addresses.add(&placed), []);
        assert_eq!(addresses.remove(&placed), []);
        assert_eq!([shown_address("hv0", "192.0.2.1"), shown_address("hv0", "2001:db8::1")], [None, None]);
    });
}

#[test]
fn removing_what_is_not_there_succeeds() {
    with_link(|| {
        let gone = IfIndex::new(4_000_000).unwrap();
        let absent = ["192.0.2.1/24", "2001:db8::1/64"].map(address);
        let placed = [
            on("hv0", absent[0].clone()),
            on("hv0", absent[1].clone()),
            PlacedAddress { interface: gone, address: absent[0].clone() },
            PlacedAddress { interface: gone, address: absent[1].clone() },
        ];
        assert_eq!(addresses().remove(&placed), []);
    });
}

#[test]
fn each_refusal_is_told_by_its_place_among_hundreds_and_the_rest_are_added() {
    with_link(|| {
        let gone = IfIndex::new(4_000_000).unwrap();
        let mut placed: Vec<_> = (0..350u32)
            .map(|n| on("hv0", address(&format!("10.0.{}.{}/16", n / 200, n % 200 + 1))))
            .collect();
        placed[99].interface = gone;
        placed[100].interface = gone;
        placed[349].interface = gone;
        let mut addresses = addresses();
        let failed: Vec<_> =
            addresses.add(&placed).into_iter().map(|(place, error)| (place, errno(&error))).collect();
        assert_eq!(failed, [(99, libc::ENODEV), (100, libc::ENODEV), (349, libc::ENODEV)]);
        let shown: Vec<_> = shown("hv0").iter().filter(|entry| entry["family"] == "inet").cloned().collect();
        assert_eq!(shown.len(), 347);
        assert_eq!((&shown[0]["local"], &shown[346]["local"]), (&json!("10.0.0.1"), &json!("10.0.1.149")));
    });
}

#[test]
fn a_refusal_carries_the_kernel_s_own_words() {
    with_link(|| {
        ip("addr add 192.0.2.1/24 dev hv0");
        let wrong_scope = with("192.0.2.2/24", |address| address.scope = 253);
        let failed = addresses().add(&[on("hv0", wrong_scope)]);
        let [(0, AddressError::Add(Refusal::Errno { errno: libc::EINVAL, text: Some(text) }))] = &failed[..]
        else {
            panic!("{failed:?}")
        };
        assert!(text.contains("scope"), "{text}");
    });
}

#[test]
fn what_a_predecessor_left_is_removed_and_nothing_else() {
    with_link(|| {
        ip("addr add 192.0.2.1/24 dev hv0");
        ip("addr add 192.0.2.100/24 dev hv0");
        ip("addr add 2001:db8::100/64 dev hv0");
        let configured = [
            on("hv0", address("192.0.2.100/24")),
            on("hv0", address("198.51.100.1/24")),
            on("hv0", address("2001:db8::100/64")),
            on("hv0", address("192.0.2.1/32")),
        ];
        assert_eq!(addresses().remove_found(&configured).unwrap(), []);
        let left: Vec<_> = shown("hv0").into_iter().filter(|entry| entry["scope"] == "global").collect();
        assert_eq!(left.iter().map(|entry| &entry["local"]).collect::<Vec<_>>(), ["192.0.2.1"]);
    });
}

#[test]
fn a_dump_tells_what_an_address_is_good_for() {
    alone(|| {
        ip("link add d0 type veth peer name d1");
        ip("link set d0 up");
        ip("addr add 192.0.2.1/24 dev d0");
        ip("addr add 192.0.2.2/24 dev d0");
        ip("addr add 198.51.100.1 peer 198.51.100.2/32 dev d0");
        ip("addr add 2001:db8::1/64 dev d0 nodad");
        let all = addresses().dump().unwrap();
        let told: Vec<_> = all
            .iter()
            .filter(|found| found.interface == index("d0") && !found.address.to_string().starts_with("fe80"))
            .map(|found| {
                format!("{}/{} {} {}", found.address, found.prefix_len, found.secondary, found.tentative)
            })
            .collect();
        let want = [
            "192.0.2.1/24 false false",
            "198.51.100.1/32 false false",
            "192.0.2.2/24 true false",
            "2001:db8::1/64 false false",
        ];
        assert_eq!(told, want);
    });
}

fn errno(error: &AddressError) -> i32 {
    match error {
        AddressError::Add(Refusal::Errno { errno, .. })
        | AddressError::Remove(Refusal::Errno { errno, .. }) => *errno,
        other => panic!("{other:?}"),
    }
}
