//! The trailer of `auth_hmac`: a keyed hash after the message (draft-cassen-vrrp-auth-hmac, as keepalived 2.4 has it).
//!
//! HMAC-SHA256 cut to 128 bits over family, version, VRID and source address, the message without its checksum, and
//! the trailer. Neither destination nor TTL is covered, so the copies to several peers share one trailer.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Bytes of the trailer.
pub const LEN: usize = 28;
/// The only type there is.
const KIND: u8 = 1;
/// Bytes before the hash.
const HEAD: usize = 12;
/// Bytes of the hash.
const HASH: usize = 16;
/// Where the checksum stands in a message: its bytes count as 0.
const CHECKSUM: std::ops::Range<usize> = 6..8;

/// When a trailer was made: seconds of the Unix epoch in 32 bits, 1/65536 s in 16 bits, a counter in 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp(u64);

impl Stamp {
    /// The first stamp of a moment, given as time since the Unix epoch.
    pub fn at(unix: Duration) -> Self {
        // Of the seconds 32 bits go on the wire.
        let seconds = unix.as_secs() & u64::from(u32::MAX);
        let fraction = (u64::from(unix.subsec_nanos()) << 16) / 1_000_000_000;
        Self(seconds << 32 | fraction << 16)
    }

    /// The stamp after this one.
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// Whether it comes after `other`, by the serial arithmetic of RFC 1982.
    pub const fn is_after(self, other: Self) -> bool {
        self.0.wrapping_sub(other.0).cast_signed() > 0
    }

    /// How far its seconds are from those of `unix`, which is later (positive) or earlier.
    pub fn age(self, unix: Duration) -> i64 {
        let now = Self::at(unix);
        i64::from(((now.0 >> 32) as u32).wrapping_sub((self.0 >> 32) as u32).cast_signed())
    }

    /// Whether its seconds are at most `window` away from those of `unix`.
    pub fn is_within(self, window: Duration, unix: Duration) -> bool {
        self.age(unix).unsigned_abs() <= window.as_secs()
    }
}

/// A key with its number, ready to sign.
#[derive(Clone)]
pub struct TrailerKey {
    id: u8,
    mac: Hmac<Sha256>,
    secret: Box<[u8]>,
}

impl TrailerKey {
    /// The key `id` with its secret, of 32 to 64 bytes by the configuration.
    pub fn new(id: u8, secret: &[u8]) -> Self {
        let mac = Hmac::new_from_slice(secret).expect("HMAC takes keys of any length");
        Self { id, mac, secret: secret.into() }
    }

    /// Number of the key.
    pub const fn id(&self) -> u8 {
        self.id
    }

    /// Appends the trailer to the message that begins at `start` of `out`.
    pub(super) fn append(&self, stamp: Stamp, source: IpAddr, out: &mut Vec<u8>, start: usize) {
        let mut head = [0; HEAD];
        head[0] = KIND;
        head[1] = self.id;
        head[4..].copy_from_slice(&stamp.0.to_be_bytes());
        let message = out.get(start..).unwrap_or_default();
        let hash = self.over(source, message, &head).finalize().into_bytes();
        out.extend(head);
        out.extend(&hash[..HASH]);
    }

    fn over(&self, source: IpAddr, message: &[u8], head: &[u8; HEAD]) -> Hmac<Sha256> {
        let mut pseudo_header = [0; 20];
        pseudo_header[1] = message.first().map_or(0, |first| first >> 4);
        pseudo_header[2] = message.get(1).copied().unwrap_or(0);
        match source {
            IpAddr::V4(source) => {
                pseudo_header[0] = 4;
                pseudo_header[4..8].copy_from_slice(&source.octets());
            }
            IpAddr::V6(source) => {
                pseudo_header[0] = 6;
                pseudo_header[4..].copy_from_slice(&source.octets());
            }
        }
        let mut mac = self.mac.clone();
        mac.update(&pseudo_header);
        mac.update(message.get(..CHECKSUM.start).unwrap_or_default());
        mac.update(&[0; CHECKSUM.end - CHECKSUM.start]);
        mac.update(message.get(CHECKSUM.end..).unwrap_or_default());
        mac.update(head);
        mac.update(&[0; HASH]);
        mac
    }
}

impl PartialEq for TrailerKey {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.secret == other.secret
    }
}

impl Eq for TrailerKey {}

/// Redacted.
impl fmt::Debug for TrailerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrailerKey({}, ..)", self.id)
    }
}

/// What is asked of a trailer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailerProof<'d> {
    /// The keys that are believed.
    pub keys: &'d [std::sync::Arc<TrailerKey>],
    /// Time since the Unix epoch.
    pub unix: Duration,
    /// How far a stamp may be from `unix` (`anti_replay time`); `None` with `anti_replay monotonic`.
    pub window: Option<Duration>,
    /// The last stamp of this sender, if it is known.
    pub after: Option<Stamp>,
    /// A packet without a trailer is believed too (`mode permissive`, `mode receive-only`).
    pub may_be_missing: bool,
}

/// Why a trailer is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrailerError {
    /// There is none.
    #[error("is missing")]
    Missing,
    /// Type or reserved bytes are wrong.
    #[error("is malformed")]
    Malformed,
    /// The time is too far from ours.
    #[error("is {0} s away from our time")]
    Stale(i64),
    /// No key has this number.
    #[error("names unknown key {0}")]
    UnknownKey(u8),
    /// The hash is wrong.
    #[error("has a wrong hash")]
    Hash,
    /// The stamp is not above the last one of this sender.
    #[error("is a replay")]
    Replayed,
}

impl TrailerProof<'_> {
    /// Checks the trailer of `message`; answers its stamp.
    ///
    /// # Errors
    /// The first thing that is wrong, in keepalived's order.
    pub(super) fn check(
        &self,
        source: IpAddr,
        message: &[u8],
        trailer: &[u8],
    ) -> Result<Stamp, TrailerError> {
        let (head, hash) = trailer.split_first_chunk::<HEAD>().ok_or(TrailerError::Malformed)?;
        let [kind, id, 0, 0, stamp @ ..] = *head else { return Err(TrailerError::Malformed) };
        if kind != KIND {
            return Err(TrailerError::Malformed);
        }
        let stamp = Stamp(u64::from_be_bytes(stamp));
        if let Some(window) = self.window
            && !stamp.is_within(window, self.unix)
        {
            return Err(TrailerError::Stale(stamp.age(self.unix)));
        }
        let key = self.keys.iter().find(|key| key.id == id).ok_or(TrailerError::UnknownKey(id))?;
        key.over(source, message, head).verify_truncated_left(hash).map_err(|_| TrailerError::Hash)?;
        // A mark that the clock has left behind or run away from says nothing any more.
        let mark = self.after.filter(|mark| self.window.is_none_or(|w| mark.is_within(w, self.unix)));
        if mark.is_some_and(|mark| !stamp.is_after(mark)) {
            return Err(TrailerError::Replayed);
        }
        Ok(stamp)
    }
}

#[cfg(test)]
#[path = "hmac_trailer_tests.rs"]
mod tests;
