//! Sync groups, and the groups that static entries follow.

use super::{Probe, file, valid};

/// Lines of a `vrrp_sync_group` with two members.
#[rustfmt::skip]
const SYNC: &[&str] = &[
    "",
    "bogus 1",
    "track_interface {\neth0\n}",
    "track_interface {\neth1\n}",
    "track_interface {\neth1 weight 5\n}",
    "track_interface {\nnope\n}",
    "track_interface {\neth1\neth1\n}",
    "track_interface {\neth1 bogus\n}",
    "track_script {\ns\n}",
    "track_script {\ns weight 5\n}",
    "track_script {\nnope\n}",
    "track_file {\nf\n}",
    "track_file {\nf weight 5\n}",
    "track_file {\nnope\n}",
    "track_file {\nf\nf\n}",
    "track_process {\np\n}",
    "track_process {\np weight 5 reverse\n}",
    "track_process {\nnope\n}",
    "track_bfd {\nb\n}",
    "track_bfd {\nnope\n}",
    "track_bfd {\nb weight 5\n}",
    "track_bfd {\nb weight 254\n}",
    "sync_group_tracking_weight\ntrack_script {\ns weight 5\n}",
    "global_tracking",
    "sync_group_tracking_weight",
    "sync_group_tracking_weight x",
    "smtp_alert",
    "smtp_alert no",
    "smtp_alert maybe",
    "notify_priority_changes yes",
    "notify_priority_changes x",
    "notify",
    "notify_master",
    "notify_backup",
    "notify_fault",
    "notify_stop",
    "notify /nope",
    "notify_master /nope\nnotify_master /nope2",
    "notify /bin/true",
    "notify_master 'nope",
    "notify_master /bin/true nouser",
    "group {\nV\n}",
    "track_interface {\neth1\n}\ntrack_interface {\neth1\n}",
    "track_file {\nf weight 5\n}\nnotify_stop /bin/true",
];

/// Blocks after a `track_group`.
#[rustfmt::skip]
const STATIC: &[&str] = &[
    "static_routes {\ndefault dev eth0 track_group tg\n}",
    "static_routes {\ndefault track_group tg\n}",
    "static_routes {\ndefault dev eth0 track_group tg track_group tg\n}",
    "static_routes {\ndefault dev eth0 track_group tg no_track\n}",
    "static_routes {\ndefault dev eth0 track_group\n}",
    "static_routes {\ndefault track_group tg no_track\n}",
    "static_routes {\ndefault track_group tg dev eth0\n}",
    "static_routes {\ndefault track_group tg nexthop via 192.0.2.1 dev eth0\n}",
    "static_routes {\ndefault track_group nope\n}",
    "static_routes {\ndefault track_group nope dev eth0\n}",
    "static_routes {\ndefault dev eth0 track_group tg protocol static\n}",
    "static_ipaddress {\n192.0.2.5 dev eth0 track_group tg\n}",
    "static_ipaddress {\n192.0.2.5 track_group tg\n}",
    "static_ipaddress {\n192.0.2.5 track_group tg dev eth1\n}",
    "static_ipaddress {\n192.0.2.5 dev eth0 track_group tg track_group tg\n}",
    "static_ipaddress {\n192.0.2.5 dev eth0 track_group nope\n}",
    "static_ipaddress {\n192.0.2.5 dev eth0 track_group\n}",
    "static_ipaddress {\n192.0.2.5 dev eth0 track_group tg no_track\n}",
    "static_rules {\nfrom 10.0.0.0/8 table 5 preference 5 track_group tg\n}",
    "static_rules {\nfrom 10.0.0.0/8 iif eth0 table 5 preference 5 track_group tg\n}",
    "static_rules {\nfrom 10.0.0.0/8 oif eth0 table 5 preference 5 track_group tg\n}",
    "static_rules {\nfrom 10.0.0.0/8 iif eth0 table 5 preference 5 track_group nope\n}",
    "static_rules {\nfrom 10.0.0.0/8 iif eth0 table 5 preference 5 track_group\n}",
    "static_rules {\nfrom 10.0.0.0/8 iif eth0 table 5 preference 5 track_group tg track_group tg\n}",
    "static_rules {\nfrom 10.0.0.0/8 iif eth0 table 5 preference 5 track_group tg no_track\n}",
    "",
];

/// Blocks before an instance.
#[rustfmt::skip]
const ROOT: &[&str] = &[
    "vrrp_sync_group {\ngroup {\nV\n}\n}",
    "vrrp_sync_group G x {\ngroup {\nV\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV V\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV nope\n}\n}",
    "vrrp_sync_group G {\ngroup {\nnope\n}\n}",
    "vrrp_sync_group G {\ngroup {\n}\n}",
    "vrrp_sync_group G {\n}",
    "vrrp_sync_group G {\ngroup x {\nV\n}\n}",
    "vrrp_sync_group G {\ngroup\n}",
    "vrrp_sync_group G {\ngroup {\nV\n}\n}\nvrrp_sync_group G {\ngroup {\nV\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV\n}\n}\nvrrp_sync_group H {\ngroup {\nV\n}\n}",
    "track_group tg {\ngroup {\nV\n}\n}",
    "track_group {\ngroup {\nV\n}\n}",
    "track_group tg x {\ngroup {\nV\n}\n}",
    "track_group tg {\ngroup {\nV nope\n}\n}",
    "track_group tg {\ngroup {\nnope\n}\n}",
    "track_group tg {\ngroup {\n}\n}",
    "track_group tg {\n}",
    "track_group tg {\nbogus\n}",
    "track_group tg {\ngroup {\nV\n}\n}\ntrack_group tg {\ngroup {\nV\n}\n}",
    "track_group tg {\ngroup {\nV\n}\ngroup {\nV\n}\n}",
    "track_group tg {\ngroup {\nV V\n}\n}",
    "track_group tg {\ngroup {\nnope\n}\n}\nstatic_routes {\ndefault dev eth0 track_group tg\n}",
    "track_group tg {\ngroup {\n}\n}\nstatic_routes {\ndefault dev eth0 track_group tg\n}",
];

