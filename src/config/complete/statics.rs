//! Static addresses, routes and rules, and the instances that follow them.

use crate::config::keyword::{StaticsDraft, TrackGroupDraft};
use crate::config::model::{Statics, TrackInterface, VrrpInstance};
use crate::units::{IfName, Weight};

/// Static entries as they run; the members of a track group need the interfaces of what names the group.
pub(super) fn complete(
    draft: StaticsDraft,
    groups: &[TrackGroupDraft],
    instances: &mut [VrrpInstance],
) -> Statics {
    for (name, dev) in &draft.followed {
        let members =
            groups.iter().filter(|group| group.name == *name).flat_map(|group| &group.members.names);
        for member in members {
            let named = |instance: &&mut VrrpInstance| instance.name == member.value;
            instances.iter_mut().filter(named).for_each(|instance| need(instance, dev));
        }
    }
    Statics { addresses: draft.addresses, routes: draft.routes, rules: draft.rules }
}

/// Its own interface counts anyway, unless it is not to.
fn need(instance: &mut VrrpInstance, dev: &IfName) {
    let needs =
        |tracked: &TrackInterface| tracked.name == *dev && tracked.weight.is_fault() && !tracked.reverse;
    let own = instance.interface.as_ref() == Some(dev) && !instance.dont_track_primary;
    if !own && !instance.track_interfaces.iter().any(needs) {
        let tracked = TrackInterface { name: dev.clone(), weight: Weight::FAULT, reverse: false };
        instance.track_interfaces.push(tracked);
    }
}
