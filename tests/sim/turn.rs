//! When a backup may claim, worked out from what it heard and not from what it does: the referee's own reading of
//! RFC 9568 §6.4.2, `nopreempt`, `preempt_delay` and `vrrp_startup_delay`.

use std::time::Duration;

use vrrpd::config::model::Preemption;
use vrrpd::units::{AdvertInterval, Instant, Version};

use crate::conf::Conf;
use crate::network::Said;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    since: Instant,
    wait: Wait,
    interval: AdvertInterval,
    patience_ends: Option<Instant>,
    heard: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Wait {
    Down,
    Skew,
    /// An owner that `vrrp_startup_delay` held back.
    OwnInterval,
}

impl Turn {
    /// After entering BACKUP; `interval` is that of the master that took over, or the node's own.
    pub(crate) fn from(since: Instant, wait: Wait, interval: AdvertInterval) -> Self {
        Self { since, wait, interval, patience_ends: None, heard: false }
    }

    /// After yielding to a better master, whose interval counts.
    pub(crate) fn behind(now: Instant, said: Said) -> Self {
        Self { heard: true, ..Self::from(now, Wait::Down, said.interval) }
    }

    /// A correct advert came in.
    pub(crate) fn hear(&mut self, now: Instant, said: Said, conf: &Conf, own: u8) {
        if said.priority == 0 {
            (self.since, self.wait) = (now, Wait::Skew);
            return;
        }
        let leaves_in_peace = said.priority >= own || conf.preemption == Preemption::Never;
        if leaves_in_peace {
            self.patience_ends = None;
        } else {
            let Preemption::Delayed(delay) = conf.preemption else { return };
            let ends = *self.patience_ends.get_or_insert(now + delay);
            if now >= ends {
                return;
            }
        }
        (self.since, self.wait, self.interval) = (now, Wait::Down, said.interval);
        self.heard = true;
    }

    /// Another configuration: an interval that no VRRPv3 master has told is the configured one.
    pub(crate) fn reload(&mut self, conf: &Conf) {
        if !self.heard || conf.interval.version() == Version::V2 {
            self.interval = conf.interval;
        }
    }

    /// When a node of effective priority `own` is to claim.
    pub(crate) fn at(&self, conf: &Conf, own: u8) -> Instant {
        let interval = self.interval.duration();
        let whole = if self.interval.version() == Version::V2 { Duration::from_secs(1) } else { interval };
        let skew = whole * (256 - u32::from(own)) / 256;
        self.since
            + match self.wait {
                Wait::Down => interval * u32::from(conf.down_timer_adverts) + skew,
                Wait::Skew => skew,
                Wait::OwnInterval => conf.interval.duration(),
            }
    }
}
