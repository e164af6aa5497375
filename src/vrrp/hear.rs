//! What one virtual router does with a received packet (RFC 9568 §6.4.2, §6.4.3, §7.1).
//!
//! A packet that is rejected touches no timer and no state.

use std::net::IpAddr;

use tracing::{debug, info, warn};

use super::instance::{Backup, Instance, Phase, Wait};
use super::remarks::Remark;
use super::say::{checksum_form, old_group};
use super::{Action, NoticeKind};
use crate::config::model::{Preemption, Transport};
use crate::packet::vrrp::{Heard, decode};
use crate::packet::{Datagram, Demands, Freshness};
use crate::units::{Instant, Priority, Version, WirePriority};

impl Instance {
    /// A packet for this virtual router came in; appends what must be done to `out`.
    pub fn hear(&mut self, now: Instant, datagram: &Datagram<'_>, out: &mut Vec<Action>) {
        if self.is_quiet(now) || matches!(self.phase, Phase::Init | Phase::Fault) {
            return;
        }
        match decode(datagram, &self.demands(now, datagram.source)) {
            Ok(heard) => self.judge(now, datagram, &heard, out),
            Err(error) => {
                self.counters.count(error);
                if self.remarks.is_new(now, Remark::Dropped(error)) {
                    warn!(instance = %self.name(), from = %datagram.source, reason = %error, "dropped a VRRP packet");
                }
            }
        }
    }