/// Whole files.
#[rustfmt::skip]
const WHOLE: &[&str] = &[
    "vrrp_sync_group G {\ngroup {\nV\n}\n}",
    "vrrp_sync_group {\ngroup {\nV\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV W\n}\ntrack_interface {\neth0\n}\n}\nvrrp_instance V {\ninterface eth0\ndont_track_primary\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth1\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV W\n}\ntrack_interface {\neth0\n}\n}\nvrrp_instance V {\ninterface eth0\ndont_track_primary\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\ndont_track_primary\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV W\n}\ntrack_interface {\neth1\n}\n}\nvrrp_instance V {\ninterface eth0\ntrack_interface {\neth1\n}\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV W\n}\ntrack_interface {\neth1 weight 5\n}\n}\nvrrp_instance V {\ninterface eth0\nstate MASTER\npriority 255\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV W\n}\n}\nvrrp_instance V {\ninterface eth0\nstate MASTER\npriority 255\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nstate BACKUP\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_sync_group G {\ngroup {\nW V\n}\n}\nvrrp_instance V {\ninterface eth0\nstate MASTER\npriority 255\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nstate BACKUP\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV W\n}\n}\nvrrp_instance V {\ninterface eth0\nstate MASTER\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nstate BACKUP\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_script s {\nscript \"</etc/passwd\"\nweight 5\n}\nvrrp_sync_group G {\ngroup {\nV W\n}\n}\nvrrp_instance V {\ninterface eth0\ntrack_script {\ns\n}\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_script s {\nscript \"</etc/passwd\"\nweight 5\n}\nvrrp_sync_group G {\nsync_group_tracking_weight\ngroup {\nV W\n}\n}\nvrrp_instance V {\ninterface eth0\ntrack_script {\ns\n}\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV W\n}\n}\nvrrp_instance V {\ninterface eth0\ntrack_interface {\neth1 weight 5\n}\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "track_file f {\nfile /tmp/x\n}\nvrrp_sync_group G {\ngroup {\nV W\n}\n}\nvrrp_instance V {\ninterface eth0\ntrack_file {\nf\n}\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_script s {\nscript \"</etc/passwd\"\n}\nvrrp_sync_group G {\ntrack_script {\ns\n}\ngroup {\nV W\n}\n}\nvrrp_instance V {\ninterface eth0\ntrack_script {\ns\n}\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
    "vrrp_script s {\nscript \"</etc/passwd\"\nweight 5\n}\nvrrp_sync_group G {\ntrack_script {\ns\n}\ngroup {\nV W\n}\n}\nvrrp_instance V {\ninterface eth0\nstate MASTER\npriority 255\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.11\n}\n}",
    "track_file f {\nfile /tmp/x\n}\nvrrp_sync_group G {\ntrack_file {\nf\n}\ngroup {\nV W\n}\n}\nvrrp_instance V {\ninterface eth0\nstate MASTER\npriority 255\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.11\n}\n}",
    "vrrp_track_process f {\nprocess x\nweight 5\n}\nvrrp_sync_group G {\ntrack_process {\nf\n}\ngroup {\nV W\n}\n}\nvrrp_instance V {\ninterface eth0\nstate MASTER\npriority 255\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.11\n}\n}",
    "vrrp_track_process f {\nprocess x\nweight 5\n}\nvrrp_sync_group G {\ngroup {\nV W\n}\n}\nvrrp_instance V {\ninterface eth0\ntrack_process {\nf\n}\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.11\n}\n}",
    "vrrp_sync_group G {\ngroup {\nV W\n}\ntrack_interface {\neth1 weight 5\n}\n}\nvrrp_instance V {\ninterface eth0\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10\n}\n}\nvrrp_instance W {\ninterface eth0\npriority 255\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
];

pub(crate) fn probes() -> impl Iterator<Item = Probe> {
    let second = valid("", "192.0.2.11").replace("vrrp_instance V", "vrrp_instance W").replace("51", "52");
    let sync = SYNC.iter().map(move |line| {
        let group = format!("vrrp_sync_group G {{\ngroup {{\nV\nW\n}}\n{line}\n}}\n");
        let text = format!("{}{group}@V@{second}", super::tracking::DEFINED);
        file(&format!("vrrp_sync_group: {line}"), &text)
    });
    let of_static = STATIC.iter().map(|block| {
        let text = format!("track_group tg {{\ngroup {{\nV\n}}\n}}\n{block}\n@V@");
        file(&format!("track_group, then {block}"), &text)
    });
    let root = ROOT.iter().map(|block| file(block, &format!("{block}\n@V@")));
    let whole = WHOLE.iter().map(|text| file(text, text));
    let text = "vrrp_sync_group G {\ngroup {\nV\n}\nnotify_master \"/nope\n}\n@V@";
    let open = file("vrrp_sync_group: notify_master with an open quote", text)
        .differs("an open quote leaves no script, as with any other keyword");
    sync.chain(of_static).chain(root).chain(whole).chain([open])
}
