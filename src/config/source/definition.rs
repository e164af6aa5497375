//! `$NAME=value` and the use of `$NAME` and `${NAME}`.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::rc::Rc;

use super::line::{Segment, is_blank, offset};

/// A line may not grow beyond this by substitution.
const LONGEST: usize = 1023;

/// References replaced on one line, nested ones included; more can only be a definition that uses itself.
const MOST_STEPS: usize = 1_000;

/// Every definition read so far.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// The lines of each value.
    values: HashMap<Rc<str>, Rc<[Rc<str>]>>,
}

/// What a built-in name needs to know.
pub(super) struct Surroundings<'a> {
    /// `$_PWD`.
    pub(super) folder: &'a str,
    /// `$_INSTANCE`.
    pub(super) config_id: &'a str,
}

/// Why a substitution stopped or gave something else than was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the line grows beyond {LONGEST} characters by substitution")]
    TooLong,
    #[error("`${0}` takes {1}")]
    Parameters(&'static str, &'static str),
}

/// A line after substitution.
#[derive(Debug)]
pub(super) struct Substituted {
    pub(super) text: String,
    pub(super) segments: Vec<Segment>,
    /// Further lines of a multi-line value, to be read as lines of their own.
    pub(super) further: Vec<Rc<str>>,
    pub(super) trouble: Vec<(u32, Trouble)>,
    /// References that were looked up.
    pub(super) steps: u32,
}

/// `NAME` and the raw value of `$NAME=value`; `None` for any other line.
pub(super) fn definition(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix('$')?;
    let name = identifier(rest)?;
    let value = rest[name.len()..].strip_prefix('=')?;
    Some((name, value.trim_start_matches(is_blank)))
}

fn identifier(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let name = &text[..end];
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_').then_some(name)
}

/// A reference in a text.
struct Reference<'a> {
    start: usize,
    end: usize,
    name: &'a str,
    /// Words after the name, only in braces.
    parameters: Vec<&'a str>,
}

/// The next reference at or after `from`, whether its name is known or not.
fn reference(text: &str, from: usize) -> Option<Reference<'_>> {
    let mut at = from;
    loop {
        let start = at + text.get(at..)?.find('$')?;
        at = start + 1;
        let rest = &text[at..];
        if let Some(inner) = rest.strip_prefix('{') {
            let Some(name) = identifier(inner) else { continue };
            let Some(close) = inner.find('}') else { continue };
            let Some(between) = inner.get(name.len()..close) else { continue };
            if !(between.is_empty() || between.starts_with([' ', '\t'])) {
                continue;
            }
            let parameters = between.split_ascii_whitespace().collect();
            return Some(Reference { start, end: at + 1 + close + 1, name, parameters });
        }
        let Some(name) = identifier(rest) else { continue };
        if matches!(rest[name.len()..].chars().next(), None | Some(' ' | '\t' | ',' | ')')) {
            return Some(Reference { start, end: at + name.len(), name, parameters: Vec::new() });
        }
    }
}

impl Definitions {
    /// Defines or replaces; every element of `lines` is one input line at the place of use.
    pub(super) fn set(&mut self, name: &str, lines: Vec<Rc<str>>) {
        self.values.insert(name.into(), lines.into());
    }

    /// The text of a definition of one line.
    pub(super) fn single(&self, name: &str) -> Option<&str> {
        match self.values.get(name).map(|lines| &lines[..]) {
            Some([line]) => Some(line),
            _ => None,
        }
    }

    /// Replaces every reference in `line`, which begins at byte `from` of its physical line.
    pub(super) fn substitute(&self, line: &str, from: u32, around: &Surroundings<'_>) -> Substituted {
        let mut done = Substituted {
            text: line.to_owned(),
            segments: vec![Segment { at: 0, from, copied: true }],
            further: Vec::new(),
            trouble: Vec::new(),
            steps: 0,
        };
        let mut at = 0;
        for _ in 0..MOST_STEPS {
            let Some(found) = reference(&done.text, at) else { return done };
            done.steps += 1;
            let (start, end) = (found.start, found.end);
            let Some(lines) = self.value(&found, &done.text, around, &mut done.trouble) else {
                at = start + 1;
                continue;
            };
            let first = lines.first().map(|line| &**line).unwrap_or_default();
            if done.text.len() - (end - start) + first.len() > LONGEST {
                break;
            }
            if lines.len() > 1 {
                done.further = lines[1..].iter().cloned().chain(std::mem::take(&mut done.further)).collect();
            }
            replace(&mut done.segments, start, end, first.len());
            done.text.replace_range(start..end, first);
            at = start;
        }
        let place = done.segments.first().map_or(0, |segment| segment.at);
        done.trouble.push((place, Trouble::TooLong));
        done
    }

    fn value(
        &self,
        found: &Reference<'_>,
        text: &str,
        around: &Surroundings<'_>,
        trouble: &mut Vec<(u32, Trouble)>,
    ) -> Option<Rc<[Rc<str>]>> {
        if let Some(lines) = self.values.get(found.name).filter(|_| found.parameters.is_empty()) {
            let last = text[found.end..].trim_matches(is_blank).is_empty();
            return (lines.len() == 1 || last).then(|| Rc::clone(lines));
        }
        let value = builtin(found, around, |what| trouble.push((offset(found.start), what)))?;
        Some([Rc::from(value)].into())
    }
}

