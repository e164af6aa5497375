//! keepalived's own dump of what it understood (`keepalived.data`) beside our Model, field by field.
//!
//! Each file runs for a moment as a real daemon in the lab, and is told to write its dump.

mod bfd;
mod compare;
mod daemon;
mod global;
mod instance;
pub(crate) mod lvs;
mod route;
mod rule;
mod script;
mod statics;
mod sync_group;
mod text;
mod tracked;
mod values;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use vrrpd::config::model::{Model, VrrpScript};
use vrrpd::config::{Level, Request, read};

use crate::corpus::File;
use crate::lab::{FOLDER, ID, Lab, enter_network};
use compare::Difference;
use text::Dump;

/// Daemons that run at a time: they mostly wait for their own end, which takes a second.
const DAEMONS: usize = 12;
/// What is run; other themes need a kernel with IPVS, or change what the Model does not have.
const THEMES: &[&str] = &[
    "plain",
    "unicast",
    "ipv6",
    "sync",
    "tracking",
    "scripts",
    "authentication",
    "language",
    "routes",
    "rules",
    "bfd",
    "static",
];
/// Files of other themes.
const ALSO: &[&str] = &[
    "global/below",
    "global/booleans",
    "global/mail",
    "global/names",
    "global/seed",
    "global/start",
    "global/twice",
    "global/umask",
];
/// Files of these themes that cannot be compared.
const LEFT_OUT: &[(&str, &str)] = &[
    ("static/track-group", "groups of static entries are not in the Model"),
    ("language/well-known", "a number is drawn in each process"),
    ("language/environment", "the environment of this process is not the daemon's"),
];
/// What differs without meaning: file, key, reason.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    (
        "rules/from-everywhere",
        "Virtual Rules",
        "keepalived shows the word `all` as 0.0.0.0/0, which selects the same",
    ),
    (
        "unicast/check-source",
        "Check unicast src",
        "keepalived adds `vrrp_check_unicast_src` when a packet comes in",
    ),
    (
        "unicast/no-peer-yet",
        "Multicast address",
        "keepalived shows the group of an instance that never speaks",
    ),
    ("unicast/no-peer-yet", "Unicast TTL", "the same"),
    ("unicast/no-peer-yet", "Check unicast src", "the same"),
];

/// The files whose dump is compared.
pub(crate) fn files(all: Vec<File>) -> Vec<File> {
    let theme = |file: &File| THEMES.contains(&file.folder.as_str()) || ALSO.contains(&file.id.as_str());
    let chosen = |file: &File| theme(file) && LEFT_OUT.iter().all(|(id, _)| *id != file.id);
    all.into_iter().filter(chosen).collect()
}

/// Runs every file and compares; the fields that were compared, and what differs.
pub(crate) fn compare_all(lab: &Lab, files: &[File]) -> (usize, Vec<String>) {
    let next = AtomicUsize::new(0);
    let outcome = Mutex::new((0, Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..DAEMONS {
            scope.spawn(|| {
                enter_network();
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (fields, wrong) = compare_file(lab, file);
                    let mut outcome = outcome.lock().unwrap();
                    outcome.0 += fields;
                    outcome.1.extend(wrong);
                }
            });
        }
    });
    outcome.into_inner().unwrap()
}

fn compare_file(lab: &Lab, file: &File) -> (usize, Vec<String>) {
    let path = format!("{FOLDER}/{}.conf", file.id);
    let request = Request {
        file: Path::new(&path),
        config_id: ID,
        strict_includes: false,
        level: Level::Host,
        vrrp_only: false,
        namespace: None,
    };
    let Some(model) = read(&request).model else {
        return (0, vec![format!("{}: we have no Model", file.id)]);
    };
    let dump = match daemon::dump_of(lab, Path::new(&path), !model.bfd_instances.is_empty()) {
        Ok(text) => Dump::parse(&text),
        Err(log) => return (0, vec![format!("{}: keepalived does not run:\n{log}", file.id)]),
    };
    let mut differences = Vec::new();
    let fields = compare(&dump, &model, &mut differences);
    (fields, unexplained(&file.id, &differences))
}

/// Differences without a reason, and reasons without a difference.
fn unexplained(id: &str, differences: &[Difference]) -> Vec<String> {
    let known: Vec<&str> =
        DIFFERENCES.iter().filter(|(file, ..)| *file == id).map(|(_, key, _)| *key).collect();
    let new = differences.iter().filter(|difference| !known.contains(&difference.key.as_str()));
    let gone = known.iter().filter(|key| differences.iter().all(|difference| difference.key != **key));
    let gone = gone.map(|key| format!("{id}: `{key}` stands in DIFFERENCES, but does not differ"));
    new.map(|difference| format!("{id}: {difference}")).chain(gone).collect()
}

/// Compares everything of which there is a table; the number of fields.
fn compare(dump: &Dump, model: &Model, differences: &mut Vec<Difference>) -> usize {
    global::compare(dump, model, differences)
        + statics::compare(dump, model, differences)
        + instance::TABLE.compare(dump, model, &model.instances, differences)
        + sync_group::TABLE.compare(dump, model, &model.sync_groups, differences)
        + script::TABLE.compare(dump, model, &used_scripts(model), differences)
        + tracked::FILES.compare(dump, model, &model.track_files, differences)
        + tracked::PROCESSES.compare(dump, model, &model.track_processes, differences)
        + bfd::TABLE.compare(dump, model, &model.bfd_instances, differences)
}

/// keepalived forgets a script that nothing tracks.
fn used_scripts(model: &Model) -> Vec<VrrpScript> {
    let instances = model.instances.iter().flat_map(|instance| &instance.track_scripts);
    let groups = model.sync_groups.iter().flat_map(|group| &group.track_scripts);
    let used: Vec<&str> = instances.chain(groups).map(|tracked| tracked.name.as_str()).collect();
    model.scripts.iter().filter(|script| used.contains(&script.name.as_str())).cloned().collect()
}
