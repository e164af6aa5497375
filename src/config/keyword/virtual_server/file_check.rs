//! `FILE_CHECK`: a number in a file that becomes a weight.

use super::checker::inside;
use crate::config::fault::Fault;
use crate::config::keyword::line::{Context, Line, Rejected, Set, number};
use crate::config::keyword::suggest::nearest;
use crate::config::keyword::table::{Keyword, Seen, Status, Table};
use crate::config::model::virtual_server::{Checker, FileCheck, RealServer};
use crate::config::tree::Statement;

type Row = Keyword<FileDraft>;

/// The only list of this block's keywords.
pub(super) static FILE_CHECK: Table<FileDraft> = Table::new(
    "virtual_server/real_server/FILE_CHECK",
    &[
        Row::words("track_file", "<name>", track_file),
        Row::words("weight", "<-2147483647..2147483647> [reverse|noreverse]", weight).bare_is_error(),
    ],
)
.part_of(Status::Refused);

/// A block on its way.
#[derive(Default)]
pub(super) struct FileDraft {
    track_file: Option<String>,
    /// A file was named, if only wrongly, which has been reported.
    given: bool,
    weight: Option<i32>,
    reverse: bool,
}

pub(super) fn open(server: &mut RealServer, statement: &Statement, context: &mut Context<'_>) {
    let mut draft = FileDraft::default();
    FILE_CHECK.apply(inside(statement), &mut draft, &mut Seen::new(), context);
    let FileDraft { track_file, given, weight, reverse } = draft;
    match track_file {
        Some(track_file) => server.checkers.push(Checker::File(FileCheck { track_file, weight, reverse })),
        None if given => {}
        None => {
            let what = "has no `track_file` and is left out".to_owned();
            context.problems.add(statement.place(), Fault::Adjusted { keyword: "FILE_CHECK", what });
        }
    }
}

/// The file must stand before its use.
fn track_file(draft: &mut FileDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    draft.given = true;
    if !line.context.defined.files.contains_key(&**word) {
        let names = line.context.defined.files.keys().map(String::as_str);
        let suggestion = nearest(word, names).map(str::to_owned);
        let fault = Fault::Undefined { kind: "track_file", name: word.to_string(), suggestion };
        return Err(Rejected { place: word.place, fault });
    }
    draft.track_file = Some(word.to_string());
    Ok(())
}

fn weight(draft: &mut FileDraft, line: &mut Line<'_, '_>) -> Set {
    draft.weight = Some(number(line.first()?, -i64::from(i32::MAX), i64::from(i32::MAX))?);
    draft.reverse = match line.arguments().get(1) {
        None => false,
        Some(word) => match &**word {
            "reverse" => true,
            "noreverse" => false,
            _ => return Err(line.unknown_option(word)),
        },
    };
    Ok(())
}
