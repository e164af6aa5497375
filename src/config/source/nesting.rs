//! Whether a line stands in `global_defs`: there `\#` is literal, and `include_check` rules the lines that follow.

use super::include::Strictness;
use crate::config::tree::{Token, tokens};

/// Follows the braces of everything read so far.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    depth: u32,
    /// The last word at root level was `global_defs`.
    global_defs: bool,
}

impl Nesting {
    /// Whether the next line stands inside `global_defs`.
    pub(super) fn in_global_defs(&self) -> bool {
        self.global_defs && self.depth > 0
    }

    /// Takes one line; the new strictness if it was a valid `include_check`.
    pub(super) fn read(&mut self, line: &str, strictness: Strictness) -> Option<Strictness> {
        let inside = self.depth > 0 && !self.global_defs;
        if inside && !line.contains(['{', '}']) {
            return None;
        }
        let mut words: Vec<&str> = Vec::new();
        let mut changed = None;
        for (_, token) in tokens(line) {
            match token {
                Token::Word(word) => words.push(word),
                Token::Unclosed(_) => {}
                Token::Open | Token::Close => {
                    changed = self.statement(&words, strictness).or(changed);
                    words.clear();
                    self.depth = match token {
                        Token::Open => self.depth.saturating_add(1),
                        _ => self.depth.saturating_sub(1),
                    };
                }
            }
        }
        self.statement(&words, strictness).or(changed)
    }

    fn statement(&mut self, words: &[&str], strictness: Strictness) -> Option<Strictness> {
        let (keyword, rest) = words.split_first()?;
        if self.depth == 0 {
            self.global_defs = *keyword == "global_defs";
            return None;
        }
        let checks = self.in_global_defs() && self.depth == 1 && *keyword == "include_check";
        checks.then(|| strictness.checked(rest.iter().copied()).ok()).flatten()
    }
}
