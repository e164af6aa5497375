//! What the problems of a configuration come to: an exit status, a start, a reload.

use super::model::Model;
use super::problem::{Class, Consequence, Problem};

/// A mandatory word is missing, or the configuration cannot run.
const EXIT_CONFIG: u8 = 2;
/// The main file cannot be read.
const EXIT_NO_FILE: u8 = 4;
/// Nothing can be configured: include errors, and a start without a main file.
const EXIT_NOT_CONFIGURED: u8 = 6;

/// What reading a configuration gave.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What may run; `None` when the main file could not be read.
    pub model: Option<Model>,
    /// Everything that was found, in the order of the input.
    pub problems: Vec<Problem>,
    /// `reload_check_config`: keepalived ends at any fault that it reports.
    every_fault_ends: bool,
}

/// Why a daemon does not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the configuration cannot be used (exit status {status})")]
pub struct StartRefusal {
    /// keepalived's exit status.
    pub status: u8,
    /// The problems that forbid it.
    pub problems: Vec<Problem>,
}

/// Why a reload changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is unusable; the one that runs stays")]
pub struct ReloadRefusal {
    /// The problems that forbid it.
    pub problems: Vec<Problem>,
}

impl Reading {
    pub(super) fn new(model: Model, problems: Vec<Problem>, every_fault_ends: bool) -> Self {
        let unread = problems.iter().any(|problem| problem.consequence == Consequence::NoMainFile);
        Self { model: (!unread).then_some(model), problems, every_fault_ends }
    }

    /// Exit status of `-t` and `--check-config`: keepalived's, but for a main file that cannot be read (4, not 0).
    pub fn exit_status(&self) -> u8 {
        if self.has(|consequence| matches!(consequence, Consequence::MissingWord { early: true })) {
            return EXIT_CONFIG;
        }
        if self.has(|consequence| consequence == Consequence::IncludeFailed) {
            return EXIT_NOT_CONFIGURED;
        }
        if self.has(|consequence| matches!(consequence, Consequence::MissingWord { .. })) {
            return EXIT_CONFIG;
        }
        let highest = self.problems.iter().filter_map(Problem::class).max();
        let unread = self.has(|consequence| consequence == Consequence::NoMainFile);
        highest.map_or(if unread { EXIT_NO_FILE } else { 0 }, Class::exit_status)
    }

    /// The Model for a daemon that starts, judged as keepalived judges; keywords that are not supported refuse too.
    pub fn for_start(self) -> Result<Model, StartRefusal> {
        let status = self.start_status();
        match (status, self.model) {
            (0, Some(model)) => Ok(model),
            (0, None) => Err(StartRefusal { status: EXIT_NOT_CONFIGURED, problems: self.problems }),
            (status, _) => {
                let ends = |problem: &Problem| ends_start(problem.consequence, self.every_fault_ends);
                let problems = self.problems.into_iter().filter(ends).collect();
                Err(StartRefusal { status, problems })
            }
        }
    }

    fn start_status(&self) -> u8 {
        let unread =
            |consequence| matches!(consequence, Consequence::NoMainFile | Consequence::IncludeFailed);
        if self.has(|consequence| matches!(consequence, Consequence::MissingWord { early: true })) {
            EXIT_CONFIG
        } else if self.has(unread) {
            EXIT_NOT_CONFIGURED
        } else if self.has(|consequence| ends_start(consequence, self.every_fault_ends)) {
            EXIT_CONFIG
        } else {
            0
        }
    }

    /// The Model for a daemon that runs already; an unusable file must change nothing.
    pub fn for_reload(self) -> Result<Model, ReloadRefusal> {
        let every = self.every_fault_ends;
        let ends =
            |problem: &Problem| ends_reload(problem.consequence) || ends_start(problem.consequence, every);
        match self.model {
            Some(model) if !self.problems.iter().any(ends) => Ok(model),
            _ => Err(ReloadRefusal { problems: self.problems.into_iter().filter(ends).collect() }),
        }
    }

    fn has(&self, what: impl Fn(Consequence) -> bool) -> bool {
        self.problems.iter().any(|problem| what(problem.consequence))
    }
}

fn ends_start(consequence: Consequence, every_fault_ends: bool) -> bool {
    match consequence {
        Consequence::Refused
        | Consequence::EndsDaemon(_)
        | Consequence::MissingWord { .. }
        | Consequence::IncludeFailed
        | Consequence::NoMainFile => true,
        Consequence::Reported(Class::Security) | Consequence::Noted | Consequence::NoEffectYet => false,
        Consequence::Reported(_) => every_fault_ends,
    }
}

/// Braces and quotes out of balance: what was meant is unknown, and something runs that works.
fn ends_reload(consequence: Consequence) -> bool {
    matches!(
        consequence,
        Consequence::Reported(
            Class::UnexpectedOpen
                | Class::MissingOpen
                | Class::UnexpectedClose
                | Class::MissingClose
                | Class::UnmatchedQuote
        )
    )
}
