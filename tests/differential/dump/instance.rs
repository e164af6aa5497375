//! `VRRP Instance`.

use std::time::Duration;

use vrrpd::config::model::{
    Authentication, Command, HmacMode, Model, NotifyScripts, OldChecksum, Preemption, SyncGroup, Transport,
    UnicastPeers, VrrpInstance,
};
use vrrpd::units::{Family, Version};

use super::compare::{Expected, Row, Table};
use super::route::route;
use super::rule::rule;
use super::values::{
    address, command, enabled, flag, list, one, tracked_interface, tracked_other, tracked_script, yes,
};

type Field = Row<VrrpInstance>;

pub(super) static TABLE: Table<VrrpInstance> = Table {
    kind: "VRRP Instance",
    name: |instance| &instance.name,
    rows: &[
        Field { key: "VRRP Version", ours: |i, _| one(i.version().number()) },
        Field { key: "Using Native IPv6", ours: |i, _| flag(i.family == Family::V6) },
        Field { key: "Sync group", ours: sync_group },
        Field {
            key: "Interface",
            ours: |i, _| one(i.interface.as_ref().map_or("not configured", |name| name.as_str())),
        },
        Field {
            key: "Using src_ip",
            ours: |i, _| i.source.and_then(|source| one(format!("{source} (from configuration)"))),
        },
        Field { key: "Multicast address", ours: multicast_group },
        Field { key: "Gratuitous ARP delay", ours: |i, _| one(i.announce.delay.as_secs()) },
        Field { key: "Gratuitous ARP repeat", ours: |i, _| one(i.announce.repeat) },
        Field { key: "Gratuitous ARP refresh", ours: |i, _| one(i.announce.refresh.as_secs()) },
        Field { key: "Gratuitous ARP refresh repeat", ours: |i, _| one(i.announce.refresh_repeat) },
        Field {
            key: "Gratuitous ARP lower priority delay",
            ours: |i, _| one(i.announce.lower_prio_delay.as_secs()),
        },
        Field { key: "Gratuitous ARP lower priority repeat", ours: |i, _| one(i.announce.lower_prio_repeat) },
        Field { key: "Down timer adverts", ours: |i, _| one(i.down_timer_adverts) },
        Field {
            key: "Send advert after receive lower priority advert",
            ours: |i, _| one(!i.lower_prio_no_advert),
        },
        Field {
            key: "Send advert after receive higher priority advert",
            ours: |i, _| one(i.higher_prio_send_advert),
        },
        Field { key: "Address owner ignores received adverts", ours: owner_ignores },
        Field { key: "Virtual Router ID", ours: |i, _| one(i.vrid) },
        Field { key: "Priority", ours: |i, _| one(i.priority) },
        Field { key: "Advert interval", ours: advert_interval },
        Field { key: "Preempt", ours: |i, _| enabled(i.preemption != Preemption::Never) },
        Field { key: "Preempt delay", ours: preempt_delay },
        Field { key: "Skip checking advert IP addresses", ours: |i, _| flag(i.skip_check_adv_addr) },
        Field { key: "VRRP interface tracking disabled", ours: |i, _| flag(i.dont_track_primary) },
        Field { key: "Authentication extension", ours: hmac },
        Field { key: "Accept", ours: |i, _| enabled(i.accept) },
        Field { key: "Kernel rx buffer size", ours: |i, _| i.receive_buffer.and_then(one) },
        Field { key: "Using smtp notification", ours: |i, _| yes(i.notify.smtp_alert) },
        Field { key: "Notify priority changes", ours: |i, _| one(i.notify.priority_changes) },
        Field { key: "Unicast checksum compatibility", ours: old_checksum },
        Field {
            key: "Tracked files",
            ours: |i, m| {
                tracked(&i.track_files, group_of(i, m).map(|g| g.track_files.as_slice()), tracked_other)
            },
        },
        Field {
            key: "Tracked processes",
            ours: |i, m| {
                tracked(
                    &i.track_processes,
                    group_of(i, m).map(|g| g.track_processes.as_slice()),
                    tracked_other,
                )
            },
        },
        Field { key: "Authentication type", ours: authentication },
        Field { key: "VRRPv3 uses VRRPv2 checksum", ours: checksum },
        Field {
            key: "Virtual IP",
            ours: |i, _| list(i.addresses.iter().map(|a| address(a, i.interface.as_ref()))),
        },
        Field {
            key: "Virtual IP Excluded",
            ours: |i, _| list(i.excluded.iter().map(|a| address(a, i.interface.as_ref()))),
        },
        Field { key: "Unicast TTL", ours: unicast_ttl },
        Field {
            key: "Check unicast src",
            ours: |i, _| unicast(i).and_then(|to| one(if to.check_source { "yes" } else { "no" })),
        },
        Field { key: "Unicast Peer", ours: unicast_peers },
        Field {
            key: "Tracked interfaces",
            ours: |i, m| {
                tracked(
                    &i.track_interfaces,
                    group_of(i, m).map(|g| g.track_interfaces.as_slice()),
                    tracked_interface,
                )
            },
        },
        Field {
            key: "Tracked scripts",
            ours: |i, m| {
                tracked(&i.track_scripts, group_of(i, m).map(|g| g.track_scripts.as_slice()), tracked_script)
            },
        },
        Field { key: "Virtual Routes", ours: |i, _| list(i.routes.iter().map(route)) },
        Field { key: "Virtual Rules", ours: |i, _| list(i.rules.iter().map(rule)) },
        Field {
            key: "Notify deleted",
            ours: |i, _| one(if i.notify.reports_deleted { "Deleted" } else { "Fault" }),
        },
        Field { key: "Backup state transition script", ours: |i, m| hook(i, m, |n| &n.backup) },
        Field { key: "Master state transition script", ours: |i, m| hook(i, m, |n| &n.master) },
        Field { key: "Fault state transition script", ours: |i, m| hook(i, m, |n| &n.fault) },
        Field { key: "Stop state transition script", ours: |i, m| hook(i, m, |n| &n.stop) },
        Field { key: "Deleted state transition script", ours: |i, m| hook(i, m, |n| &n.deleted) },
        Field { key: "Generic state transition script", ours: |i, m| hook(i, m, |n| &n.every) },
        Field {
            key: "Master rx lower pri state transition script",
            ours: |i, m| hook(i, m, |n| &n.master_rx_lower_pri),
        },
    ],
    not_compared: &[
        ("State", "of the moment"),
        ("Wantstate", "of the moment"),
        ("Flags", "of the moment"),
        ("Number of", "of the moment"),
        ("Duplicate VRID", "of the moment"),
        ("Last ", "of the moment"),
        ("Read timeout", "of the moment"),
        ("Master router", "of the moment"),
        ("Master priority", "of the moment"),
        ("Master advert interval", "of the moment"),
        ("Master down timer", "of the moment"),
        ("Rogue master counter", "of the moment"),
        ("Effective priority", "of the moment"),
        ("Total priority", "of the moment"),
        ("Highest other priority", "of the moment"),
        ("fd_in", "of the moment"),
        ("No sockets allocated", "of the moment"),
        ("Password", "only stars"),
        ("Roger timer", "of the moment"),
        ("Gratuitous ARP for each secondary", "not in the Model"),
        ("Promote_secondaries", "not in the Model"),
        ("Suppress no VIPs warning", "of the judgement, not of the Model"),
        ("Enforcing strict VRRP compliance", "resolved into the other fields"),
        ("Debug level", "has no effect in vrrpd"),
        ("Tracked BFDs", "not in the Model"),
    ],
};

