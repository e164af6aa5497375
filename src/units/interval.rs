//! The advertisement interval in the two units that VRRP has for it.

use std::fmt;
use std::num::{NonZeroU8, NonZeroU16};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Version;

/// Interval as VRRPv2 carries it: 1 to 255 whole seconds (RFC 3768 §5.3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seconds(NonZeroU8);

impl Seconds {
    /// One second, the least that VRRPv2 can say.
    pub const ONE: Self = Self(NonZeroU8::MIN);

    /// `None` for 0.
    pub const fn new(seconds: u8) -> Option<Self> {
        match NonZeroU8::new(seconds) {
            Some(seconds) => Some(Self(seconds)),
            None => None,
        }
    }

    /// Whole seconds.
    pub const fn get(self) -> u8 {
        self.0.get()
    }
}

/// Interval as VRRPv3 carries it: hundredths of a second in 12 bits, 1 to 4095 (RFC 9568 §5.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Centiseconds(NonZeroU16);

impl Centiseconds {
    /// The largest value that 12 bits hold: 40.95 s.
    pub const MAX: u16 = 4095;
    /// One hundredth of a second, the least that VRRPv3 can say.
    pub const MIN: Self = Self(NonZeroU16::MIN);

    /// `None` for 0 and above [`Self::MAX`].
    pub const fn new(centiseconds: u16) -> Option<Self> {
        match NonZeroU16::new(centiseconds) {
            Some(value) if centiseconds <= Self::MAX => Some(Self(value)),
            _ => None,
        }
    }

    /// Rounds to the nearest centisecond; `None` if that is 0 or above [`Self::MAX`].
    pub fn from_duration(duration: Duration) -> Option<Self> {
        Self::new(u16::try_from((duration.as_micros() + 5_000) / 10_000).ok()?)
    }

    /// Hundredths of a second.
    pub const fn get(self) -> u16 {
        self.0.get()
    }
}

/// An advertisement interval together with the version whose unit it is in (keyword `advert_int`).
///
/// The version of an instance is the version of its interval: a VRRPv2 instance with centiseconds cannot exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AdvertInterval {
    /// VRRPv2: whole seconds.
    V2(Seconds),
    /// VRRPv3: centiseconds.
    V3(Centiseconds),
}

impl AdvertInterval {
    /// The version whose unit this is.
    pub const fn version(self) -> Version {
        match self {
            Self::V2(_) => Version::V2,
            Self::V3(_) => Version::V3,
        }
    }

    /// The same interval as a length of time.
    pub const fn duration(self) -> Duration {
        match self {
            Self::V2(seconds) => Duration::from_secs(seconds.get() as u64),
            Self::V3(centiseconds) => Duration::from_millis(centiseconds.get() as u64 * 10),
        }
    }
}

impl fmt::Display for AdvertInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V2(seconds) => write!(f, "{} s", seconds.get()),
            Self::V3(centiseconds) => {
                write!(f, "{}.{:02} s", centiseconds.get() / 100, centiseconds.get() % 100)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centiseconds_at_their_edges() {
        let cases = [
            (4_999, None),
            (5_000, Some(1)),
            (1_000_000, Some(100)),
            (40_950_000, Some(4095)),
            (40_954_999, Some(4095)),
            (40_955_000, None),
        ];
        for (us, want) in cases {
            let got = Centiseconds::from_duration(Duration::from_micros(us)).map(Centiseconds::get);
            assert_eq!(got, want, "{us} us");
        }
        assert_eq!(Centiseconds::new(0), None);
        assert_eq!(Centiseconds::new(4096), None);
    }

    #[test]
    fn each_version_has_its_unit() {
        let v2 = AdvertInterval::V2(Seconds::new(100).unwrap());
        let v3 = AdvertInterval::V3(Centiseconds::new(100).unwrap());
        assert_eq!((v2.version(), v2.duration()), (Version::V2, Duration::from_secs(100)));
        assert_eq!((v3.version(), v3.duration()), (Version::V3, Duration::from_secs(1)));
    }
}
