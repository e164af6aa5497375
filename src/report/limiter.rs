//! A bound on log lines that a peer can cause.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use crate::units::Instant;

/// Lets some lines of each kind through in an interval and counts the others.
///
/// The interval of a kind begins with its first line.
#[derive(Debug)]
pub struct Limiter<K> {
    lines: u32,
    interval: Duration,
    windows: HashMap<K, Window>,
}

#[derive(Debug)]
struct Window {
    ends: Instant,
    said: u32,
    suppressed: u64,
}

/// A kind of line of which some were not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed<K> {
    /// The kind.
    pub key: K,
    /// How many: "`count` similar suppressed".
    pub count: u64,
}

impl<K: Clone + Eq + Hash> Limiter<K> {
    /// Most kinds that are told apart at a time; lines of further ones are not written.
    pub const MAX_KEYS: usize = 1024;

    /// At most `lines` lines of a kind in `interval`.
    pub fn new(lines: u32, interval: Duration) -> Self {
        Self { lines, interval, windows: HashMap::new() }
    }

    /// Whether a line of this kind is to be written now.
    pub fn admit(&mut self, now: Instant, key: &K) -> bool {
        if let Some(window) = self.windows.get_mut(key) {
            // An interval that is over but was not collected yet goes on until its count has been told.
            let over = now >= window.ends && window.suppressed == 0;
            if over {
                *window = Window { ends: now + self.interval, said: 0, suppressed: 0 };
            }
            let fits = window.said < self.lines;
            if fits {
                window.said += 1;
            } else {
                window.suppressed += 1;
            }
            return fits;
        }
        if self.windows.len() >= Self::MAX_KEYS {
            self.windows.retain(|_, window| now < window.ends || window.suppressed > 0);
        }
        let fits = self.lines > 0 && self.windows.len() < Self::MAX_KEYS;
        if fits {
            self.windows.insert(key.clone(), Window { ends: now + self.interval, said: 1, suppressed: 0 });
        }
        fits
    }

    /// Ends the intervals that are over at `now` and returns what was suppressed in them.
    pub fn collect(&mut self, now: Instant) -> Vec<Suppressed<K>> {
        let over = |window: &Window| now >= window.ends;
        let told = self.windows.iter().filter(|(_, window)| over(window) && window.suppressed > 0);
        let told =
            told.map(|(key, window)| Suppressed { key: key.clone(), count: window.suppressed }).collect();
        self.windows.retain(|_, window| !over(window));
        told
    }

    /// When [`Self::collect`] has something to return; `None` while nothing was suppressed.
    pub fn deadline(&self) -> Option<Instant> {
        self.windows.values().filter(|window| window.suppressed > 0).map(|window| window.ends).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Instant {
        Instant::from_nanos(milliseconds * 1_000_000)
    }

    #[test]
    fn some_lines_pass_and_the_others_are_told_once_at_the_end() {
        let mut limiter = Limiter::new(2, Duration::from_secs(1));
        let admitted: Vec<bool> = [0, 1, 2, 3].map(|ms| limiter.admit(at(ms), &"ttl")).to_vec();
        assert_eq!(admitted, [true, true, false, false]);
        assert!(limiter.admit(at(4), &"checksum"), "kinds are independent");
        assert_eq!(limiter.deadline(), Some(at(1000)));
        assert_eq!(limiter.collect(at(999)), []);
        assert_eq!(limiter.collect(at(1000)), [Suppressed { key: "ttl", count: 2 }]);
        assert_eq!((limiter.collect(at(9000)), limiter.deadline()), (vec![], None));
        assert!(limiter.admit(at(9000), &"ttl"));
    }

    #[test]
    fn a_quiet_kind_begins_anew_without_being_collected() {
        let mut limiter = Limiter::new(1, Duration::from_secs(1));
        assert!(limiter.admit(at(0), &1));
        assert!(limiter.admit(at(1000), &1));
        assert!(!limiter.admit(at(1999), &1));
    }

    #[test]
    fn a_flood_of_kinds_takes_no_more_memory() {
        let mut limiter = Limiter::new(1, Duration::from_secs(1));
        let admitted = (0..100_000).filter(|key| limiter.admit(at(0), key)).count();
        assert_eq!((admitted, limiter.windows.len()), (1024, 1024));
        assert!(limiter.admit(at(1000), &100_000), "old kinds make room");
    }
}
