//! Priority of a router and what stands in its place on the wire.

use std::fmt;
use std::num::NonZeroU8;

use serde::{Deserialize, Serialize};

/// Election priority, 1 to 255; 255 is the address owner (RFC 9568 §5.2.4).
///
/// The wire value 0, "I am leaving", is [`WirePriority::Release`] and never a `Priority`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Priority(NonZeroU8);

impl Priority {
    /// The owner of the addresses.
    pub const OWNER: Self = Self(NonZeroU8::MAX);
    /// The best that a router which is not the owner can have.
    pub const MAX_BACKUP: Self = match Self::new(254) {
        Some(priority) => priority,
        None => Self::OWNER,
    };
    /// Priority of an instance that configures none (RFC 9568 §6.1, keyword `priority`).
    pub const DEFAULT: Self = match Self::new(100) {
        Some(priority) => priority,
        None => Self::OWNER,
    };

    /// `None` for 0.
    pub const fn new(priority: u8) -> Option<Self> {
        match NonZeroU8::new(priority) {
            Some(priority) => Some(Self(priority)),
            None => None,
        }
    }

    /// 1 to 255.
    pub const fn get(self) -> u8 {
        self.0.get()
    }

    /// Whether this is the address owner's priority.
    pub const fn is_owner(self) -> bool {
        self.get() == 255
    }

    /// The priority that `sum` comes to for a router that is not the owner: limited to 1..=254.
    pub fn clamped(sum: i64) -> Self {
        let limited = u8::try_from(sum.clamp(1, 254)).unwrap_or(254);
        Self::new(limited).unwrap_or(Self::MAX_BACKUP)
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// The priority field of an advertisement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WirePriority {
    /// 0: the master gives up its role (RFC 9568 §5.2.4).
    Release,
    /// The sender's priority.
    Is(Priority),
}

impl WirePriority {
    /// What the byte on the wire means.
    pub const fn from_byte(byte: u8) -> Self {
        match Priority::new(byte) {
            Some(priority) => Self::Is(priority),
            None => Self::Release,
        }
    }

    /// The byte on the wire.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Release => 0,
            Self::Is(priority) => priority.get(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_on_the_wire_is_a_release() {
        assert_eq!(WirePriority::from_byte(0), WirePriority::Release);
        for byte in 0..=255 {
            assert_eq!(WirePriority::from_byte(byte).byte(), byte);
        }
    }

    #[test]
    fn a_sum_of_weights_never_makes_an_owner() {
        for (sum, want) in [(-300, 1), (0, 1), (1, 1), (254, 254), (255, 254), (100_000, 254)] {
            assert_eq!(Priority::clamped(sum).get(), want, "{sum}");
        }
    }
}