fn sync_group(instance: &VrrpInstance, model: &Model) -> Expected {
    one(&group_of(instance, model)?.name)
}

fn group_of<'a>(instance: &VrrpInstance, model: &'a Model) -> Option<&'a SyncGroup> {
    model.sync_groups.iter().find(|group| group.members.contains(&instance.name))
}

fn hmac(instance: &VrrpInstance, _: &Model) -> Expected {
    let Authentication::Hmac(hmac) = &instance.authentication else { return None };
    let mode = match hmac.mode {
        HmacMode::Enforce => "enforce",
        HmacMode::Permissive => "permissive",
        HmacMode::ReceiveOnly => "receive-only",
    };
    let replay =
        hmac.window.map_or("monotonic".to_owned(), |time| format!("time, window = {} sec", time.as_secs()));
    Some(vec![
        "HMAC-SHA256-128".to_owned(),
        format!("Keys = {}, active key id = {}", hmac.keys.len(), hmac.active),
        format!("Mode = {mode}"),
        format!("Anti replay = {replay}"),
    ])
}

fn old_checksum(instance: &VrrpInstance, _: &Model) -> Expected {
    one(match unicast(instance)?.old_checksum {
        OldChecksum::Accepted(_) => "no",
        OldChecksum::Sent(_) => "config",
        OldChecksum::Never => "never",
    })
}

