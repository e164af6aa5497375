//! The syntax tree: what the file says, every word with its place.
//!
//! In: logical lines, and which keywords take a block ([`Shapes`]). Out: [`Statement`]s, balanced whatever the file
//! does; a missing or surplus brace is one problem each.
//! Never here: values.

mod builder;
mod token;

use std::ops::Deref;

pub(super) use self::builder::Tree;
pub(super) use self::token::{Token, tokens};
use super::source::{Place, Text};

/// A word and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: Text,
    pub(super) place: Place,
}

impl Deref for Word {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

/// A line up to a brace or its end, with the block that follows it.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// Never empty.
    pub(super) words: Vec<Word>,
    /// The raw text after the first word, quotes included.
    pub(super) rest: Word,
    pub(super) block: Option<Block>,
}

impl Statement {
    /// The first word.
    pub(super) fn keyword(&self) -> &str {
        self.words.first().map(|word| &**word).unwrap_or_default()
    }

    /// Where the statement begins.
    pub(super) fn place(&self) -> Place {
        self.words.first().map_or(self.rest.place, |word| word.place)
    }
}

/// What stands between `{` and `}`.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) statements: Vec<Statement>,
    /// Whether the statement's keyword takes a block; else a problem has been reported about the brace.
    pub(super) expected: bool,
}

/// What follows a keyword.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Nothing but words.
    Line,
    /// A command line, which has quotes of its own.
    Script,
    /// A block whose lines are entries, not keywords.
    Entries,
    /// A block of keywords.
    Block(&'static dyn Shapes),
}

/// The keywords of a block, as far as the tree must know them.
pub(super) trait Shapes: Sync {
    /// `None` for a word that is no keyword here.
    fn shape(&self, keyword: &str) -> Option<Shape>;
}
