//! Which remarks about received packets have been logged: a peer must not be able to fill the log.

use std::time::Duration;

use crate::packet::{DecodeError, TrailerError};
use crate::units::Instant;

/// Lines that packets may cause in [`WINDOW`].
const MOST: u8 = 10;
/// Length of the window in which [`MOST`] counts.
const WINDOW: Duration = Duration::from_secs(10);

/// What can be remarked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remark {
    /// Dropped by [`crate::packet::vrrp::decode`].
    Dropped(DecodeError),
    /// VRRPv3 interval unlike ours.
    Interval,
    /// IPv4 VRRPv3 checksum in the form we do not send.
    ChecksumForm,
    /// Address list unlike ours.
    AddressList,
    /// Source is none of the peers.
    Stranger,
    /// TTL outside the peer's range.
    PeerHops,
    /// We are the owner and ignore it.
    OwnerIgnores,
    /// Somebody else sends from our address.
    OwnAddress,
    /// Advert of a lower priority, discarded by a backup.
    Discarded,
    /// Two owners of one set of addresses.
    TwoOwners,
    /// An advert without a trailer, believed all the same.
    Unsigned,
    /// The sender's clock is not ours.
    Skewed,
}

impl Remark {
    fn bit(self) -> u64 {
        let number = match self {
            Self::Dropped(error) => match error {
                DecodeError::Truncated { .. } => 0,
                DecodeError::IpHeader => 1,
                DecodeError::Vrid(_) => 2,
                DecodeError::Length { .. } => 3,
                DecodeError::HopLimit(_) => 4,
                DecodeError::Version { .. } => 5,
                DecodeError::AuthenticationType(_) => 6,
                DecodeError::AuthenticationMismatch { .. } => 7,
                DecodeError::Password => 8,
                DecodeError::Interval { .. } => 9,
                DecodeError::Type(_) => 10,
                DecodeError::Claimed { .. } => 11,
                DecodeError::Checksum { .. } => 12,
                DecodeError::Destination => 13,
                DecodeError::Header(_) => 23,
                DecodeError::Trailer(TrailerError::Missing) => 24,
                DecodeError::Trailer(TrailerError::Malformed) => 25,
                DecodeError::Trailer(TrailerError::UnknownKey(_)) => 26,
                DecodeError::Trailer(TrailerError::Hash) => 27,
                DecodeError::Trailer(TrailerError::Stale(_)) => 28,
                DecodeError::Trailer(TrailerError::Replayed) => 29,
            },
            Self::Interval => 14,
            Self::ChecksumForm => 15,
            Self::AddressList => 16,
            Self::Stranger => 17,
            Self::PeerHops => 18,
            Self::OwnerIgnores => 19,
            Self::OwnAddress => 20,
            Self::Discarded => 21,
            Self::TwoOwners => 22,
            Self::Unsigned => 30,
            Self::Skewed => 31,
        };
        1 << number
    }
}

/// Remarks made since the last change of state or of master.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remarks {
    made: u64,
    window_ends: Instant,
    in_window: u8,
}

impl Remarks {
    pub(super) const fn new() -> Self {
        Self { made: 0, window_ends: Instant::ZERO, in_window: 0 }
    }

    /// Whether to log this one: once until [`Self::forget`], and never more than [`MOST`] in a [`WINDOW`].
    pub(super) fn is_new(&mut self, now: Instant, remark: Remark) -> bool {
        if self.made & remark.bit() != 0 {
            return false;
        }
        if now >= self.window_ends {
            self.window_ends = now + WINDOW;
            self.in_window = 0;
        }
        if self.in_window == MOST {
            return false;
        }
        self.in_window += 1;
        self.made |= remark.bit();
        true
    }

    /// After a change of state or of master each remark may be made again.
    pub(super) fn forget(&mut self) {
        self.made = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_is_made_once_until_forgotten() {
        let mut remarks = Remarks::new();
        assert!(remarks.is_new(Instant::ZERO, Remark::Interval));
        assert!(!remarks.is_new(Instant::ZERO, Remark::Interval));
        assert!(remarks.is_new(Instant::ZERO, Remark::Dropped(DecodeError::Password)));
        remarks.forget();
        assert!(remarks.is_new(Instant::ZERO, Remark::Interval));
    }

    #[test]
    fn forgetting_often_does_not_open_the_flood_gate() {
        let mut remarks = Remarks::new();
        let made = (0..1_000).filter(|_| {
            remarks.forget();
            remarks.is_new(Instant::ZERO, Remark::Interval)
        });
        assert_eq!(made.count(), usize::from(MOST));
        remarks.forget();
        assert!(remarks.is_new(Instant::ZERO + WINDOW, Remark::Interval));
    }
}
