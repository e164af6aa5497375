//! Addresses and interfaces that no process serves any more, taken off by the supervisor itself.

use nix::net::if_::if_nametoindex;
use tracing::{error, warn};

use crate::config::model::Model;
use crate::kernel::{Addresses, ChangedSetting, OwnInterfaces, OwnRemovals};
use crate::units::IfIndex;
use crate::vrrp::PlacedAddress;

/// Removes every configured virtual address that is on its interface, but those of `successor`.
pub(super) fn remove(model: &Model, successor: Option<&Model>) {
    let mut placed = placed(model);
    let stay: Vec<PlacedAddress> = successor.map(self::placed).unwrap_or_default();
    placed.retain(|placed| !stay.contains(placed));
    let removed =
        Addresses::new(OwnRemovals::default()).and_then(|mut addresses| addresses.remove_found(&placed));
    match removed {
        Ok(failed) => failed.iter().for_each(|(_, error)| error!("a virtual address stays behind: {error}")),
        Err(error) => warn!("virtual addresses may stay behind: {error}"),
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

fn placed(model: &Model) -> Vec<PlacedAddress> {
    let mut placed = Vec::new();
    for instance in &model.instances {
        for address in instance.all_addresses() {
            let name = instance.device_of(address);
            let index = name.and_then(|name| if_nametoindex(name.as_str()).ok()).and_then(IfIndex::new);
            placed.extend(index.map(|interface| PlacedAddress { interface, address: address.clone() }));
        }
    }
    placed
}
