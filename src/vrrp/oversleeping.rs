//! What a master does that could not run for a while: others may have taken over meanwhile.

use std::time::Duration;

use tracing::warn;

use super::instance::{Instance, Phase, Wait};
use super::{Action, master_down};
use crate::units::Instant;

impl Instance {
    /// A master silent for as long as its peers wait may have been replaced; keeps the addresses and listens first.
    ///
    /// Answers whether it is listening now.
    pub(super) fn notice_oversleeping(&mut self, now: Instant) -> bool {
        let patience = self.patience();
        let Phase::Master(master) = &mut self.phase else { return false };
        let interval = self.settings.advert_interval.duration();
        if !master.listening && now.since(master.last_advert) > patience {
            warn!(
                instance = %self.name,
                silent_ms = now.since(master.last_advert).as_millis(),
                "overslept; listening for another master before advertising again"
            );
            master.listening = true;
            master.next_advert = now + interval;
        }
        master.listening
    }

    /// A master that listens, or would if it looked at the clock: nothing may be said of its addresses.
    pub fn keeps_silent(&self, now: Instant) -> bool {
        let Phase::Master(master) = &self.phase else { return false };
        master.listening || now.since(master.last_advert) > self.patience()
    }

    /// How long its peers wait at the least.
    fn patience(&self) -> Duration {
        self.settings.advert_interval.duration() * u32::from(self.settings.down_timer_adverts)
    }

    /// `timer_expired_backup`: after a silence for which the best other router does not wait, that one serves for
    /// certain; the addresses go at once, and nothing is said.
    pub(super) fn give_up_if_overslept(&mut self, now: Instant, out: &mut Vec<Action>) {
        let (Phase::Master(master), Some(best)) = (&self.phase, self.settings.timer_expired_backup) else {
            return;
        };
        let patience = master_down(best, self.settings.advert_interval, self.settings.down_timer_adverts);
        let silent = now.since(master.last_advert);
        if silent >= patience {
            warn!(
                instance = %self.name,
                silent_ms = silent.as_millis(),
                "overslept; another router serves by now, returning to BACKUP"
            );
            self.withdraw(out);
            self.enter_backup(now, Wait::MasterDown, out);
        }
    }
}
