//! The two waiting times of a backup, in exact arithmetic.

use std::time::Duration;

use crate::units::{AdvertInterval, Priority, Version};

/// Skew_Time: how much later than the best a router of `priority` claims.
///
/// VRRPv2: (256 - Priority) / 256 seconds (RFC 3768 §6.1). VRRPv3: the same share of the master's interval
/// (RFC 9568 §6.1).
pub fn skew(priority: Priority, master_interval: AdvertInterval) -> Duration {
    let whole = match master_interval.version() {
        Version::V2 => Duration::from_secs(1),
        Version::V3 => master_interval.duration(),
    };
    whole * (256 - u32::from(priority.get())) / 256
}

/// Master_Down_Interval: `adverts` intervals of the master, then [`skew`] (RFC 9568 §6.1; `down_timer_adverts`, 3).
pub fn master_down(priority: Priority, master_interval: AdvertInterval, adverts: u8) -> Duration {
    master_interval.duration() * u32::from(adverts) + skew(priority, master_interval)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Centiseconds, Seconds};

    #[test]
    fn waiting_times_are_those_measured_on_keepalived() {
        let v2 = |seconds| AdvertInterval::V2(Seconds::new(seconds).unwrap());
        let v3 = |centiseconds| AdvertInterval::V3(Centiseconds::new(centiseconds).unwrap());
        // (interval, priority, adverts, skew in ns, master down in ns)
        let cases = [
            (v2(1), 100, 3, 609_375_000, 3_609_375_000),
            (v2(1), 254, 3, 7_812_500, 3_007_812_500),
            (v2(1), 100, 2, 609_375_000, 2_609_375_000),
            (v2(10), 150, 3, 414_062_500, 30_414_062_500),
            (v3(100), 150, 3, 414_062_500, 3_414_062_500),
            (v3(10), 100, 3, 60_937_500, 360_937_500),
            (v3(1), 100, 3, 6_093_750, 36_093_750),
            (v3(4095), 1, 100, 40_790_039_062, 4_135_790_039_062),
            (v3(1), 255, 1, 39_062, 10_039_062),
        ];
        for (interval, priority, adverts, skewed, down) in cases {
            let priority = Priority::new(priority).unwrap();
            assert_eq!(skew(priority, interval), Duration::from_nanos(skewed), "{interval} {priority}");
            assert_eq!(
                master_down(priority, interval, adverts),
                Duration::from_nanos(down),
                "{interval} {priority}"
            );
        }
    }
}
