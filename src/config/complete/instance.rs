//! One `vrrp_instance`: keepalived's defaults and the checks inside the block, in keepalived's order.

use std::net::IpAddr;
use std::time::Duration;

use super::announce;
use super::interval::{centiseconds, whole_seconds};
use crate::config::fault::Fault;
use crate::config::keyword::{Context, GlobalDraft, InstanceDraft, Placed};
use crate::config::model::{InitialState, Preemption, Transport, UnicastPeers, VrrpInstance};
use crate::config::source::Place;
use crate::units::{AdvertInterval, Family, Priority, Version};

/// The finished instance; `None` when it cannot run, which ends keepalived.
pub(super) fn complete(
    draft: InstanceDraft,
    global: &GlobalDraft,
    context: &mut Context<'_>,
) -> Option<VrrpInstance> {
    let strict = draft.strict.as_ref().map_or(global.strict, |strict| strict.value);
    Block { draft, global, context, strict }.run()
}

/// A block while it is completed.
pub(super) struct Block<'b, 'c> {
    pub(super) draft: InstanceDraft,
    pub(super) global: &'b GlobalDraft,
    pub(super) context: &'b mut Context<'c>,
    pub(super) strict: bool,
}

/// The values on which most checks depend.
#[derive(Clone, Copy)]
pub(super) struct Basics {
    pub(super) family: Family,
    pub(super) version: Version,
    pub(super) priority: Priority,
    pub(super) state: InitialState,
}

impl Block<'_, '_> {
    fn run(mut self) -> Option<VrrpInstance> {
        let usable = self.minimum();
        let basics = self.basics();
        let advert_interval = self.advert_interval(basics.version);
        let authentication = self.authentication(basics, advert_interval);
        let transport = self.transport(basics.family);
        let usable = self.link(&transport) && usable;
        self.addresses(basics, &transport, &authentication);
        let preemption = self.preemption(basics);
        let down_timer_adverts = self.down_timer_adverts();
        let owner_ignore_adverts = self.owner_ignore_adverts(basics.priority);
        let own = self.own_interface(basics.family);
        self.tracked(basics.priority);
        let timer_expired_backup = self.timer_expired_backup();
        self.leftovers();
        let usable = self.addresses_left(basics.version) && usable;
        let vrid = self.draft.vrid.as_ref().map(|vrid| vrid.value).filter(|_| usable)?;
        let lower = self.losing();
        let receive_buffer = self.receive_buffer(basics, &authentication);
        let accept = self.accept(basics);
        let Self { draft, global, strict, .. } = self;
        Some(VrrpInstance {
            name: draft.name.value,
            vrid,
            family: basics.family,
            interface: draft.interface.map(|interface| interface.value),
            xmit_base: own.xmit_base,
            own_interface: own.of_instance.map(Box::new),
            vmac_for_addresses: draft.use_vmac_addr,
            address_interfaces: own.of_addresses,
            vrf: draft.vrf.map(|vrf| vrf.value),
            initial_state: basics.state,
            priority: basics.priority,
            advert_interval,
            down_timer_adverts,
            preemption,
            transport,
            track_source: draft.track_src_ip && draft.source.is_some(),
            source: draft.source.map(|source| source.value).or(own.source),
            authentication,
            v3_checksum_as_v2: draft.v3_checksum_as_v2.unwrap_or(global.v3_checksum_as_v2),
            addresses: values(draft.addresses),
            excluded: values(draft.excluded),
            promote_secondaries: draft.promote_secondaries.is_some(),
            routes: draft.routes,
            rules: draft.rules,
            dont_track_primary: draft.dont_track_primary,
            track_interfaces: values(draft.tracks.interfaces),
            track_scripts: values(draft.tracks.scripts),
            track_files: values(draft.tracks.files),
            track_processes: values(draft.tracks.processes),
            notify: draft.hooks.complete(global),
            announce: announce::schedule(draft.garp, &global.garp, strict),
            skip_check_adv_addr: draft.skip_check_adv_addr || global.skip_check_adv_addr,
            lower_prio_no_advert: lower.0,
            higher_prio_send_advert: lower.1,
            owner_ignore_adverts,
            timer_expired_backup,
            accept,
            receive_buffer,
        })
    }

    /// Reports why the instance cannot run.
    pub(super) fn unusable(&mut self, what: impl Into<String>) -> bool {
        let name = self.draft.name.value.clone();
        self.context.problems.add(self.draft.name.place, Fault::Unusable { name, what: what.into() });
        false
    }

    /// Reports a keyword that is changed or left out.
    pub(super) fn adjusted(&mut self, place: Place, keyword: &'static str, what: impl Into<String>) {
        self.context.problems.add(place, Fault::Adjusted { keyword, what: what.into() });
    }

    /// What every instance must have.
    fn minimum(&mut self) -> bool {
        let mut usable = true;
        if self.draft.vrid.is_none() {
            let what = if self.draft.vrid_given { "has no valid" } else { "has no" };
            usable = self.unusable(format!("{what} `virtual_router_id`"));
        }
        if self.draft.interface.is_none() && self.draft.unicast.is_none() {
            usable = self.unusable("has no `interface`");
        }
        usable
    }

