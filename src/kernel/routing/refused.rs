//! What the kernel refused, to be tried again.

use std::time::Duration;

use crate::units::Instant;
use crate::vrrp::Routing;

/// Until the first new attempt; each further one takes twice as long to come.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// Routes and rules that are wanted and not there; at most those that are configured.
#[derive(Debug, Default)]
pub(super) struct Refused {
    waiting: Vec<Routing>,
    pause: Duration,
    at: Option<Instant>,
}

impl Refused {
    pub(super) fn push(&mut self, now: Instant, routing: Routing) {
        if !self.waiting.contains(&routing) {
            self.waiting.push(routing);
        }
        self.pause = FIRST;
        self.at = Some(now + FIRST);
    }

    /// Nobody wants it any more.
    pub(super) fn forget(&mut self, routing: &Routing) {
        self.waiting.retain(|waiting| waiting != routing);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.at.filter(|_| !self.waiting.is_empty())
    }

    /// Everything, for an attempt at `now`; what fails again is to be given back.
    pub(super) fn take(&mut self, now: Instant) -> Vec<Routing> {
        self.pause = (self.pause * 2).min(LONGEST);
        self.at = Some(now + self.pause);
        std::mem::take(&mut self.waiting)
    }

    pub(super) fn keep(&mut self, routing: Routing) {
        self.waiting.push(routing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::{Rule, RuleAction};
    use crate::units::Family;

    fn rule(priority: u32) -> Routing {
        Routing::Rule(Box::new(Rule::plain(Family::V4, priority, RuleAction::Nop)))
    }

    #[test]
    fn attempts_come_ever_less_often_and_end_when_nothing_waits() {
        let (mut refused, start) = (Refused::default(), Instant::ZERO);
        assert_eq!(refused.deadline(), None);
        refused.push(start, rule(1));
        refused.push(start, rule(1));
        let mut now = start;
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(refused.deadline(), Some(now + Duration::from_secs(pause)));
            now = refused.deadline().unwrap();
            let waiting = refused.take(now);
            assert_eq!(waiting, [rule(1)]);
            waiting.into_iter().for_each(|routing| refused.keep(routing));
        }
        refused.push(now, rule(2));
        assert_eq!(refused.deadline(), Some(now + FIRST));
        refused.forget(&rule(1));
        refused.forget(&rule(2));
        assert_eq!(refused.deadline(), None);
    }
}
