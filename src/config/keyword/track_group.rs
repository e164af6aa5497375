//! `track_group`: instances that static addresses, routes and rules follow.

use super::draft::Placed;
use super::line::{Line, Rejected, Set};
use super::suggest::nearest;
use super::table::{Keyword, Table};
use crate::config::fault::Fault;
use crate::config::tree::Word;

type Row = Keyword<MembersDraft>;

/// The only list of this block's keywords.
pub(super) static TRACK_GROUP: Table<MembersDraft> = Table::new(
    "track_group",
    &[Row::entries("group", "{ <vrrp_instance> ... }", |d, l| d.members(l))
        .first()
        .when_opened(members_wanted)],
);

/// A list of instances, for either kind of group.
#[derive(Debug, Default)]
pub(in crate::config) struct MembersDraft {
    pub(in crate::config) names: Vec<Placed<String>>,
}

impl MembersDraft {
    /// A line of `group`: any number of names.
    pub(super) fn members(&mut self, line: &Line<'_, '_>) -> Set {
        self.names.extend(line.all().iter().map(|word| Placed::new(word.to_string(), word.place)));
        Ok(())
    }
}

/// A `track_group` block; its members may stand after it.
#[derive(Debug)]
pub(in crate::config) struct TrackGroupDraft {
    pub(in crate::config) name: String,
    pub(in crate::config) members: MembersDraft,
}

/// Whether a `group` block names anybody.
pub(super) fn members_wanted<D>(
    _: &mut D,
    statement: &crate::config::tree::Statement,
    context: &mut super::line::Context<'_>,
) {
    if statement.block.as_ref().is_none_or(|block| block.statements.is_empty()) {
        let (keyword, what) = ("group", "is empty".to_owned());
        context.problems.add(statement.place(), Fault::Doubtful { keyword, what });
    }
}

/// Refuses the name of a group that no line before this one defines.
pub(super) fn defined(name: &Word, line: &Line<'_, '_>) -> Set {
    let known = &line.context.defined.track_groups;
    if known.contains_key(&**name) {
        return Ok(());
    }
    let suggestion = nearest(name, known.keys().map(String::as_str)).map(str::to_owned);
    let fault = Fault::Undefined { kind: "track_group", name: name.to_string(), suggestion };
    Err(Rejected { place: name.place, fault })
}
