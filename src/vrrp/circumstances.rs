//! What the rest of the host means for one instance at a moment.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::{Announcement, PlacedAddress, Routing};
use crate::units::{IfIndex, IfName, Priority};

/// Everything outside an instance that its election depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// How adverts leave; `None` while there is no interface or no source address, which is then a fault as well.
    pub path: Option<Path>,
    /// What keeps the instance in FAULT; empty when nothing does.
    pub faults: Vec<Fault>,
    /// A tracked script whose failure would be a fault has not had its first result.
    pub waiting: bool,
    /// Effective priority: the configured one with every weight added.
    pub priority: Priority,
}

/// Where an instance sends from and what it holds there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Interface of the instance; `None` for unicast by the routing table.
    pub interface: Option<IfIndex>,
    /// Source address of adverts; the tie-break compares with it.
    pub source: IpAddr,
    /// The virtual addresses on the interfaces that exist now.
    pub addresses: Arc<[PlacedAddress]>,
    /// The routes whose interfaces exist now, then the rules.
    pub routing: Arc<[Routing]>,
    /// Those addresses that can be announced, in the same order.
    pub announcements: Arc<[Announcement]>,
    /// What `garp_extra_if` announces, one address for each interface.
    pub extra_announcements: Arc<[Announcement]>,
    /// The source address as an announcement, for peers that lost sight of us.
    pub own_announcement: Option<Announcement>,
}

/// A reason to be in FAULT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The interface does not exist.
    InterfaceMissing(IfName),
    /// The interface is not up and running.
    InterfaceDown(IfName),
    /// The interface cannot multicast.
    NoMulticast(IfName),
    /// There is no address to send from.
    NoSource,
    /// `unicast_fault_no_peer` and no peer.
    NoPeers,
    /// The receive socket could not be opened: who cannot hear must not claim.
    Deaf,
    /// A tracked script with weight 0 failed.
    Script(String),
    /// The number in a tracked file says so.
    File(String),
    /// Too few or too many tracked processes with weight 0 run.
    Process(String),
    /// Another member of the sync group of this name is in FAULT.
    SyncGroup(Arc<str>),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InterfaceMissing(name) => write!(f, "interface {name} does not exist"),
            Self::InterfaceDown(name) => write!(f, "interface {name} is down"),
            Self::NoMulticast(name) => write!(f, "interface {name} cannot multicast"),
            Self::NoSource => f.write_str("no source address"),
            Self::NoPeers => f.write_str("no unicast peer"),
            Self::Deaf => f.write_str("cannot receive"),
            Self::Script(name) => write!(f, "script {name} failed"),
            Self::File(name) => write!(f, "tracked file {name}"),
            Self::Process(name) => write!(f, "process {name} has no quorum"),
            Self::SyncGroup(name) => write!(f, "a member of sync group {name} is in FAULT"),
        }
    }
}
