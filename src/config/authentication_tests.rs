//! What `authentication`, `auth_hmac` and the options of packets come to in the Model.

use std::time::Duration;

use super::model::{Authentication, Hmac, HmacKey, HmacMode, OldChecksum, Transport, VrrpInstance};
use super::tests::{VALID, check, on_small_host};
use crate::units::Priority;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The instance of a file with this block inside, and what was said.
fn instance(inner: &str) -> (VrrpInstance, String) {
    let (reading, problems) = on_small_host(&VALID.replace("@@", inner));
    (reading.model.expect("a model").instances.swap_remove(0), problems)
}

fn hmac(lines: &str) -> (Authentication, String) {
    let (made, problems) = instance(&format!("auth_hmac {{\n{lines}\n}}"));
    (made.authentication, problems)
}

#[test]
fn auth_hmac_has_keepalived_s_defaults() {
    let (made, problems) = hmac(&format!("key 7 {SECRET}\nkey 8 hex:{}\nactive_key 7", "0a".repeat(64)));
    assert_eq!(problems, "");
    let keys =
        vec![HmacKey { id: 7, secret: SECRET.as_bytes().to_vec() }, HmacKey { id: 8, secret: vec![10; 64] }];
    let window = Some(Duration::from_secs(5));
    assert_eq!(made, Authentication::Hmac(Hmac { keys, active: 7, mode: HmacMode::Enforce, window }));
}

#[test]
fn the_window_is_three_intervals_between_its_bounds_unless_given() {
    for (interval, line, seconds) in [
        ("1", "", Some(5)),
        ("3", "", Some(9)),
        ("200", "", Some(300)),
        ("3", "time_window 20", Some(20)),
        ("3", "time_window 20\nanti_replay monotonic", None),
    ] {
        let block = format!("advert_int {interval}\nauth_hmac {{\nkey 7 {SECRET}\nactive_key 7\n{line}\n}}");
        let (made, problems) = instance(&block);
        let Authentication::Hmac(hmac) = made.authentication else { panic!("{problems}") };
        assert_eq!(hmac.window, seconds.map(Duration::from_secs), "{interval} {line}");
    }
}

#[test]
fn a_secret_of_a_file_reaches_the_model_and_a_wrong_one_leaves_the_key_out() {
    let (made, problems) = hmac("key 7 file:/key\nactive_key 7");
    let Authentication::Hmac(hmac_) = made else { panic!("{problems}") };
    assert_eq!(hmac_.keys, [HmacKey { id: 7, secret: vec![7; 32] }]);
    for secret in ["file:/elsewhere", "short", "hex:0123", "hex:zz"] {
        let (made, problems) = hmac(&format!("key 7 {secret}\nactive_key 7"));
        assert_eq!(made, Authentication::None);
        assert!(
            problems.contains("32 to 64 bytes") && problems.contains("no key with the number"),
            "{problems}"
        );
        assert!(!problems.contains("short") && !problems.contains("0123"), "{problems}");
    }
}

#[test]
fn auth_hmac_takes_the_place_of_authentication_and_must_be_enforced_in_strict_mode() {
    let block = format!(
        "authentication {{\nauth_type PASS\nauth_pass secret\n}}\nauth_hmac {{\nkey 7 {SECRET}\nactive_key 7\n}}"
    );
    let (made, problems) = instance(&block);
    assert!(matches!(made.authentication, Authentication::Hmac(_)));
    assert!(problems.contains("takes the place of `authentication`"), "{problems}");
    let block = format!("strict_mode\nauth_hmac {{\nkey 7 {SECRET}\nactive_key 7\nmode permissive\n}}");
    let (made, problems) = instance(&block);
    let Authentication::Hmac(hmac) = made.authentication else { panic!("{problems}") };
    assert_eq!(hmac.mode, HmacMode::Enforce);
}

#[test]
fn ah_is_for_vrrpv2_over_ipv4() {
    let ah = "authentication {\nauth_type AH\nauth_pass secret\n}";
    assert!(matches!(instance(ah).0.authentication, Authentication::Ah(_)));
    for line in ["version 3", "strict_mode"] {
        let (made, problems) = instance(&format!("{line}\n{ah}"));
        assert_eq!(made.authentication, Authentication::None, "{line}");
        assert!(problems.contains("is not used"), "{problems}");
    }
}

