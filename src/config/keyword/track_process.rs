//! `vrrp_track_process`: how many processes of a name run.

use super::line::{KnownScript, Line, Set, expected, number};
use super::table::{Keyword, Table};
use super::track_file::{WeightDraft, weight};
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
        Row::words("process", "<program> [<parameter> ...]", |d, _| {
            d.named = true;
            Ok(())
        })
        .first(),
        Row::words("param_match", "[initial|partial]", param_match).bare_is_fine(),
        Row::words("weight", "<-254..254> [reverse]", |d, l| weight(&mut d.weight, DEFAULT, l))
            .bare_is_error(),
        Row::words("quorum", "<1-65535>", quorum),
        Row::words("quorum_max", "<0-65535>", quorum_max),
        Row::words("delay", "<seconds>", delay),
        Row::words("terminate_delay", "<seconds>", delay),
        Row::words("fork_delay", "<seconds>", delay),
        Row::flag("full_command", |_| {}),
    ],
);

/// A block on its way.
#[derive(Debug, Default)]
pub(super) struct ProcessDraft {
    named: bool,
    weight: WeightDraft,
    /// `quorum`; default 1.
    least: Option<i64>,
    /// `quorum_max`; default no limit.
    most: Option<i64>,
}

impl ProcessDraft {
    /// What uses take over; `None` when no process is named.
    pub(super) fn finish(&self) -> Option<KnownScript> {
        self.named.then(|| self.weight.finish(DEFAULT))
    }
}

fn param_match(_: &mut ProcessDraft, line: &mut Line<'_, '_>) -> Set {
    match line.arguments().first() {
        Some(word) if !matches!(&**word, "initial" | "partial") => Err(expected(word, "initial or partial")),
        _ => Ok(()),
    }
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

fn delay(_: &mut ProcessDraft, line: &mut Line<'_, '_>) -> Set {
    line.seconds(6, 1, 3_600_000_000).map(drop)
}
