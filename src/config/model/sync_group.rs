//! `vrrp_sync_group`: instances that change state together.

use serde::{Deserialize, Serialize};

use super::{NotifyScripts, TrackInterface, TrackScript, Tracked};

/// A `vrrp_sync_group` block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncGroup {
    /// Block name, unique among the groups.
    pub name: String,
    /// `group`: names of instances in [`super::Model::instances`], at least one, none in two groups.
    pub members: Vec<String>,
    /// `track_interface`, for all members; without weights when a member's priority is 255.
    pub track_interfaces: Vec<TrackInterface>,
    /// `track_script`, for all members; without weights when a member's priority is 255.
    pub track_scripts: Vec<TrackScript>,
    /// `track_file`, for all members.
    pub track_files: Vec<Tracked>,
    /// `track_process`, for all members.
    pub track_processes: Vec<Tracked>,
    /// `sync_group_tracking_weight`: what members track by themselves keeps its weight.
    pub tracking_weight: bool,
    /// The `notify*` keywords of the group.
    pub notify: NotifyScripts,
}