/// Items without those that the member has from its group, which the dump shows there.
fn tracked<T: PartialEq>(all: &[T], of_group: Option<&[T]>, text: fn(&T) -> String) -> Expected {
    let own = all.iter().filter(|item| of_group.is_none_or(|items| !items.contains(item)));
    list(own.map(text))
}

fn multicast_group(instance: &VrrpInstance, _: &Model) -> Expected {
    match &instance.transport {
        Transport::Multicast { group } => one(group),
        Transport::Unicast(_) => None,
    }
}

fn owner_ignores(instance: &VrrpInstance, _: &Model) -> Expected {
    instance.priority.is_owner().then(|| vec![instance.owner_ignore_adverts.to_string()])
}

fn advert_interval(instance: &VrrpInstance, _: &Model) -> Expected {
    let interval = instance.advert_interval.duration();
    match instance.version() {
        Version::V2 => one(format!("{} sec", interval.as_secs())),
        Version::V3 => one(format!("{} milli-sec", interval.as_millis())),
    }
}

fn preempt_delay(instance: &VrrpInstance, _: &Model) -> Expected {
    match instance.preemption {
        Preemption::Delayed(delay) => one(format!("{} secs", decimal(delay))),
        Preemption::Immediate | Preemption::Never => None,
    }
}

fn decimal(time: Duration) -> String {
    time.as_secs_f64().to_string()
}

/// Only in the dump of a version that has it.
fn authentication(instance: &VrrpInstance, _: &Model) -> Expected {
    let name = match instance.authentication {
        Authentication::Pass(_) => "SIMPLE_PASSWORD",
        Authentication::Ah(_) => "IPSEC_AH",
        Authentication::None | Authentication::Hmac(_) => "none",
    };
    (instance.version() == Version::V2).then(|| vec![name.to_owned()])
}

fn checksum(instance: &VrrpInstance, _: &Model) -> Expected {
    let asked = instance.version() == Version::V3 && instance.family == Family::V4;
    if asked { enabled(instance.v3_checksum_as_v2) } else { None }
}

fn unicast(instance: &VrrpInstance) -> Option<&UnicastPeers> {
    match &instance.transport {
        Transport::Unicast(peers) => Some(peers),
        Transport::Multicast { .. } => None,
    }
}

fn unicast_ttl(instance: &VrrpInstance, _: &Model) -> Expected {
    let peers = unicast(instance)?;
    let ttl = peers.ttl.or((instance.family == Family::V4).then_some(255))?;
    one(ttl)
}

fn unicast_peers(instance: &VrrpInstance, _: &Model) -> Expected {
    let peers = unicast(instance)?.peers.iter();
    list(peers.map(|peer| format!("{} min_ttl {} max_ttl {}", peer.address, peer.min_ttl, peer.max_ttl)))
}

fn hook(
    instance: &VrrpInstance,
    model: &Model,
    which: fn(&NotifyScripts) -> &Option<Box<Command>>,
) -> Expected {
    which(&instance.notify).as_ref().and_then(|hook| one(command(hook, model)))
}
