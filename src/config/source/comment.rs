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

#[cfg(test)]
mod tests {
    use super::strip;

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
