//! The keyword tables: one file per block, each the only list of that block's keywords.
//!
//! In: statements of the tree. Out: drafts filled with values that are right one by one, and problems.
//! Never here: whether values fit together (see `complete`).

mod address;
mod auth_hmac;
mod bfd_instance;
mod draft;
mod encap;
mod garp_group;
mod global_defs;
mod iproute;
mod line;
mod next_hop;
mod number;
mod once;
mod refusal;
mod root;
mod route;
mod route_metric;
mod rule;
mod script;
mod statics;
mod suggest;
mod sync_group;
mod table;
mod taken_name;
mod track;
mod track_file;
mod track_group;
mod track_process;
mod unicast_peer;
mod virtual_server;
mod vmac;
mod vrrp_instance;
mod vrrp_script;
mod words;

pub(super) use self::draft::{
    AuthType, Draft, FifoDraft, GarpDefaults, GarpDraft, GlobalDraft, Hook, HookDrafts, InstanceDraft,
    Placed, ReceivePolicy,
};
pub(super) use self::global_defs::{GlobalScript, Runner};
pub(super) use self::line::{Context, Defined};
pub(super) use self::root::{apply, shapes};
pub(super) use self::statics::StaticsDraft;
pub(super) use self::sync_group::SyncGroupDraft;
pub use self::table::{Listed, Status};
pub(super) use self::track_group::TrackGroupDraft;
pub(super) use self::virtual_server::ServerDraft;
pub(super) use self::vmac::OwnWords;

/// Every keyword of every block that has a table, for documents and tests.
pub fn keywords() -> Vec<Listed> {
    [
        root::ROOT.listed(),
        global_defs::GLOBAL_DEFS.listed(),
        vrrp_script::VRRP_SCRIPT.listed(),
        vrrp_instance::VRRP_INSTANCE.listed(),
        vrrp_instance::AUTHENTICATION.listed(),
        auth_hmac::AUTH_HMAC.listed(),
        sync_group::VRRP_SYNC_GROUP.listed(),
        track_group::TRACK_GROUP.listed(),
        track_file::TRACK_FILE.listed(),
        track_process::VRRP_TRACK_PROCESS.listed(),
        garp_group::GARP_GROUP.listed(),
        bfd_instance::BFD_INSTANCE.listed(),
        virtual_server::listed(),
    ]
    .concat()
}
