//! The state machine of one virtual router (RFC 9568 §6.4): start, deadlines, circumstances, end.
//!
//! What it does with a received packet stands in `hear`.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tracing::{debug, info, warn};

use super::announce::Bursts;
use super::authenticity::{Authenticity, Memory};
use super::holding::{Places, release};
use super::remarks::Remarks;
use super::say::listed;
use super::{Action, Circumstances, Counters, Fault, NoticeKind, Routing, State, master_down, skew};
use crate::config::model::{InstanceKey, NotifyScripts, Preemption, Transport, VrrpInstance};
use crate::packet::Addresses;
use crate::units::{AdvertInterval, Instant, Priority, Version, WirePriority};

/// One virtual router of this host.
#[derive(Debug)]
pub struct Instance {
    pub(super) settings: Arc<VrrpInstance>,
    pub(super) name: Arc<str>,
    pub(super) hooks: Arc<NotifyScripts>,
    pub(super) listed: Addresses,
    pub(super) now_is: Circumstances,
    pub(super) phase: Phase,
    /// Interval of the master that was heard last (VRRPv3 learns it), our own when there was none.
    pub(super) master_interval: AdvertInterval,
    pub(super) master: Option<(std::net::IpAddr, Priority)>,
    pub(super) counters: Counters,
    pub(super) remarks: Remarks,
    pub(super) authenticity: Authenticity,
    /// IPv4 identification of the next advert.
    pub(super) id: u16,
    /// End of `vrrp_startup_delay`.
    quiet_until: Instant,
    /// State that the hooks were last told of.
    pub(super) told: Option<State>,
    /// A predecessor died before the hooks of that state were started.
    pub(super) tells_again: bool,
    /// In a sync group, which decides when it may claim.
    pub(super) grouped: bool,
}

/// A state together with what exists only in it; a deadline of another state cannot fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Init,
    Fault,
    Backup(Backup),
    Master(Master),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Backup {
    /// When the countdown began: at an accepted advert, or on entering the state.
    pub(super) since: Instant,
    pub(super) wait: Wait,
    /// `preempt_delay`: adverts that lose are accepted until then; unset until the first of them.
    pub(super) patience_ends: Option<Instant>,
    /// Its turn came while its sync group could not follow; no master has been heard since.
    pub(super) wishes: bool,
}

impl Backup {
    pub(super) fn waiting(since: Instant, wait: Wait) -> Self {
        Self { since, wait, patience_ends: None, wishes: false }
    }
}

/// How long a backup waits, counted anew with the priority and interval of the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// Active_Down_Interval (RFC 9568 §6.1).
    MasterDown,
    /// Skew_Time: the master said farewell, or our own addresses were taken away.
    Skew,
    /// An owner held back by `vrrp_startup_delay` or by its sync group.
    OwnInterval,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Master {
    pub(super) last_advert: Instant,
    /// When to advertise next or, while listening, when to have heard enough.
    pub(super) next_advert: Instant,
    /// We overslept: others may have taken over, so we listen for one interval before we speak.
    pub(super) listening: bool,
    pub(super) bursts: Bursts,
}

/// What a predecessor process knew of an instance when it died.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Which instance.
    pub key: InstanceKey,
    /// Its state.
    pub state: State,
    /// When it may have advertised last, at the earliest.
    pub last_advert: Instant,
    /// The hooks of that state had not been started.
    pub hooks_wait: bool,
    /// What it had sent and heard.
    pub memory: Memory,
}

impl Instance {
    /// An instance in INIT that has done nothing yet.
    ///
    /// Received adverts are ignored and waiting times begin no earlier than `quiet_until`.
    pub fn new(settings: Arc<VrrpInstance>, quiet_until: Instant) -> Self {
        let priority = settings.priority;
        Self {
            name: settings.name.as_str().into(),
            hooks: Arc::new(settings.notify.clone()),
            listed: listed(&settings),
            now_is: Circumstances { path: None, faults: vec![Fault::NoSource], waiting: false, priority },
            phase: Phase::Init,
            master_interval: settings.advert_interval,
            master: None,
            counters: Counters::default(),
            remarks: Remarks::new(),
            authenticity: Authenticity::new(&settings),
            id: 0,
            quiet_until,
            told: None,
            tells_again: false,
            grouped: false,
            settings,
        }
    }

    /// Its part of the configuration.
    pub fn settings(&self) -> &Arc<VrrpInstance> {
        &self.settings
    }

    /// The state that people know.
    pub fn state(&self) -> State {
        match self.phase {
            Phase::Init => State::Init,
            Phase::Fault => State::Fault,
            Phase::Backup(_) => State::Backup,
            Phase::Master(_) => State::Master,
        }
    }