    fn basics(&mut self) -> Basics {
        let family = self.draft.family.unwrap_or(Family::V4);
        let given = self.draft.version.as_ref().map(|version| (version.value, version.place));
        let mut version = match (given, family) {
            (Some((version, _)), _) => version,
            (None, Family::V6) => Version::V3,
            (None, Family::V4) => self.global.version,
        };
        if let (Some((Version::V2, place)), Family::V6, true) = (given, family, self.strict) {
            self.adjusted(place, "version", "2 has no IPv6 in strict mode; 3 is used");
            version = Version::V3;
        }
        let wish = self.draft.state.as_ref().map(|state| state.value);
        let priority = match (&self.draft.priority, wish) {
            (Some(priority), _) => priority.value,
            (None, Some(InitialState::Master)) => Priority::OWNER,
            (None, _) => Priority::DEFAULT,
        };
        let owner = if priority.is_owner() { InitialState::Master } else { InitialState::Backup };
        let mut state = wish.unwrap_or(owner);
        if self.strict && state != owner {
            let place = self.draft.state.as_ref().map_or(self.draft.name.place, |state| state.place);
            self.adjusted(place, "state", "follows `priority` in strict mode");
            state = owner;
        }
        Basics { family, version, priority, state }
    }

    fn transport(&mut self, family: Family) -> Transport {
        if let Some(ttl) = self.draft.unicast_ttl.as_ref().filter(|_| self.draft.peers.is_empty()) {
            let place = ttl.place;
            self.adjusted(place, "unicast_ttl", "is left out without `unicast_peer`");
            self.draft.unicast_ttl = None;
        }
        let alone = self.draft.peers.is_empty() && self.draft.unicast_fault_no_peer;
        if !self.draft.peers.is_empty() || alone {
            if let Some(group) = self.draft.mcast_dst_ip.take() {
                self.adjusted(group.place, "mcast_dst_ip", "is left out beside `unicast_peer`");
            }
            if alone {
                let place = self.draft.unicast.unwrap_or(self.draft.name.place);
                let what = "holds this instance in FAULT: it has no peers".to_owned();
                self.context.problems.add(place, Fault::Remark { keyword: "unicast_fault_no_peer", what });
            }
            return Transport::Unicast(UnicastPeers {
                peers: std::mem::take(&mut self.draft.peers),
                ttl: self.draft.unicast_ttl.as_ref().map(|ttl| ttl.value),
                check_source: self.draft.check_unicast_src || self.global.check_unicast_src,
                old_checksum: self.old_checksum(),
            });
        }
        if let Some(place) = self.draft.unicast {
            let what = "a unicast keyword without `unicast_peer`; multicast is used";
            self.context.problems.add(place, Fault::Deprecated { keyword: "unicast", what });
        }
        let default = match family {
            Family::V4 => IpAddr::V4(self.global.group4),
            Family::V6 => IpAddr::V6(self.global.group6),
        };
        Transport::Multicast { group: self.draft.mcast_dst_ip.as_ref().map_or(default, |group| group.value) }
    }

    /// Whether interface and source go together with the transport.
    fn link(&mut self, transport: &Transport) -> bool {
        let unicast = matches!(transport, Transport::Unicast(_));
        let Some(interface) = self.draft.interface.as_ref() else {
            return match (unicast, self.draft.source.as_ref().map(|source| source.value)) {
                // Told already.
                _ if self.draft.unicast.is_none() => false,
                (false, _) => self.unusable("has no `interface`"),
                (true, None) => self.unusable("has neither `interface` nor `unicast_src_ip`"),
                (true, Some(IpAddr::V6(source))) if source.is_unicast_link_local() => {
                    self.unusable("has no `interface` for its link-local source address")
                }
                (true, Some(_)) => true,
            };
        };
        let (place, link) = (interface.place, self.context.host.link(&interface.value));
        let multicast = link.map(|link| link.multicast);
        if self.strict && unicast && multicast == Some(true) {
            return self.unusable("has unicast peers in strict mode");
        }
        if !unicast && multicast == Some(false) {
            self.adjusted(place, "interface", "takes no multicast; the instance stays in FAULT");
        }
        true
    }

    fn preemption(&mut self, basics: Basics) -> Preemption {
        let mut never = self.draft.nopreempt;
        if let Some(place) = never.filter(|_| basics.priority.is_owner()) {
            self.adjusted(place, "nopreempt", "is left out: the instance has priority 255");
            never = None;
        } else if let Some(place) = never.filter(|_| basics.state == InitialState::Master) {
            self.adjusted(place, "nopreempt", "is left out: the instance has `state MASTER`");
            never = None;
        }
        let delay = self.draft.preempt_delay.as_ref().map(|delay| (delay.value, delay.place));
        let Some((delay, place)) = delay.filter(|(delay, _)| !delay.is_zero()) else {
            return if never.is_some() { Preemption::Never } else { Preemption::Immediate };
        };
        let why = match (basics.state, self.strict, never) {
            (InitialState::Master, _, _) => "`state MASTER`",
            (_, true, _) => "strict mode",
            (_, _, Some(_)) => "`nopreempt`",
            (InitialState::Backup, false, None) => return Preemption::Delayed(delay),
        };
        self.adjusted(place, "preempt_delay", format!("is left out: the instance has {why}"));
        if never.is_some() { Preemption::Never } else { Preemption::Immediate }
    }

