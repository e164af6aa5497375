//! `@ID` and `@^ID` before a line.

use super::line::is_blank;

/// What a condition says about its line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// No condition, or one that holds: the line starts at this byte.
    Kept(usize),
    /// The line is not for this configuration id.
    Dropped,
}

/// Judges the prefix of `line`; only one prefix is looked at.
pub(super) fn judge(line: &str, config_id: &str) -> Judged {
    let start = line.len() - line.trim_start_matches(is_blank).len();
    let Some(condition) = line[start..].strip_prefix('@') else { return Judged::Kept(start) };
    let (negated, id) = match condition.strip_prefix('^') {
        Some(id) => (true, id),
        None => (false, condition),
    };
    let word = id.split(is_blank).next().unwrap_or_default();
    let rest = &id[word.len()..];
    if (word == config_id) == negated || rest.trim_matches(is_blank).is_empty() {
        return Judged::Dropped;
    }
    Judged::Kept(line.len() - rest.trim_start_matches(is_blank).len())
}

#[cfg(test)]
mod tests {
    use super::{Judged, judge};

    #[test]
    fn the_whole_id_must_match() {
        let cases = [
            ("  priority 1", Judged::Kept(2)),
            ("@node1 priority 1", Judged::Kept(7)),
            ("  @node1 \t x", Judged::Kept(11)),
            ("@node x", Judged::Dropped),
            ("@^node1 x", Judged::Dropped),
            ("@^node2 x", Judged::Kept(8)),
            ("@ x", Judged::Dropped),
            ("@^ x", Judged::Kept(3)),
            ("@node1", Judged::Dropped),
        ];
        for (line, want) in cases {
            assert_eq!(judge(line, "node1"), want, "{line}");
        }
    }
}
