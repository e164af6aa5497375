//! Where keepalived 2.2.7 (Debian 12) answers otherwise than vrrpd, which is measured by 2.4.3.
//!
//! An entry that no longer differs, or names no probe, fails the test: it has to go.

/// A reason, and the probes or samples that differ by it with the exit status of keepalived 2.2.7.
type Group = (&'static str, &'static [(&'static str, i32)]);

#[rustfmt::skip]
const IN_2_2_7: &[Group] = &[
    ("the keyword came later: 2.2.8 to 2.4.0", &[
        ("no_virtual_ipaddress", 5),
        ("no address; no_virtual_ipaddress", 5),
        ("no address; version 3; no_virtual_ipaddress", 5),
        ("nopreempt; timer_expired_backup", 5),
        ("owner_ignore_adverts no", 5),
        ("priority 255; owner_ignore_adverts", 5),
        ("v3_checksum_as_v2", 5),
        ("vrrp_delay_after_boot 5", 5),
    ]),
    ("Debian builds it without iptables and ipsets", &[
        ("vrrp_iptables", 5),
        ("vrrp_ipsets", 5),
    ]),
    ("a boolean of its own came later, any word meant yes", &[
        ("vrrp_strict maybe", 0),
        ("vrrp_skip_check_adv_addr maybe", 0),
    ]),
    ("surplus words, and names of several bits, came later", &[
        ("notification_email_from a b", 0),
        ("umask IRWXG|IRWXO", 5),
    ]),
    ("what is listed twice passes in silence", &[
        ("192.0.2.10; 192.0.2.10", 0),
        ("192.0.2.10; 192.0.2.10 dev eth0", 0),
        ("192.0.2.10; 192.0.2.10 dev eth1", 0),
        ("192.0.2.10 dev eth0; 192.0.2.10 dev eth0", 0),
        ("192.0.2.10/24; 192.0.2.10/25", 0),
        ("address and excluded on the same dev", 0),
        ("unicast_peer {; 192.0.2.2; 192.0.2.2; }", 0),
        ("virtual_ipaddress_excluded {; 192.0.2.10; }", 0),
        ("virtual_ipaddress_excluded {; 192.0.2.11; 192.0.2.11; }", 0),
        ("include of an address after a condition", 0),
        ("keepalived.conf.vrrp", 0),
    ]),
    ("substitution works otherwise: conditions after it, `_RANDOM` without checks, an unset `_ENV` eats the brace", &[
        ("$C=@other; $C priority 100", 0),
        ("priority ${_RANDOM 9 3}", 0),
        ("priority ${_RANDOM 9 3 4}", 0),
        ("state ${_ENV NOT_SET_ANYWHERE}", 5),
    ]),
    ("an overlong line is read as two in silence", &[("notify_deleted and 1100 blanks", 0)]),
    ("a line counts up to its NUL byte", &[("priority 10\u{0}0", 0)]),
    ("checks run every whole second", &[("interval 1.5", 5)]),
    ("unicast needs an interface, and passes strict mode", &[
        ("unicast without interface", 5),
        ("strict_mode; unicast_peer {; 192.0.2.2; }", 0),
    ]),
    ("links in the path of a script are no fault", &[("a script through a symlinked folder", 0)]),
];

/// What keepalived 2.2.7 answers to the probe or sample of this name, if it differs.
pub(crate) fn in_2_2_7(name: &str) -> Option<i32> {
    listed().find(|(known, _)| *known == name).map(|(_, status)| status)
}

/// Every entry.
pub(crate) fn listed() -> impl Iterator<Item = (&'static str, i32)> {
    IN_2_2_7.iter().flat_map(|(_, entries)| entries.iter().copied())
}
