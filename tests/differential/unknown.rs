//! Words that keepalived calls unknown, and whether we name them.

use std::collections::BTreeSet;

/// A word that keepalived does not know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unknown {
    pub(crate) line: usize,
    pub(crate) word: String,
}

/// What became of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    /// Words that we name.
    pub(crate) named: usize,
    /// Words that follow from a fault which we name once: what stands in or below an unknown or misplaced block, and
    /// what a missing or surplus brace drags along. keepalived reports each of them.
    pub(crate) echoes: usize,
    /// Words that we do not name.
    pub(crate) missed: Vec<Unknown>,
}

/// One of our problems.
struct Ours {
    line: usize,
    code: String,
    message: String,
}

/// Problems after which keepalived loses its place in the blocks.
const BRACES: &[&str] =
    &["missing-brace", "unexpected-brace", "surplus-brace", "unclosed-block", "unclosed-quote"];

/// keepalived 2.4.3's keywords.
const KEYWORDS: &str = include_str!("../keywords/keywords.tsv");

/// Stands for a line of an included file, which is read later than what is wrong with the main file.
const OTHER_FILE: usize = usize::MAX;

/// Compares the words that keepalived's text calls unknown with our JSON lines about the same `text` of `file`.
pub(crate) fn compare(theirs: &str, ours: &str, file: &str, text: &str) -> Named {
    let ours: Vec<Ours> = ours.lines().filter_map(ours_of).collect();
    let mut outcome = Named::default();
    for unknown in unknown(theirs, file) {
        if ours.iter().any(|problem| problem.message.contains(&format!("`{}`", unknown.word))) {
            outcome.named += 1;
        } else if is_echo(&unknown, &ours, text) {
            outcome.echoes += 1;
        } else {
            outcome.missed.push(unknown);
        }
    }
    outcome
}

/// Each once, however many passes report it; braces are no keywords.
fn unknown(text: &str, file: &str) -> BTreeSet<Unknown> {
    let found = text.lines().filter_map(|line| {
        let (place, rest) = line.split_once(") Unknown keyword '")?;
        let word = rest.strip_suffix('\'')?;
        let (path, line) = place.strip_prefix('(')?.split_once("Line ")?;
        let here = path.is_empty() || path.starts_with(file);
        Some(Unknown { line: if here { line.parse().ok()? } else { OTHER_FILE }, word: word.to_owned() })
    });
    found.filter(|unknown| !["{", "}"].contains(&unknown.word.as_str())).collect()
}

fn ours_of(line: &str) -> Option<Ours> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(Ours {
        line: usize::try_from(value["line"].as_u64().unwrap_or(0)).ok()?,
        code: value["code"].as_str()?.to_owned(),
        message: value["message"].as_str()?.to_owned(),
    })
}

fn is_echo(unknown: &Unknown, ours: &[Ours], text: &str) -> bool {
    ours.iter().any(|problem| match problem.code.as_str() {
        code if BRACES.contains(&code) => problem.line <= unknown.line,
        "unknown-keyword" | "misplaced-keyword" => {
            let inside = block_at(text, problem.line).contains(&unknown.line);
            inside || follows_block(unknown, problem, text) && is_no_slip(&unknown.word)
        }
        _ => false,
    })
}

/// Whether the word stands below a block that keepalived did not know: the `}` of that one closes the block around it,
/// and what follows is read one level too high.
fn follows_block(unknown: &Unknown, problem: &Ours, text: &str) -> bool {
    let opens = text.lines().nth(problem.line.saturating_sub(1)).is_some_and(|line| line.contains('{'));
    unknown.line == OTHER_FILE || (opens && problem.line < unknown.line)
}

/// Whether the word is a keyword somewhere, or a value such as an address.
fn is_no_slip(word: &str) -> bool {
    let keyword = KEYWORDS.lines().any(|row| row.split('\t').nth(1) == Some(word));
    keyword || word.contains(|c: char| c.is_ascii_digit())
}

/// The lines of the block that opens at `line`; only that line when none does.
fn block_at(text: &str, line: usize) -> std::ops::RangeInclusive<usize> {
    let mut depth = 0_usize;
    for (index, content) in text.lines().enumerate().skip(line.saturating_sub(1)) {
        for letter in content.chars() {
            match letter {
                '{' => depth += 1,
                '}' if depth <= 1 => return line..=index + 1,
                '}' => depth -= 1,
                _ => {}
            }
        }
        if depth == 0 && index + 1 > line {
            return line..=line;
        }
    }
    line..=text.lines().count()
}
