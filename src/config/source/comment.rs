//! Comments: `!` or `#` outside double quotes, to the end of the line.

use std::borrow::Cow;

use super::line::is_blank;

/// `line` without its comment and without white space at its end.
///
/// `\#` and `\!` outside quotes keep the character where `escapes` holds (`global_defs`); elsewhere keepalived drops
/// the backslash first and then takes the character for a comment after all.
pub(super) fn strip(line: &str, escapes: bool) -> Cow<'_, str> {
    if !line.contains(['#', '!']) {
        return Cow::Borrowed(line.trim_end_matches(is_blank));
    }
    let mut kept: Option<String> = None;
    let mut quoted = false;
    let mut copied = 0;
    let mut bytes = line.bytes().enumerate().peekable();
    let mut end = line.len();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if !quoted && matches!(bytes.peek(), Some((_, b'#' | b'!'))) => {
                if !escapes {
                    end = at;
                    break;
                }
                kept.get_or_insert_default().push_str(&line[copied..at]);
                copied = at + 1;
                bytes.next();
            }
            b'#' | b'!' if !quoted => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    match kept {
        None => Cow::Borrowed(line[..end].trim_end_matches(is_blank)),
        Some(mut text) => {
            text.push_str(&line[copied..end]);
            text.truncate(text.trim_end_matches(is_blank).len());
            Cow::Owned(text)
        }
    }
}

/// The `"` that is never closed, if there is one; a backslash outside quotes keeps one from being looked at.
pub(super) fn open_quote(line: &str) -> Option<usize> {
    let mut opened = None;
    let mut bytes = line.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match (byte, opened) {
            (b'"', None) => opened = Some(at),
            (b'"', Some(_)) => opened = None,
            (b'\\', None) => drop(bytes.next()),
            _ => {}
        }
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::{open_quote, strip};

    #[test]
    fn a_quote_is_open_when_no_other_one_follows() {
        let cases = [
            ("state MASTER", None),
            ("state \"MASTER\"", None),
            ("state \"MASTER", Some(6)),
            ("\"a\"\"b", Some(3)),
            (r#"state a\"b"#, None),
            ("notify '/x \"y'", Some(11)),
        ];
        for (line, want) in cases {
            assert_eq!(open_quote(line), want, "{line}");
        }
    }

    #[test]
    fn a_comment_starts_anywhere_outside_double_quotes() {
        let cases = [
            ("priority 100#c", "priority 100"),
            ("! all", ""),
            ("state MAS#TER", "state MAS"),
            ("router_id \"a#b\" # c", "router_id \"a#b\""),
            ("x 'a#b'", "x 'a"),
            ("\"open # text", "\"open # text"),
            (r"state a\!b", "state a"),
            (r"a\b", r"a\b"),
        ];
        for (line, want) in cases {
            assert_eq!(strip(line, false), want, "{line}");
        }
    }

    #[test]
    fn a_backslash_protects_only_where_escapes_count() {
        assert_eq!(strip(r"router_id a\#b\!c # d", true), "router_id a#b!c");
        assert_eq!(strip(r"router_id a\#b", false), "router_id a");
    }
}
