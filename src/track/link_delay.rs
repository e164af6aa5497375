//! Links that must be up or down for a while before that counts (`interface_up_down_delays`).

use std::collections::HashMap;

use crate::config::model::UpDownDelay;
use crate::units::{IfName, Instant};

/// The delays of a configuration, and the changes that wait for theirs.
#[derive(Debug, Default)]
pub struct LinkDelays {
    delays: HashMap<IfName, UpDownDelay>,
    /// When each change will count.
    waiting: HashMap<IfName, Instant>,
}

impl LinkDelays {
    /// Takes the delays of another configuration; what waits goes on waiting where there still is a delay.
    pub fn set(&mut self, delays: &[UpDownDelay]) {
        self.delays = delays.iter().map(|delay| (delay.name.clone(), delay.clone())).collect();
        self.waiting.retain(|name, _| self.delays.contains_key(name));
    }

    /// The kernel says that the link is `up` now; `counts` is what has counted so far, `None` for a new link. Answers
    /// what counts from now on.
    pub fn told(&mut self, now: Instant, name: &IfName, up: bool, counts: Option<bool>) -> bool {
        let (Some(delay), Some(counts)) = (self.delays.get(name), counts) else {
            self.waiting.remove(name);
            return up;
        };
        let delay = if up { delay.up } else { delay.down };
        if up == counts || delay.is_zero() {
            self.waiting.remove(name);
            return up;
        }
        self.waiting.entry(name.clone()).or_insert(now + delay);
        counts
    }

    /// Whether the kernel has told a change of the link that does not count yet.
    pub fn waits(&self, name: &IfName) -> bool {
        self.waiting.contains_key(name)
    }

    /// The link is gone.
    pub fn forget(&mut self, name: &IfName) {
        self.waiting.remove(name);
    }

    /// When to call [`Self::due`].
    pub fn deadline(&self) -> Option<Instant> {
        self.waiting.values().min().copied()
    }

    /// The links whose change counts now: what they are is the opposite of what counted.
    pub fn due(&mut self, now: Instant) -> Vec<IfName> {
        let is_due = |(name, at): (&IfName, &Instant)| (*at <= now).then(|| name.clone());
        let mut due: Vec<IfName> = self.waiting.iter().filter_map(is_due).collect();
        due.sort_unstable();
        self.waiting.retain(|_, at| *at > now);
        due
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    #[test]
    fn a_change_counts_after_its_delay_and_one_that_is_taken_back_never_does() {
        let name = IfName::new("eth0").unwrap();
        let (down, up) = (Duration::from_secs(2), Duration::from_secs(5));
        let mut delays = LinkDelays::default();
        delays.set(&[UpDownDelay { name: name.clone(), down, up }]);
        assert!(delays.told(at(0), &name, true, None), "a new link counts as it is");
        assert!(delays.told(at(1), &name, false, Some(true)), "not down yet");
        assert!(delays.told(at(2), &name, false, Some(true)), "the delay does not begin anew");
        assert!(delays.waits(&name));
        assert_eq!((delays.deadline(), delays.due(at(2))), (Some(at(3)), vec![]));
        assert_eq!((delays.due(at(3)), delays.deadline()), (vec![name.clone()], None));
        assert!(!delays.told(at(4), &name, true, Some(false)));
        assert_eq!(delays.deadline(), Some(at(9)));
        assert!(!delays.told(at(5), &name, false, Some(false)), "taken back");
        assert_eq!(delays.deadline(), None);
        delays.told(at(6), &name, true, Some(false));
        delays.set(&[]);
        assert_eq!(delays.deadline(), None);
        assert!(delays.told(at(7), &name, true, Some(false)));
    }
}
