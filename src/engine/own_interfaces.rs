//! Interfaces of our own (`use_vmac`, `use_ipvlan`): which ones must be made, or made right, now.
//!
//! What exists is known from the facts alone, so nothing has to be remembered of what was ordered but when: an order
//! that did not come true is given again after a while.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use super::Action;
use crate::config::model::{Model, OwnInterface, OwnKind};
use crate::track::{Interfaces, Link, Over, OverKind};
use crate::units::{Family, IfIndex, IfName, Instant};

/// How long to wait before an order that did not come true is given again.
const RETRY: Duration = Duration::from_secs(1);

/// An interface to be made, or to be made right when it exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Make {
    /// What it is to be.
    pub interface: Arc<OwnInterface>,
    /// The interface that it lies over.
    pub parent: IfIndex,
    /// The VRF of that one, which it belongs in too.
    pub vrf: Option<IfIndex>,
    /// The parent's link-local address, which it gets a copy of.
    pub link_local: Option<Ipv6Addr>,
}

/// All interfaces of our own.
#[derive(Debug, Default)]
pub(super) struct OwnInterfaces {
    wanted: Vec<Wanted>,
    /// Which of them the state of an interface concerns.
    by_name: HashMap<IfName, Vec<usize>>,
    retry: Option<Instant>,
}

#[derive(Debug)]
struct Wanted {
    interface: Arc<OwnInterface>,
    ordered: Option<(Make, Instant)>,
    /// It came up once; if it is down now, somebody wants that.
    was_up: bool,
}

impl OwnInterfaces {
    /// Takes up what `model` wants; answers what nobody wants any more.
    pub(super) fn replace(&mut self, model: &Model) -> Vec<Arc<OwnInterface>> {
        let before = std::mem::take(&mut self.wanted);
        let wanted: Vec<Arc<OwnInterface>> = model.own_interfaces().into_iter().map(Arc::new).collect();
        let stays = |old: &&Wanted| {
            wanted.iter().any(|new| new.is_same_as(&old.interface) && new.name == old.interface.name)
        };
        let gone = before.iter().filter(|old| !stays(old)).map(|old| old.interface.clone()).collect();
        self.by_name.clear();
        for (place, interface) in wanted.iter().enumerate() {
            for name in [&interface.name, &interface.parent] {
                self.by_name.entry(name.clone()).or_default().push(place);
            }
        }
        let new = |interface| Wanted { interface, ordered: None, was_up: false };
        self.wanted = wanted.into_iter().map(new).collect();
        self.retry = None;
        gone
    }

    /// All of them, to be removed at the end.
    pub(super) fn all(&self) -> impl Iterator<Item = Arc<OwnInterface>> {
        self.wanted.iter().map(|wanted| wanted.interface.clone())
    }

    /// Whether that is one of them which has not come up yet: it does at once, whatever its delay.
    pub(super) fn awaits(&self, name: &IfName) -> bool {
        self.wanted.iter().any(|wanted| wanted.interface.name == *name && !wanted.was_up)
    }

    /// When [`Self::keep_all`] is to be called again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.retry
    }

    /// Orders what is missing or wrong.
    pub(super) fn keep_all(&mut self, now: Instant, interfaces: &Interfaces, out: &mut Vec<Action>) {
        for place in 0..self.wanted.len() {
            self.keep_one(place, now, interfaces, out);
        }
        self.note_retry();
    }

    /// The same after a change of the interface of that name.
    pub(super) fn keep(
        &mut self,
        name: &IfName,
        now: Instant,
        interfaces: &Interfaces,
        out: &mut Vec<Action>,
    ) {
        let Some(places) = self.by_name.get(name).cloned() else { return };
        for place in places {
            self.keep_one(place, now, interfaces, out);
        }
        self.note_retry();
    }

    /// Orders what a later configuration will want, as far as it takes nothing from this one.
    pub(super) fn prepare(&self, later: &[OwnInterface], interfaces: &Interfaces, out: &mut Vec<Action>) {
        let is_ours = |name: &IfName| self.wanted.iter().any(|wanted| wanted.interface.name == *name);
        let new = later.iter().filter(|own| !is_ours(&own.name)).map(|own| Arc::new(own.clone()));
        out.extend(new.filter_map(|own| missing(&own, interfaces, false)).map(Action::MakeInterface));
    }

    fn keep_one(&mut self, place: usize, now: Instant, interfaces: &Interfaces, out: &mut Vec<Action>) {
        let Some(wanted) = self.wanted.get_mut(place) else { return };
        let found = interfaces.named(&wanted.interface.name);
        wanted.was_up = found.is_some_and(|link| link.up || wanted.was_up);
        let Some(make) = missing(&wanted.interface, interfaces, wanted.was_up) else {
            wanted.ordered = None;
            return;
        };
        let waits = |(before, at): &(Make, Instant)| *before == make && now < *at + RETRY;
        if !wanted.ordered.as_ref().is_some_and(waits) {
            wanted.ordered = Some((make.clone(), now));
            out.push(Action::MakeInterface(make));
        }
    }

    fn note_retry(&mut self) {
        let ordered = self.wanted.iter().filter_map(|wanted| wanted.ordered.as_ref());
        self.retry = ordered.map(|(_, at)| *at + RETRY).min();
    }
}

/// What to order; `None` when all is well, or when there is nothing to put it on.
///
/// `may_be_down`: it is not for us to set it up again.
fn missing(own: &Arc<OwnInterface>, interfaces: &Interfaces, may_be_down: bool) -> Option<Make> {
    let parent = interfaces.named(&own.parent)?;
    let copied = || interfaces.source(parent.index, Family::V6, |_| false);
    let link_local = match own.copies_link_local.then(copied).flatten() {
        Some(IpAddr::V6(address)) => Some(address),
        _ => None,
    };
    let is_right = |link: &Link| {
        let holds = |address| interfaces.has_address(link.index, address);
        let address = match own.kind {
            OwnKind::Ipvlan { address: Some(address), .. } => Some(address.address()),
            _ => None,
        };
        is_what(own, link, parent)
            && (link.up || !parent.up || may_be_down)
            && link.vrf == parent.vrf
            && link_local.into_iter().map(IpAddr::V6).chain(address).all(holds)
    };
    if interfaces.named(&own.name).is_some_and(is_right) {
        return None;
    }
    Some(Make { interface: own.clone(), parent: parent.index, vrf: parent.vrf, link_local })
}

/// Whether the interface of that name is the one that was asked for.
fn is_what(own: &OwnInterface, link: &Link, parent: &Link) -> bool {
    let (kind, mac_fits) = match &own.kind {
        OwnKind::Vmac(mac) => (OverKind::PrivateMacvlan, link.mac == Some(*mac)),
        OwnKind::Ipvlan { .. } => (OverKind::IpvlanL2, true),
    };
    mac_fits && link.over == Some(Over { parent: Some(parent.index), kind })
}

#[cfg(test)]
#[path = "own_interfaces_tests.rs"]
mod tests;
