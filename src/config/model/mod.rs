//! What may run: checked values, one file per block of keepalived.conf.
//!
//! In: drafts that the keyword tables filled. Out: values that are right because they exist; the engine and the
//! hands read them without checking again. They travel from the supervisor to the worker as serde messages.
//! Never here: words of the file, spans, defaults that depend on the host.

mod address;
mod announce_limits;
mod authentication;
mod bfd;
mod encap;
mod firewall_table;
mod global_defs;
mod notify;
mod own_interface;
mod process;
mod route;
mod rule;
mod script;
mod statics;
mod sync_group;
mod track;
pub mod virtual_server;
mod vrrp_instance;
mod vrrp_script;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::units::IfName;

pub use address::{AddressFlags, Broadcast, Prefix, VirtualAddress};
pub use announce_limits::{AnnounceLimits, Gaps, GarpGroup};
pub use authentication::{Authentication, Hmac, HmacKey, HmacMode, Password};
pub use bfd::BfdInstance;
pub use encap::{Encap, Tunnel};
pub use firewall_table::FirewallTable;
pub use global_defs::{DynamicInterfaces, GlobalDefs};
pub use notify::{Fifo, Mail, MailServer};
pub use own_interface::{IpvlanMode, NameWish, OwnInterface, OwnKind};
pub use process::{Place, ProcessOptions, TimedCommand};
pub use route::{
    CongestionControl, MetricValue, NextHop, Placing, Realms, Route, RouteKind, RouteMetric, RouteTable,
};
pub use rule::{Rule, RuleAction};
pub use script::{Account, Command, NotifyScripts};
pub use statics::Statics;
pub use sync_group::SyncGroup;
pub use track::{InitialContent, Linkbeat, ParameterMatch, TrackFile, TrackProcess, Tracked, UpDownDelay};
pub use virtual_server::{VirtualServer, VirtualServerGroup};
pub use vrrp_instance::{
    AnnounceSchedule, ExtraAnnouncements, InitialState, InstanceKey, OldChecksum, Preemption, TrackInterface,
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
    /// `track_file` blocks, in file order; names are unique.
    pub track_files: Vec<TrackFile>,
    /// `vrrp_track_process` blocks, in file order; names are unique.
    pub track_processes: Vec<TrackProcess>,
    /// `interface_up_down_delays`, no longer than instances may be silent; names are unique.
    pub link_delays: Vec<UpDownDelay>,
    /// Interfaces whose state is asked for each second: `linkbeat_interfaces`, and those of instances with
    /// `linkbeat_use_polling`; names are unique.
    pub linkbeats: Vec<(IfName, Linkbeat)>,
    /// `vrrp_garp_interval`, `vrrp_gna_interval`, `garp_group`.
    pub announce_limits: AnnounceLimits,
    /// `vrrp_instance` blocks, in file order; names are unique.
    pub instances: Vec<VrrpInstance>,
    /// `vrrp_sync_group` blocks that have members, in file order.
    pub sync_groups: Vec<SyncGroup>,
    /// `static_ipaddress`, `static_routes`, `static_rules`.
    pub statics: Statics,
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

    /// The delays of links; what lies over a link has its delays, unless it is named itself.
    pub fn all_link_delays(&self) -> Vec<UpDownDelay> {
        let named = |name: &IfName| self.link_delays.iter().find(|delay| delay.name == *name);
        let all = self.instances.iter().flat_map(VrrpInstance::own_interfaces);
        let of_own = all.filter(|own| named(&own.name).is_none()).filter_map(|own| {
            named(&own.parent).map(|delay| UpDownDelay { name: own.name.clone(), ..delay.clone() })
        });
        self.link_delays.iter().cloned().chain(of_own).collect()
    }
}
