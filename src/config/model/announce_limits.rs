//! How closely announcements may follow each other (`vrrp_garp_interval`, `vrrp_gna_interval`, `garp_group`).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::IfName;

/// Shortest times between two announcements; zero is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gaps {
    /// Between gratuitous ARPs, 0 to 4294 s: `garp_interval`.
    pub arp: Duration,
    /// Between unsolicited neighbour advertisements, 0 to 4294 s: `gna_interval`.
    pub na: Duration,
}

/// A `garp_group` block: the gaps lie between the announcements on any of its interfaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GarpGroup {
    /// `garp_interval`, `gna_interval`.
    pub gaps: Gaps,
    /// `interface`, `interfaces`.
    pub interfaces: Vec<IfName>,
}

/// The gaps of all interfaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnounceLimits {
    /// `vrrp_garp_interval`, `vrrp_gna_interval`: on each interface that is in no group.
    pub alone: Gaps,
    /// `garp_group` blocks; no interface is in two of them.
    pub groups: Vec<GarpGroup>,
}

impl AnnounceLimits {
    /// Whether no announcement ever waits.
    pub fn are_none(&self) -> bool {
        self.alone == Gaps::default() && self.groups.is_empty()
    }
}
