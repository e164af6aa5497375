//! Interfaces of our own, static addresses, and what concerns all instances of an interface.

use super::{Probe, file, valid};

/// Lines of an instance.
#[rustfmt::skip]
const INNER: &[&str] = &[
    "use_vmac",
    "use_vmac vm0",
    "use_vmac name vm0",
    "use_vmac name",
    "use_vmac group",
    "use_vmac group 5",
    "use_vmac group default",
    "use_vmac group bogus",
    "use_vmac vm0 vm1",
    "use_vmac 02:00:00:00:00:01",
    "use_vmac 02:00:00:00:00",
    "use_vmac 02:00:00:00:00:",
    "use_vmac 03:00:00:00:00:01",
    "use_vmac 00:00:5e:00:01:05",
    "use_vmac 02:00:00:00:zz:01",
    "use_vmac 02:00:00:00:00:01 02:00:00:00:00:02",
    "use_vmac netlink_notify_msg",
    "use_vmac averyveryverylonginterfacename",
    "use_vmac a/b",
    "use_vmac .",
    "use_vmac vm0 group 5 netlink_notify_msg 02:00:00:00:00:01",
    "use_vmac\nuse_vmac",
    "use_vmac vm0\nvmac_xmit_base",
    "vmac_xmit_base",
    "use_vmac\nstrict_mode",
    "use_vmac 02:00:00:00:00:01\nstrict_mode",
    "use_vmac\npromote_secondaries",
    "use_vmac\nunicast_peer {\n192.0.2.1\n}",
    "use_vmac\nuse_vmac_addr",
    "use_vmac_addr",
    "use_ipvlan",
    "use_ipvlan ipv0",
    "use_ipvlan 192.0.2.5",
    "use_ipvlan ipv0 192.0.2.5/24",
    "use_ipvlan ipv0 192.0.2.5/33",
    "use_ipvlan ipv0 bridge",
    "use_ipvlan ipv0 bridge private",
    "use_ipvlan ipv0 192.0.2.5 bridge",
    "use_ipvlan ipv0 192.0.2.5 group 5",
    "use_ipvlan ipv0 192.0.2.5 group bogus",
    "use_ipvlan ipv0 192.0.2.5 group",
    "use_ipvlan name ipv0 192.0.2.5",
    "use_ipvlan ipv0 fe80::1",
    "use_ipvlan ipv0 ipv1 192.0.2.5",
    "use_ipvlan ipv0 192.0.2.5 192.0.2.6",
    "use_ipvlan ipv0 192.0.2.5\npromote_secondaries",
    "use_ipvlan ipv0 192.0.2.5\nuse_vmac",
    "use_vmac\nuse_ipvlan ipv0 192.0.2.5",
    "use_ipvlan ipv0 192.0.2.5\nuse_ipvlan ipv0 192.0.2.5",
    "use_ipvlan ipv0 192.0.2.5 vepa",
    "use_vmac\ntrack_interface {\neth0\n}",
    "use_vmac\ntrack_interface {\neth1\n}",
];

/// Lines of an instance.
#[rustfmt::skip]
const HMAC: &[&str] = &[
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 2\n}",
    "auth_hmac {\nkey 1 short\nactive_key 1\n}",
    "auth_hmac {\nactive_key 1\n}",
    "auth_hmac {\n}",
    "auth_hmac {\nkey 1 hex:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\nactive_key 1\n}",
    "auth_hmac {\nkey 1 hex:0011\nactive_key 1\n}",
    "auth_hmac {\nkey 1 hex:zz\nactive_key 1\n}",
    "auth_hmac {\nkey 0 0123456789012345678901234567890123456789\nactive_key 1\n}",
    "auth_hmac {\nkey 256 0123456789012345678901234567890123456789\nactive_key 1\n}",
    "auth_hmac {\nkey 1\nactive_key 1\n}",
    "auth_hmac {\nkey\nactive_key 1\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\n}",
    "auth_hmac {\nkey 1 file:/etc/passwd\nactive_key 1\n}",
    "auth_hmac {\nkey 1 file:/nope\nactive_key 1\n}",
    "auth_hmac {\nkey 1 file:/dev/null\nactive_key 1\n}",
    "auth_hmac {\nkey 1 file:\nactive_key 1\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789 x\nactive_key 1\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\ntime_window 5\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\ntime_window 0\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\ntime_window 301\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\nanti_replay time\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\nanti_replay x\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\nmode enforce\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\nmode x\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\nmode permissive\n}\nstrict_mode",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\nmode receive-only\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\n}\nauthentication {\nauth_type PASS\nauth_pass x\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890123456789\nactive_key 1\n}\nversion 3",
    "auth_hmac {\nkey 1 01234567890123456789012345678901234567890123456789012345678901234567890\nactive_key 1\n}",
    "auth_hmac {\nkey 1 0123456789012345678901234567890\nactive_key 1\n}",
    "auth_hmac {\nbogus\n}",
    "auth_hmac {\nmode\n}",
    "auth_hmac {\nanti_replay\n}",
    "auth_hmac {\ntime_window\n}",
];

