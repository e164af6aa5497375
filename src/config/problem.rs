//! Problems as people read them, what follows from them, and their collection.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::excerpt::Excerpt;
use super::fault::Fault;
use super::keepalived_words::words;
use super::source::{Lines, Place};

/// keepalived's fault classes; the highest one seen decides the exit status of `-t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A file is not there.
    FileNotFound,
    /// An interface is not there.
    BadInterface,
    /// Something else that is named is not there.
    Fatal,
    /// The main file's name matches several files.
    MultipleFiles,
    /// No keyword of this block.
    UnknownKeyword,
    /// A `{` where none belongs.
    UnexpectedOpen,
    /// No `{` where one belongs.
    MissingOpen,
    /// A `}` too many.
    UnexpectedClose,
    /// A block that is not closed.
    MissingClose,
    /// A `"` that is not closed.
    UnmatchedQuote,
    /// A word that a keyword needs, where keepalived goes on without it.
    MissingParameter,
    /// A number that is none, or out of range.
    InvalidNumber,
    /// Anything else.
    General,
    /// Works, but probably not as meant.
    Warning,
    /// An old spelling.
    Deprecated,
    /// A script that should not run.
    Security,
}

impl Class {
    /// Exit status of `-t` when this is the highest class.
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::FileNotFound | Self::BadInterface | Self::Fatal => 4,
            Self::Security => 6,
            _ => 5,
        }
    }
}

/// What follows from a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Consequence {
    /// keepalived only logs it; `-t` passes.
    Noted,
    /// The keyword is understood but has no effect yet.
    NoEffectYet,
    /// The keyword is understood, and running without its effect would change the election, packets or traffic.
    Refused,
    /// `-t` fails with the class; a daemon runs, without the faulty part.
    Reported(Class),
    /// `-t` fails with the class; a daemon exits.
    EndsDaemon(Class),
    /// A mandatory word is missing: `-t` and a daemon exit 2 at once.
    MissingWord {
        /// Found while `global_defs` is read, which is before anything else counts.
        early: bool,
    },
    /// An include that must not fail has failed.
    IncludeFailed,
    /// The main file cannot be read.
    NoMainFile,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Works, but look.
    Warning,
    /// Something of the file does not count.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A fault with its place, as people read it: `file:line:column: error|warning: what`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file as it was named or found.
    pub file: Arc<Path>,
    /// From 1; 0 when the whole file is meant.
    pub line: u32,
    /// From 1, in characters; 0 when the whole file is meant.
    pub column: u32,
    /// How bad it is.
    pub severity: Severity,
    /// Short name of the kind of fault.
    pub code: &'static str,
    /// One sentence.
    pub text: String,
    /// keepalived's own words for it, where tools read them.
    pub keepalived: Option<String>,
    /// What may have been meant.
    pub suggestion: Option<String>,
    /// What follows from it.
    pub consequence: Consequence,
    /// The line and the word in it; `None` when the whole file is meant.
    pub excerpt: Option<Excerpt>,
    /// Another place that has to do with it.
    pub related: Option<Related>,
}

/// A further place, such as the first definition of what is defined twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// What is there.
    pub label: &'static str,
    /// The file as it was named or found.
    pub file: Arc<Path>,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// The line and the word in it.
    pub excerpt: Excerpt,
}

impl Problem {
    /// keepalived's fault class, when it reports the fault as one.
    pub const fn class(&self) -> Option<Class> {
        match self.consequence {
            Consequence::Reported(class) | Consequence::EndsDaemon(class) => Some(class),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if self.line > 0 {
            write!(f, "{}:{}:", self.line, self.column)?;
        }
        write!(f, " {}: {}", self.severity, self.text)?;
        match &self.suggestion {
            Some(word) => write!(f, "; did you mean `{word}`?"),
            None => Ok(()),
        }
    }
}

/// Faults that are kept whatever they are.
const MOST: usize = 10_000;

/// A fault, where it is, and a further place with what is there.
#[derive(Debug)]
struct Found {
    place: Place,
    fault: Fault,
    related: Option<(Place, &'static str)>,
}

/// Collects faults while a configuration is read.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<Found>,
    consequences: HashSet<Consequence>,
    /// Keywords of which it was said once that they have no effect or are refused.
    /// With the index of what was found, if it was kept.
    told: HashMap<(&'static str, &'static str), Option<usize>>,
}

impl Problems {
    /// Adds a fault. Beyond [`MOST`] only what changes the verdict is kept: nobody reads that many, and a file that is
    /// no configuration at all must not fill the memory.
    pub(super) fn add(&mut self, place: Place, fault: Fault) {
        self.add_related(place, fault, None);
    }

    /// Adds a fault with a further place, and what is there.
    pub(super) fn add_related(&mut self, place: Place, fault: Fault, related: Option<(Place, &'static str)>) {
        let consequence = fault.consequence();
        let news = self.consequences.insert(consequence);
        if news || self.found.len() < MOST {
            self.found.push(Found { place, fault, related });
        }
    }

    /// Adds a fault that is told once for each keyword of a block: where it stands first, whatever was judged first.
    pub(super) fn once(&mut self, place: Place, block: &'static str, keyword: &'static str, fault: Fault) {
        let next = self.found.len();
        match self.told.get(&(block, keyword)) {
            None => {
                self.add(place, fault);
                let kept = (self.found.len() > next).then_some(next);
                self.told.insert((block, keyword), kept);
            }
            Some(index) => {
                if let Some(found) = index.and_then(|index| self.found.get_mut(index)) {
                    found.place = found.place.min(place);
                }
            }
        }
    }

    /// Takes over what was found by another step of the reading.
    pub(super) fn absorb(&mut self, other: Self) {
        for Found { place, fault, related } in other.found {
            self.add_related(place, fault, related);
        }
    }

    /// All problems in the order of the input.
    pub(super) fn into_problems(mut self, lines: &Lines) -> Vec<Problem> {
        self.found.sort_by_key(|found| found.place);
        self.found.into_iter().filter_map(|found| problem(lines, &found)).collect()
    }
}

fn problem(lines: &Lines, found: &Found) -> Option<Problem> {
    let Found { place, fault, related } = found;
    let spot = lines.spot(*place)?;
    let consequence = fault.consequence();
    let severity = match consequence {
        Consequence::Noted
        | Consequence::NoEffectYet
        | Consequence::Reported(
            Class::Warning | Class::Deprecated | Class::Security | Class::MultipleFiles,
        ) => Severity::Warning,
        _ => Severity::Error,
    };
    Some(Problem {
        file: spot.file,
        line: spot.line,
        column: if spot.line == 0 { 0 } else { spot.column },
        severity,
        code: fault.code(),
        text: fault.to_string(),
        keepalived: words(fault),
        suggestion: fault.suggestion(),
        consequence,
        excerpt: lines.physical(*place).and_then(Excerpt::of),
        related: related.and_then(|(place, label)| elsewhere(lines, place, label)),
    })
}

fn elsewhere(lines: &Lines, place: Place, label: &'static str) -> Option<Related> {
    let (spot, excerpt) = (lines.spot(place)?, Excerpt::of(lines.physical(place)?)?);
    Some(Related { label, file: spot.file, line: spot.line, column: spot.column, excerpt })
}
