//! What one virtual router says: adverts to its peers, notices to the operator's hooks.

use std::net::Ipv4Addr;

use super::instance::{Instance, Phase};
use super::{Action, Notice, NoticeKind, State, Subject, Transmission};
use crate::config::model::{OldChecksum, Transport, VrrpInstance};
use crate::packet::{Addresses, Advert, ChecksumForm};
use crate::units::{Instant, Priority, WirePriority};

impl Instance {
    /// Sends an advert now and counts the interval from here.
    pub(super) fn advertise(&mut self, now: Instant, out: &mut Vec<Action>) {
        if let Phase::Master(master) = &mut self.phase {
            master.last_advert = now;
            master.next_advert = now + self.settings.advert_interval.duration();
        }
        self.send(now, WirePriority::Is(self.now_is.priority), out);
    }

    /// Priority 0, whatever the delay at the start: we go.
    pub(super) fn say_farewell(&mut self, now: Instant, out: &mut Vec<Action>) {
        self.transmit(now, WirePriority::Release, out);
    }

    /// One advert, to the group or to every peer; nothing during `vrrp_startup_delay`.
    pub(super) fn send(&mut self, now: Instant, priority: WirePriority, out: &mut Vec<Action>) {
        if !self.is_quiet(now) {
            self.transmit(now, priority, out);
        }
    }

    fn transmit(&mut self, now: Instant, priority: WirePriority, out: &mut Vec<Action>) {
        let Some(path) = &self.now_is.path else { return };
        self.id = self.id.checked_add(1).unwrap_or(1);
        self.counters.sent += 1;
        self.counters.release_sent += u64::from(priority == WirePriority::Release);
        let settings = &self.settings;
        let authentication = self.authenticity.next(now);
        let to = |destination, interface, hop_limit| {
            Action::Send(Transmission {
                advert: Advert {
                    vrid: settings.vrid,
                    priority,
                    interval: settings.advert_interval,
                    addresses: self.listed.clone(),
                },
                authentication: authentication.clone(),
                checksum: checksum_form(settings),
                source: path.source,
                destination,
                interface,
                hop_limit,
                id: self.id,
            })
        };
        match &settings.transport {
            Transport::Multicast { group } => out.push(to(*group, path.interface, Some(255))),
            Transport::Unicast(unicast) => {
                let hop_limit = unicast.ttl.or(path.source.is_ipv4().then_some(255));
                out.extend(unicast.peers.iter().map(|peer| to(peer.address, path.interface, hop_limit)));
            }
        }
        self.tell_a_successor(now, out);
    }

    /// Only now and then: a successor may know a little less than we do.
    pub(super) fn tell_a_successor(&mut self, now: Instant, out: &mut Vec<Action>) {
        if self.authenticity.is_worth_telling(now) {
            out.push(Action::Remember(self.name.clone(), self.state()));
        }
    }

    /// `notify_priority_changes`; before the state that the change may lead to is told.
    pub(super) fn tell_changed_priority(&mut self, before: Priority, out: &mut Vec<Action>) {
        let state = self.state();
        if before != self.now_is.priority && state != State::Init && self.settings.notify.priority_changes {
            self.notify(NoticeKind::PriorityChanged(state), out);
        }
    }

    /// `fifo_write_vrrp_states_on_reload`.
    pub fn tell_kept_state(&mut self, out: &mut Vec<Action>) {
        if self.state() != State::Init {
            self.notify(NoticeKind::Kept(self.state()), out);
        }
    }

    /// Tells the hooks; a state that they know of already is not told again.
    pub(super) fn notify(&mut self, kind: NoticeKind, out: &mut Vec<Action>) {
        if let NoticeKind::Entered(state) = kind
            && self.told.replace(state) == Some(state)
            && !std::mem::take(&mut self.tells_again)
        {
            // Only after a predecessor's death: its hooks have been told already.
            return;
        }
        out.push(Action::Notify(Notice {
            name: self.name.clone(),
            kind,
            subject: Subject::Instance(self.now_is.priority),
            scripts: self.hooks.clone(),
        }));
    }
}

/// The configuration keeps to one family and to what fits a packet; what does not is left out rather than sent wrong.
pub(super) fn listed(settings: &VrrpInstance) -> Addresses {
    let list = settings.addresses.iter().map(|address| address.prefix.address());
    Addresses::new(settings.family, list.take(Addresses::MAX))
        .unwrap_or_else(|| Addresses::none(settings.family))
}

/// The form of checksum that we send.
pub(super) fn checksum_form(settings: &VrrpInstance) -> ChecksumForm {
    match &settings.transport {
        _ if settings.v3_checksum_as_v2 => ChecksumForm::MessageOnly,
        Transport::Unicast(unicast) => match unicast.old_checksum {
            OldChecksum::Sent(group) => ChecksumForm::GroupHeader(group),
            OldChecksum::Accepted(_) | OldChecksum::Never => ChecksumForm::PseudoHeader,
        },
        Transport::Multicast { .. } => ChecksumForm::PseudoHeader,
    }
}

/// The group that an old unicast checksum may name.
pub(super) fn old_group(settings: &VrrpInstance) -> Option<Ipv4Addr> {
    match &settings.transport {
        Transport::Unicast(unicast) => match unicast.old_checksum {
            OldChecksum::Accepted(group) | OldChecksum::Sent(group) => Some(group),
            OldChecksum::Never => None,
        },
        Transport::Multicast { .. } => None,
    }
}
