//! How an advert is made believable, and what is asked of one that was heard.
//!
//! [`Authentication`] goes with what we send, [`Proof`] with what we hear.

use std::fmt;
use std::sync::Arc;

use super::authentication_header::HeaderSeal;
use super::hmac_trailer::{Stamp, TrailerKey, TrailerProof};

/// Bytes of authentication data after the address list of an IPv4 VRRPv2 packet.
pub(super) const AUTH_DATA_LEN: usize = 8;

/// Authentication of an advert that is sent. Cloning allocates nothing.
#[derive(Clone, PartialEq, Eq)]
pub enum Authentication {
    /// Type 0.
    None,
    /// Type 1, simple text password, padded with zeros (RFC 2338 §5.3.6.2).
    Pass([u8; AUTH_DATA_LEN]),
    /// Type 2, an authentication header between the IP header and the message (RFC 2338 §5.3.6.3).
    Header(HeaderSeal),
    /// A trailer after the message (`auth_hmac`); the type is 0.
    Trailer(Arc<TrailerKey>, Stamp),
}

/// What an instance asks of an advert before it believes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Proof<'d> {
    /// Type 0.
    None,
    /// Type 1 and this password.
    Pass([u8; AUTH_DATA_LEN]),
    /// Type 2 and an authentication header with this password and a sequence number above this one.
    Header {
        /// Key, padded with zeros.
        password: [u8; AUTH_DATA_LEN],
        /// Highest sequence number known.
        after: u32,
    },
    /// A trailer.
    Trailer(TrailerProof<'d>),
}

/// What shows that a packet is not an old one; it has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Nothing does.
    None,
    /// Sequence number of the authentication header.
    Sequence(u32),
    /// Stamp of the trailer.
    Stamp(Stamp),
}

impl Authentication {
    /// The type field (RFC 2338 §5.3.6).
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::None | Self::Trailer(..) => 0,
            Self::Pass(_) => 1,
            Self::Header(_) => 2,
        }
    }

    /// The data after the addresses.
    pub(super) const fn data(&self) -> [u8; AUTH_DATA_LEN] {
        match self {
            Self::Pass(password) => *password,
            Self::None | Self::Header(_) | Self::Trailer(..) => [0; AUTH_DATA_LEN],
        }
    }
}

impl Proof<'_> {
    /// The type field that is asked for.
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::None | Self::Trailer(_) => 0,
            Self::Pass(_) => 1,
            Self::Header { .. } => 2,
        }
    }
}

/// Redacted.
impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Pass(_) => f.write_str("Pass(..)"),
            Self::Header(seal) => seal.fmt(f),
            Self::Trailer(_, stamp) => write!(f, "Trailer(.., {stamp:?})"),
        }
    }
}

/// Redacted.
impl fmt::Debug for Proof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Pass(_) => f.write_str("Pass(..)"),
            Self::Header { after, .. } => write!(f, "Header(.., after {after})"),
            Self::Trailer(proof) => proof.fmt(f),
        }
    }
}

/// Compares without telling by its duration how much was right.
pub(super) fn same_in_constant_time<const N: usize>(one: &[u8; N], other: &[u8; N]) -> bool {
    one.iter().zip(other).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
