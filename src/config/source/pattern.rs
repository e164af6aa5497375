//! Which files an include line names: `{a,b}` alternatives, then wildcards.

use std::path::{Path, PathBuf};

use glob::Pattern;

use super::file::Files;

/// More alternatives than this are cut off.
const MOST: usize = 4096;

/// What one alternative of a pattern came to.
#[derive(Debug)]
pub(super) struct Found {
    /// The pattern without braces, for messages.
    pub(super) pattern: String,
    /// Whether it holds `*`, `?` or `[`.
    pub(super) wildcard: bool,
    /// Sorted; a pattern without wildcard names its file whether it exists or not.
    pub(super) paths: Vec<PathBuf>,
}

/// Looks `pattern` up from `folder`; one entry per `{a,b}` alternative.
pub(super) fn find(pattern: &str, folder: &Path, files: &dyn Files) -> Vec<Found> {
    alternatives(pattern).into_iter().map(|pattern| expand(pattern, folder, files)).collect()
}

fn expand(pattern: String, folder: &Path, files: &dyn Files) -> Found {
    if !pattern.contains(['*', '?', '[']) {
        let paths = vec![folder.join(&pattern)];
        return Found { pattern, wildcard: false, paths };
    }
    let whole = if pattern.starts_with('/') || folder.as_os_str().is_empty() {
        pattern.clone()
    } else {
        format!("{}/{pattern}", Pattern::escape(&folder.to_string_lossy()))
    };
    let paths = files.matching(&whole);
    Found { pattern, wildcard: true, paths }
}

/// `a{b,c}d` as `abd`, `acd`; nested braces too. A brace without its partner stays as it is.
fn alternatives(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut todo = vec![pattern.to_owned()];
    while let Some(next) = todo.pop() {
        if done.len() + todo.len() >= MOST {
            break;
        }
        match first_group(&next) {
            None => done.push(next),
            Some((open, commas, close)) => {
                let cuts: Vec<usize> = std::iter::once(open).chain(commas).chain([close]).collect();
                for pair in cuts.windows(2).rev() {
                    let [from, to] = pair else { continue };
                    todo.push(format!("{}{}{}", &next[..open], &next[from + 1..*to], &next[close + 1..]));
                }
            }
        }
    }
    done
}

/// Places of the first `{`, of the commas at its level, and of its `}`.
fn first_group(pattern: &str) -> Option<(usize, Vec<usize>, usize)> {
    let open = pattern.find('{')?;
    let mut depth = 0_usize;
    let mut commas = Vec::new();
    for (at, byte) in pattern.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b',' if depth == 1 => commas.push(at),
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some((open, commas, at));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_become_alternatives_in_their_order() {
        let cases: &[(&str, &[&str])] = &[
            ("a.conf", &["a.conf"]),
            ("{a,b}.conf", &["a.conf", "b.conf"]),
            ("x{a,b{1,2}}y", &["xay", "xb1y", "xb2y"]),
            ("{a,b}{c,d}", &["ac", "ad", "bc", "bd"]),
            ("{a,b", &["{a,b"]),
            ("{}", &[""]),
        ];
        for (pattern, want) in cases {
            assert_eq!(alternatives(pattern), *want, "{pattern}");
        }
    }

    #[test]
    fn an_explosion_of_braces_is_cut_off() {
        assert!(alternatives(&"{a,b}".repeat(40)).len() <= MOST);
    }
}
