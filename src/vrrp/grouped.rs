//! What an instance does because its sync group does: claim with the others, step down with them, wait for them.

use tracing::debug;

use super::Action;
use super::instance::{Backup, Instance, Phase, Wait};
use crate::units::{Instant, WirePriority};

/// How a member leaves MASTER when another one has left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepDown {
    /// A better router serves: nothing is said, it does not wait for us.
    Silent,
    /// The group gives up for a moment: its peers hear of it and we wait for no more than the skew time.
    Resign,
}

impl Instance {
    /// From now on a sync group decides when it may claim, or none does.
    pub fn set_grouped(&mut self, grouped: bool) {
        self.grouped = grouped;
    }

    /// Whether it is a backup whose master has been silent for too long.
    pub fn is_due_to_claim(&self, now: Instant) -> bool {
        matches!(self.phase, Phase::Backup(backup) if now >= backup.since + self.wait(backup.wait))
    }

    /// Whether it would be MASTER but for the other members of its sync group.
    pub fn wishes_to_claim(&self) -> bool {
        matches!(self.phase, Phase::Backup(Backup { wishes: true, .. }))
    }

    /// Whether it is a backup that has heard a master it respects.
    pub fn follows_a_master(&self) -> bool {
        matches!(self.phase, Phase::Backup(_)) && self.master.is_some()
    }

    /// Its turn has come, but other members still hear a master: waits a whole master-down time again.
    pub fn wait_for_group(&mut self, now: Instant) {
        if let Phase::Backup(backup) = &mut self.phase {
            debug!(instance = %self.name, "Receive advertisement timeout; waiting for the sync group");
            (backup.since, backup.wait, backup.wishes) = (now, Wait::MasterDown, true);
            self.master = None;
        }
    }

    /// Claims because every member of its sync group can.
    pub fn claim(&mut self, now: Instant, out: &mut Vec<Action>) {
        if matches!(self.phase, Phase::Backup(_)) {
            self.become_master(now, out);
        }
    }

    /// Leaves MASTER because another member of its sync group has left it.
    pub fn step_down(&mut self, now: Instant, how: StepDown, out: &mut Vec<Action>) {
        if !matches!(self.phase, Phase::Master(_)) {
            return;
        }
        match how {
            StepDown::Resign => self.resign(now, out),
            StepDown::Silent => {
                self.withdraw(out);
                self.enter_backup(now, Wait::MasterDown, out);
            }
        }
    }

    /// Announces its addresses as after an advert that loses: another member of its sync group has heard one.
    pub fn announce_over_loser(&mut self, now: Instant, out: &mut Vec<Action>) {
        let schedule = self.settings.announce;
        match &mut self.phase {
            Phase::Master(master) if !master.listening => master.bursts.after_lower(now, &schedule),
            Phase::Init | Phase::Fault | Phase::Backup(_) | Phase::Master(_) => return,
        }
        self.announce(schedule.lower_prio_repeat, out);
    }

    /// Gives everything up and runs for it again after the skew time.
    pub(super) fn resign(&mut self, now: Instant, out: &mut Vec<Action>) {
        self.send(now, WirePriority::Release, out);
        self.withdraw(out);
        self.enter_backup(now, Wait::Skew, out);
    }
}
