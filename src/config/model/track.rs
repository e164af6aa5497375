//! What is tracked beside interfaces and scripts: numbers in files, processes that run.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::{IfName, Weight};

/// A line of `track_file` or `track_process`, completed from the block that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked {
    /// Name of a block in [`super::Model::track_files`] or [`super::Model::track_processes`].
    pub name: String,
    /// `weight`, or the block's.
    pub weight: Weight,
    /// `reverse`, `noreverse`, or the block's.
    pub reverse: bool,
}

/// A `track_file` block (old name `vrrp_track_file`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackFile {
    /// Block name.
    pub name: String,
    /// `file`: the path, in a directory that existed when the file was read.
    pub path: String,
    /// `init_file`: what to write at the start of the daemon.
    pub initial: Option<InitialContent>,
}

/// `init_file`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitialContent {
    /// The number; default 0.
    pub value: i32,
    /// `overwrite`: also when the file exists.
    pub overwrite: bool,
}

/// A `vrrp_track_process` block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackProcess {
    /// Block name.
    pub name: String,
    /// First word of `process`: a name, or the path with which it was started.
    pub process: String,
    /// The other words of `process`.
    pub parameters: Vec<String>,
    /// How the parameters are compared; `None` while they do not matter.
    pub parameter_match: Option<ParameterMatch>,
    /// `full_command`, implied by parameters: the first word is compared with the command line, not with the name.
    pub full_command: bool,
    /// `quorum`: as many must run; default 1. 0 with a `quorum_max` of 0: none may run.
    pub quorum: u32,
    /// `quorum_max`: no more may run.
    pub quorum_max: Option<u32>,
    /// `terminate_delay`: how long the quorum must be missed to count as lost.
    pub terminate_delay: Duration,
    /// `fork_delay`: how long it must be met to count as reached.
    pub fork_delay: Duration,
}

/// `param_match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParameterMatch {
    /// Without a word, and the default where parameters are given: these and no others.
    Exact,
    /// `partial`: these come first.
    Partial,
    /// `initial`: these come first, and the last one may go on.
    Initial,
}

/// One interface in `interface_up_down_delays`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpDownDelay {
    /// The interface.
    pub name: IfName,
    /// How long it must be down to count as down; at most 255 s.
    pub down: Duration,
    /// How long it must be up to count as up; at most 255 s.
    pub up: Duration,
}

/// How the state of an interface is asked for each second, instead of waiting for the kernel's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Linkbeat {
    /// The first of the others that the interface answers to.
    Any,
    /// `MII`: the link bit of the PHY's status register.
    Mii,
    /// `ETHTOOL`: the driver's own word.
    Ethtool,
    /// `IOCTL`: the flags of the interface.
    Ioctl,
}

impl TrackProcess {
    /// Whether `count` processes are as many as there should be.
    pub fn is_met_by(&self, count: u32) -> bool {
        count >= self.quorum && self.quorum_max.is_none_or(|most| count <= most)
    }
}
