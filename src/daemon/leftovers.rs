//! Addresses, routes, rules and interfaces that no process serves any more, taken off by the supervisor itself.

use std::fmt::Display;

use nix::net::if_::if_nametoindex;
use tracing::{error, warn};

use crate::config::model::{FirewallTable, Model, Route, Rule, VirtualAddress};
use crate::kernel::{Addresses, ChangedSetting, Firewall, OwnInterfaces, OwnRemovals, RoutingTables};
use crate::units::{IfIndex, IfName};
use crate::vrrp::{PlacedAddress, PlacedRoute, Routing};

/// What of a configuration stands in the kernel.
#[derive(Default)]
pub(super) struct Leftovers {
    addresses: Vec<PlacedAddress>,
    routing: Vec<Routing>,
    firewall: Option<FirewallTable>,
}

impl Leftovers {
    /// What only a master holds.
    pub(super) fn virtual_of(model: &Model) -> Self {
        let mut leftovers = Self { firewall: Some(model.global.firewall.clone()), ..Self::default() };
        for instance in &model.instances {
            for address in instance.all_addresses() {
                leftovers.address(address, instance.device_of(address));
            }
            leftovers.routing(&instance.routes, &instance.rules);
        }
        leftovers
    }

    /// That, and what stands all the time.
    pub(super) fn all_of(model: &Model) -> Self {
        let mut leftovers = Self::virtual_of(model);
        for address in &model.statics.addresses {
            leftovers.address(address, address.dev.as_ref());
        }
        leftovers.routing(&model.statics.routes, &model.statics.rules);
        leftovers
    }

    /// What `other` has as well may stay.
    pub(super) fn except(mut self, other: &Self) -> Self {
        self.addresses.retain(|address| !other.addresses.contains(address));
        self.routing.retain(|routing| !other.routing.contains(routing));
        self.firewall = self.firewall.filter(|table| other.firewall.as_ref() != Some(table));
        self
    }

    /// Takes away what is there: rules, routes, addresses, the firewall.
    pub(super) fn remove(&self) {
        if !self.routing.is_empty() {
            match RoutingTables::new() {
                Ok(mut tables) => complain(&tables.remove(&self.routing)),
                Err(error) => warn!("virtual routes and rules may stay behind: {error}"),
            }
        }
        let removed = Addresses::new(OwnRemovals::default())
            .and_then(|mut addresses| addresses.remove_found(&self.addresses));
        match removed {
            Ok(failed) => complain(&failed),
            Err(error) => warn!("virtual addresses may stay behind: {error}"),
        }
        // Last: no address answers on its way out.
        if let Some(table) = &self.firewall {
            Firewall::new(table.clone()).sweep();
        }
    }

    fn address(&mut self, address: &VirtualAddress, device: Option<&IfName>) {
        let interface = device.and_then(index);
        let placed = interface.map(|interface| PlacedAddress { interface, address: address.clone() });
        self.addresses.extend(placed);
    }

    fn routing(&mut self, routes: &[Route], rules: &[Rule]) {
        self.routing.extend(routes.iter().filter_map(placed_route));
        self.routing.extend(rules.iter().map(|rule| Routing::Rule(Box::new(rule.clone()))));
    }
}

/// Removes the interfaces that were made for `model`, but those of `successor`, and puts back the settings of the
/// kernel that were `changed` for them; answers which stay changed.
pub(super) fn remove_interfaces(
    model: &Model,
    successor: Option<&Model>,
    changed: &[ChangedSetting],
) -> Vec<ChangedSetting> {
    let stay = successor.map(Model::own_interfaces).unwrap_or_default();
    let mut gone = model.own_interfaces();
    gone.retain(|own| !stay.iter().any(|other| other.is_same_as(own) && other.name == own.name));
    let changed = changed.to_vec();
    if gone.is_empty() {
        return changed;
    }
    let mut own_interfaces = match OwnInterfaces::new(changed.clone()) {
        Ok(own_interfaces) => own_interfaces,
        Err(error) => {
            warn!("interfaces may stay behind: {error}");
            return changed;
        }
    };
    for own in &gone {
        if let Err(error) = own_interfaces.remove(own) {
            error!("interface {} stays behind: {error}", own.name);
        }
    }
    own_interfaces.changed_settings().unwrap_or(changed)
}

fn complain(failed: &[(usize, impl Display)]) {
    failed.iter().for_each(|(_, error)| error!("something virtual stays behind: {error}"));
}

/// `None` when an interface that it names does not exist: the kernel removed it then.
fn placed_route(route: &Route) -> Option<Routing> {
    let number = |dev: &Option<IfName>| match dev {
        Some(name) => index(name).map(Some),
        None => Some(None),
    };
    let hops: Option<Vec<_>> = route.next_hops.iter().map(|hop| number(&hop.dev)).collect();
    let placed = PlacedRoute { interface: number(&route.dev)?, hops: hops?, route: route.clone() };
    Some(Routing::Route(Box::new(placed)))
}

fn index(name: &IfName) -> Option<IfIndex> {
    if_nametoindex(name.as_str()).ok().and_then(IfIndex::new)
}
