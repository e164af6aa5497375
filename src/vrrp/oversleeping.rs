//! What a master does that could not run for a while: others may have taken over meanwhile.

use tracing::warn;

use super::instance::{Instance, Phase, Wait};
use super::{Action, master_down};
use crate::units::Instant;

impl Instance {
    /// A master silent for as long as its peers wait may have been replaced; keeps the addresses and listens first.
    ///
    /// Answers whether it is listening now.
    pub(super) fn notice_oversleeping(&mut self, now: Instant) -> bool {
        let Phase::Master(master) = &mut self.phase else { return false };
        let interval = self.settings.advert_interval.duration();
        let patience = interval * u32::from(self.settings.down_timer_adverts);
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
