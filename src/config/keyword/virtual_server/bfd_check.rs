//! `BFD_CHECK`: a `bfd_instance` that is up.

use super::checker::inside;
use crate::config::fault::Fault;
use crate::config::keyword::line::{Context, Line, Rejected, Set};
use crate::config::keyword::suggest::nearest;
use crate::config::keyword::table::{Keyword, Seen, Status, Table};
use crate::config::model::virtual_server::{BfdCheck, Checker, RealServer};
use crate::config::tree::Statement;

type Row = Keyword<BfdDraft>;

/// The only list of this block's keywords.
pub(super) static BFD_CHECK: Table<BfdDraft> = Table::new(
    "virtual_server/real_server/BFD_CHECK",
    &[
        Row::words("name", "<bfd_instance>", name).bare_is_error().first(),
        Row::boolean("alpha", |d, yes| d.alpha = Some(yes)),
    ],
)
.part_of(Status::Refused);

/// A block on its way.
#[derive(Default)]
pub(super) struct BfdDraft {
    name: Option<String>,
    /// An instance was named, if only wrongly, which has been reported.
    given: bool,
    alpha: Option<bool>,
}

pub(super) fn open(server: &mut RealServer, statement: &Statement, context: &mut Context<'_>) {
    let mut draft = BfdDraft::default();
    BFD_CHECK.apply(inside(statement), &mut draft, &mut Seen::new(), context);
    let BfdDraft { name, given, alpha } = draft;
    match name {
        Some(bfd_instance) => server.checkers.push(Checker::Bfd(BfdCheck { bfd_instance, alpha })),
        None if given => {}
        None => {
            let what = "has no `name` and is left out".to_owned();
            context.problems.add(statement.place(), Fault::Adjusted { keyword: "BFD_CHECK", what });
        }
    }
}

/// The instance must stand before its use, and not be for VRRP alone.
fn name(draft: &mut BfdDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    draft.given = true;
    line.at_most(1)?;
    let known = &line.context.defined.bfd_instances;
    if !known.get(&**word).is_some_and(|known| known.for_checkers) {
        let names = known.iter().filter(|(_, known)| known.for_checkers).map(|(name, _)| name.as_str());
        let suggestion = nearest(word, names).map(str::to_owned);
        let fault = Fault::Undefined { kind: "bfd_instance", name: word.to_string(), suggestion };
        return Err(Rejected { place: word.place, fault });
    }
    draft.name = Some(word.to_string());
    Ok(())
}
