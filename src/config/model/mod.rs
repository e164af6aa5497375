//! What may run: checked values, one file per block of keepalived.conf.
//!
//! In: drafts that the keyword tables filled. Out: values that are right because they exist; the engine and the
//! hands read them without checking again. They travel from the supervisor to the worker as serde messages.
//! Never here: words of the file, spans, defaults that depend on the host.

mod address;
mod bfd;
mod global_defs;
mod own_interface;
mod script;
mod sync_group;
pub mod virtual_server;
mod vrrp_instance;
mod vrrp_script;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

pub use address::{AddressFlags, Broadcast, Prefix, VirtualAddress};
pub use bfd::BfdInstance;
pub use global_defs::{DynamicInterfaces, GlobalDefs};
pub use own_interface::{InterfaceGroup, IpvlanMode, NameWish, OwnInterface, OwnKind};
pub use script::{Account, Command, NotifyScripts};
pub use sync_group::SyncGroup;
pub use virtual_server::{VirtualServer, VirtualServerGroup};
pub use vrrp_instance::{
    AnnounceSchedule, ExtraAnnouncements, InitialState, InstanceKey, Password, Preemption, TrackInterface,
    TrackScript, Transport, UnicastPeer, UnicastPeers, VrrpInstance,
};
pub use vrrp_script::{Test, VrrpScript};

/// A whole configuration that can be run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// `global_defs`, merged over all its blocks.
    pub global: GlobalDefs,
    /// `vrrp_script` blocks, in file order; names may repeat, the first of a name is the one referred to.
    pub scripts: Vec<VrrpScript>,
    /// `vrrp_instance` blocks, in file order; names are unique.
    pub instances: Vec<VrrpInstance>,
    /// `vrrp_sync_group` blocks that have members, in file order.
    pub sync_groups: Vec<SyncGroup>,
    /// `bfd_instance` blocks, in file order; names are unique.
    pub bfd_instances: Vec<BfdInstance>,
    /// `virtual_server_group` blocks, in file order.
    pub virtual_server_groups: Vec<VirtualServerGroup>,
    /// `virtual_server` blocks, in file order.
    pub virtual_servers: Vec<VirtualServer>,
}

impl Model {
    /// Every interface that instances ask for, once each, in file order.
    pub fn own_interfaces(&self) -> Vec<OwnInterface> {
        let mut names = HashSet::new();
        let all = self.instances.iter().flat_map(VrrpInstance::own_interfaces);
        all.filter(|own| names.insert(own.name.clone())).cloned().collect()
    }
}
