//! When the wall clock is set: the rules count by the monotonic clock and must hear of it.

use std::time::Duration;

use crate::kernel;
use crate::units::Instant;

/// A difference that is worth telling: stamps are compared by the second.
const WORTH_TELLING: Duration = Duration::from_millis(10);

/// What the rules know of the wall clock.
#[derive(Debug, Default)]
pub(super) struct WallClock {
    told: Option<Duration>,
}

impl WallClock {
    /// The time of the wall clock at [`Instant::ZERO`], when it is not what was told last.
    pub(super) fn news(&mut self) -> Option<Duration> {
        self.compare(kernel::unix_time(), kernel::now())
    }

    fn compare(&mut self, unix: Duration, now: Instant) -> Option<Duration> {
        // A wall clock before 1970 plus the time since boot says nothing to anybody.
        let at_zero = unix.saturating_sub(now.since(Instant::ZERO));
        if self.told.is_some_and(|told| told.abs_diff(at_zero) < WORTH_TELLING) {
            return None;
        }
        self.told = Some(at_zero);
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_is_told_once() {
        let ms = Duration::from_millis;
        let now = |milliseconds| Instant::ZERO + ms(milliseconds);
        let mut clock = WallClock::default();
        assert_eq!(clock.compare(ms(1_000_500), now(500)), Some(ms(1_000_000)));
        assert_eq!(clock.compare(ms(1_000_700), now(700)), None);
        assert_eq!(clock.compare(ms(1_000_805), now(800)), None, "slewed by 5 ms");
        assert_eq!(clock.compare(ms(1_000_820), now(800)), Some(ms(1_000_020)));
        assert_eq!(clock.compare(ms(10), now(900)), Some(ms(0)), "before the epoch");
        assert_eq!(clock.compare(ms(20), now(910)), None);
    }
}
