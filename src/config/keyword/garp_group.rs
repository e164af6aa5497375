//! `garp_group`: interfaces that share a limit for gratuitous messages.

use std::time::Duration;

use super::line::{Context, Line, Rejected, Set, expected};
use super::table::{Keyword, Table};
use super::track::twice;
use crate::config::fault::Fault;
use crate::config::model::GarpGroup;
use crate::config::tree::{Statement, Word};
use crate::units::IfName;

type Row = Keyword<GarpGroupDraft>;

/// Longest gap in millionths of a second.
const LONGEST: i64 = 4_294_967_295;

/// The only list of this block's keywords.
pub(super) static GARP_GROUP: Table<GarpGroupDraft> = Table::new(
    "garp_group",
    &[
        Row::words("garp_interval", "<seconds>", |g, l| {
            g.group.gaps.arp = interval(g, l)?;
            Ok(())
        }),
        Row::words("gna_interval", "<seconds>", |g, l| {
            g.group.gaps.na = interval(g, l)?;
            Ok(())
        }),
        Row::words("interface", "<interface>", |g, l| interface(g, l.first()?, l)),
        Row::entries("interfaces", "{ <interface> ... }", |g, l| {
            l.all().iter().try_for_each(|word| interface(g, word, l))
        })
        .when_opened(interfaces_wanted),
    ],
);

/// A block on its way.
#[derive(Debug, Default)]
pub(super) struct GarpGroupDraft {
    /// An interval was given.
    pub(super) limits: bool,
    /// What was given.
    pub(super) group: GarpGroup,
}

fn interval(draft: &mut GarpGroupDraft, line: &mut Line<'_, '_>) -> Result<Duration, Rejected> {
    let gap = line.seconds(6, 0, LONGEST)?;
    draft.limits = true;
    Ok(gap)
}

fn interface(draft: &mut GarpGroupDraft, word: &Word, line: &mut Line<'_, '_>) -> Set {
    let name = IfName::new(word).ok_or_else(|| expected(word, "an interface name of 1 to 15 characters"))?;
    line.context.check_interface(&name, word.place);
    let first = *line.context.defined.grouped_interfaces.entry(name.clone()).or_insert(word.place);
    if first != word.place {
        twice("interface", word, Some(first), line);
    } else {
        draft.group.interfaces.push(name);
    }
    Ok(())
}

fn interfaces_wanted(_: &mut GarpGroupDraft, statement: &Statement, context: &mut Context<'_>) {
    if statement.block.as_ref().is_none_or(|block| block.statements.is_empty()) {
        let (keyword, what) = ("interfaces", "is empty".to_owned());
        context.problems.add(statement.place(), Fault::Doubtful { keyword, what });
    }
}
