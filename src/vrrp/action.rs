//! What one virtual router orders; the engine passes it on with the instance's number.

use std::net::IpAddr;
use std::sync::Arc;

use crate::config::model::{NotifyScripts, VirtualAddress};
use crate::packet::{Advert, Authentication, ChecksumForm};
use crate::units::{IfIndex, MacAddr, Priority};

use super::{Routing, State};

/// An order of one instance, to be carried out in the order given.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Send an advert to one destination.
    Send(Transmission),
    /// Drop packets to and from these addresses but for what finds them (ARP, neighbour discovery).
    BlockPackets(Arc<[PlacedAddress]>),
    /// Take that back; what was not blocked is no error.
    UnblockPackets(Arc<[PlacedAddress]>),
    /// Put these addresses on their interfaces; one that is there already is adopted.
    AddAddresses(Arc<[PlacedAddress]>),
    /// Take these addresses off; one that is not there is no error.
    RemoveAddresses(Arc<[PlacedAddress]>),
    /// Put these routes and rules in place, in order; what is there already is adopted.
    AddRouting(Arc<[Routing]>),
    /// Take these rules and routes away, the last first; what is not there is no error.
    RemoveRouting(Arc<[Routing]>),
    /// Announce the addresses by gratuitous ARP or unsolicited neighbour advertisement: `repeat` rounds over the list.
    Announce {
        /// What to announce, in order.
        addresses: Arc<[Announcement]>,
        /// Rounds, at least 1.
        repeat: u32,
    },
    /// Tell the operator's hooks.
    Notify(Notice),
    /// A successor would have to know more of the packets of the instance of this name, which is in this state.
    Remember(Arc<str>, State),
}

/// An advert with where and how it goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Transmission {
    /// What is said.
    pub advert: Advert,
    /// What makes it believable.
    pub authentication: Authentication,
    /// Coverage of an IPv4 VRRPv3 checksum.
    pub checksum: ChecksumForm,
    /// Source address, need not be local.
    pub source: IpAddr,
    /// Group or peer.
    pub destination: IpAddr,
    /// Interface to leave by; `None` lets the routing table choose (unicast without `interface`).
    pub interface: Option<IfIndex>,
    /// TTL or hop limit; `None` is the system's default (IPv6 unicast).
    pub hop_limit: Option<u8>,
    /// IPv4 identification: counts logical adverts from 1, 0 is skipped; the copies to several peers share it.
    pub id: u16,
}

/// A virtual address and the interface that it belongs on now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedAddress {
    /// The interface.
    pub interface: IfIndex,
    /// The address with its options.
    pub address: VirtualAddress,
}

/// One address to announce on one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The interface.
    pub interface: IfIndex,
    /// Its link-layer address.
    pub mac: MacAddr,
    /// The address that now lives there.
    pub address: IpAddr,
}

/// A change that the operator's hooks hear of.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Name of the instance or sync group.
    pub name: Arc<str>,
    /// What happened.
    pub kind: NoticeKind,
    /// Whom it is about.
    pub subject: Subject,
    /// Which hooks there are.
    pub scripts: Arc<NotifyScripts>,
}

/// Whom a [`Notice`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An instance, with its effective priority.
    Instance(Priority),
    /// A sync group: all its members.
    Group,
}

/// What a [`Notice`] tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// The instance entered this state ([`State::Init`] is never told).
    Entered(State),
    /// The daemon stops (`notify_stop`).
    Stopped,
    /// A reload removed the instance (`notify_deleted`).
    Deleted,
    /// A master heard an advert that loses (`notify_master_rx_lower_pri`).
    HeardLowerPriority,
    /// The effective priority changed in this state (`notify_priority_changes`); for FIFOs only.
    PriorityChanged(State),
    /// A reload left the instance in this state (`fifo_write_vrrp_states_on_reload`); for FIFOs only.
    Kept(State),
}