#[test]
fn strict_mode_decides_who_is_answered_and_heard() {
    let (made, problems) = instance("strict_mode");
    assert!(made.lower_prio_no_advert && !made.higher_prio_send_advert && !made.accept, "{made:?}");
    assert_eq!((made.announce.lower_prio_repeat, made.owner_ignore_adverts), (0, false));
    assert_eq!(problems, "");
    let (owner, _) = instance("strict_mode\npriority 255");
    assert!(owner.owner_ignore_adverts && owner.accept, "{owner:?}");
    assert!(instance("").0.accept);
}

#[test]
fn timer_expired_backup_needs_nopreempt() {
    let best = |inner: &str| instance(inner).0.timer_expired_backup.map(Priority::get);
    assert_eq!(best("nopreempt\ntimer_expired_backup 100"), Some(100));
    assert_eq!(best("nopreempt\ntimer_expired_backup"), Some(254));
    assert_eq!(best("timer_expired_backup 100"), None);
    assert_eq!(best(""), None);
}

#[test]
fn the_receive_buffer_is_the_instance_s_own_or_that_of_the_policy() {
    let buffer = |global: &str, inner: &str| {
        let text = format!("global_defs {{\n{global}\n}}\n") + &VALID.replace("@@", inner);
        let (reading, _) = on_small_host(&text);
        reading.model.expect("a model").instances[0].receive_buffer
    };
    for (global, inner, bytes) in [
        ("", "", None),
        ("", "kernel_rx_buf_size 50000", Some(50_000)),
        ("", "kernel_rx_buf_size 0", None),
        ("vrrp_rx_bufs_policy 100000\nvrrp_rx_bufs_multiplier 9", "", Some(100_000)),
        ("vrrp_rx_bufs_policy MTU", "", Some(4_500)),
        ("vrrp_rx_bufs_policy mtu\nvrrp_rx_bufs_multiplier 10", "", Some(15_000)),
        // IP header, VRRP header, one address, authentication data.
        ("vrrp_rx_bufs_policy ADVERT", "", Some(120)),
        ("vrrp_rx_bufs_policy ADVERT\nvrrp_rx_bufs_multiplier 100", "version 3", Some(3_200)),
        ("vrrp_rx_bufs_policy ADVERT MTU", "", Some(4_500)),
        ("vrrp_rx_bufs_policy MTU", "kernel_rx_buf_size 7", Some(7)),
    ] {
        assert_eq!(buffer(global, inner), bytes, "{global}, {inner}");
    }
}

#[test]
fn old_unicast_checksum_is_sent_accepted_or_refused() {
    let group = [224, 0, 0, 18].into();
    for (line, form) in [
        ("", OldChecksum::Accepted(group)),
        ("old_unicast_checksum", OldChecksum::Sent(group)),
        ("old_unicast_checksum never", OldChecksum::Never),
    ] {
        let (made, problems) = instance(&format!("{line}\nunicast_peer {{\n192.0.2.2\n}}"));
        let Transport::Unicast(unicast) = made.transport else { panic!("{problems}") };
        assert_eq!(unicast.old_checksum, form, "{line}");
    }
}

#[test]
fn a_signed_advert_has_room_for_one_ipv6_address_less() {
    let list: String = (1..=89).map(|n| format!("fe80::{n:x}/64\n")).collect();
    let said = |block: &str| check(&VALID.replace("@@", block).replace("192.0.2.100/24", &list));
    assert!(!said("version 3").contains("has room"), "{}", said("version 3"));
    let signing = format!("auth_hmac {{\nkey 7 {SECRET}\nactive_key 7\n}}");
    assert!(said(&signing).contains("has room for 88 addresses"), "{}", said(&signing));
    let receiving = signing.replace("active_key", "mode receive-only\nactive_key");
    assert!(!said(&receiving).contains("has room"), "{}", said(&receiving));
}
