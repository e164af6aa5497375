//! The root level: blocks and the few keywords outside of them.

use std::time::Duration;

use super::bfd_instance::{self, BFD_INSTANCE};
use super::draft::{Draft, InstanceDraft, Placed};
use super::garp_group::{GARP_GROUP, GarpGroupDraft};
use super::global_defs::GLOBAL_DEFS;
use super::line::{Context, KnownScript, Line, Rejected, Set};
use super::once::Seen;
use super::sync_group::{SyncGroupDraft, VRRP_SYNC_GROUP};
use super::table::{Keyword, Table};
use super::track_file::{FileDraft, TRACK_FILE};
use super::track_group::{MembersDraft, TRACK_GROUP, TrackGroupDraft};
use super::track_process::{ProcessDraft, VRRP_TRACK_PROCESS};
use super::virtual_server::{self, SSL, VIRTUAL_SERVER, ssl};
use super::vrrp_instance::{AUTHENTICATION, VRRP_INSTANCE};
use super::vrrp_script::{ScriptDraft, VRRP_SCRIPT};
use super::{address, route, rule};
use crate::config::fault::Fault;
use crate::config::model::{Linkbeat, UpDownDelay};
use crate::config::source::Place;
use crate::config::tree::{Shapes, Statement, Tree};
use crate::units::IfName;

type Row = Keyword<Draft>;

/// The only list of the keywords at root level.
pub(super) static ROOT: Table<Draft> = Table::new(
    "/",
    &[
        Row::opens("global_defs", "{ ... }", &GLOBAL_DEFS, global_defs),
        Row::opens("vrrp_script", "<name> { ... }", &VRRP_SCRIPT, vrrp_script),
        Row::opens("vrrp_instance", "<name> { ... }", &VRRP_INSTANCE, vrrp_instance),
        Row::words("child_wait_time", "<seconds>", |d, l| {
            d.global.model.child_wait_time = Duration::from_secs(l.number(0, i64::from(u32::MAX))?);
            Ok(())
        }),
        Row::words("instance", "<name>", |d, l| {
            d.global.model.place.instance = Some(l.first()?.to_string());
            Ok(())
        })
        .bare_is_error()
        .first(),
        Row::flag("use_pid_dir", |d| d.global.model.use_pid_dir = true),
        Row::words("net_namespace", "<name>", net_namespace).bare_is_error().first(),
        Row::words("net_namespace_ipvs", "[<name>]", |d, l| {
            let name = l.arguments().first().map_or(String::new(), |word| word.to_string());
            d.global.model.place.net_namespace_ipvs = Some(name);
            Ok(())
        })
        .bare_is_fine()
        .first()
        .no_effect(),
        Row::flag("namespace_with_ipsets", |_| {}).no_effect(),
        Row::flag("linkbeat_use_polling", |d| d.linkbeat_polling = true),
        Row::entries("linkbeat_interfaces", "{ <interface> [MII|ETHTOOL|IOCTL] ... }", linkbeat),
        Row::entries("interface_up_down_delays", "{ <interface> <down> [<up>] ... }", up_down_delay),
        Row::opens("garp_group", "{ ... }", &GARP_GROUP, garp_group),
        Row::opens("SSL", "{ ... }", &SSL, ssl).no_effect(),
        Row::opens("track_file", "<name> { ... }", &TRACK_FILE, track_file).bare_ends(),
        Row::opens("vrrp_track_file", "<name> { ... }", &TRACK_FILE, track_file).bare_ends(),
        Row::opens("vrrp_track_process", "<name> { ... }", &VRRP_TRACK_PROCESS, track_process).bare_ends(),
        Row::opens("vrrp_sync_group", "<name> { ... }", &VRRP_SYNC_GROUP, sync_group).bare_is_error(),
        Row::opens("track_group", "<name> { ... }", &TRACK_GROUP, track_group).bare_is_error(),
        Row::entries(
            "static_ipaddress",
            "{ <address>[/<prefix>] [dev <interface>] ... }",
            address::static_address,
        ),
        Row::entries(
            "static_routes",
            "{ <prefix> [via <address>] [dev <interface>] ... }",
            route::static_route,
        ),
        Row::entries("static_rules", "{ [from <prefix>] [table <table>] ... }", rule::static_rule),
        Row::opens("bfd_instance", "<name> { ... }", &BFD_INSTANCE, bfd_instance::open)
            .bare_is_error()
            .refused(),
        Row::opens_entries("virtual_server_group", "<name> { ... }", virtual_server::group)
            .bare_ends()
            .refused(),
        Row::opens(
            "virtual_server",
            "<address> [<port>]|fwmark <n>|group <name> { ... }",
            &VIRTUAL_SERVER,
            virtual_server::open,
        )
        .bare_ends()
        .refused(),
    ],
);

/// The root level as the tree must know it.
pub(in crate::config) fn shapes() -> &'static dyn Shapes {
    &ROOT
}

