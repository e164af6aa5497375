//! `virtual_server_group`: addresses and marks that virtual servers share.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::units::Family;

/// One line of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupEntry {
    /// Every address from the first to the last.
    Range {
        /// First address.
        first: IpAddr,
        /// Last address, of the same family and not before the first.
        last: IpAddr,
        /// Port; 0 means every port.
        port: u16,
    },
    /// Packets with a firewall mark.
    Fwmark {
        /// Mark.
        mark: u32,
        /// `inet` or `inet6`.
        family: Option<Family>,
    },
}

impl GroupEntry {
    /// The family, unless the line leaves it open.
    pub fn family(&self) -> Option<Family> {
        match self {
            Self::Range { first, .. } => Some(Family::of(*first)),
            Self::Fwmark { family, .. } => *family,
        }
    }
}

/// A group, never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualServerGroup {
    /// Name; the first group of a name is the one referred to.
    pub name: String,
    /// Lines in file order.
    pub entries: Vec<GroupEntry>,
}
