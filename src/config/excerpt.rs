//! The part of a source line that a problem is about.

use std::ops::Range;

use super::source::{Physical, is_blank};

/// A line as the file has it, and the bytes of it that are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, without its newline.
    pub line: String,
    /// Never reversed, on character boundaries; empty at the end of the line.
    pub span: Range<usize>,
}

impl Excerpt {
    /// The word at a byte of a line; `None` when a whole file is meant.
    pub(super) fn of(physical: Physical<'_>) -> Option<Self> {
        if physical.number == 0 {
            return None;
        }
        let rest = physical.text.get(physical.byte..).unwrap_or_default();
        let start = physical.text.len() - rest.len();
        Some(Self { line: physical.text.to_owned(), span: start..start + word(rest) })
    }
}

/// Bytes of the word that `rest` begins with: a quoted one, a use of a definition, a brace, or up to the next blank.
fn word(rest: &str) -> usize {
    let upto = |end: usize| rest.char_indices().nth(end).map_or(rest.len(), |(at, _)| at);
    let mut letters = rest.chars();
    match letters.next() {
        Some('"') => rest.get(1..).and_then(|inner| inner.find('"')).map_or(rest.len(), |at| at + 2),
        Some('$') if letters.next() == Some('{') => rest.find('}').map_or(rest.len(), |at| at + 1),
        Some('$') => {
            let tail = rest.get(1..).unwrap_or_default();
            tail.find(|c: char| !c.is_alphanumeric() && c != '_').map_or(rest.len(), |at| at + 1)
        }
        Some('{' | '}') => upto(1),
        _ => rest.find(|c| is_blank(c) || matches!(c, '{' | '}' | '"')).unwrap_or(rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_underlined_is_one_word() {
        let cases = [
            ("state MASTER", "state"),
            ("\"a b\" c", "\"a b\""),
            ("\"never closed", "\"never closed"),
            ("${X Y}z", "${X Y}"),
            ("$X-1", "$X"),
            ("{ x", "{"),
            ("V{", "V"),
            ("", ""),
            ("é è", "é"),
        ];
        for (rest, want) in cases {
            assert_eq!(&rest[..word(rest)], want, "{rest}");
        }
    }
}
