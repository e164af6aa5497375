//! The root level: blocks and the few keywords outside of them.

use std::time::Duration;

use super::bfd_instance::{self, BFD_INSTANCE};
use super::draft::{Draft, InstanceDraft, Placed};
use super::global_defs::GLOBAL_DEFS;
use super::line::Context;
use super::table::{Keyword, Seen, Table};
use super::virtual_server::{self, SSL, VIRTUAL_SERVER, ssl};
use super::vrrp_instance::{AUTHENTICATION, VRRP_INSTANCE};
use super::vrrp_script::{ScriptDraft, VRRP_SCRIPT};
use crate::config::fault::Fault;
use crate::config::tree::{Shapes, Statement};
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
        Row::words("instance", "<name>", |_, _| Ok(())).bare_is_error().first().no_effect(),
        Row::flag("use_pid_dir", |_| {}).no_effect(),
        Row::words("net_namespace", "<name>", |_, _| Ok(())).bare_is_error().first().refused(),
        Row::words("net_namespace_ipvs", "[<name>]", |_, _| Ok(())).bare_is_fine().first().no_effect(),
        Row::flag("namespace_with_ipsets", |_| {}).no_effect(),
        Row::flag("linkbeat_use_polling", |_| {}).no_effect(),
        Row::entries("linkbeat_interfaces", "{ <interface> [MII|ETHTOOL|IOCTL] ... }", linkbeat).no_effect(),
        Row::entries("interface_up_down_delays", "{ <interface> <down> [<up>] ... }", up_down_delay)
            .no_effect(),
        Row::skipped("garp_group", "{ ... }").no_effect(),
        Row::opens("SSL", "{ ... }", &SSL, ssl).no_effect(),
        Row::skipped("track_file", "<name> { ... }").when_opened(track_file).bare_ends().no_effect(),
        Row::skipped("vrrp_track_file", "<name> { ... }").when_opened(track_file).bare_ends().no_effect(),
        Row::skipped("vrrp_track_process", "<name> { ... }").bare_ends().no_effect(),
        Row::skipped("vrrp_sync_group", "<name> { ... }").bare_is_error().refused(),
        Row::skipped("track_group", "<name> { ... }").bare_is_error().refused(),
        Row::skipped("static_ipaddress", "{ ... }").refused(),
        Row::skipped("static_routes", "{ ... }").refused(),
        Row::skipped("static_rules", "{ ... }").refused(),
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

/// Fills a draft from the whole tree: first what concerns everything, then the blocks in file order.
pub(in crate::config) fn apply(statements: &[Statement], context: &mut Context<'_>) -> Draft {
    let mut draft = Draft::default();
    let mut seen = Seen::new();
    let is_global = |statement: &&Statement| statement.keyword() == "global_defs";
    for statement in statements.iter().filter(is_global) {
        ROOT.statement(statement, &mut draft, &mut seen, context);
    }
    context.dynamic_interfaces =
        draft.global.model.dynamic_interfaces != crate::config::model::DynamicInterfaces::Off;
    for statement in statements.iter().filter(|statement| !is_global(statement)) {
        let virtual_server = statement.keyword().starts_with("virtual_server");
        if !(context.vrrp_only && virtual_server) {
            ROOT.statement(statement, &mut draft, &mut seen, context);
        }
    }
    draft
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
    context.scripts.entry(name.to_string()).or_insert_with(|| super::line::KnownScript::of(&script));
    draft.scripts.push(Placed::new(script, statement.place()));
}

fn vrrp_instance(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    let Some(name) = statement.words.get(1) else {
        let (keyword, what) = ("vrrp_instance".to_owned(), "a name");
        return context.problems.add(statement.place(), Fault::Incomplete { keyword, what });
    };
    if let Some(surplus) = statement.words.get(2) {
        let fault = Fault::SurplusWord { keyword: "vrrp_instance".to_owned(), word: surplus.to_string() };
        return context.problems.add(surplus.place, fault);
    }
    if !draft.instance_names.insert(name.to_string()) {
        let fault = Fault::Redefined { kind: "vrrp_instance", name: name.to_string() };
        return context.problems.add(name.place, fault);
    }
    let mut instance = InstanceDraft::new(Placed::new(name.to_string(), name.place));
    VRRP_INSTANCE.apply(inside(statement), &mut instance, &mut Seen::new(), context);
    draft.instances.push(instance);
}

/// Checkers name it.
fn track_file(_: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    context.track_files.extend(statement.words.get(1).map(|name| name.to_string()));
}

/// `IF [MII|ETHTOOL|IOCTL]`.
fn linkbeat(_: &mut Draft, line: &mut super::line::Line<'_, '_>) -> super::line::Set {
    missing_link(line)?;
    match line.arguments().first() {
        Some(word) if !matches!(&**word, "MII" | "ETHTOOL" | "IOCTL") => Err(line.unknown_option(word)),
        _ => line.at_most(1),
    }
}

/// `IF DOWN [UP]`.
fn up_down_delay(_: &mut Draft, line: &mut super::line::Line<'_, '_>) -> super::line::Set {
    missing_link(line)?;
    if line.arguments().is_empty() {
        return Err(line.missing("a delay"));
    }
    let delays = line.arguments().iter().take(2);
    for word in delays {
        line.seconds_of(word, 6, 0, 255_000_000)?;
    }
    Ok(())
}

/// An interface that is missing here ends nothing.
fn missing_link(line: &mut super::line::Line<'_, '_>) -> super::line::Set {
    let first = line.all().first().ok_or_else(|| line.missing("an interface"))?;
    let bad = || super::line::expected(first, "an interface name of 1 to 15 characters");
    let name = IfName::new(first).ok_or_else(bad)?;
    let known = line.context.dynamic_interfaces || line.context.host.link(&name).is_some();
    if known {
        return Ok(());
    }
    let fault = Fault::NoInterface { name: name.to_string(), ends: false };
    Err(super::line::Rejected { place: first.place, fault })
}