/// The block in which a keyword belongs, for one that stands elsewhere.
pub(super) fn home(word: &str) -> Option<&'static str> {
    let tables: [(bool, &str); 5] = [
        (VRRP_INSTANCE.knows(word), "vrrp_instance"),
        (GLOBAL_DEFS.knows(word), "global_defs"),
        (VRRP_SCRIPT.knows(word), "vrrp_script"),
        (AUTHENTICATION.knows(word), "authentication"),
        (ROOT.knows(word), "the file's root level"),
    ];
    let found = tables.into_iter().find(|(knows, _)| *knows).map(|(_, block)| block);
    found.or_else(|| virtual_server::home(word))
}

/// Fills a draft from the tree: first what concerns everything, then the blocks in file order.
///
/// `last_global` is the last line in which a `global_defs` or a `net_namespace` may begin; only what stands before it must wait, and from
/// there on each block is read and forgotten.
pub(in crate::config) fn apply(
    tree: &mut Tree<'_>,
    last_global: Option<u32>,
    context: &mut Context<'_>,
) -> Draft {
    let mut draft = Draft::default();
    let mut seen = Seen::new();
    let mut waiting = Vec::new();
    for statement in tree.by_ref() {
        let behind = last_global.is_none_or(|last| statement.place().line > last);
        waiting.push(statement);
        if behind {
            break;
        }
    }
    let is_global = |statement: &&Statement| matches!(statement.keyword(), "global_defs" | "net_namespace");
    for statement in waiting.iter().filter(is_global) {
        ROOT.statement(statement, &mut draft, &mut seen, context);
    }
    context.dynamic_interfaces =
        draft.global.model.dynamic_interfaces != crate::config::model::DynamicInterfaces::Off;
    waiting.retain(|statement| !is_global(&statement));
    for statement in waiting.into_iter().chain(tree) {
        block(&statement, &mut draft, &mut seen, context);
    }
    draft
}

fn block(statement: &Statement, draft: &mut Draft, seen: &mut Seen, context: &mut Context<'_>) {
    let virtual_server = statement.keyword().starts_with("virtual_server");
    if !(context.vrrp_only && virtual_server) {
        ROOT.statement(statement, draft, seen, context);
    }
}

/// Interfaces are those of the namespace, wherever in the file it is named.
fn net_namespace(draft: &mut Draft, line: &mut Line<'_, '_>) -> Set {
    let name = line.first()?;
    draft.global.model.place.net_namespace = Some(name.to_string());
    let usable = !name.is_empty() && !name.contains('/');
    if !usable || !line.context.host.enter(name) {
        let what = format!("names `{}`, which cannot be entered; interfaces are not looked up", &**name);
        line.report(name.place, Fault::Remark { keyword: "net_namespace", what });
    }
    Ok(())
}

fn inside(statement: &Statement) -> &[Statement] {
    statement.block.as_ref().map(|block| &block.statements[..]).unwrap_or_default()
}

fn global_defs(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    GLOBAL_DEFS.apply(inside(statement), &mut draft.global, &mut draft.seen_in_global, context);
}

fn vrrp_script(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    let Some(name) = statement.words.get(1) else {
        let (keyword, what) = ("vrrp_script".to_owned(), "a name");
        return context.problems.add(statement.place(), Fault::MissingWord { keyword, what, early: false });
    };
    let mut script = ScriptDraft::default();
    VRRP_SCRIPT.apply(inside(statement), &mut script, &mut Seen::new(), context);
    if !script.has_test() {
        let what = format!("`{}` has no script to run and is left out", &**name);
        return context.problems.add(statement.place(), Fault::Adjusted { keyword: "vrrp_script", what });
    }
    let Some(script) = script.finish(name.to_string()) else { return };
    context.scripts.entry(name.to_string()).or_insert_with(|| KnownScript::of(&script));
    draft.scripts.push(Placed::new(script, statement.place()));
}

fn vrrp_instance(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    let Some(name) = only_name("vrrp_instance", statement, context) else { return };
    let first = *draft.instance_names.entry(name.value.clone()).or_insert(name.place);
    if first != name.place {
        return redefined("vrrp_instance", name, first, context);
    }
    let mut instance = InstanceDraft::new(name);
    VRRP_INSTANCE.apply(inside(statement), &mut instance, &mut Seen::new(), context);
    instance.block_ends();
    draft.instances.push(instance);
}

fn sync_group(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    let Some(name) = only_name("vrrp_sync_group", statement, context) else { return };
    if let Some(first) = draft.sync_groups.iter().find(|known| known.name.value == name.value) {
        return redefined("vrrp_sync_group", name, first.name.place, context);
    }
    let mut group = SyncGroupDraft::new(name);
    VRRP_SYNC_GROUP.apply(inside(statement), &mut group, &mut Seen::new(), context);
    if group.members.names.is_empty() {
        let (name, what) = (group.name.value, "has no members and is left out".to_owned());
        return context.problems.add(group.name.place, Fault::SyncGroup { name, what });
    }
    draft.sync_groups.push(group);
}

