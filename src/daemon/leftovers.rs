//! Addresses that no process serves any more, taken off by the supervisor itself.

use nix::net::if_::if_nametoindex;
use tracing::{error, warn};

use crate::config::model::Model;
use crate::kernel::{Addresses, OwnRemovals};
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

fn placed(model: &Model) -> Vec<PlacedAddress> {
    let mut placed = Vec::new();
    for instance in &model.instances {
        for address in instance.all_addresses() {
            let name = address.dev.as_ref().or(instance.interface.as_ref());
            let index = name.and_then(|name| if_nametoindex(name.as_str()).ok()).and_then(IfIndex::new);
            placed.extend(index.map(|interface| PlacedAddress { interface, address: address.clone() }));
        }
    }
    placed
}
