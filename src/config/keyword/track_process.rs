//! `vrrp_track_process`: how many processes of a name run.

use std::time::Duration;

use super::line::{KnownScript, Line, Rejected, Set, expected, number};
use super::table::{Keyword, Table};
use super::track_file::{WeightDraft, weight};
use crate::config::model::{ParameterMatch, TrackProcess};
use crate::config::tree::Word;

type Row = Keyword<ProcessDraft>;

/// Largest number of processes.
const MOST: i64 = 65_535;
/// Weight of a process for which none is given.
const DEFAULT: i64 = 0;

/// The only list of this block's keywords.
pub(super) static VRRP_TRACK_PROCESS: Table<ProcessDraft> = Table::new(
    "vrrp_track_process",
    &[
        Row::words("process", "<program> [<parameter> ...]", process).first(),
        Row::words("param_match", "[initial|partial]", param_match).bare_is_fine(),
        Row::words("weight", "<-254..254> [reverse]", |d, l| weight(&mut d.weight, DEFAULT, l))
            .bare_is_error(),
        Row::words("quorum", "<1-65535>", quorum),
        Row::words("quorum_max", "<0-65535>", quorum_max),
        Row::words("delay", "<seconds>", |d, l| {
            d.terminate_delay = delay(l)?;
            d.fork_delay = d.terminate_delay;
            Ok(())
        }),
        Row::words("terminate_delay", "<seconds>", |d, l| {
            d.terminate_delay = delay(l)?;
            Ok(())
        }),
        Row::words("fork_delay", "<seconds>", |d, l| {
            d.fork_delay = delay(l)?;
            Ok(())
        }),
        Row::flag("full_command", |d| d.full_command = true),
    ],
);

/// A block on its way.
#[derive(Debug, Default)]
pub(super) struct ProcessDraft {
    /// The words of `process`.
    command: Vec<String>,
    /// `param_match`.
    parameter_match: Option<ParameterMatch>,
    full_command: bool,
    terminate_delay: Duration,
    fork_delay: Duration,
    weight: WeightDraft,
    /// `quorum`; default 1.
    least: Option<i64>,
    /// `quorum_max`; default no limit.
    most: Option<i64>,
}

impl ProcessDraft {
    /// The block and what its uses take over; `None` when no process is named.
    pub(super) fn finish(self, name: &str) -> Option<(TrackProcess, KnownScript)> {
        let known = self.weight.finish(DEFAULT);
        let mut words = self.command.into_iter();
        let process = words.next()?;
        let parameters: Vec<String> = words.collect();
        let exact = (!parameters.is_empty()).then_some(ParameterMatch::Exact);
        let parameter_match = self.parameter_match.or(exact);
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        let none_may_run = self.most == Some(0);
        let block = TrackProcess {
            name: name.to_owned(),
            process,
            parameters,
            parameter_match,
            full_command: self.full_command || parameter_match.is_some(),
            quorum: if none_may_run { 0 } else { count(self.least.unwrap_or(1)) },
            quorum_max: self.most.map(count),
            terminate_delay: self.terminate_delay,
            fork_delay: self.fork_delay,
        };
        Some((block, known))
    }
}

fn process(draft: &mut ProcessDraft, line: &mut Line<'_, '_>) -> Set {
    line.first()?;
    draft.command = line.arguments().iter().map(|word| word.to_string()).collect();
    Ok(())
}

fn param_match(draft: &mut ProcessDraft, line: &mut Line<'_, '_>) -> Set {
    draft.parameter_match = Some(match line.arguments().first() {
        None => ParameterMatch::Exact,
        Some(word) if &**word == "initial" => ParameterMatch::Initial,
        Some(word) if &**word == "partial" => ParameterMatch::Partial,
        Some(word) => return Err(expected(word, "initial or partial")),
    });
    Ok(())
}

fn quorum(draft: &mut ProcessDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let least = number(word, 1, MOST)?;
    fits(least, draft.most, word)?;
    draft.least = Some(least);
    Ok(())
}

fn quorum_max(draft: &mut ProcessDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let most = number(word, 0, MOST)?;
    fits(draft.least.unwrap_or(1), Some(most), word)?;
    draft.most = Some(most);
    Ok(())
}

/// No processes at all may be asked for, as `quorum_max 0` beside the quorum of 1.
fn fits(least: i64, most: Option<i64>, word: &Word) -> Set {
    match most {
        Some(most) if least > most && (least, most) != (1, 0) => {
            Err(expected(word, "a `quorum` that is not above `quorum_max`"))
        }
        _ => Ok(()),
    }
}

fn delay(line: &mut Line<'_, '_>) -> Result<Duration, Rejected> {
    line.seconds(6, 1, 3_600_000_000)
}
