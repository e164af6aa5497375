//! The keyword tables: one file per block, each the only list of that block's keywords.
//!
//! In: statements of the tree. Out: drafts filled with values that are right one by one, and problems.
//! Never here: whether values fit together (see `complete`).

mod address;
mod bfd_instance;
mod draft;
mod global_defs;
mod line;
mod number;
mod root;
mod script;
mod suggest;
mod table;
mod track;
mod unicast_peer;
mod virtual_server;
mod vmac;
mod vrrp_instance;
mod vrrp_script;

pub(super) use self::draft::{AuthType, Draft, GarpDefaults, GarpDraft, GlobalDraft, InstanceDraft, Placed};
pub(super) use self::line::Context;
pub(super) use self::root::{apply, shapes};
pub use self::table::{Listed, Status};
pub(super) use self::virtual_server::ServerDraft;

/// Every keyword of every block that has a table, for documents and tests.
pub fn keywords() -> Vec<Listed> {
    [
        root::ROOT.listed(),
        global_defs::GLOBAL_DEFS.listed(),
        vrrp_script::VRRP_SCRIPT.listed(),
        vrrp_instance::VRRP_INSTANCE.listed(),
        vrrp_instance::AUTHENTICATION.listed(),
        vrrp_instance::AUTH_HMAC.listed(),
        bfd_instance::BFD_INSTANCE.listed(),
        virtual_server::listed(),
    ]
    .concat()
}