    /// Effective priority.
    pub fn priority(&self) -> Priority {
        self.now_is.priority
    }

    /// What was counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What a successor must know of the packets sent and heard.
    pub fn memory(&self) -> Memory {
        self.authenticity.memory()
    }

    /// The wall clock was set: `unix_at_zero` is its time, since the Unix epoch, at [`Instant::ZERO`].
    pub fn set_clock(&mut self, unix_at_zero: Duration) {
        self.authenticity.set_clock(unix_at_zero);
    }

    /// Why it is in FAULT.
    pub fn faults(&self) -> &[Fault] {
        &self.now_is.faults
    }

    /// Whether these are the circumstances that it knows of.
    pub fn is_in(&self, circumstances: &Circumstances) -> bool {
        self.now_is == *circumstances
    }

    /// When it advertised last; `None` when it is not master.
    pub fn last_advert(&self) -> Option<Instant> {
        match self.phase {
            Phase::Master(master) => Some(master.last_advert),
            Phase::Init | Phase::Fault | Phase::Backup(_) => None,
        }
    }

    /// When to call [`Self::due`]; `None` means never.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Init | Phase::Fault => None,
            Phase::Backup(backup) => Some(backup.since + self.wait(backup.wait)),
            Phase::Master(master) if master.listening => Some(master.next_advert),
            Phase::Master(master) => Some(
                master.bursts.deadline().map_or(master.next_advert, |burst| burst.min(master.next_advert)),
            ),
        }
    }

    /// Begins: takes away what an earlier run left, or goes on where a predecessor that just died was.
    ///
    /// `places` is what it would hold on the interfaces that exist, whether or not it has a path.
    pub fn begin(
        &mut self,
        now: Instant,
        now_is: Circumstances,
        places: Places,
        past: Option<&Past>,
        out: &mut Vec<Action>,
    ) {
        if let Some(past) = past {
            // The delay is for the start of a host, not for that of a successor.
            self.quiet_until = now;
            self.authenticity.remember(&past.memory);
        }
        self.told = past.map(|past| past.state);
        self.tells_again = past.is_some_and(|past| past.hooks_wait);
        match past {
            Some(past) if past.state == State::Master && now_is.faults.is_empty() => {
                self.now_is = now_is;
                self.resume(now, past.last_advert, out);
            }
            _ => {
                if past.is_some_and(|past| past.state == State::Master) && !self.is_cut_off(&now_is) {
                    // Our predecessor could not say it any more, and we cannot go on.
                    self.now_is.path = now_is.path.clone();
                    self.say_farewell(now, out);
                }
                release(&places.routing, &places.addresses, out);
                self.update(now, now_is, out);
            }
        }
    }

    /// Takes note of changed circumstances and acts on them.
    pub fn update(&mut self, now: Instant, now_is: Circumstances, out: &mut Vec<Action>) {
        self.give_up_if_overslept(now, out);
        self.notice_oversleeping(now);
        self.adopt(now, now_is, out);
    }

    fn adopt(&mut self, now: Instant, now_is: Circumstances, out: &mut Vec<Action>) {
        if now_is.priority != self.now_is.priority && self.phase != Phase::Init {
            info!(
                instance = %self.name,
                "Changing effective priority from {} to {}", self.now_is.priority, now_is.priority
            );
        }
        let before = std::mem::replace(&mut self.now_is, now_is);
        self.tell_changed_priority(before.priority, out);
        let (faulty, waiting) = (!self.now_is.faults.is_empty(), self.now_is.waiting);
        match self.phase {
            Phase::Init | Phase::Backup(_) if faulty => self.enter_fault(out),
            Phase::Master(_) if faulty => self.fail(now, before, out),
            Phase::Init if !waiting => self.leave_init(now, out),
            Phase::Fault if !faulty && !waiting => self.leave_fault(now, out),
            Phase::Master(_) => self.follow_path(now, &before, out),
            Phase::Init | Phase::Fault | Phase::Backup(_) => {}
        }
    }

    /// The deadline has passed; calling it earlier does nothing.
    pub fn due(&mut self, now: Instant, out: &mut Vec<Action>) {
        self.give_up_if_overslept(now, out);
        match self.phase {
            Phase::Init | Phase::Fault => {}
            Phase::Backup(_) if !self.is_due_to_claim(now) => {}
            Phase::Backup(_) => {
                debug!(instance = %self.name, "Receive advertisement timeout");
                self.become_master(now, out);
            }
            Phase::Master(_) => {
                self.notice_oversleeping(now);
                self.advertise_if_due(now, out);
                self.announce_if_due(now, out);
            }
        }
    }

    /// Somebody else removed a virtual address that we hold: gives everything up and runs for it again.
    pub fn address_lost(&mut self, now: Instant, out: &mut Vec<Action>) {
        if !matches!(self.phase, Phase::Master(_)) {
            return;
        }
        warn!(instance = %self.name, "a virtual address was removed by someone else; returning to BACKUP");
        self.resign(now, out);
    }

    /// Somebody else removed a virtual route or rule that we hold: as [`Self::address_lost`].
    pub fn routing_lost(&mut self, now: Instant, lost: &Routing, out: &mut Vec<Action>) {
        if !matches!(self.phase, Phase::Master(_)) {
            return;
        }
        warn!(instance = %self.name, "virtual {lost} was removed by someone else; returning to BACKUP");
        self.resign(now, out);
    }

    /// Runs from now on with other settings for the same virtual router, in whatever state it is.
    ///
    /// What is no longer configured must have been taken away by [`Self::retire`].
    pub fn reconfigure(
        &mut self,
        now: Instant,
        settings: Arc<VrrpInstance>,
        now_is: Circumstances,
        out: &mut Vec<Action>,
    ) {
        // The interval that we and our peers have run with says whether we were silent for too long.
        let listening = self.notice_oversleeping(now);
        self.name = settings.name.as_str().into();
        self.hooks = Arc::new(settings.notify.clone());
        self.listed = listed(&settings);
        if !self.has_learnt(settings.version()) {
            self.master_interval = settings.advert_interval;
        }
        if settings.authentication != self.settings.authentication
            || settings.transport != self.settings.transport
        {
            self.authenticity.reconfigure(&settings);
        }
        self.change_accept_mode(&settings, out);
        self.settings = settings;
        self.adopt(now, now_is, out);
        if let Phase::Master(master) = self.phase
            && !listening
        {
            self.phase = Phase::Master(self.with_bursts_anew(now, master));
            self.advertise(now, out);
        }
    }

    /// Whether the interval that counts is a master's: VRRPv2 knows only its own.
    fn has_learnt(&self, version: Version) -> bool {
        let follows = matches!(self.phase, Phase::Backup(_)) && self.master.is_some();
        follows && version == Version::V3 && self.settings.version() == Version::V3
    }

    /// Ends for good (RFC 9568 §6.4.3, Shutdown): a master says farewell first.
    pub fn end(&mut self, now: Instant, why: NoticeKind, out: &mut Vec<Action>) {
        if let Phase::Master(_) = self.phase {
            self.send(now, WirePriority::Release, out);
            self.withdraw(out);
        }
        self.phase = Phase::Init;
        self.notify(why, out);
    }

    /// Whether received packets are still to be ignored (`vrrp_startup_delay`).
    pub(super) fn is_quiet(&self, now: Instant) -> bool {
        now < self.quiet_until
    }

    pub(super) fn wait(&self, wait: Wait) -> Duration {
        let (priority, interval) = (self.now_is.priority, self.master_interval);
        match wait {
            Wait::MasterDown => master_down(priority, interval, self.settings.down_timer_adverts),
            Wait::Skew => skew(priority, interval),
            Wait::OwnInterval => self.settings.advert_interval.duration(),
        }
    }

    /// RFC 9568 §6.4.1. An owner claims at once, everybody else listens first; so does the successor of an owner that
    /// had yielded to another.
    fn leave_init(&mut self, now: Instant, out: &mut Vec<Action>) {
        let is_new = matches!(self.told, None | Some(State::Init));
        if !(is_new && self.settings.priority.is_owner()) {
            self.enter_backup(now, Wait::MasterDown, out);
        } else if self.is_quiet(now) {
            let since = self.quiet_until;
            self.phase = Phase::Backup(Backup::waiting(since, Wait::OwnInterval));
        } else if self.grouped {
            self.enter_backup(now, Wait::OwnInterval, out);
        } else {
            self.become_master(now, out);
        }
    }

    fn leave_fault(&mut self, now: Instant, out: &mut Vec<Action>) {
        let reintroduce = match (&self.settings.transport, &self.now_is.path) {
            (Transport::Unicast(_), Some(path)) => path.own_announcement,
            _ => None,
        };
        // A peer that forgot our link-layer address while we were cut off could not send us its adverts.
        out.extend(reintroduce.map(|own| Action::Announce { addresses: Arc::new([own]), repeat: 1 }));
        self.master_interval = self.settings.advert_interval;
        self.enter_backup(now, Wait::MasterDown, out);
    }

    /// RFC 9568 §6.4.2, Active_Down_Timer: the advert first, so that others learn of it before anything slow happens.
    pub(super) fn become_master(&mut self, now: Instant, out: &mut Vec<Action>) {
        self.master_interval = self.settings.advert_interval;
        self.start_mastership(now, now);
        self.counters.became_master += 1;
        self.send(now, WirePriority::Is(self.now_is.priority), out);
        info!(instance = %self.name, "Entering MASTER STATE");
        self.take_addresses(out);
        self.notify(NoticeKind::Entered(State::Master), out);
    }

    fn start_mastership(&mut self, now: Instant, last_advert: Instant) {
        self.master = None;
        self.remarks.forget();
        self.phase = Phase::Master(Master {
            last_advert,
            next_advert: last_advert + self.settings.advert_interval.duration(),
            listening: false,
            bursts: Bursts::after_first(now, &self.settings.announce),
        });
    }

    /// A predecessor of ours died as master: the addresses are still there, and its peers do not know.
    fn resume(&mut self, now: Instant, last_advert: Instant, out: &mut Vec<Action>) {
        info!(instance = %self.name, "Resuming MASTER STATE of a predecessor");
        self.start_mastership(now, last_advert);
        if self.notice_oversleeping(now) {
            self.block(&self.held().into(), out);
        } else {
            self.advertise(now, out);
            self.take_addresses(out);
        }
        self.notify(NoticeKind::Entered(State::Master), out);
    }

    /// A master that cannot go on: others are told at once where there is still a way to.
    fn fail(&mut self, now: Instant, before: Circumstances, out: &mut Vec<Action>) {
        let now_is = std::mem::replace(&mut self.now_is, before);
        if !self.is_cut_off(&now_is) {
            self.say_farewell(now, out);
        }
        self.withdraw(out);
        self.now_is = now_is;
        self.enter_fault(out);
    }

    /// Whether an advert could not leave.
    fn is_cut_off(&self, now_is: &Circumstances) -> bool {
        now_is.faults.iter().any(|fault| match fault {
            Fault::InterfaceMissing(name) | Fault::InterfaceDown(name) => {
                self.settings.interface.as_ref() == Some(name)
                    || self.settings.advert_interface() == Some(name)
            }
            Fault::NoSource => true,
            Fault::NoMulticast(_)
            | Fault::NoPeers
            | Fault::Deaf
            | Fault::Script(_)
            | Fault::File(_)
            | Fault::Process(_)
            | Fault::SyncGroup(_) => false,
        })
    }

    fn enter_fault(&mut self, out: &mut Vec<Action>) {
        let why = self.now_is.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        self.phase = Phase::Fault;
        self.master = None;
        self.remarks.forget();
        warn!(instance = %self.name, reason = %why, "Entering FAULT STATE");
        self.notify(NoticeKind::Entered(State::Fault), out);
    }

    pub(super) fn enter_backup(&mut self, now: Instant, wait: Wait, out: &mut Vec<Action>) {
        let first = self.phase == Phase::Init;
        let since = now.max(self.quiet_until);
        self.phase = Phase::Backup(Backup::waiting(since, wait));
        self.remarks.forget();
        info!(instance = %self.name, "Entering BACKUP STATE{}", if first { " (init)" } else { "" });
        self.notify(NoticeKind::Entered(State::Backup), out);
    }

    fn advertise_if_due(&mut self, now: Instant, out: &mut Vec<Action>) {
        let Phase::Master(master) = &mut self.phase else { return };
        if now < master.next_advert {
            return;
        }
        if master.listening {
            master.listening = false;
            info!(instance = %self.name, "no better master was heard; staying in MASTER STATE");
            self.start_mastership(now, now);
            self.send(now, WirePriority::Is(self.now_is.priority), out);
            self.take_addresses(out);
        } else {
            let planned = master.next_advert;
            self.advertise(now, out);
            self.keep_pace(now, planned);
        }
    }

    /// Counts the next interval from when this advert was planned, so that lateness does not add up.
    fn keep_pace(&mut self, now: Instant, planned: Instant) {
        let interval = self.settings.advert_interval.duration();
        if let Phase::Master(master) = &mut self.phase
            && planned + interval > now
        {
            master.next_advert = planned + interval;
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a master of `priority` is to be left in peace by us.
    pub(super) fn respects(&self, priority: Priority) -> bool {
        priority >= self.now_is.priority || self.settings.preemption == Preemption::Never
    }
}

#[cfg(test)]
#[path = "instance_tests.rs"]
mod tests;

#[cfg(test)]
pub(super) use tests::settings as test_settings;