    fn down_timer_adverts(&mut self) -> u8 {
        const STANDARD: u8 = 3;
        let adverts = self.draft.down_timer_adverts.unwrap_or(self.global.down_timer_adverts);
        if self.strict && adverts != STANDARD {
            self.adjusted(self.draft.name.place, "down_timer_adverts", "is 3 in strict mode");
            return STANDARD;
        }
        adverts
    }

    /// `lower_prio_no_advert` and `higher_prio_send_advert`.
    fn losing(&mut self) -> (bool, bool) {
        if !self.strict {
            return (
                self.draft.lower_prio_no_advert.unwrap_or(self.global.lower_prio_no_advert),
                self.draft.higher_prio_send_advert.unwrap_or(self.global.higher_prio_send_advert),
            );
        }
        let place = self.draft.name.place;
        if self.draft.lower_prio_no_advert == Some(false) {
            self.adjusted(place, "lower_prio_no_advert", "is true in strict mode");
        }
        if self.draft.higher_prio_send_advert == Some(true) {
            self.adjusted(place, "higher_prio_send_advert", "is false in strict mode");
        }
        if self.draft.garp.lower_prio_repeat.is_some_and(|repeat| repeat > 0) {
            self.adjusted(place, "garp_lower_prio_repeat", "is 0 in strict mode");
        }
        if self.draft.garp.lower_prio_delay.is_some_and(|delay| delay > 0) {
            self.adjusted(place, "garp_lower_prio_delay", "is 0 in strict mode");
        }
        (true, false)
    }

    /// Without a word strict mode lets only an owner take packets to the addresses (RFC 9568 §6.4.3); in version 2 it
    /// takes the word back (RFC 3768 §6.4.3).
    fn accept(&mut self, basics: Basics) -> bool {
        let owner = basics.priority.is_owner();
        let asked = self.draft.accept.as_ref().map(|accept| (accept.place, accept.value));
        if let Some((place, true)) = asked.filter(|_| self.strict && basics.version == Version::V2 && !owner)
        {
            self.adjusted(place, "accept", "is taken back in strict mode, which keeps to RFC 3768");
            return false;
        }
        asked.map_or(!self.strict || owner, |(_, accepts)| accepts)
    }

    fn owner_ignore_adverts(&mut self, priority: Priority) -> bool {
        let given = self.draft.owner_ignore_adverts.as_ref().map(|given| (given.value, given.place));
        match (given, priority.is_owner()) {
            (Some((true, place)), false) => {
                self.adjusted(place, "owner_ignore_adverts", "is for priority 255 only and left out");
                false
            }
            (Some((false, place)), true) => {
                self.adjusted(place, "owner_ignore_adverts", "is true with priority 255");
                true
            }
            (Some((value, _)), _) => value,
            (None, true) => self.strict || self.global.owner_ignore_adverts,
            (None, false) => false,
        }
    }

    fn advert_interval(&mut self, version: Version) -> AdvertInterval {
        const DEFAULT: Duration = Duration::from_secs(1);
        let given = self.draft.advert_int.as_ref().map(|interval| (interval.value, interval.place));
        let (wanted, place) = given.unwrap_or((DEFAULT, self.draft.name.place));
        let interval = match version {
            Version::V2 => whole_seconds(wanted),
            Version::V3 => centiseconds(wanted),
        };
        if interval.duration() != wanted {
            let what = format!("of VRRPv{} is {interval} here", version.number());
            self.adjusted(place, "advert_int", what);
        }
        interval
    }

    /// Keywords that need another one.
    fn leftovers(&mut self) {
        if let Some(place) = self.draft.vmac_xmit_base.filter(|_| self.draft.vmac.is_none()) {
            self.adjusted(place, "vmac_xmit_base", "needs `use_vmac` and is left out");
        }
        if let Some(place) = self.draft.promote_secondaries.filter(|_| self.draft.vmac.is_some()) {
            self.adjusted(place, "promote_secondaries", "is implied by `use_vmac`");
            self.draft.promote_secondaries = None;
        }
        if let (Some(vrf), None) = (&self.draft.vrf, self.draft.unicast) {
            self.adjusted(vrf.place, "vrf", "needs unicast peers and is left out");
            self.draft.vrf = None;
        }
    }
}

fn values<T>(list: Vec<Placed<T>>) -> Vec<T> {
    list.into_iter().map(|placed| placed.value).collect()
}
