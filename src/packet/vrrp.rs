//! VRRP advertisements, versions 2 and 3 (RFC 3768 §5, RFC 9568 §5).

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::units::{AdvertInterval, Vrid, WirePriority};

/// An advertisement: every value of this type can be sent. Cloning allocates nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advert {
    /// Virtual router.
    pub vrid: Vrid,
    /// Priority of the sender, or its farewell.
    pub priority: WirePriority,
    /// Interval of the sender; its unit is the version of the packet. `None` is a VRRPv3 interval of 0
    /// ... decided by decode: never; see [`DecodeError::Interval`].
    pub interval: AdvertInterval,
    /// Virtual addresses in the sender's order.
    pub addresses: Addresses,
}

/// The address list of an advert; at most 255.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// IPv4.
    V4(Arc<[Ipv4Addr]>),
    /// IPv6.
    V6(Arc<[Ipv6Addr]>),
}

/// Authentication of a VRRPv2 packet (RFC 2338 §5.3.6).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// Type 0.
    None,
    /// Type 1, simple text password.
    Pass([u8; 8]),
}

/// Redacted.
impl std::fmt::Debug for Authentication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Pass(_) => "Pass(..)",
        })
    }
}

/// What an IPv4 VRRPv3 checksum covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChecksumForm {
    /// With the IPv4 pseudo-header, as RFC 5798 was read and keepalived sends.
    PseudoHeader,
    /// The message alone (RFC 9568 §5.2.8, `v3_checksum_as_v2`).
    MessageOnly,
}

/// What an instance demands of the packets it takes.
#[derive(Clone, Copy)]
pub struct Demands {
    /// Own interval, and with it the version.
    pub interval: AdvertInterval,
    /// Configured authentication.
    pub authentication: Authentication,
}

/// placeholder
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HopLimits;

/// Why a received packet was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Shorter than a header.
    #[error("{got} bytes, need {need}")]
    Truncated { got: usize, need: usize },
}
