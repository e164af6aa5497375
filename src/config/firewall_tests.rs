//! What `accept`, strict mode and the keywords of the firewall come to in the Model.

use super::model::FirewallTable;
use super::tests::{VALID, on_small_host};

#[test]
fn who_takes_packets_is_what_was_said_last_else_what_strict_mode_and_ownership_say() {
    for (inner, accept, blocks) in [
        ("", true, false),
        ("accept", true, false),
        ("no_accept", false, true),
        ("no_accept\naccept", true, false),
        ("accept\nno_accept", false, true),
        ("strict_mode", false, true),
        ("strict_mode\nversion 3\naccept", true, false),
        ("strict_mode\npriority 255", true, false),
        ("priority 255\nno_accept", false, false),
    ] {
        let (reading, problems) = on_small_host(&VALID.replace("@@", inner));
        let made = reading.model.expect("a model").instances.swap_remove(0);
        assert_eq!((made.accept, made.blocks_packets()), (accept, blocks), "{inner}: {problems}");
        assert!(!problems.contains("accept"), "{problems}");
    }
}

#[test]
fn strict_vrrp_version_2_has_no_accept_mode() {
    let (reading, problems) = on_small_host(&VALID.replace("@@", "strict_mode\nversion 2\naccept"));
    assert!(reading.model.expect("a model").instances[0].blocks_packets());
    assert!(problems.contains("is taken back in strict mode, which keeps to RFC 3768"), "{problems}");
}

#[test]
fn the_table_of_the_firewall_is_the_one_that_was_named_first() {
    let of = |name: &str, priority, counters| FirewallTable { name: name.to_owned(), priority, counters };
    for (lines, table) in [
        ("", of("keepalived", -1, false)),
        ("nftables\nnftables_ifindex", of("keepalived", -1, false)),
        ("nftables guard\nnftables_priority -300\nnftables_counters", of("guard", -300, true)),
        ("nftables guard\nnftables other", of("guard", -1, false)),
        ("vrrp_iptables INPUT OUTPUT\nvrrp_ipsets guard", of("keepalived", -1, false)),
    ] {
        let text = format!("global_defs {{\n{lines}\n}}\n{}", VALID.replace("@@", ""));
        let (reading, problems) = on_small_host(&text);
        assert_eq!(reading.model.expect("a model").global.firewall, table, "{lines}: {problems}");
        for keyword in ["vrrp_iptables", "vrrp_ipsets"] {
            let said = problems.contains(&format!("`{keyword}` is served by nftables"));
            assert_eq!(said, lines.contains(keyword), "{problems}");
        }
    }
}
