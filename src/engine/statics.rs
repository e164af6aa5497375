//! Static addresses, routes and rules: put in place at the start, put back when somebody else removes them.

use std::collections::HashSet;
use std::sync::Arc;

use tracing::info;

use super::Action;
use super::assess;
use super::engine::Engine;
use crate::config::model::{Route, Statics};
use crate::track::{Interfaces, LinkAddress};
use crate::units::{IfIndex, IfName};
use crate::vrrp::{PlacedAddress, Places, Routing};

impl Engine {
    /// Takes away what is not wanted any more, on interfaces of the moment.
    pub(super) fn drop_statics(&mut self, out: &mut Vec<Action>) {
        let wanted = place(&self.model.statics, &self.interfaces);
        let (kept, gone) = split(&self.statics, &wanted);
        self.statics = kept;
        if is_empty(&gone) {
            return;
        }
        self.forget(&gone.addresses);
        out.push(Action::DropStatics(gone));
    }

    /// Puts in place what is not there yet.
    pub(super) fn keep_statics(&mut self, out: &mut Vec<Action>) {
        let wanted = place(&self.model.statics, &self.interfaces);
        let (_, new) = split(&wanted, &self.statics);
        self.statics = wanted;
        if !is_empty(&new) {
            out.push(Action::KeepStatics(new));
        }
    }

    /// At the end of everything.
    pub(super) fn end_statics(&mut self, out: &mut Vec<Action>) {
        let all = std::mem::take(&mut self.statics);
        if !is_empty(&all) {
            out.push(Action::DropStatics(all));
        }
    }

    /// An interface came up: the kernel dropped routes and addresses when it went down, and told of few.
    pub(super) fn restore_statics(&self, interface: IfIndex, out: &mut Vec<Action>) {
        let here = |placed: &&PlacedAddress| placed.interface == interface && !placed.address.no_track;
        let with_it = |routing: &&Routing| routing.may_go_with(interface) && routing.is_tracked();
        let lost = Places {
            addresses: self.statics.addresses.iter().filter(here).cloned().collect(),
            routing: self.statics.routing.iter().filter(with_it).cloned().collect(),
        };
        if !is_empty(&lost) {
            out.push(Action::KeepStatics(lost));
        }
    }

    /// Puts a static address back; routes with it as their source went with it.
    pub(super) fn static_address_lost(&self, lost: &LinkAddress, out: &mut Vec<Action>) {
        let is_it = |placed: &&PlacedAddress| {
            let prefix = placed.address.prefix;
            placed.interface == lost.interface
                && (prefix.address(), prefix.length()) == (lost.address, lost.prefix_len)
        };
        let placed = self.statics.addresses.iter().find(is_it).filter(|placed| !placed.address.no_track);
        let Some(placed) = placed else { return };
        info!("Restoring deleted static address {}", placed.address.prefix);
        let addresses = Arc::new([placed.clone()]);
        out.push(Action::KeepStatics(Places { addresses, routing: self.tracked_routing() }));
    }

    /// Puts a static route or rule back.
    pub(super) fn static_routing_lost(&self, lost: &Routing, out: &mut Vec<Action>) {
        if !self.statics.routing.contains(lost) {
            return;
        }
        info!("Restoring deleted static {lost}");
        out.push(Action::KeepStatics(Places { addresses: Arc::new([]), routing: Arc::new([lost.clone()]) }));
    }

    fn tracked_routing(&self) -> Arc<[Routing]> {
        self.statics.routing.iter().filter(|routing| routing.is_tracked()).cloned().collect()
    }
}

/// The interfaces that static entries name.
pub(super) fn devices(statics: &Statics) -> HashSet<&IfName> {
    let addresses = statics.addresses.iter().filter_map(|address| address.dev.as_ref());
    addresses.chain(statics.routes.iter().flat_map(route_devices)).collect()
}

/// The interfaces that a route names.
pub(super) fn route_devices(route: &Route) -> impl Iterator<Item = &IfName> {
    route.dev.iter().chain(route.next_hops.iter().filter_map(|hop| hop.dev.as_ref()))
}

fn place(statics: &Statics, interfaces: &Interfaces) -> Places {
    let addresses = statics.addresses.iter().filter_map(|address| {
        let link = interfaces.named(address.dev.as_ref()?)?;
        Some(PlacedAddress { interface: link.index, address: address.clone() })
    });
    Places {
        addresses: addresses.collect(),
        routing: assess::routing(&statics.routes, &statics.rules, interfaces),
    }
}

/// What of `one` is in `other` too, and what is not.
fn split(one: &Places, other: &Places) -> (Places, Places) {
    let (kept, gone): (Vec<_>, Vec<_>) =
        one.addresses.iter().cloned().partition(|address| other.addresses.contains(address));
    let (kept_routing, gone_routing): (Vec<_>, Vec<_>) =
        one.routing.iter().cloned().partition(|routing| other.routing.contains(routing));
    (
        Places { addresses: kept.into(), routing: kept_routing.into() },
        Places { addresses: gone.into(), routing: gone_routing.into() },
    )
}

fn is_empty(places: &Places) -> bool {
    places.addresses.is_empty() && places.routing.is_empty()
}

#[cfg(test)]
#[path = "statics_tests.rs"]
mod tests;
