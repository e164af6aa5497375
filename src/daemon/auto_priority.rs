//! When a worker that is late is given a higher priority (`max_auto_priority`, `min_auto_priority_delay`).

use std::time::Duration;

use crate::config::model::ProcessOptions;
use crate::units::Instant;

/// Time to the next step: one must have had its effect before another can be judged.
const PAUSE: Duration = Duration::from_secs(60);

/// How far the worker has been raised.
#[derive(Debug)]
pub(super) struct AutoPriority {
    /// `None` when it is never raised.
    most: Option<u8>,
    delay: Duration,
    /// SCHED_RR priority now; 0 when it does not run in real time.
    now_at: u8,
    not_before: Instant,
}

impl AutoPriority {
    pub(super) fn new(options: &ProcessOptions) -> Self {
        Self {
            most: options.max_auto_priority,
            delay: options.min_auto_priority_delay.unwrap_or(ProcessOptions::MIN_AUTO_PRIORITY_DELAY),
            now_at: options.rt_priority.unwrap_or(0),
            not_before: Instant::ZERO,
        }
    }

    /// What was due at `due` is done at `now`: the priority to take on, if it is to rise.
    pub(super) fn late(&mut self, due: Instant, now: Instant) -> Option<u8> {
        let higher = self.now_at + 1;
        let rises = self.most.is_some_and(|most| higher <= most);
        if !rises || now < self.not_before || now.since(due) < self.delay {
            return None;
        }
        (self.now_at, self.not_before) = (higher, now + PAUSE);
        Some(higher)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(milliseconds)
    }

    fn options(rt_priority: Option<u8>, most: Option<u8>) -> ProcessOptions {
        let min_auto_priority_delay = Some(Duration::from_millis(500));
        ProcessOptions { rt_priority, max_auto_priority: most, min_auto_priority_delay, ..Default::default() }
    }

    #[test]
    fn a_late_worker_rises_by_one_and_then_not_for_a_minute() {
        let mut priority = AutoPriority::new(&options(None, Some(2)));
        assert_eq!(priority.late(at(1_000), at(1_499)), None);
        assert_eq!(priority.late(at(1_000), at(1_500)), Some(1));
        assert_eq!(priority.late(at(2_000), at(9_000)), None);
        assert_eq!(priority.late(at(60_000), at(62_000)), Some(2));
        assert_eq!(priority.late(at(200_000), at(300_000)), None, "2 is the most");
    }

    #[test]
    fn it_rises_from_where_it_is_and_without_the_keyword_never() {
        assert_eq!(AutoPriority::new(&options(Some(20), Some(25))).late(at(0), at(9_000)), Some(21));
        assert_eq!(AutoPriority::new(&options(Some(20), Some(20))).late(at(0), at(9_000)), None);
        assert_eq!(AutoPriority::new(&options(None, None)).late(at(0), at(9_000)), None);
    }
}
