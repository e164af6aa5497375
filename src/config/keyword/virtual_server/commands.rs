//! Where the commands of a virtual server stand: what is wrong with one shows only when everything has been read.

use crate::config::keyword::draft::Placed;
use crate::config::keyword::script::{Lexed, command};
use crate::config::source::Place;
use crate::config::tree::Statement;

/// The keywords that take a command.
const KEYWORDS: [&str; 5] = ["quorum_up", "quorum_down", "notify_up", "notify_down", "misc_path"];

/// The words of each command of a block and the blocks in it, with their places.
#[derive(Debug, Default)]
pub(in crate::config) struct Commands(Vec<Placed<Vec<String>>>);

impl Commands {
    /// Those of these statements.
    pub(super) fn of(statements: &[Statement]) -> Self {
        let mut found = Vec::new();
        collect(statements, &mut found);
        Self(found)
    }

    /// Where a command with these words stands; the next one the next time.
    pub(in crate::config) fn next(&mut self, argv: &[String]) -> Option<Place> {
        let at = self.0.iter().position(|known| known.value == argv)?;
        Some(self.0.remove(at).place)
    }
}

fn collect(statements: &[Statement], found: &mut Vec<Placed<Vec<String>>>) {
    for statement in statements {
        if KEYWORDS.contains(&statement.keyword())
            && let Lexed::Words(Some(made)) = command(&statement.rest)
        {
            found.push(Placed::new(made.argv, statement.rest.place));
        }
        if let Some(block) = &statement.block {
            collect(&block.statements, found);
        }
    }
}
