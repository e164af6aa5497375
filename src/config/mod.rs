//! keepalived.conf: text to a checked [`model::Model`], or to problems with their places.
//!
//! In: files, an id for `@` conditions. Out: a [`model::Model`] and every problem found, in file order.
//! Never here: sockets (but the one question of `links`), what the kernel does, state.

#[cfg(test)]
mod authentication_tests;
#[cfg(test)]
mod block_tests;
mod complete;
mod excerpt;
mod fault;
#[cfg(test)]
mod firewall_tests;
mod host;
#[cfg(test)]
mod hostile_tests;
#[cfg(any(test, fuzzing))]
pub mod invariants;
mod iproute_names;
mod keepalived_words;
mod keyword;
mod links;
pub mod model;
#[cfg(test)]
mod naming_tests;
mod problem;
#[cfg(test)]
mod process_tests;
#[cfg(test)]
mod routing_tests;
mod source;
#[cfg(test)]
mod tests;
mod tree;
mod verdict;

use std::collections::HashMap;
use std::path::Path;

pub use self::excerpt::Excerpt;
pub use self::fault::Fault;
use self::host::{Host, Offline, ThisHost};
use self::keyword::{Context, Defined};
pub use self::keyword::{Listed, Status, keywords};
use self::model::Model;
use self::problem::Problems;
pub use self::problem::{Class, Consequence, Problem, Related, Severity};
use self::source::{Disk, Files};
use self::tree::Tree;
pub use self::verdict::{Reading, ReloadRefusal, StartRefusal};

/// How much of the host a check may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Only the files: no interface, user or script needs to exist (`--check-config`).
    Offline,
    /// This host too: interfaces, users, scripts (`-t`, a start, a reload).
    Host,
}

/// What to read, and how to judge it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The main file; may be a shell pattern.
    pub file: &'a Path,
    /// What `@ID` conditions are compared with (`-i`, or the host's name up to its first dot).
    pub config_id: &'a str,
    /// `-e`: every include that fails is an error.
    pub strict_includes: bool,
    /// How much of the host to look at.
    pub level: Level,
    /// `-P`: virtual servers are not looked at.
    pub vrrp_only: bool,
    /// `-s`: the network namespace whatever the file names.
    pub namespace: Option<&'a str>,
}

/// Reads a configuration; all problems of all files are found in one run.
pub fn read(request: &Request<'_>) -> Reading {
    match request.level {
        Level::Offline => read_for(request, &Offline),
        Level::Host => read_for(request, &ThisHost::default()),
    }
}

fn read_for(request: &Request<'_>, host: &dyn Host) -> Reading {
    read_from(&Disk, request, host)
}

fn read_from(files: &dyn Files, request: &Request<'_>, host: &dyn Host) -> Reading {
    let mut problems = Problems::default();
    let lines = source::read(request, files, &mut problems);
    let mut context = Context {
        problems: &mut problems,
        host,
        vrrp_only: request.vrrp_only,
        dynamic_interfaces: false,
        interface_missing: false,
        scripts: HashMap::new(),
        defined: Defined::default(),
    };
    // The first one that is named counts.
    if let Some(namespace) = request.namespace {
        host.enter(namespace);
    }
    let mut tree = Tree::new(&lines, keyword::shapes());
    let draft = keyword::apply(&mut tree, lines.last_global_defs(), &mut context);
    context.problems.absorb(tree.into_problems());
    let every_fault_ends = draft.global.every_fault_ends;
    let model: Model = complete::complete(draft, &mut context);
    Reading::new(model, problems.into_problems(&lines), every_fault_ends)
}
