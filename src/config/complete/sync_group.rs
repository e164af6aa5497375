//! Sync groups: who is in them, and what they and their members may track.

use std::collections::{HashMap, HashSet};

use crate::config::fault::Fault;
use crate::config::keyword::{Context, GlobalDraft, InstanceDraft, SyncGroupDraft};
use crate::config::model::{InitialState, SyncGroup, TrackScript, Tracked, VrrpInstance};
use crate::config::source::Place;
use crate::units::Weight;

/// Finds the members among the instances and tells them so; a group without members is left out.
pub(super) fn resolve(
    groups: Vec<SyncGroupDraft>,
    instances: &mut [InstanceDraft],
    context: &mut Context<'_>,
) -> Vec<SyncGroupDraft> {
    if groups.is_empty() {
        return groups;
    }
    let index = |(at, instance): (usize, &InstanceDraft)| (instance.name.value.clone(), at);
    let known: HashMap<String, usize> = instances.iter().enumerate().map(index).collect();
    let mut kept = Vec::with_capacity(groups.len());
    for mut group in groups {
        let members = members(&mut group, instances, &known, context);
        let [first, rest @ ..] = &members[..] else {
            report(&group, group.name.place, "has no members left and is left out", context);
            continue;
        };
        if rest.is_empty() {
            report(&group, group.name.place, "has only one member", context);
        }
        if owners_mixed(*first, rest, instances) {
            let what = "has an address owner and others among its members, which cannot be MASTER together";
            report(&group, group.name.place, what, context);
        }
        kept.push(group);
    }
    kept
}

/// Takes out names of nobody, and of members of an earlier group; answers who is left.
fn members(
    group: &mut SyncGroupDraft,
    instances: &mut [InstanceDraft],
    known: &HashMap<String, usize>,
    context: &mut Context<'_>,
) -> Vec<usize> {
    let mut members = Vec::new();
    for name in std::mem::take(&mut group.members.names) {
        let at = known.get(&name.value).copied();
        let Some((at, instance)) = at.and_then(|at| Some((at, instances.get_mut(at)?))) else {
            let what = format!("names `{}`, which is no vrrp_instance", name.value);
            report(group, name.place, &what, context);
            continue;
        };
        if instance.grouped.is_some() {
            let what = format!("names `{}`, which is in a group already", name.value);
            report(group, name.place, &what, context);
            continue;
        }
        instance.grouped = Some(group.tracking_weight);
        instance.hooks.priority_changes = instance.hooks.priority_changes.or(group.hooks.priority_changes);
        members.push(at);
        group.members.names.push(name);
    }
    members
}

/// Only what is spelt out counts, and only in this order, as with keepalived.
fn owners_mixed(first: usize, rest: &[usize], instances: &[InstanceDraft]) -> bool {
    let owns = |at: usize| {
        instances.get(at).is_some_and(|instance| {
            let state = instance.state.as_ref().map(|state| state.value);
            state == Some(InitialState::Master)
                && instance.priority.as_ref().is_some_and(|priority| priority.value.is_owner())
        })
    };
    let follows = |at: usize| {
        let state = instances.get(at).and_then(|instance| instance.state.as_ref());
        state.is_some_and(|state| state.value == InitialState::Backup)
    };
    let mut owner = owns(first);
    rest.iter().any(|at| {
        let mixed = owner && follows(*at);
        owner |= owns(*at);
        mixed
    })
}

fn report(group: &SyncGroupDraft, place: Place, what: &str, context: &mut Context<'_>) {
    let fault = Fault::SyncGroup { name: group.name.value.clone(), what: what.to_owned() };
    context.problems.add(place, fault);
}

/// The finished groups; what they track is tracked by each of their members from here on. `scripts` names those that
/// can run.
pub(super) fn complete(
    groups: Vec<SyncGroupDraft>,
    instances: &mut [VrrpInstance],
    scripts: &HashSet<&str>,
    global: &GlobalDraft,
    context: &mut Context<'_>,
) -> Vec<SyncGroup> {
    let index = |(at, instance): (usize, &VrrpInstance)| (instance.name.clone(), at);
    let by_name: HashMap<String, usize> = instances.iter().enumerate().map(index).collect();
    let mut done = Vec::with_capacity(groups.len());
    for mut group in groups {
        let members = group.members.names.iter().filter_map(|name| by_name.get(&name.value).copied());
        let members: Vec<usize> = members.collect();
        if members.iter().any(|member| instances[*member].priority.is_owner()) {
            weights(&mut group, context);
        }
        group.tracks.scripts.retain(|tracked| scripts.contains(tracked.value.name.as_str()));
        for member in &members {
            interfaces(&group, &instances[*member], context);
        }
        let group = finished(group, global);
        for member in members {
            share(&group, &mut instances[member]);
        }
        done.push(group);
    }
    done
}

