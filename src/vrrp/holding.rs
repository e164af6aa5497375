//! What one virtual router holds in the kernel while it is MASTER: addresses, routes and rules.

use std::sync::Arc;

use super::instance::{Instance, Phase};
use super::{Action, Circumstances, PlacedAddress, Routing};
use crate::units::{IfIndex, Instant};

/// What an instance would hold, or the daemon keeps, on the interfaces that exist.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    /// Its virtual addresses.
    pub addresses: Arc<[PlacedAddress]>,
    /// Its routes, then its rules.
    pub routing: Arc<[Routing]>,
}

impl Instance {
    /// The addresses that it holds: all of them while MASTER, else none.
    pub fn held(&self) -> &[PlacedAddress] {
        match (&self.phase, &self.now_is.path) {
            (Phase::Master(_), Some(path)) => &path.addresses,
            _ => &[],
        }
    }

    /// The routes and rules that it holds: all of them while MASTER, else none.
    pub fn held_routing(&self) -> &[Routing] {
        match (&self.phase, &self.now_is.path) {
            (Phase::Master(_), Some(path)) => &path.routing,
            _ => &[],
        }
    }

    /// An interface came up: the kernel dropped routes when it went down, and told of few.
    pub fn restore_routing(&self, interface: IfIndex, out: &mut Vec<Action>) {
        let lost = self.held_routing().iter().filter(|routing| routing.may_go_with(interface));
        hold_routing(&lost.cloned().collect(), out);
    }

    /// First step of [`Self::reconfigure`]: takes away what will not be held any more.
    pub fn retire(&mut self, later: &Circumstances, out: &mut Vec<Action>) {
        let later = later.path.as_ref();
        let stays = |held: &PlacedAddress| later.is_some_and(|path| path.addresses.contains(held));
        let (kept, gone): (Vec<_>, Vec<_>) = self.held().iter().cloned().partition(stays);
        let stays = |held: &Routing| later.is_some_and(|path| path.routing.contains(held));
        let (kept_routing, gone_routing): (Vec<_>, Vec<_>) =
            self.held_routing().iter().cloned().partition(stays);
        let gone = gone.into();
        release(&gone_routing.into(), &gone, out);
        self.unblock(&gone, out);
        if let (Phase::Master(_), Some(path)) = (self.phase, &mut self.now_is.path) {
            path.addresses = kept.into();
            path.routing = kept_routing.into();
        }
    }

    /// Everything that a master holds, and the first burst of announcements.
    pub(super) fn take_addresses(&self, out: &mut Vec<Action>) {
        let Some(path) = &self.now_is.path else { return };
        self.hold(&path.addresses, out);
        hold_routing(&path.routing, out);
        self.announce(self.settings.announce.repeat.get(), out);
    }

    /// Leaves MASTER as far as the kernel is concerned; the caller enters the next state.
    pub(super) fn withdraw(&mut self, out: &mut Vec<Action>) {
        self.counters.released_master += 1;
        if let Some(path) = &self.now_is.path {
            release(&path.routing, &path.addresses, out);
            self.unblock(&path.addresses, out);
        }
    }

    /// What changed under a master: new places for its addresses, a new link-layer address.
    pub(super) fn follow_path(&mut self, now: Instant, before: &Circumstances, out: &mut Vec<Action>) {
        let (Some(old), Some(new)) = (&before.path, &self.now_is.path) else { return };
        let moved = new.announcements != old.announcements;
        // They went with their interface; whatever serves there later is not ours.
        self.unblock(&without(&old.addresses, &new.addresses), out);
        self.hold(&without(&new.addresses, &old.addresses), out);
        hold_routing(&without(&new.routing, &old.routing), out);
        // One that overslept announces everything when it has listened, and nothing before.
        if let (true, Phase::Master(master)) = (moved, self.phase)
            && !master.listening
        {
            self.announce(self.settings.announce.repeat.get(), out);
            self.phase = Phase::Master(self.with_bursts_anew(now, master));
        }
    }
}

fn hold_routing(routing: &Arc<[Routing]>, out: &mut Vec<Action>) {
    if !routing.is_empty() {
        out.push(Action::AddRouting(routing.clone()));
    }
}

/// Rules, routes, addresses: the reverse of the order in which they were taken.
pub(super) fn release(routing: &Arc<[Routing]>, addresses: &Arc<[PlacedAddress]>, out: &mut Vec<Action>) {
    if !routing.is_empty() {
        out.push(Action::RemoveRouting(routing.clone()));
    }
    if !addresses.is_empty() {
        out.push(Action::RemoveAddresses(addresses.clone()));
    }
}

/// What `all` has and `others` do not.
fn without<T: Clone + PartialEq>(all: &[T], others: &[T]) -> Arc<[T]> {
    all.iter().filter(|one| !others.contains(one)).cloned().collect()
}
