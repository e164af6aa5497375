//! How the problems of a configuration are told: for people at a terminal, a line each, or for programs.
//!
//! In: problems. Out: text.
//! Never here: where the text goes, and what the problems come to.

mod human;
mod json;
mod log;
mod short;
#[cfg(test)]
mod usual_faults_tests;

use std::ffi::OsStr;

use crate::config::Problem;

/// `--message-format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageFormat {
    /// With the line of the file, the faulty word underlined.
    Human,
    /// `file:line:column: error|warning: what`.
    Short,
    /// One object a line.
    Json,
    /// `(file: Line n) what`, as keepalived's `-t` logs it.
    Log,
}

impl MessageFormat {
    /// The format of this name.
    pub(super) fn named(name: &OsStr) -> Option<Self> {
        match name.to_str() {
            Some("human") => Some(Self::Human),
            Some("short") => Some(Self::Short),
            Some("json") => Some(Self::Json),
            Some("log") => Some(Self::Log),
            _ => None,
        }
    }
}

/// The text for all of `problems`; colours only concern [`MessageFormat::Human`].
pub fn told(problems: &[Problem], format: MessageFormat, colours: bool) -> String {
    match format {
        MessageFormat::Human => human::told(problems, colours),
        MessageFormat::Short => problems.iter().map(short::told).collect(),
        MessageFormat::Json => problems.iter().map(json::told).collect(),
        MessageFormat::Log => problems.iter().map(log::told).collect(),
    }
}