fn builtin(
    found: &Reference<'_>,
    around: &Surroundings<'_>,
    mut trouble: impl FnMut(Trouble),
) -> Option<String> {
    let plain = found.parameters.is_empty();
    match found.name {
        "_PWD" if plain => Some(around.folder.to_owned()),
        "_INSTANCE" if plain => Some(around.config_id.to_owned()),
        "_HASH" if plain => Some("#".to_owned()),
        "_BANG" if plain => Some("!".to_owned()),
        "_RANDOM" => Some(random(&found.parameters, trouble).to_string()),
        "_ENV" => {
            let [name] = found.parameters[..] else {
                trouble(Trouble::Parameters("{_ENV}", "one name"));
                return None;
            };
            Some(std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default())
        }
        _ => None,
    }
}

/// An integer between the two bounds, 0 and 32767 where they are not given.
fn random(parameters: &[&str], mut trouble: impl FnMut(Trouble)) -> u64 {
    let numbers: Vec<Option<u64>> =
        parameters.iter().map(|word| word.parse::<u32>().ok().map(u64::from)).collect();
    let low = numbers.first().copied().flatten().unwrap_or(0);
    let high = numbers.get(1).copied().flatten().unwrap_or(32_767.max(low));
    if numbers.len() > 2 || numbers.contains(&None) || low > high {
        trouble(Trouble::Parameters("{_RANDOM}", "at most two numbers, the smaller first"));
    }
    if low >= high {
        return low;
    }
    low + RandomState::new().build_hasher().finish() % (high - low + 1)
}

/// Keeps the map right when `start..end` of the text becomes `length` substituted bytes.
fn replace(segments: &mut Vec<Segment>, start: usize, end: usize, length: usize) {
    let (start, end, length) = (offset(start), offset(end), offset(length));
    let physical = |byte: u32| {
        let after = segments.partition_point(|segment| segment.at <= byte);
        let segment = segments[after.saturating_sub(1)];
        (if segment.copied { segment.from + (byte - segment.at) } else { segment.from }, segment.copied)
    };
    let (place, _) = physical(start);
    let (resume, copied) = physical(end);
    let tail: Vec<Segment> = segments.iter().copied().filter(|segment| segment.at > end).collect();
    segments.retain(|segment| segment.at < start);
    segments.push(Segment { at: start, from: place, copied: false });
    if length > 0 || start > 0 {
        segments.push(Segment { at: start + length, from: resume, copied });
    } else {
        *segments = vec![Segment { at: 0, from: resume, copied }];
    }
    segments.extend(
        tail.into_iter().map(|segment| Segment { at: segment.at - (end - start) + length, ..segment }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn substituted(definitions: &[(&str, &[&str])], line: &str) -> (String, Vec<String>) {
        let mut all = Definitions::default();
        for (name, lines) in definitions {
            all.set(name, lines.iter().map(|line| Rc::from(*line)).collect());
        }
        let done = all.substitute(line, 0, &Surroundings { folder: "/etc", config_id: "node1" });
        (done.text, done.further.iter().map(|line| line.to_string()).collect())
    }

    #[test]
    fn a_reference_ends_where_keepalived_ends_it() {
        let definitions: &[(&str, &[&str])] =
            &[("X", &["v"]), ("LATE", &["<$X>"]), ("DEEP", &["${LATE} $X"])];
        let cases = [
            ("state $X", "state v"),
            ("state ${X}d", "state vd"),
            ("$X,d ($X)", "v,d (v)"),
            ("\"${X}\" \"$X\"", "\"v\" \"$X\""),
            ("$Xd $X.d $NOPE ${NOPE} ${X 1} $", "$Xd $X.d $NOPE ${NOPE} ${X 1} $"),
            ("${DEEP}", "<$X> v"),
            (r"\$X", r"\v"),
            ("$_PWD/$_INSTANCE ${_HASH}", "$_PWD/node1 #"),
        ];
        for (line, want) in cases {
            assert_eq!(substituted(definitions, line).0, want, "{line}");
        }
    }

    #[test]
    fn lines_of_a_value_become_lines_and_must_end_the_line() {
        let definitions: &[(&str, &[&str])] = &[("M", &["a {", "b", "}"])];
        assert_eq!(substituted(definitions, "x $M"), ("x a {".into(), vec!["b".into(), "}".into()]));
        assert_eq!(substituted(definitions, "$M extra"), ("$M extra".into(), vec![]));
    }

    #[test]
    fn a_definition_that_uses_itself_ends() {
        for value in ["${A}", "${A}${A}", "x${A}"] {
            let mut all = Definitions::default();
            all.set("A", vec![value.into()]);
            let done = all.substitute("${A}", 0, &Surroundings { folder: "", config_id: "" });
            assert_eq!(done.trouble.last().map(|(_, why)| why.clone()), Some(Trouble::TooLong), "{value}");
        }
    }

    #[test]
    fn random_numbers_keep_their_bounds() {
        for _ in 0..100 {
            assert!((7..=9).contains(&random(&["7", "9"], |_| panic!("no trouble"))));
        }
        let mut troubles = 0;
        random(&["9", "3"], |_| troubles += 1);
        random(&["1", "2", "3"], |_| troubles += 1);
        random(&["x"], |_| troubles += 1);
        assert_eq!(troubles, 3);
    }

    #[test]
    fn definitions_are_told_from_uses() {
        assert_eq!(definition("$X=a b"), Some(("X", "a b")));
        assert_eq!(definition("$_x1=  v"), Some(("_x1", "v")));
        assert_eq!(definition("$X ="), None);
        assert_eq!(definition("$1X=v"), None);
        assert_eq!(definition("$A-B=v"), None);
    }
}