/// Lines of `static_ipaddress`.
#[rustfmt::skip]
const STATIC: &[&str] = &[
    "192.0.2.5",
    "192.0.2.5 dev eth1",
    "192.0.2.5/24 dev eth1 brd + scope link label x home no_track",
    "192.0.2.5/33 dev eth1",
    "bogus",
    "192.0.2.5 dev nope",
    "192.0.2.5 dev eth0 use_vmac",
    "192.0.2.5 dev eth0 bogus",
    "192.0.2.5 dev",
    "192.0.2.5\n192.0.2.5",
    "2001:db8::5 dev eth0",
    "fe80::5 dev eth0 -nodad preferred_lft 5",
    "192.0.2.5 scope bogus",
    "192.0.2.5 scope",
    "192.0.2.5 brd fe80::1",
    "192.0.2.5/24 brd -",
    "192.0.2.5 track_group nope",
    "192.0.2.5 dev lo",
];

/// Lines of a `garp_group` with an interval.
#[rustfmt::skip]
const GARP: &[&str] = &[
    "interface eth0",
    "interface nope",
    "interface",
    "interface eth0\ninterface eth0",
    "interfaces {\neth0 eth1\n}",
    "interfaces {\neth0\neth1\n}",
    "interfaces {\nnope\n}",
    "interfaces {\n}",
    "interfaces {\neth0 eth0\n}",
    "interfaces {\neth0\n}\ninterface eth0",
    "gna_interval 1",
    "gna_interval x",
    "gna_interval",
    "garp_interval 0",
    "garp_interval 4294.967295",
    "garp_interval 4294.967296",
    "garp_interval 4295",
    "garp_interval x",
    "garp_interval",
    "garp_interval 0.0000001",
    "bogus",
    "",
    "interface lo",
];

/// Blocks before an instance.
#[rustfmt::skip]
const ROOT: &[&str] = &[
    "static_routes {\n}",
    "static_rules {\n}",
    "static_ipaddress {\n}",
    "static_ipaddress x {\n192.0.2.5 dev eth0\n}",
    "global_defs {\ndefault_interface eth1\n}\nstatic_ipaddress {\n192.0.2.5\n}",
    "global_defs {\ndefault_interface nope\n}\nstatic_ipaddress {\n192.0.2.5\n}",
    "global_defs {\ndefault_interface nope\n}\nstatic_ipaddress {\n192.0.2.5 dev eth0\n}",
    "global_defs {\ndynamic_interfaces\n}\nstatic_ipaddress {\n192.0.2.5 dev nope\n}",
    "global_defs {\ndynamic_interfaces\ndefault_interface nope\n}\nstatic_ipaddress {\n192.0.2.5\n}",
    "global_defs {\ndefault_interface nope\n}",
    "garp_group {\ninterface eth0\n}",
    "garp_group {\ngna_interval 1\ninterface eth0\n}",
    "garp_group {\ngarp_interval 0\ninterface eth0\n}",
    "garp_group x {\ngna_interval 1\ninterface eth0\n}",
    "garp_group {\ngna_interval 1\ninterface eth0\n}\ngarp_group {\ngna_interval 1\ninterface eth0\n}",
    "garp_group {\ngna_interval 1\n}",
    "linkbeat_interfaces {\neth0\n}",
    "linkbeat_interfaces {\neth0 MII\n}",
    "linkbeat_interfaces {\neth0 bogus\n}",
    "linkbeat_interfaces {\neth0 mii\n}",
    "linkbeat_interfaces {\neth0 MII IOCTL\n}",
    "linkbeat_interfaces {\nnope\n}",
    "linkbeat_interfaces {\neth0 eth1\n}",
    "linkbeat_interfaces {\n}",
    "linkbeat_interfaces {\neth0\neth0\n}",
    "linkbeat_interfaces {\nlo\n}",
    "linkbeat_interfaces {\naveryveryveryverylongname\n}",
    "interface_up_down_delays {\neth0 1\n}",
    "interface_up_down_delays {\neth0 1 2\n}",
    "interface_up_down_delays {\neth0 1 2 3\n}",
    "interface_up_down_delays {\neth0\n}",
    "interface_up_down_delays {\neth0 x\n}",
    "interface_up_down_delays {\neth0 1 x\n}",
    "interface_up_down_delays {\neth0 256\n}",
    "interface_up_down_delays {\neth0 255 255\n}",
    "interface_up_down_delays {\neth0 0\n}",
    "interface_up_down_delays {\nnope 1\n}",
    "interface_up_down_delays {\neth0 0.0000001\n}",
    "interface_up_down_delays {\neth0 1\neth0 2\n}",
    "interface_up_down_delays {\n}",
    "global_defs {\nlvs_sync_daemon eth0\n}",
    "global_defs {\nlvs_sync_daemon eth0 V\n}",
    "global_defs {\nlvs_sync_daemon eth0 inst V\n}",
    "global_defs {\nlvs_sync_daemon eth0 inst nope\n}",
    "global_defs {\nlvs_sync_daemon eth0 inst V id 255 maxlen 65507 port 65535 ttl 255 group 224.0.0.82\n}",
    "global_defs {\nlvs_sync_daemon eth0 id 256\n}",
    "global_defs {\nlvs_sync_daemon eth0 maxlen 0\n}",
    "global_defs {\nlvs_sync_daemon eth0 maxlen 65508\n}",
    "global_defs {\nlvs_sync_daemon eth0 port 0\n}",
    "global_defs {\nlvs_sync_daemon eth0 ttl 0\n}",
    "global_defs {\nlvs_sync_daemon eth0 group 192.0.2.1\n}",
    "global_defs {\nlvs_sync_daemon eth0 group x\n}",
    "global_defs {\nlvs_sync_daemon eth0 group\n}",
    "global_defs {\nlvs_sync_daemon eth0 inst\n}",
    "global_defs {\nlvs_sync_daemon eth0 id\n}",
    "global_defs {\nlvs_sync_daemon nope\n}",
    "global_defs {\nlvs_sync_daemon eth0 bogus x\n}",
    "global_defs {\nlvs_sync_daemon eth0 V 5\n}",
    "global_defs {\nlvs_sync_daemon eth0 inst V inst V\n}",
    "global_defs {\nlvs_sync_daemon eth0 id x\n}",
    "global_defs {\ndefault_interface nope\n}\nstatic_ipaddress {\n192.0.2.5\nbogus\n}",
];

