//! `VRRP Sync Group`.

use vrrpd::config::model::{Command, Model, NotifyScripts, SyncGroup};

use super::compare::{Expected, Row, Table};
use super::values::{command, flag, list, one, tracked_interface, tracked_other, tracked_script, yes};

type Field = Row<SyncGroup>;

pub(super) static TABLE: Table<SyncGroup> = Table {
    kind: "VRRP Sync Group",
    name: |group| &group.name,
    rows: &[
        Field { key: "VRRP member instances", ours: |g, _| list(g.members.iter().cloned()) },
        Field { key: "sync group tracking weight set", ours: |g, _| flag(g.tracking_weight) },
        Field {
            key: "Tracked interfaces",
            ours: |g, _| list(g.track_interfaces.iter().map(tracked_interface)),
        },
        Field { key: "Tracked scripts", ours: |g, _| list(g.track_scripts.iter().map(tracked_script)) },
        Field { key: "Tracked files", ours: |g, _| list(g.track_files.iter().map(tracked_other)) },
        Field { key: "Tracked process", ours: |g, _| list(g.track_processes.iter().map(tracked_other)) },
        Field { key: "Using smtp notification", ours: |g, _| yes(g.notify.smtp_alert) },
        Field {
            key: "Notify priority changes",
            ours: |g, _| g.notify.priority_changes.then(|| vec!["yes".to_owned()]),
        },
        Field { key: "Backup state transition script", ours: |g, m| hook(g, m, |n| &n.backup) },
        Field { key: "Master state transition script", ours: |g, m| hook(g, m, |n| &n.master) },
        Field { key: "Fault state transition script", ours: |g, m| hook(g, m, |n| &n.fault) },
        Field { key: "Stop state transition script", ours: |g, m| hook(g, m, |n| &n.stop) },
        Field { key: "Generic state transition script", ours: |g, m| hook(g, m, |n| &n.every) },
    ],
    not_compared: &[("Num member fault", "of the moment"), ("Tracked BFDs", "not in the Model")],
};

fn hook(group: &SyncGroup, model: &Model, which: fn(&NotifyScripts) -> &Option<Box<Command>>) -> Expected {
    which(&group.notify).as_ref().and_then(|hook| one(command(hook, model)))
}
