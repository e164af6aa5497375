//! `bfd_instance`: a session that watches a path to a neighbour (RFC 5880).

use std::net::IpAddr;
use std::num::NonZeroU8;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::Weight;

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BfdInstance {
    /// Unique, 31 bytes at most.
    pub name: String,
    /// `neighbor_ip`.
    pub neighbor: IpAddr,
    /// `source_ip`, of the neighbour's family; `None` leaves it to the kernel.
    pub source: Option<IpAddr>,
    /// `min_rx`: Required Min RX Interval.
    pub min_rx: Duration,
    /// `min_tx`: Desired Min TX Interval while the session is up.
    pub min_tx: Duration,
    /// `idle_tx`: Desired Min TX Interval while it is not.
    pub idle_tx: Duration,
    /// `multiplier`: Detect Mult.
    pub multiplier: NonZeroU8,
    /// `passive`: say nothing before the neighbour does.
    pub passive: bool,
    /// `ttl` or `hoplimit` of what is sent.
    pub ttl: NonZeroU8,
    /// `max_hops`: hops that a received packet may have taken, never more than `ttl`.
    pub max_hops: u8,
    /// `multihop`: UDP port 4784 (RFC 5883).
    pub multihop: bool,
    /// `weight` of `track_bfd` lines without one.
    pub weight: Weight,
    /// `weight ... reverse`.
    pub reverse: bool,
    /// VRRP instances may track it.
    pub for_vrrp: bool,
    /// `BFD_CHECK` may name it.
    pub for_checkers: bool,
}
