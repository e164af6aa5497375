//! From drafts to a Model: defaults, and what must fit together over a block or the whole file.
//!
//! In: drafts whose values are right one by one. Out: the Model, and problems.
//! Never here: words of the file.

mod addresses;
mod announce;
mod authentication;
mod conflict;
mod fifos;
mod from_the_end;
mod global_scripts;
mod instance;
mod interval;
mod links;
mod own_interface;
mod packets;
mod scripts;
mod statics;
mod sync_group;
mod tracking;
mod virtual_server;

use std::collections::HashSet;

use self::from_the_end::FromTheEnd;
use self::global_scripts::Held;
use super::fault::Fault;
use super::keyword::{Context, Draft, GlobalDraft, InstanceDraft, TrackGroupDraft};
use super::model::{AnnounceLimits, DynamicInterfaces, Model, VrrpInstance};
use super::source::Place;

/// Completes everything; what cannot run is reported and left out.
pub(super) fn complete(draft: Draft, context: &mut Context<'_>) -> Model {
    let Draft { mut global, scripts, mut instances, mut sync_groups, track_groups, statics, .. } = draft;
    let (bfd_instances, virtual_server_groups, virtual_servers) =
        (draft.bfd_instances, draft.virtual_server_groups, draft.virtual_servers);
    let held = Held { instances: !instances.is_empty(), virtual_servers: !virtual_servers.is_empty() };
    global_scripts::judge(&mut global, held, context);
    let hooks = instances.iter_mut().map(|instance| &mut instance.hooks);
    let hooks = hooks.chain(sync_groups.iter_mut().map(|group| &mut group.hooks));
    let scripts = scripts::complete(scripts, hooks.collect(), &global, context);
    global.model.fifos = fifos::complete(&mut global, context);
    static_groups(&track_groups, &instances, context);
    let sync_groups = sync_group::resolve(sync_groups, &mut instances, context);
    let names: HashSet<&str> = scripts.iter().map(|script| script.name.as_str()).collect();
    let mut done = Vec::with_capacity(instances.len());
    let mut places = Vec::with_capacity(instances.len());
    let (all_polled, mut polled) = (draft.linkbeat_polling, Vec::new());
    for mut draft in FromTheEnd(instances) {
        draft.tracks.scripts.retain(|tracked| names.contains(tracked.value.name.as_str()));
        let place = draft.name.place;
        let interface = draft.interface.as_ref().map(|interface| interface.value.clone());
        polled.extend(interface.filter(|_| all_polled || draft.linkbeat_polling));
        if let Some(instance) = instance::complete(draft, &global, context) {
            done.push(instance);
            places.push(place);
        }
    }
    done.reverse();
    places.reverse();
    own_interface::name_all(&mut done, context);
    let mut done = conflicts(done, &places, &global, context);
    let statics = statics::complete(statics, &track_groups, &mut done);
    let sync_groups = sync_group::complete(sync_groups, &mut done, &names, &global, context);
    let link_delays = links::delays(draft.link_delays, &done, context);
    let linkbeats = links::linkbeats(draft.linkbeats, polled.into_iter());
    let (track_files, track_processes) = (draft.track_files, draft.track_processes);
    let virtual_servers = virtual_server::complete(virtual_servers, &virtual_server_groups, &global, context);
    let virtual_server_groups = virtual_server_groups.into_iter().map(|group| group.value).collect();
    let announce_limits = AnnounceLimits { alone: global.announce_gaps, groups: draft.garp_groups };
    Model {
        global: global.model,
        scripts,
        track_files,
        track_processes,
        link_delays,
        linkbeats,
        announce_limits,
        instances: done,
        sync_groups,
        statics,
        bfd_instances,
        virtual_server_groups,
        virtual_servers,
    }
}

/// Reports instances that collide with earlier ones. They end a daemon, but where interfaces may change under it: there
/// keepalived holds them in FAULT, and they are left out.
fn conflicts(
    instances: Vec<VrrpInstance>,
    places: &[Place],
    global: &GlobalDraft,
    context: &mut Context<'_>,
) -> Vec<VrrpInstance> {
    let waits = global.model.dynamic_interfaces == DynamicInterfaces::AllowChanges;
    let mut left_out = HashSet::new();
    for (later, earlier) in conflict::find(&instances, context) {
        if let (Some(instance), Some(other), Some(place)) =
            (instances.get(later), instances.get(earlier), places.get(later))
        {
            let (name, vrid, other) = (&instance.name, instance.vrid, &other.name);
            let what = format!("has the virtual_router_id {vrid} of `{other}` on the same link");
            let fault = if waits {
                left_out.insert(later);
                let what = format!("`{name}` {what} and is left out");
                Fault::Remark { keyword: "vrrp_instance", what }
            } else {
                Fault::Unusable { name: name.clone(), what }
            };
            let first = places.get(earlier).map(|place| (*place, "the other one"));
            context.problems.add_related(*place, fault, first);
        }
    }
    let numbered = instances.into_iter().enumerate();
    numbered.filter(|(index, _)| !left_out.contains(index)).map(|(_, instance)| instance).collect()
}

/// Names in a `track_group` that are no instance's; keepalived only logs them.
fn static_groups(groups: &[TrackGroupDraft], instances: &[InstanceDraft], context: &mut Context<'_>) {
    if groups.is_empty() {
        return;
    }
    let names: HashSet<&str> = instances.iter().map(|instance| instance.name.value.as_str()).collect();
    let members = groups.iter().flat_map(|group| &group.members.names);
    for name in members.filter(|name| !names.contains(name.value.as_str())) {
        let what = format!("names `{}`, which is no vrrp_instance", name.value);
        context.problems.add(name.place, Fault::Remark { keyword: "track_group", what });
    }
}
