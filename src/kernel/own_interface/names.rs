//! Names for interfaces of our own that are free on this host.

use std::collections::HashSet;
use std::io;

use tracing::{info, warn};

use super::{all, is_kind};
use crate::config::model::{Model, OwnInterface, OwnKind};
use crate::kernel::netlink::Requests;
use crate::track::Link;
use crate::units::IfName;

/// Settles what only the host can tell: the names of the model's own interfaces.
///
/// One that exists already over the same interface with the same MAC is taken over under its name. Else the first
/// candidate counts that no other interface has; a private macvlan or an ipvlan of a given name will be replaced.
///
/// # Errors
/// The kernel's refusal to tell its interfaces; then the names are those of the file.
pub fn choose_names(model: &mut Model) -> io::Result<()> {
    if model.own_interfaces().is_empty() {
        return Ok(());
    }
    let links = all(&mut Requests::new()?)?;
    let mut chosen: Vec<OwnInterface> = Vec::new();
    for instance in &mut model.instances {
        let instance_name = instance.name.clone();
        for own in instance.own_interfaces_mut() {
            let shared = chosen.iter().find(|other| other.is_same_as(own)).map(|other| other.name.clone());
            let taken: HashSet<&IfName> = chosen.iter().map(|other| &other.name).collect();
            let name = shared.or_else(|| choose(own, &links, &taken, &instance_name));
            own.name = name.unwrap_or_else(|| own.name.clone());
            chosen.push(own.clone());
        }
    }
    Ok(())
}

fn choose(own: &OwnInterface, links: &[Link], taken: &HashSet<&IfName>, instance: &str) -> Option<IfName> {
    let parent = links.iter().find(|link| link.name == own.parent);
    let over_parent = |link: &&Link| {
        parent.is_some_and(|parent| link.over.is_some_and(|over| over.parent == Some(parent.index)))
    };
    let found =
        links.iter().filter(over_parent).find(|link| is_kind(own, link) && !taken.contains(&link.name));
    let is_vmac = matches!(own.kind, OwnKind::Vmac(_));
    if let Some(found) = found.filter(|found| is_vmac || found.name == own.name) {
        if found.name != own.name {
            info!("({instance}) Found matching interface {}", found.name);
        }
        return Some(found.name.clone());
    }
    let given = own.wish.given.as_ref();
    let gives_way = |link: &Link| given == Some(&link.name) && same_kind(own, link);
    let is_free = |name: &IfName| {
        !taken.contains(name) && links.iter().all(|link| link.name != *name || gives_way(link))
    };
    let name = own.candidates().find(is_free);
    if let Some(given) = given.filter(|given| name.as_ref() != Some(given)) {
        warn!("({instance}) interface {given} exists already and is something else; its name is not used");
    }
    name
}

/// Of the kind that is asked for, perhaps with another MAC.
fn same_kind(own: &OwnInterface, link: &Link) -> bool {
    let mac_aside = link.mac.map(OwnKind::Vmac);
    let as_if = OwnInterface { kind: mac_aside.unwrap_or_else(|| own.kind.clone()), ..own.clone() };
    match own.kind {
        OwnKind::Vmac(_) => is_kind(&as_if, link),
        OwnKind::Ipvlan { .. } => is_kind(own, link),
    }
}
