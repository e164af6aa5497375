//! Bytes to types and back: what travels on the wire, and nothing of what it leads to.
//!
//! In: received bytes with what the kernel said about them, or a value to send. Out: a value that cannot be wrong or
//! a [`DecodeError`] that names what was; bytes in a caller's buffer.
//! Never here: sockets, state, counters, decisions.

mod checksum;
mod datagram;
#[cfg(any(test, fuzzing))]
pub mod invariants;
pub mod neighbour;
pub mod vrrp;

pub use datagram::{Datagram, ipv4_datagram};
pub use vrrp::{Addresses, Advert, Authentication, ChecksumForm, DecodeError, Demands, Heard};
