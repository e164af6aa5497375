//! The firewall against others who change nftables, and with many addresses.

use std::process::Command;

use vrrpd::config::model::{FirewallTable, Prefix, VirtualAddress};
use vrrpd::engine::InstanceId;
use vrrpd::kernel::Firewall;
use vrrpd::vrrp::PlacedAddress;

use crate::namespace::{index, with_link};

const ONE: InstanceId = InstanceId(1);
const TWO: InstanceId = InstanceId(2);

fn placed(address: &str) -> PlacedAddress {
    let address = VirtualAddress::plain(Prefix::host(address.parse().unwrap()));
    PlacedAddress { interface: index("hv0"), address }
}

fn nft(words: &str) -> String {
    let output = Command::new("nft").args(words.split_whitespace()).output().expect("nftables is installed");
    assert!(output.status.success(), "nft {words}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_address_of_two_instances_is_blocked_until_both_have_left_it() {
    with_link(|| {
        let mut firewall = Firewall::new(FirewallTable::default());
        let both = [placed("192.0.2.1")];
        firewall.block(ONE, &both).unwrap();
        firewall.block(TWO, &both).unwrap();
        firewall.block(TWO, &both).unwrap();
        firewall.unblock(TWO, &both).unwrap();
        assert!(nft("list ruleset").contains("192.0.2.1"));
        firewall.unblock(ONE, &both).unwrap();
        firewall.unblock(ONE, &both).unwrap();
        assert!(!nft("list ruleset").contains("192.0.2.1"));
        firewall.remove().unwrap();
        assert_eq!(nft("list ruleset"), "");
    });
}

#[test]
fn what_others_flushed_is_made_anew_at_the_next_change() {
    with_link(|| {
        let mut firewall = Firewall::new(FirewallTable::default());
        firewall.block(ONE, &[placed("192.0.2.1"), placed("192.0.2.2")]).unwrap();
        nft("flush ruleset");
        firewall.block(ONE, &[placed("192.0.2.3")]).unwrap();
        let all = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
        assert!(all.iter().all(|address| nft("list ruleset").contains(address)));
        nft("flush ruleset");
        firewall.unblock(ONE, &[placed("192.0.2.2")]).unwrap();
        let rules = nft("list ruleset");
        assert!(rules.contains("192.0.2.1, 192.0.2.3"), "{rules}");
        nft("flush ruleset");
        firewall.remove().unwrap();
    });
}

#[test]
fn the_first_table_has_what_will_follow_and_nothing_that_a_predecessor_left() {
    with_link(|| {
        let mut predecessor = Firewall::new(FirewallTable::default());
        predecessor.block(ONE, &[placed("192.0.2.1"), placed("2001:db8::1"), placed("fe80::1")]).unwrap();
        let mut firewall = Firewall::new(FirewallTable::default());
        firewall.foresee(TWO, &[placed("192.0.2.3"), placed("fe80::3")]);
        firewall.block(ONE, &[placed("192.0.2.2")]).unwrap();
        let rules = nft("list ruleset");
        for (words, there) in [
            ("192.0.2.1", false),
            ("192.0.2.2, 192.0.2.3", true),
            ("2001:db8::1", false),
            ("fe80::3 . \"hv0\"", true),
            ("fe80::1", false),
        ] {
            assert_eq!(rules.contains(words), there, "{words}: {rules}");
        }
    });
}

#[test]
fn a_sweep_deletes_what_nobody_wants() {
    with_link(|| {
        let mut predecessor = Firewall::new(FirewallTable::default());
        predecessor.block(ONE, &[placed("192.0.2.1"), placed("2001:db8::1")]).unwrap();
        let mut firewall = Firewall::new(FirewallTable::default());
        firewall.block(ONE, &[placed("192.0.2.2")]).unwrap();
        firewall.sweep();
        assert_eq!(nft("list tables"), "table ip keepalived\n");
    });
}

#[test]
fn other_settings_take_the_place_of_the_first_with_everything_in_it() {
    with_link(|| {
        let mut firewall = Firewall::new(FirewallTable::default());
        firewall.block(ONE, &[placed("192.0.2.1"), placed("2001:db8::1")]).unwrap();
        let table = FirewallTable { name: "guard".to_owned(), priority: -300, counters: true };
        firewall.reconfigure(&table).unwrap();
        assert_eq!(nft("list tables"), "table ip guard\ntable ip6 guard\n");
        let rules = nft("list ruleset");
        for words in ["192.0.2.1", "2001:db8::1", "priority raw", "counter"] {
            assert!(rules.contains(words), "{words}: {rules}");
        }
    });
}

#[test]
fn thousands_of_addresses_are_blocked_in_one_transaction() {
    with_link(|| {
        let many: Vec<_> = (0..10_000).map(|n| placed(&format!("fe80::1:{n:x}"))).collect();
        let mut firewall = Firewall::new(FirewallTable::default());
        firewall.block(ONE, &many).unwrap();
        assert_eq!(nft("list set ip6 keepalived vips_link_local").matches("fe80::1:").count(), many.len());
        firewall.unblock(ONE, &many).unwrap();
        assert!(!nft("list ruleset").contains("fe80::1:"));
    });
}

#[test]
fn a_refusal_names_the_table_and_the_next_order_tries_again() {
    with_link(|| {
        let longest = FirewallTable { name: "x".repeat(300), ..FirewallTable::default() };
        let mut firewall = Firewall::new(longest);
        let error = firewall.block(ONE, &[placed("192.0.2.1")]).unwrap_err().to_string();
        assert!(error.starts_with("nftables table `xxx"), "{error}");
        assert!(!firewall.stands());
        firewall.reconfigure(&FirewallTable::default()).unwrap();
        firewall.block(ONE, &[placed("192.0.2.2")]).unwrap();
        assert!(nft("list ruleset").contains("192.0.2.1, 192.0.2.2"));
    });
}
