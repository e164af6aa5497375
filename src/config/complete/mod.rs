//! From drafts to a Model: defaults, and what must fit together over a block or the whole file.
//!
//! In: drafts whose values are right one by one. Out: the Model, and problems.
//! Never here: words of the file.

mod addresses;
mod announce;
mod conflict;
mod instance;
mod interval;
mod links;
mod own_interface;
mod scripts;
mod sync_group;
mod tracking;
mod virtual_server;

use std::collections::HashSet;

use super::fault::Fault;
use super::keyword::{Context, Draft, InstanceDraft, MembersDraft, Placed};
use super::model::Model;

/// Completes everything; what cannot run is reported and left out.
pub(super) fn complete(draft: Draft, context: &mut Context<'_>) -> Model {
    let Draft { global, scripts, mut instances, mut sync_groups, track_groups, .. } = draft;
    let (bfd_instances, virtual_server_groups, virtual_servers) =
        (draft.bfd_instances, draft.virtual_server_groups, draft.virtual_servers);
    let hooks = instances.iter_mut().map(|instance| &mut instance.hooks);
    let hooks = hooks.chain(sync_groups.iter_mut().map(|group| &mut group.hooks));
    let scripts = scripts::complete(scripts, hooks.collect(), &global, context);
    static_groups(&track_groups, &instances, context);
    let sync_groups = sync_group::resolve(sync_groups, &mut instances, context);
    let names: HashSet<&str> = scripts.iter().map(|script| script.name.as_str()).collect();
    let mut done = Vec::with_capacity(instances.len());
    let mut places = Vec::with_capacity(instances.len());
    let (all_polled, mut polled) = (draft.linkbeat_polling, Vec::new());
    for mut draft in instances {
        draft.tracks.scripts.retain(|tracked| names.contains(tracked.value.name.as_str()));
        let place = draft.name.place;
        let interface = draft.interface.as_ref().map(|interface| interface.value.clone());
        polled.extend(interface.filter(|_| all_polled || draft.linkbeat_polling));
        if let Some(instance) = instance::complete(draft, &global, context) {
            done.push(instance);
            places.push(place);
        }
    }
    for (later, earlier) in conflict::find(&done, context) {
        if let (Some(instance), Some(other), Some(place)) =
            (done.get(later), done.get(earlier), places.get(later))
        {
            let what =
                format!("has the virtual_router_id {} of `{}` on the same link", instance.vrid, other.name);
            let fault = Fault::Unusable { name: instance.name.clone(), what };
            let first = places.get(earlier).map(|place| (*place, "the other one"));
            context.problems.add_related(*place, fault, first);
        }
    }
    let sync_groups = sync_group::complete(sync_groups, &mut done, &names, context);
    let link_delays = links::delays(draft.link_delays, &done, context);
    let linkbeats = links::linkbeats(draft.linkbeats, polled.into_iter());
    let (track_files, track_processes) = (draft.track_files, draft.track_processes);
    let virtual_servers = virtual_server::complete(virtual_servers, &virtual_server_groups, &global, context);
    let virtual_server_groups = virtual_server_groups.into_iter().map(|group| group.value).collect();
    Model {
        global: global.model,
        scripts,
        track_files,
        track_processes,
        link_delays,
        linkbeats,
        instances: done,
        sync_groups,
        bfd_instances,
        virtual_server_groups,
        virtual_servers,
    }
}

/// Names in a `track_group` that are no instance's; keepalived only logs them.
fn static_groups(groups: &[Placed<MembersDraft>], instances: &[InstanceDraft], context: &mut Context<'_>) {
    if groups.is_empty() {
        return;
    }
    let names: HashSet<&str> = instances.iter().map(|instance| instance.name.value.as_str()).collect();
    let members = groups.iter().flat_map(|group| &group.value.names);
    for name in members.filter(|name| !names.contains(name.value.as_str())) {
        let what = format!("names `{}`, which is no vrrp_instance", name.value);
        context.problems.add(name.place, Fault::Remark { keyword: "track_group", what });
    }
}