/// Whole files.
#[rustfmt::skip]
const WHOLE: &[&str] = &[
    "garp_group {\ngarp_interval 1\ninterface eth0\n}",
    "vrrp_instance V {\nuse_vmac vm0\nvirtual_router_id 51\nunicast_src_ip 192.0.2.1\nunicast_peer {\n192.0.2.2\n}\nvirtual_ipaddress {\n192.0.2.10 dev eth0\n}\n}",
    "vrrp_instance V {\nuse_vmac vm0\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10 dev eth0\n}\n}",
    "vrrp_instance V {\ninterface eth0\nuse_vmac vm0\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nuse_vmac vm0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.11\n}\n}",
    "vrrp_instance V {\ninterface eth0\nuse_vmac\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10 use_vmac\n}\n}",
    "vrrp_instance V {\ninterface eth0\nuse_vmac\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10 dev eth1 use_vmac\n}\n}",
    "vrrp_instance V {\ninterface eth0\nuse_vmac_addr\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10 use_vmac\n}\n}",
    "vrrp_instance V {\ninterface eth0\nuse_vmac_addr\nuse_vmac\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_instance V {\ninterface eth0\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10 use_vmac\n}\n}",
    "vrrp_instance V {\ninterface eth0\nvirtual_router_id 51\nvirtual_routes {\ndefault dev eth0\nbogus\n}\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_instance V {\ninterface eth0\nvirtual_router_id 51\nvirtual_routes x {\ndefault dev eth0\n}\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_instance V {\ninterface eth0\nvirtual_router_id 51\nvirtual_routes {\ndefault dev eth0\n}\n}",
    "vrrp_instance V {\ninterface eth0\nversion 3\nvirtual_router_id 51\nvirtual_routes {\ndefault dev eth0\n}\n}",
    "static_ipaddress {\n192.0.2.5\n}",
    "static_ipaddress {\n192.0.2.5 dev nope\n}",
    "static_routes {\ndefault dev nope\n}",
    "garp_group {\ngarp_interval 1\ninterface nope\n}",
];

/// The kind of an interface that is there already is not looked at.
const KINDS: &[&str] = &["use_vmac eth1", "use_vmac eth0", "use_ipvlan eth1 192.0.2.5"];

pub(crate) fn probes() -> impl Iterator<Item = Probe> {
    let own = |line: &&str| file(line, &valid(line, "192.0.2.10"));
    let inner = INNER.iter().chain(HMAC).map(own);
    let kinds = KINDS.iter().map(move |line| own(line).differs("the kind of an interface is not looked at"));
    let long = own(&"use_vmac 02:00:00:00:00:01:02").differs("a seventh byte is a slip");
    let of_static = STATIC.iter().map(|line| {
        file(&format!("static_ipaddress: {line}"), &format!("static_ipaddress {{\n{line}\n}}\n@V@"))
    });
    let garp = GARP.iter().map(|line| {
        file(&format!("garp_group: {line}"), &format!("garp_group {{\ngarp_interval 1\n{line}\n}}\n@V@"))
    });
    let root = ROOT.iter().map(|block| file(block, &format!("{block}\n@V@")));
    let whole = WHOLE.iter().map(|text| file(text, text));
    inner.chain(kinds).chain([long]).chain(of_static).chain(garp).chain(root).chain(whole)
}
