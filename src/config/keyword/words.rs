//! A line of options, each with its own words: routes, rules, interfaces of our own.

use super::line::{Line, Rejected};
use crate::config::fault::Fault;
use crate::config::tree::Word;

/// The words of a line that have not been read yet.
pub(super) struct Words<'l> {
    rest: std::iter::Peekable<std::slice::Iter<'l, Word>>,
}

impl<'l> Words<'l> {
    pub(super) fn new(words: &'l [Word]) -> Self {
        Self { rest: words.iter().peekable() }
    }

    pub(super) fn next(&mut self) -> Option<&'l Word> {
        self.rest.next()
    }

    pub(super) fn peek(&mut self) -> Option<&'l Word> {
        self.rest.peek().copied()
    }

    /// The word after an option; keepalived ends without it.
    pub(super) fn value(&mut self, option: &Word) -> Result<&'l Word, Rejected> {
        self.rest.next().ok_or_else(|| {
            let (keyword, what) = (option.to_string(), "a value");
            Rejected { place: option.place, fault: Fault::MissingWord { keyword, what, early: false } }
        })
    }

    /// The word after an option; without it the line does not count.
    pub(super) fn needed(&mut self, what: &'static str, line: &Line<'_, '_>) -> Result<&'l Word, Rejected> {
        self.rest.next().ok_or_else(|| line.missing(what))
    }
}