fn track_group(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    let Some(name) = only_name("track_group", statement, context) else { return };
    if let Some(first) = context.defined.track_groups.get(&name.value) {
        return redefined("track_group", name, *first, context);
    }
    let mut members = MembersDraft::default();
    TRACK_GROUP.apply(inside(statement), &mut members, &mut Seen::new(), context);
    if members.names.is_empty() {
        let what = format!("`{}` has no members and is left out", name.value);
        return context.problems.add(name.place, Fault::Adjusted { keyword: "track_group", what });
    }
    context.defined.track_groups.insert(name.value.clone(), name.place);
    draft.track_groups.push(TrackGroupDraft { name: name.value, members });
}

fn track_file(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    let Some(name) = statement.words.get(1) else { return };
    let mut file = FileDraft::default();
    TRACK_FILE.apply(inside(statement), &mut file, &mut Seen::new(), context);
    match file.finish(name, context) {
        Ok(_) if context.defined.files.contains_key(&**name) => {}
        Ok((file, known)) => {
            context.defined.files.insert(name.to_string(), known);
            draft.track_files.push(file);
        }
        Err((place, why)) => {
            let (place, what) = (place.unwrap_or(name.place), format!("`{}` {why}", &**name));
            context.problems.add(place, Fault::Adjusted { keyword: "track_file", what });
        }
    }
}

fn track_process(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    let Some(name) = statement.words.get(1) else { return };
    let mut process = ProcessDraft::default();
    VRRP_TRACK_PROCESS.apply(inside(statement), &mut process, &mut Seen::new(), context);
    match process.finish(name) {
        Some(_) if context.defined.processes.contains_key(&**name) => {}
        Some((process, known)) => {
            context.defined.processes.insert(name.to_string(), known);
            draft.track_processes.push(process);
        }
        None => {
            let what = format!("`{}` has no `process` and is left out", &**name);
            context.problems.add(name.place, Fault::Adjusted { keyword: "vrrp_track_process", what });
        }
    }
}

fn garp_group(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    let mut group = GarpGroupDraft::default();
    GARP_GROUP.apply(inside(statement), &mut group, &mut Seen::new(), context);
    if group.limits {
        draft.garp_groups.push(group.group);
    } else {
        let what = "has neither `garp_interval` nor `gna_interval` and is left out".to_owned();
        context.problems.add(statement.place(), Fault::Adjusted { keyword: "garp_group", what });
    }
}

/// The name of a block that has exactly one.
fn only_name(
    keyword: &'static str,
    statement: &Statement,
    context: &mut Context<'_>,
) -> Option<Placed<String>> {
    let Some(name) = statement.words.get(1) else {
        let (keyword, what) = (keyword.to_owned(), "a name");
        context.problems.add(statement.place(), Fault::Incomplete { keyword, what });
        return None;
    };
    if let Some(surplus) = statement.words.get(2) {
        let fault = Fault::SurplusWord { keyword: keyword.to_owned(), word: surplus.to_string() };
        context.problems.add(surplus.place, fault);
        return None;
    }
    Some(Placed::new(name.to_string(), name.place))
}

fn redefined(kind: &'static str, name: Placed<String>, first: Place, context: &mut Context<'_>) {
    let fault = Fault::Redefined { kind, name: name.value };
    context.problems.add_related(name.place, fault, Some((first, "this one counts")));
}

/// `IF [MII|ETHTOOL|IOCTL]`.
fn linkbeat(draft: &mut Draft, line: &mut Line<'_, '_>) -> Set {
    let name = link_that_exists(line)?;
    let method = match line.arguments().first() {
        None => Linkbeat::Any,
        Some(word) => match &**word {
            "MII" => Linkbeat::Mii,
            "ETHTOOL" => Linkbeat::Ethtool,
            "IOCTL" => Linkbeat::Ioctl,
            _ => return Err(line.unknown_option(word)),
        },
    };
    line.at_most(1)?;
    draft.linkbeats.retain(|(known, _)| *known != name);
    draft.linkbeats.push((name, method));
    Ok(())
}

/// `IF DOWN [UP]`.
fn up_down_delay(draft: &mut Draft, line: &mut Line<'_, '_>) -> Set {
    let name = link_that_exists(line)?;
    if line.arguments().is_empty() {
        let what = "has no delay for this interface; the line is left out".to_owned();
        line.report(line.place(), Fault::Remark { keyword: line.keyword, what });
        return Ok(());
    }
    let mut delays = [Duration::ZERO; 2];
    for (delay, word) in delays.iter_mut().zip(line.arguments()) {
        *delay = line.seconds_of(word, 6, 0, 255_000_000)?;
    }
    let [down, up] = delays;
    draft.link_delays.retain(|known| known.value.name != name);
    draft.link_delays.push(Placed::new(UpDownDelay { name, down, up }, line.place()));
    Ok(())
}

/// An interface that is missing here ends nothing.
fn link_that_exists(line: &Line<'_, '_>) -> Result<IfName, Rejected> {
    let first = line.all().first().ok_or_else(|| line.missing("an interface"))?;
    let there = |name: &IfName| line.context.dynamic_interfaces || line.context.host.link(name).is_some();
    let fault = Fault::NoInterface { name: first.to_string(), ends: false };
    IfName::new(first).filter(there).ok_or(Rejected { place: first.place, fault })
}
