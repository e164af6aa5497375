//! Words, quotes and braces of one line.

use crate::config::source::is_blank;

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// A bare word, or what stands between double quotes.
    Word(&'a str),
    /// What follows a `"` that is never closed.
    Unclosed(&'a str),
}

/// The tokens of `line`, each with its byte offset (of the opening quote for a quoted word).
pub(in crate::config) fn tokens(line: &str) -> impl Iterator<Item = (usize, Token<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = line.get(at..)?;
        let text = rest.trim_start_matches(is_blank);
        let start = line.len() - text.len();
        let (found, length) = token(text)?;
        at = start + length;
        Some((start, found))
    })
}

/// The token that `text` begins with, and its length in bytes with its quotes; `None` at the end.
fn token(text: &str) -> Option<(Token<'_>, usize)> {
    match text.as_bytes().first()? {
        b'{' => Some((Token::Open, 1)),
        b'}' => Some((Token::Close, 1)),
        b'"' => quoted(text.get(1..)?),
        _ => {
            let length = text.bytes().position(ends_word).unwrap_or(text.len());
            Some((Token::Word(text.get(..length)?), length))
        }
    }
}

/// What stands behind a `"`.
fn quoted(text: &str) -> Option<(Token<'_>, usize)> {
    match text.split_once('"') {
        Some((inner, _)) => Some((Token::Word(inner), inner.len() + 2)),
        None => Some((Token::Unclosed(text), text.len() + 1)),
    }
}

/// All that ends a word is ASCII, so bytes need not be made characters.
fn ends_word(byte: u8) -> bool {
    is_blank(char::from(byte)) || matches!(byte, b'{' | b'}' | b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_keepalived_ends_them() {
        use Token::{Close, Open, Unclosed, Word};
        let cases: &[(&str, &[Token<'_>])] = &[
            ("state MASTER", &[Word("state"), Word("MASTER")]),
            ("MAS\"TER\"", &[Word("MAS"), Word("TER")]),
            ("\"a\"\"b\" \"\"", &[Word("a"), Word("b"), Word("")]),
            ("V{192.0.2.1}}", &[Word("V"), Open, Word("192.0.2.1"), Close, Close]),
            ("\"{ x }\"\r", &[Word("{ x }")]),
            ("a \"b c", &[Word("a"), Unclosed("b c")]),
            ("'a b'", &[Word("'a"), Word("b'")]),
            ("a\u{a0}b", &[Word("a\u{a0}b")]),
        ];
        for (line, want) in cases {
            assert_eq!(tokens(line).map(|(_, token)| token).collect::<Vec<_>>(), *want, "{line}");
        }
    }
}
