//! How a master announces its addresses, and when again (keywords `garp_master_*`, `garp_lower_prio_*`).

use std::time::Duration;

use super::Action;
use super::instance::{Instance, Master, Phase};
use crate::config::model::AnnounceSchedule;
use crate::units::Instant;

/// The bursts that are still to come. Made when an instance becomes master and gone when it ceases to be, so no burst
/// of an earlier mastership is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bursts {
    second: Option<Instant>,
    refresh: Option<Instant>,
    after_lower: Option<Instant>,
    /// `garp_extra_if`.
    extra: Option<Instant>,
}

impl Bursts {
    /// After the first burst at `now`.
    pub(super) fn after_first(now: Instant, schedule: &AnnounceSchedule) -> Self {
        let refreshes = !schedule.refresh.is_zero() && schedule.refresh_repeat > 0;
        Self {
            second: (!schedule.delay.is_zero()).then(|| now + schedule.delay),
            refresh: refreshes.then(|| now + schedule.delay + schedule.refresh),
            after_lower: None,
            extra: schedule.extra.map(|extra| now + schedule.delay + extra.every),
        }
    }

    /// After the burst that answered a losing advert at `now`.
    pub(super) fn after_lower(&mut self, now: Instant, schedule: &AnnounceSchedule) {
        self.after_lower = (!schedule.lower_prio_delay.is_zero()).then(|| now + schedule.lower_prio_delay);
    }

    /// When the next one is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        [self.second, self.refresh, self.after_lower, self.extra].into_iter().flatten().min()
    }

    /// Whether the announcements on other interfaces are due; counts to the next ones if so.
    pub(super) fn extra_due(&mut self, now: Instant, schedule: &AnnounceSchedule) -> bool {
        let due = self.extra.filter(|&at| at <= now);
        if let (Some(at), Some(extra)) = (due, schedule.extra) {
            self.extra = Some(next(at, extra.every, now));
        }
        due.is_some()
    }

    /// Rounds to announce now; 0 when nothing is due.
    pub(super) fn due(&mut self, now: Instant, schedule: &AnnounceSchedule) -> u32 {
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let mut rounds = 0;
        if is_due(self.second) {
            self.second = None;
            rounds += schedule.repeat.get();
        }
        if is_due(self.after_lower) {
            self.after_lower = None;
            rounds += schedule.lower_prio_repeat;
        }
        if let Some(at) = self.refresh.filter(|&at| at <= now) {
            self.refresh = Some(next(at, schedule.refresh, now));
            rounds += schedule.refresh_repeat;
        }
        rounds
    }
}

/// One period after `at` or, when that has been slept through, after `now`.
fn next(at: Instant, period: Duration, now: Instant) -> Instant {
    let next = at + period;
    if next > now { next } else { now + period }
}

impl Instance {
    /// `repeat` rounds over all addresses that can be announced.
    pub(super) fn announce(&self, repeat: u32, out: &mut Vec<Action>) {
        let Some(path) = &self.now_is.path else { return };
        if repeat > 0 && !path.announcements.is_empty() {
            out.push(Action::Announce { addresses: path.announcements.clone(), repeat });
        }
    }

    /// The first burst of announcements leaves now.
    pub(super) fn with_bursts_anew(&self, now: Instant, master: Master) -> Master {
        Master { bursts: Bursts::after_first(now, &self.settings.announce), ..master }
    }

    pub(super) fn announce_if_due(&mut self, now: Instant, out: &mut Vec<Action>) {
        let schedule = self.settings.announce;
        let Phase::Master(master) = &mut self.phase else { return };
        if !master.listening {
            let (rounds, extra) =
                (master.bursts.due(now, &schedule), master.bursts.extra_due(now, &schedule));
            self.announce(rounds, out);
            if extra {
                self.announce_extra(out);
            }
        }
    }

    fn announce_extra(&self, out: &mut Vec<Action>) {
        let Some(path) = &self.now_is.path else { return };
        if !path.extra_announcements.is_empty() {
            out.push(Action::Announce { addresses: path.extra_announcements.clone(), repeat: 1 });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    fn trace(schedule: &AnnounceSchedule, until: u64) -> Vec<(Instant, u32)> {
        let mut bursts = Bursts::after_first(at(0), schedule);
        let mut trace = Vec::new();
        while let Some(due) = bursts.deadline().filter(|&due| due <= at(until)) {
            trace.push((due, bursts.due(due, schedule)));
        }
        trace
    }

    #[test]
    fn by_default_there_is_one_more_burst_after_5_seconds() {
        assert_eq!(trace(&AnnounceSchedule::default(), 1_000), [(at(5), 5)]);
    }

    #[test]
    fn refreshes_follow_the_second_burst_for_ever() {
        let schedule = AnnounceSchedule {
            repeat: NonZeroU32::new(3).unwrap(),
            delay: Duration::from_secs(3),
            refresh: Duration::from_secs(2),
            refresh_repeat: 2,
            ..AnnounceSchedule::default()
        };
        assert_eq!(trace(&schedule, 9), [(at(3), 3), (at(5), 2), (at(7), 2), (at(9), 2)]);
    }

    #[test]
    fn a_long_sleep_is_made_up_for_by_one_refresh() {
        let schedule = AnnounceSchedule { refresh: Duration::from_secs(2), ..AnnounceSchedule::default() };
        let mut bursts = Bursts::after_first(at(0), &schedule);
        assert_eq!(bursts.due(at(100), &schedule), 5 + 1);
        assert_eq!(bursts.deadline(), Some(at(102)));
    }

    #[test]
    fn a_losing_advert_is_answered_twice() {
        let schedule = AnnounceSchedule { delay: Duration::ZERO, ..AnnounceSchedule::default() };
        let mut bursts = Bursts::after_first(at(0), &schedule);
        assert_eq!(bursts.deadline(), None);
        bursts.after_lower(at(1), &schedule);
        assert_eq!(bursts.deadline(), Some(at(6)));
        assert_eq!(bursts.due(at(6), &schedule), 5);
        assert_eq!(bursts.deadline(), None);
    }
}
