//! Words, quotes and braces of one line.

use nom::branch::alt;
use nom::bytes::complete::{take_till, take_till1, take_while};
use nom::character::complete::char;
use nom::combinator::{map, opt, value};
use nom::sequence::preceded;
use nom::{IResult, Parser};

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
    let mut rest = line;
    std::iter::from_fn(move || {
        let (start, _) = blanks(rest).ok()?;
        let (after, found) = token(start).ok()?;
        rest = after;
        Some((line.len() - start.len(), found))
    })
}

fn blanks(input: &str) -> IResult<&str, &str> {
    take_while(is_blank).parse(input)
}

fn token(input: &str) -> IResult<&str, Token<'_>> {
    alt((
        value(Token::Open, char('{')),
        value(Token::Close, char('}')),
        quoted,
        map(take_till1(|c| is_blank(c) || matches!(c, '{' | '}' | '"')), Token::Word),
    ))
    .parse(input)
}

fn quoted(input: &str) -> IResult<&str, Token<'_>> {
    let (rest, inner) = preceded(char('"'), take_till(|c| c == '"')).parse(input)?;
    let (rest, closed) = opt(char('"')).parse(rest)?;
    Ok((rest, if closed.is_some() { Token::Word(inner) } else { Token::Unclosed(inner) }))
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
