//! The only reading of clocks in the worker.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use crate::units::Instant;

/// Time since boot without time spent suspended (`CLOCK_MONOTONIC`), the clock of [`super::DeadlineTimer`].
pub fn now() -> Instant {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("every Linux has CLOCK_MONOTONIC");
    let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
    let nanoseconds = u64::try_from(time.tv_nsec()).unwrap_or(0);
    Instant::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds))
}

/// Time of the wall clock since the Unix epoch (`CLOCK_REALTIME`); zero before it.
pub fn unix_time() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_REALTIME).expect("every Linux has CLOCK_REALTIME");
    let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_counts_from_boot_and_never_goes_back() {
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let before: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
        let (first, second) = (now(), now());
        assert!(first <= second);
        assert!(first.as_nanos() as f64 / 1e9 < before + 60.0, "{first} against an uptime of {before}");
        assert!(first > Instant::ZERO);
    }
}
