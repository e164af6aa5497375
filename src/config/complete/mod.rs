//! From drafts to a Model: defaults, and what must fit together over a block or the whole file.
//!
//! In: drafts whose values are right one by one. Out: the Model, and problems.
//! Never here: words of the file.

mod addresses;
mod announce;
mod conflict;
mod instance;
mod interval;
mod scripts;
mod virtual_server;

use super::fault::Fault;
use super::keyword::{Context, Draft};
use super::model::Model;

/// Completes everything; what cannot run is reported and left out.
pub(super) fn complete(draft: Draft, context: &mut Context<'_>) -> Model {
    let Draft {
        global, scripts, mut instances, bfd_instances, virtual_server_groups, virtual_servers, ..
    } = draft;
    let scripts = scripts::complete(scripts, &mut instances, &global, context);
    let names: std::collections::HashSet<&str> = scripts.iter().map(|script| script.name.as_str()).collect();
    let mut done = Vec::with_capacity(instances.len());
    let mut places = Vec::with_capacity(instances.len());
    for mut draft in instances {
        draft.track_scripts.retain(|tracked| names.contains(tracked.value.name.as_str()));
        let place = draft.name.place;
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
            context.problems.add(*place, Fault::Unusable { name: instance.name.clone(), what });
        }
    }
    let virtual_servers = virtual_server::complete(virtual_servers, &virtual_server_groups, &global, context);
    let virtual_server_groups = virtual_server_groups.into_iter().map(|group| group.value).collect();
    Model {
        global: global.model,
        scripts,
        instances: done,
        bfd_instances,
        virtual_server_groups,
        virtual_servers,
    }
}
