//! Problems as people read them, what follows from them, and their collection.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::fault::Fault;
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
    /// What may have been meant.
    pub suggestion: Option<String>,
    /// What follows from it.
    pub consequence: Consequence,
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

/// Collects faults while a configuration is read.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<(Place, Fault)>,
    consequences: HashSet<Consequence>,
    /// Keywords of which it was said once that they have no effect or are refused.
    told: HashSet<(&'static str, &'static str)>,
}

impl Problems {
    /// Adds a fault. Beyond [`MOST`] only what changes the verdict is kept: nobody reads that many, and a file that is
    /// no configuration at all must not fill the memory.
    pub(super) fn add(&mut self, place: Place, fault: Fault) {
        let consequence = fault.consequence();
        let news = self.consequences.insert(consequence);
        if news || self.found.len() < MOST {
            self.found.push((place, fault));
        }
    }

    /// Adds a fault that is told once for each keyword of a block.
    pub(super) fn once(&mut self, place: Place, block: &'static str, keyword: &'static str, fault: Fault) {
        if self.told.insert((block, keyword)) {
            self.add(place, fault);
        }
    }

    /// All problems in the order of the input.
    pub(super) fn into_problems(mut self, lines: &Lines) -> Vec<Problem> {
        self.found.sort_by_key(|(place, _)| *place);
        self.found.into_iter().filter_map(|(place, fault)| problem(lines, place, &fault)).collect()
    }
}

fn problem(lines: &Lines, place: Place, fault: &Fault) -> Option<Problem> {
    let spot = lines.spot(place)?;
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
        suggestion: fault.suggestion(),
        consequence,
    })
}
