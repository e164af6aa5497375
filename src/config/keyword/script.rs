//! Command lines: the raw rest of a line, cut into command, user and group, and the command into its words.

use crate::config::model::{Account, Command};
use crate::config::source::is_blank;

/// A text cut into words, unless a quote stays open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lexed<T> {
    Words(T),
    OpenQuote,
}

/// `SCRIPT [USER [GROUP]]`; `None` when there is no script.
pub(super) fn command(rest: &str) -> Lexed<Option<Command>> {
    let Lexed::Words(words) = cut(rest, false) else { return Lexed::OpenQuote };
    let mut words = words.into_iter();
    let Some(line) = words.next() else { return Lexed::Words(None) };
    let Lexed::Words(argv) = cut(&line, true) else { return Lexed::OpenQuote };
    let account = words.next().map(|user| Account { user, group: words.next() });
    let some = argv.first().is_some_and(|program| !program.is_empty());
    Lexed::Words(some.then_some(Command { argv, account }))
}

/// The words of a text, with escapes as in C.
pub(super) fn words(text: &str) -> Lexed<Vec<String>> {
    cut(text, true)
}

/// Cuts at white space; both quotes protect it. With `escapes`, backslashes are read as in C.
fn cut(text: &str, escapes: bool) -> Lexed<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match (c, quote) {
            ('\\', _) if escapes => {
                let escaped = escape(&mut rest);
                word.get_or_insert_default().extend(escaped);
            }
            // The first time a backslash only keeps the next character from being looked at.
            ('\\', _) => word.get_or_insert_default().extend(std::iter::once('\\').chain(rest.next())),
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if is_blank(c) => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if quote.is_some() { Lexed::OpenQuote } else { Lexed::Words(words) }
}

/// The character after a backslash.
fn escape(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let c = rest.next()?;
    Some(match c {
        'a' => '\x07',
        'b' => '\x08',
        'E' => '\x1b',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => {
            let value = digits(rest, 16, 2);
            return value.and_then(char::from_u32).or(Some('x'));
        }
        'c' => char::from(u8::try_from(rest.next()?).ok()? & 0x1f),
        '0'..='7' => {
            let first = c.to_digit(8)?;
            let mut ahead = rest.clone();
            let mut value = first;
            for _ in 0..2 {
                let Some(digit) = ahead.next().and_then(|c| c.to_digit(8)) else { break };
                value = value * 8 + digit;
                *rest = ahead.clone();
            }
            char::from_u32(value & 0xff)?
        }
        other => other,
    })
}

fn digits(rest: &mut std::str::Chars<'_>, radix: u32, most: usize) -> Option<u32> {
    let mut value = None;
    for _ in 0..most {
        let mut ahead = rest.clone();
        let Some(digit) = ahead.next().and_then(|c| c.to_digit(radix)) else { break };
        value = Some(value.unwrap_or(0) * radix + digit);
        *rest = ahead;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(rest: &str) -> Option<(Vec<String>, Option<String>, Option<String>)> {
        let Lexed::Words(Some(made)) = command(rest) else { return None };
        let (user, group) = made.account.map_or((None, None), |a| (Some(a.user), a.group));
        Some((made.argv, user, group))
    }

    #[test]
    fn the_first_word_is_the_command_line() {
        type Case<'c> = (&'c str, &'c [&'c str], Option<&'c str>, Option<&'c str>);
        let cases: &[Case<'_>] = &[
            ("/x/y a b", &["/x/y"], Some("a"), Some("b")),
            ("\"/x/y a b\" user group", &["/x/y", "a", "b"], Some("user"), Some("group")),
            ("'/x/y a'", &["/x/y", "a"], None, None),
            ("\"cmd 'a b' c\"", &["cmd", "a b", "c"], None, None),
            (r#""cmd a\x41\101\tb""#, &["cmd", "aAA\tb"], None, None),
            ("\"cmd ''\"", &["cmd", ""], None, None),
            // As keepalived 2.4.3 was seen to run them.
            (r#""cmd \"c d\" e""#, &["cmd", "\"c", "d\"", "e"], None, None),
            (r#""cmd a\"b""#, &["cmd", "a\"b"], None, None),
            (r#""cmd 'c d' \x41\\ e" user"#, &["cmd", "c d", "A\\", "e"], Some("user"), None),
        ];
        for (rest, argv, user, group) in cases {
            let want = (
                argv.iter().map(|word| (*word).to_owned()).collect(),
                user.map(str::to_owned),
                group.map(str::to_owned),
            );
            assert_eq!(parts(rest), Some(want), "{rest}");
        }
    }

    #[test]
    fn open_quotes_and_nothing_are_no_command() {
        assert_eq!(command("'/x/y"), Lexed::OpenQuote);
        assert_eq!(command("\"/x 'y\""), Lexed::OpenQuote);
        assert_eq!(command("\"\""), Lexed::Words(None));
    }
}
