//! The command line: keepalived's options and exit statuses, and our verb `--check-config`.
//!
//! In: argv. Out: an [`Invocation`] to carry out, or an [`Outcome`] to print and exit with.
//! Never here: what is run, the configuration, any process.

mod answer;
mod check;
mod effect;
pub mod exit;
mod flags;
mod getopt;
mod message;
mod options;
mod outcome;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches};

pub use check::{check_config, config_test, warn};
pub use message::{MessageFormat, told};
pub use options::Options;
pub use outcome::{Outcome, print};

use effect::Effect;
use flags::Flags;
use getopt::Item;

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// What to do.
    pub action: Action,
    /// How.
    pub options: Options,
    /// What the operator should know, a line each.
    pub warnings: Vec<String>,
    /// What the options alone make of the exit status of a `-t`: [`exit::OK`] or [`exit::REPORTED`].
    pub options_status: u8,
}

/// The things that vrrpd can be asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Be a VRRP daemon.
    Run,
    /// `-t`: check the configuration and this host.
    ConfigTest {
        /// Where reports go instead of stderr.
        log: Option<PathBuf>,
    },
    /// `--check-config`: check each file by itself, offline.
    CheckConfig {
        /// At least one.
        files: Vec<PathBuf>,
    },
}

/// Reads the words after the program's name.
///
/// # Errors
/// The [`Outcome`] to print when nothing is to be run: an answer (`-v`, `-h`, `--signum`), faults, or refused options.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Invocation, Outcome> {
    let mut command = Flags::command();
    let items = getopt::read(&mut command, args);
    if let Some(answer) = answer::at_once(&items) {
        return Err(answer);
    }
    stop_if_any(faults(&items))?;
    let flags = command
        .try_get_matches_from(getopt::canonical(&items))
        .and_then(|matches| Flags::from_arg_matches(&matches))
        .map_err(|error| refusal(error.to_string()))?;
    invocation(flags, &items)
}

fn invocation(flags: Flags, items: &[Item]) -> Result<Invocation, Outcome> {
    let mut warnings = Vec::new();
    stop_if_any(unknown_format(&flags).into_iter().collect())?;
    let options = Options::new(&flags, &mut warnings);
    let invalid = flags.log_facility.is_some() && warnings.iter().any(|line| line.contains("facility"));
    stop_if_any(judge_effects(&flags, items, &mut warnings))?;
    let action = action(&flags, &options, &mut warnings);
    let options = if action == Action::Run { options.with_absolute_paths() } else { options };
    let options_status = if invalid { exit::REPORTED } else { exit::OK };
    Ok(Invocation { action, options, warnings, options_status })
}

fn action(flags: &Flags, options: &Options, warnings: &mut Vec<String>) -> Action {
    if flags.check_config {
        let named: Vec<PathBuf> = flags.operands.iter().map(PathBuf::from).collect();
        return Action::CheckConfig {
            files: if named.is_empty() { vec![options.file.clone()] } else { named },
        };
    }
    if !flags.operands.is_empty() {
        let words: Vec<String> = flags.operands.iter().map(|word| word.display().to_string()).collect();
        warnings.push(format!("Unexpected argument(s): {}", words.join(" ")));
    }
    match &flags.config_test {
        Some(log) => {
            let named = log.as_ref().filter(|log| !log.is_empty());
            Action::ConfigTest { log: named.map(PathBuf::from) }
        }
        None => Action::Run,
    }
}

fn unknown_format(flags: &Flags) -> Option<String> {
    let name = flags.message_format.as_ref().filter(|name| MessageFormat::named(name).is_none())?;
    Some(format!("--message-format: no format `{}`; there are human, short, json and log", name.display()))
}

fn faults(items: &[Item]) -> Vec<String> {
    let fault = |item: &Item| match item {
        Item::Fault(fault) => Some(fault.to_string()),
        Item::Option(..) | Item::Operand(_) => None,
    };
    items.iter().filter_map(fault).collect()
}

/// Warns of each option without effect and returns those that end the start.
///
/// A check runs nothing, so it only warns of what a start refuses.
fn judge_effects(flags: &Flags, items: &[Item], warnings: &mut Vec<String>) -> Vec<String> {
    let checking = flags.check_config || flags.config_test.is_some();
    let mut refused = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for item in items {
        let Item::Option(name, _) = item else { continue };
        if seen.contains(&name.as_str()) {
            continue;
        }
        seen.push(name);
        match effect::of(name) {
            Effect::Full => {}
            Effect::None => warnings.push(format!("--{name}: understood, no effect yet")),
            Effect::Refused(why) if checking => {
                warnings.push(format!("--{name}: not supported, a start refuses it: {why}"));
            }
            Effect::Refused(why) => refused.push(format!("--{name}: not supported: {why}")),
        }
    }
    refused
}

fn stop_if_any(lines: Vec<String>) -> Result<(), Outcome> {
    if lines.is_empty() { Ok(()) } else { Err(refusal(lines.join("\n") + "\n")) }
}

fn refusal(err: String) -> Outcome {
    Outcome { out: String::new(), err, status: exit::FATAL }
}

#[cfg(test)]
mod tests;
