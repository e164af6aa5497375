//! What one instance has counted since the daemon started.

use serde::{Deserialize, Serialize};

use crate::packet::{DecodeError, HeaderError, TrailerError};

/// Counters in keepalived's groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Adverts that passed every check that drops a packet.
    pub received: u64,
    /// Adverts sent, one for all unicast copies.
    pub sent: u64,
    /// Transitions to MASTER.
    pub became_master: u64,
    /// Transitions from MASTER.
    pub released_master: u64,
    /// Adverts of priority 0 received.
    pub release_received: u64,
    /// Adverts of priority 0 sent.
    pub release_sent: u64,
    /// Length contradicts the header, or the IP header.
    pub length_errors: u64,
    /// TTL / hop limit not 255, or outside a peer's range.
    pub hop_limit_errors: u64,
    /// Not an advertisement.
    pub type_errors: u64,
    /// VRRPv2 interval other than ours, or an interval of 0.
    pub interval_errors: u64,
    /// Address list unlike ours (heard all the same), or the wrong kind of destination.
    pub address_list_errors: u64,
    /// Another version than ours.
    pub version_errors: u64,
    /// Wrong checksum.
    pub checksum_errors: u64,
    /// Sender is none of the peers.
    pub source_errors: u64,
    /// Authentication type that does not exist.
    pub auth_type_errors: u64,
    /// Authentication type other than configured.
    pub auth_mismatches: u64,
    /// Wrong password, or an authentication header that is not believed.
    pub auth_failures: u64,
    /// No trailer (`auth_hmac`).
    pub hmac_missing: u64,
    /// Malformed trailer.
    pub hmac_malformed: u64,
    /// Trailer with a key that we do not have.
    pub hmac_unknown_keys: u64,
    /// Trailer with a wrong hash.
    pub hmac_invalid: u64,
    /// Trailer whose time is too far from ours.
    pub hmac_stale: u64,
    /// Trailer that was seen before.
    pub hmac_replays: u64,
}

impl Counters {
    /// Counts a packet that was dropped for `error`.
    pub(super) fn count(&mut self, error: DecodeError) {
        let counter = match error {
            DecodeError::Truncated { .. }
            | DecodeError::IpHeader
            | DecodeError::Length { .. }
            | DecodeError::Claimed { .. } => &mut self.length_errors,
            DecodeError::HopLimit(_) => &mut self.hop_limit_errors,
            DecodeError::Type(_) | DecodeError::Vrid(_) => &mut self.type_errors,
            DecodeError::Interval { .. } => &mut self.interval_errors,
            DecodeError::Destination => &mut self.address_list_errors,
            DecodeError::Version { .. } => &mut self.version_errors,
            DecodeError::Checksum { .. } => &mut self.checksum_errors,
            DecodeError::AuthenticationType(_) => &mut self.auth_type_errors,
            DecodeError::AuthenticationMismatch { .. } => &mut self.auth_mismatches,
            DecodeError::Header(HeaderError::Presence) => &mut self.auth_mismatches,
            DecodeError::Password | DecodeError::Header(_) => &mut self.auth_failures,
            DecodeError::Trailer(error) => match error {
                TrailerError::Missing => &mut self.hmac_missing,
                TrailerError::Malformed => &mut self.hmac_malformed,
                TrailerError::UnknownKey(_) => &mut self.hmac_unknown_keys,
                TrailerError::Hash => &mut self.hmac_invalid,
                TrailerError::Stale(_) => &mut self.hmac_stale,
                TrailerError::Replayed => &mut self.hmac_replays,
            },
        };
        *counter += 1;
    }
}
