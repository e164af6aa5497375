//! `vrrp_sync_group`: instances that change state together.

use super::draft::{HookDrafts, Placed};
use super::table::{Keyword, Table};
use super::track::{self, TrackDrafts};
use super::track_group::{MembersDraft, members_wanted};
use crate::config::fault::Fault;

type Row = Keyword<SyncGroupDraft>;

/// The only list of this block's keywords.
pub(super) static VRRP_SYNC_GROUP: Table<SyncGroupDraft> = Table::new(
    "vrrp_sync_group",
    &[
        Row::entries("group", "{ <vrrp_instance> ... }", |d, l| d.members.members(l))
            .first()
            .when_opened(members_wanted),
        Row::entries("track_interface", "{ <interface> [weight <n> [reverse]] ... }", |d, l| {
            track::interface(&mut d.tracks.interfaces, l)
        }),
        Row::entries("track_script", "{ <script> [weight <n> [reverse|noreverse]] ... }", |d, l| {
            track::script(&mut d.tracks.scripts, l)
        }),
        Row::entries("track_file", "{ <file> [weight <n> [reverse|noreverse]] ... }", |d, l| {
            track::file(&mut d.tracks.files, l)
        }),
        Row::entries("track_process", "{ <process> [weight <n> [reverse|noreverse]] ... }", |d, l| {
            track::process(&mut d.tracks.processes, l)
        }),
        Row::entries("track_bfd", "{ <bfd_instance> [weight <n> [reverse|noreverse]] ... }", |d, l| {
            track::bfd(&mut d.tracks.bfds, l)
        })
        .refused(),
        Row::script("notify", |d, script| d.hooks.every = script),
        Row::script("notify_master", |d, script| d.hooks.master = script),
        Row::script("notify_backup", |d, script| d.hooks.backup = script),
        Row::script("notify_fault", |d, script| d.hooks.fault = script),
        Row::script("notify_stop", |d, script| d.hooks.stop = script),
        Row::boolean("smtp_alert", |d, yes| d.hooks.smtp_alert = Some(yes)),
        Row::boolean("notify_priority_changes", |d, yes| d.hooks.priority_changes = Some(yes)),
        Row::flag("sync_group_tracking_weight", |d| d.tracking_weight = true),
        Row::words("global_tracking", "", |d, l| {
            d.tracking_weight = true;
            let what = "put what is tracked into the sync group";
            l.report(l.place(), Fault::Deprecated { keyword: "global_tracking", what });
            Ok(())
        })
        .bare_is_fine(),
    ],
);

/// A `vrrp_sync_group` block.
#[derive(Debug)]
pub(in crate::config) struct SyncGroupDraft {
    pub(in crate::config) name: Placed<String>,
    pub(in crate::config) members: MembersDraft,
    pub(in crate::config) tracks: TrackDrafts,
    pub(in crate::config) hooks: HookDrafts,
    /// `sync_group_tracking_weight`: what members track may have weights.
    pub(in crate::config) tracking_weight: bool,
}

impl SyncGroupDraft {
    pub(super) fn new(name: Placed<String>) -> Self {
        Self {
            name,
            members: MembersDraft::default(),
            tracks: TrackDrafts::default(),
            hooks: HookDrafts::default(),
            tracking_weight: false,
        }
    }
}