    fn demands(&self, now: Instant, from: IpAddr) -> Demands<'_> {
        let own = self.now_is.path.as_ref().map(|path| path.source);
        Demands {
            family: self.settings.family,
            interval: self.settings.advert_interval,
            proof: self.authenticity.proof(now, from, own),
            multicast: matches!(self.settings.transport, Transport::Multicast { .. }),
            old_group: old_group(&self.settings),
        }
    }

    /// The checks that know more than the packet; then the state decides.
    fn judge(&mut self, now: Instant, datagram: &Datagram<'_>, heard: &Heard<'_>, out: &mut Vec<Action>) {
        let from = datagram.source;
        if self.settings.owner_ignore_adverts && self.now_is.priority.is_owner() {
            if self.remarks.is_new(now, Remark::OwnerIgnores) {
                info!(instance = %self.name(), %from, "ignoring advert: we own the addresses");
            }
            return;
        }
        if !self.is_from_a_peer(now, datagram, heard.freshness) {
            return;
        }
        self.counters.received += 1;
        self.believe(now, from, heard.freshness, out);
        self.compare(now, from, heard);
        self.counters.release_received += u64::from(heard.priority == WirePriority::Release);
        self.give_up_if_overslept(now, out);
        match self.phase {
            Phase::Init | Phase::Fault => {}
            Phase::Backup(backup) => self.hear_in_backup(now, backup, from, heard),
            Phase::Master(_) => {
                if self.notice_oversleeping(now) {
                    self.hear_while_listening(now, from, heard, out);
                } else {
                    self.hear_in_master(now, from, heard, out);
                }
            }
        }
    }

    /// Remembers that this one has been heard, so that it is not heard again.
    fn believe(&mut self, now: Instant, from: IpAddr, freshness: Freshness, out: &mut Vec<Action>) {
        if freshness == Freshness::None
            && self.authenticity.has_trailers()
            && self.remarks.is_new(now, Remark::Unsigned)
        {
            warn!(instance = %self.name(), %from, "accepting adverts without an HMAC trailer");
        }
        if self.authenticity.is_skewed(now, freshness) && self.remarks.is_new(now, Remark::Skewed) {
            warn!(instance = %self.name(), %from, "the sender's clock is more than half of time_window away from ours");
        }
        self.authenticity.heard(from, freshness);
        self.tell_a_successor(now, out);
    }

    /// `check_unicast_src` and the TTL ranges of the peers; who signs must be a peer in any case.
    fn is_from_a_peer(&mut self, now: Instant, datagram: &Datagram<'_>, freshness: Freshness) -> bool {
        let peers = match &self.settings.transport {
            Transport::Unicast(unicast)
                if unicast.check_source || matches!(freshness, Freshness::Stamp(_)) =>
            {
                &unicast.peers
            }
            Transport::Unicast(_) | Transport::Multicast { .. } => return true,
        };
        let from = datagram.source;
        let Some(peer) = peers.iter().find(|peer| peer.address == from) else {
            self.counters.source_errors += 1;
            if self.remarks.is_new(now, Remark::Stranger) {
                warn!(instance = %self.name(), %from, "dropped a VRRP packet: not from a unicast peer");
            }
            return false;
        };
        let (min, max) = (peer.min_ttl, peer.max_ttl);
        match datagram.hop_limit {
            Some(hops) if !(min..=max).contains(&hops) => {
                self.counters.hop_limit_errors += 1;
                if self.remarks.is_new(now, Remark::PeerHops) {
                    warn!(instance = %self.name(), "TTL/HL {hops} from {from} not in range [{min}, {max}]");
                }
                false
            }
            Some(_) | None => true,
        }
    }

    /// Differences that are worth a word but drop nothing: rolling changes of a cluster depend on it.
    fn compare(&mut self, now: Instant, from: IpAddr, heard: &Heard<'_>) {
        let own = self.settings.advert_interval;
        if heard.interval != own && self.remarks.is_new(now, Remark::Interval) {
            info!(instance = %self.name(), %from, theirs = %heard.interval, ours = %own, "advert interval differs");
        }
        let form_matters = own.version() == Version::V3 && from.is_ipv4();
        if form_matters
            && heard.form != checksum_form(&self.settings)
            && self.remarks.is_new(now, Remark::ChecksumForm)
        {
            info!(instance = %self.name(), %from, theirs = ?heard.form, "accepting the other VRRPv3 checksum form");
        }
        let known_master =
            matches!(self.phase, Phase::Backup(_)) && self.master.is_some_and(|(master, _)| master == from);
        let skips_set = self.settings.skip_check_adv_addr && known_master;
        if !self.lists_our_addresses(heard, skips_set) {
            self.counters.address_list_errors += 1;
            if self.remarks.is_new(now, Remark::AddressList) {
                warn!(
                    instance = %self.name(), %from, theirs = heard.address_count(), ours = self.settings.addresses.len(),
                    "advert lists other addresses than ours"
                );
            }
        }
    }

    fn lists_our_addresses(&self, heard: &Heard<'_>, count_only: bool) -> bool {
        let ours = || self.settings.addresses.iter().map(|address| address.prefix.address());
        heard.address_count() == self.settings.addresses.len()
            && (count_only
                || heard.addresses().eq(ours())
                || heard.addresses().all(|theirs| ours().any(|own| own == theirs)))
    }

    fn hear_in_backup(&mut self, now: Instant, backup: Backup, from: IpAddr, heard: &Heard<'_>) {
        let priority = match heard.priority {
            WirePriority::Release => {
                self.phase = Phase::Backup(Backup { since: now, wait: Wait::Skew, ..backup });
                return;
            }
            WirePriority::Is(priority) => priority,
        };
        if self.respects(priority) {
            self.follow(now, None, from, priority, heard);
            return;
        }
        let patience_ends = match self.settings.preemption {
            Preemption::Delayed(delay) => Some(backup.patience_ends.unwrap_or(now + delay)),
            Preemption::Immediate | Preemption::Never => None,
        };
        if patience_ends.is_some_and(|ends| now < ends) {
            self.follow(now, patience_ends, from, priority, heard);
        } else if self.remarks.is_new(now, Remark::Discarded) {
            info!(instance = %self.name(), "received lower priority ({priority}) advert from {from} - discarding");
        }
    }

    /// A master serves: its interval counts, and our turn is put off.
    fn follow(
        &mut self,
        now: Instant,
        patience_ends: Option<Instant>,
        from: IpAddr,
        priority: Priority,
        heard: &Heard<'_>,
    ) {
        if self.master.is_none_or(|(master, _)| master != from) {
            self.remarks.forget();
            debug!(instance = %self.name(), %from, %priority, "following a new master");
        }
        self.master = Some((from, priority));
        self.master_interval = heard.interval;
        self.phase = Phase::Backup(Backup { patience_ends, ..Backup::waiting(now, Wait::MasterDown) });
    }

    /// We were silent for longer than peers wait. Who else is master now? Nothing is answered yet.
    fn hear_while_listening(&mut self, now: Instant, from: IpAddr, heard: &Heard<'_>, out: &mut Vec<Action>) {
        let WirePriority::Is(priority) = heard.priority else { return };
        if self.settings.preemption == Preemption::Never || self.wins(priority, from) {
            info!(instance = %self.name(), %from, %priority, "another master took over while we were not running");
            self.yield_to(now, from, priority, heard, out);
        }
    }

    fn hear_in_master(&mut self, now: Instant, from: IpAddr, heard: &Heard<'_>, out: &mut Vec<Action>) {
        let WirePriority::Is(priority) = heard.priority else {
            self.advertise(now, out);
            return;
        };
        let ours = self.now_is.priority;
        if priority == ours && self.now_is.path.as_ref().is_some_and(|path| path.source == from) {
            if self.remarks.is_new(now, Remark::OwnAddress) {
                warn!(instance = %self.name(), %from, "advert with our own priority from our own address");
            }
            return;
        }
        if priority == ours && ours.is_owner() && self.remarks.is_new(now, Remark::TwoOwners) {
            warn!(instance = %self.name(), %from, "CONFIGURATION ERROR: both configured as address owner");
        }
        if self.wins(priority, from) {
            let why = if priority > ours {
                format!("higher priority {priority}, ours {ours}")
            } else {
                format!("same priority {priority} but higher IP address than ours")
            };
            info!(instance = %self.name(), "Master received advert from {from} with {why}");
            if self.settings.higher_prio_send_advert {
                self.advertise(now, out);
            }
            self.yield_to(now, from, priority, heard, out);
        } else {
            self.answer_loser(now, from, priority, out);
        }
    }

    /// RFC 9568 §6.4.3: who is to be master when we are as well.
    fn wins(&self, priority: Priority, from: IpAddr) -> bool {
        let ours = self.now_is.priority;
        let higher_address = || self.now_is.path.as_ref().is_some_and(|path| from > path.source);
        priority > ours || (priority == ours && higher_address())
    }

    /// The better router serves; nothing is sent, it does not wait for us.
    fn yield_to(
        &mut self,
        now: Instant,
        from: IpAddr,
        priority: Priority,
        heard: &Heard<'_>,
        out: &mut Vec<Action>,
    ) {
        self.withdraw(out);
        self.master = Some((from, priority));
        self.master_interval = heard.interval;
        self.enter_backup(now, Wait::MasterDown, out);
    }

    /// RFC 9568 §6.4.3, last case: the other must hear of us at once, and switches that learnt its port too.
    fn answer_loser(&mut self, now: Instant, from: IpAddr, priority: Priority, out: &mut Vec<Action>) {
        let ours = self.now_is.priority;
        if self.remarks.is_new(now, Remark::Discarded) {
            let relation = if priority == ours { "same" } else { "lower" };
            info!(
                instance = %self.name(),
                "Received advert from {from} with {relation} priority {priority}, ours {ours}, forcing new election"
            );
        }
        if !self.settings.lower_prio_no_advert {
            self.advertise(now, out);
        }
        self.announce_over_loser(now, out);
        self.notify(NoticeKind::HeardLowerPriority, out);
    }
}
