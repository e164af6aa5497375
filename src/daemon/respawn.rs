//! How long to wait before a dead worker gets a successor.

use std::collections::VecDeque;
use std::time::Duration;

use crate::units::Instant;

/// Deaths within [`WINDOW`] that are answered at once.
const AT_ONCE: usize = 5;
/// See [`AT_ONCE`].
const WINDOW: Duration = Duration::from_secs(60);
/// The pauses double up to this.
const LONGEST: Duration = Duration::from_secs(60);

/// The deaths of the last minute.
#[derive(Debug, Default)]
pub(super) struct Deaths(VecDeque<Instant>);

impl Deaths {
    /// Takes note of a death; zero means to go on at once. As with keepalived the pauses get longer but never end: a
    /// node that gives up for good is one that no operator hears of before the other fails too.
    pub(super) fn pause_after(&mut self, died: Instant) -> Duration {
        self.0.push_back(died);
        self.0.retain(|death| died.since(*death) < WINDOW);
        let Some(excess) = self.0.len().checked_sub(AT_ONCE + 1) else { return Duration::ZERO };
        let doublings = u32::try_from(excess).unwrap_or(u32::MAX);
        let seconds = 1u64.checked_shl(doublings).unwrap_or(u64::MAX);
        Duration::from_secs(seconds).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_begin_after_five_deaths_and_double() {
        let mut deaths = Deaths::default();
        let pauses: Vec<u64> =
            (0..12).map(|nth| deaths.pause_after(Instant::from_nanos(nth)).as_secs()).collect();
        assert_eq!(pauses, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60]);
    }

    #[test]
    fn what_is_long_ago_does_not_count() {
        let mut deaths = Deaths::default();
        let at = |seconds| Instant::ZERO + Duration::from_secs(seconds);
        let pauses: Vec<u64> = (0..20).map(|nth| deaths.pause_after(at(nth * 13)).as_secs()).collect();
        assert_eq!(pauses, [0; 20]);
    }
}