fn finished(group: SyncGroupDraft, global: &GlobalDraft) -> SyncGroup {
    let SyncGroupDraft { name, members, tracks, hooks, tracking_weight } = group;
    SyncGroup {
        name: name.value,
        members: members.names.into_iter().map(|name| name.value).collect(),
        track_interfaces: tracks.interfaces.into_iter().map(|tracked| tracked.value).collect(),
        track_scripts: tracks.scripts.into_iter().map(|tracked| tracked.value).collect(),
        track_files: tracks.files.into_iter().map(|tracked| tracked.value).collect(),
        track_processes: tracks.processes.into_iter().map(|tracked| tracked.value).collect(),
        tracking_weight,
        notify: hooks.complete(global),
    }
}

/// Weights are lost beside a member whose priority is 255.
fn weights(group: &mut SyncGroupDraft, context: &mut Context<'_>) {
    let tracks = &mut group.tracks;
    let interfaces = tracks.interfaces.iter_mut().map(|t| (t.place, &mut t.value.weight));
    let scripts = tracks.scripts.iter_mut().map(|t| (t.place, &mut t.value.weight));
    let others = tracks.files.iter_mut().chain(&mut tracks.processes).chain(&mut tracks.bfds);
    let others = others.map(|t| (t.place, &mut t.value.weight));
    let weighted = interfaces.chain(scripts).chain(others).filter(|(_, weight)| !weight.is_fault());
    let mut lost: Vec<Place> = Vec::new();
    for (place, weight) in weighted {
        *weight = Weight::FAULT;
        lost.push(place);
    }
    for place in lost {
        report(group, place, "has a member with priority 255; this weight is 0", context);
    }
}

/// An interface that group and member both track.
fn interfaces(group: &SyncGroupDraft, member: &VrrpInstance, context: &mut Context<'_>) {
    for tracked in &group.tracks.interfaces {
        let name = &tracked.value.name;
        let own = member.interface.as_ref() == Some(name) && !member.dont_track_primary;
        if own || member.track_interfaces.iter().any(|known| known.name == *name) {
            let what = format!("tracks `{name}`, which its member `{}` tracks already", member.name);
            report(group, tracked.place, &what, context);
        }
    }
}

/// What the group tracks a member tracks too; what both track has the group's weight, except that an interface which
/// the member cannot be without stays so.
fn share(group: &SyncGroup, member: &mut VrrpInstance) {
    for tracked in &group.track_interfaces {
        let own = member.interface.as_ref() == Some(&tracked.name) && !member.dont_track_primary;
        let known = member.track_interfaces.iter().position(|known| known.name == tracked.name);
        match known.map(|at| &mut member.track_interfaces[at]) {
            Some(known) if known.weight.is_fault() => {}
            Some(known) => *known = tracked.clone(),
            None if own && tracked.weight.is_fault() => {}
            None => member.track_interfaces.push(tracked.clone()),
        }
    }
    let named = |one: &TrackScript, other: &TrackScript| one.name == other.name;
    replace(&mut member.track_scripts, &group.track_scripts, named);
    let named = |one: &Tracked, other: &Tracked| one.name == other.name;
    replace(&mut member.track_files, &group.track_files, named);
    replace(&mut member.track_processes, &group.track_processes, named);
}

/// Puts `ours` into the list, each in the place of what is the same.
fn replace<T: Clone>(list: &mut Vec<T>, ours: &[T], is_same: impl Fn(&T, &T) -> bool) {
    for entry in ours {
        match list.iter().position(|known| is_same(known, entry)) {
            Some(at) => list[at] = entry.clone(),
            None => list.push(entry.clone()),
        }
    }
}
