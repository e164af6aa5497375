//! Instances that would answer for the same VRID on the same link.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::config::keyword::Context;
use crate::config::model::{Transport, VrrpInstance};
use crate::units::{Family, IfName, Vrid};

/// Pairs of instances in conflict: the later one, and the earlier one it collides with. What stands on an interface
/// is on the same link.
pub(super) fn find(instances: &[VrrpInstance], context: &Context<'_>) -> Vec<(usize, usize)> {
    let mut links: HashMap<(Vrid, Family, IfName, IpAddr), usize> = HashMap::new();
    let mut dialogs: HashMap<(Vrid, Family, IpAddr, IpAddr), Vec<usize>> = HashMap::new();
    let mut found = Vec::new();
    for (index, instance) in instances.iter().enumerate() {
        match (&instance.transport, &instance.interface, instance.source) {
            (Transport::Multicast { group }, Some(interface), _) => {
                let link = context.host.link(interface);
                let base = link.as_ref().and_then(|link| link.base.as_ref()).unwrap_or(interface);
                let key = (instance.vrid, instance.family, base.clone(), *group);
                let earlier = *links.entry(key).or_insert(index);
                if earlier != index && link.is_some() {
                    found.push((index, earlier));
                }
            }
            (Transport::Unicast(unicast), interface, Some(source)) => {
                let mut collides = None;
                for peer in &unicast.peers {
                    let known =
                        dialogs.entry((instance.vrid, instance.family, source, peer.address)).or_default();
                    let same = |other: &&usize| same_interface(interface.as_ref(), instances, **other);
                    collides = collides.or(known.iter().find(same).copied());
                    known.push(index);
                }
                found.extend(collides.map(|earlier| (index, earlier)));
            }
            (Transport::Multicast { .. }, None, _) | (Transport::Unicast(_), _, None) => {}
        }
    }
    found
}

/// Equal, or missing in one of them.
fn same_interface(interface: Option<&IfName>, instances: &[VrrpInstance], other: usize) -> bool {
    let other = instances.get(other).and_then(|other| other.interface.as_ref());
    match (interface, other) {
        (Some(one), Some(two)) => one == two,
        _ => true,
    }
}
