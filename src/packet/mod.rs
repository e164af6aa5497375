//! Bytes to types and back: what travels on the wire, and nothing of what it leads to.
//!
//! In: received bytes with what the kernel said about them, or a value to send. Out: a value that cannot be wrong or
//! a [`DecodeError`] that names what was; bytes in a caller's buffer.
//! Never here: sockets, state, counters, decisions.

mod authentication;
pub mod authentication_header;
mod checksum;
mod datagram;
pub mod hmac_trailer;
#[cfg(any(test, fuzzing))]
pub mod invariants;
pub mod neighbour;
pub mod vrrp;

pub use authentication::{Authentication, Freshness, Proof};
pub use authentication_header::{HeaderError, HeaderSeal, SealedPacket};
pub use datagram::{Datagram, ipv4_datagram};
pub use hmac_trailer::{Stamp, TrailerError, TrailerKey, TrailerProof};
pub use vrrp::{Addresses, Advert, ChecksumForm, DecodeError, Demands, Heard};
