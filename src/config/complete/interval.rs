//! `advert_int` in the unit of a version.

use std::time::Duration;

use crate::units::{AdvertInterval, Centiseconds, Seconds};

/// The nearest number of whole seconds, 1 to 255.
pub(super) fn whole_seconds(wanted: Duration) -> AdvertInterval {
    let rounded = (wanted.as_millis() + 500) / 1000;
    let seconds = u8::try_from(rounded.clamp(1, 255)).unwrap_or(u8::MAX);
    AdvertInterval::V2(Seconds::new(seconds).unwrap_or(Seconds::ONE))
}

/// The nearest number of centiseconds, 1 to 4095.
pub(super) fn centiseconds(wanted: Duration) -> AdvertInterval {
    let most = Duration::from_millis(u64::from(Centiseconds::MAX) * 10);
    let limited = wanted.clamp(Duration::from_millis(10), most);
    AdvertInterval::V3(Centiseconds::from_duration(limited).unwrap_or(Centiseconds::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_units_round_to_the_nearest_and_keep_their_bounds() {
        let cases = [
            (1, 1_000, 10),
            (499, 1_000, 500),
            (1_500, 2_000, 1_500),
            (14, 1_000, 10),
            (300_000, 255_000, 40_950),
        ];
        for (wanted, v2, v3) in cases {
            let wanted = Duration::from_millis(wanted);
            assert_eq!(whole_seconds(wanted).duration(), Duration::from_millis(v2), "{wanted:?}");
            assert_eq!(centiseconds(wanted).duration(), Duration::from_millis(v3), "{wanted:?}");
        }
    }
}
