//! `vrrp_script`: a periodic check.

use std::num::NonZeroU32;
use std::time::Duration;

use super::line::{Line, Rejected, Set, expected};
use super::number::whole;
use super::script::{Lexed, command};
use super::table::{Keyword, Table};
use crate::config::fault::Fault;
use crate::config::model::{Account, Command, Test, VrrpScript};
use crate::config::source::Place;
use crate::config::tree::Word;
use crate::units::Weight;

type Row = Keyword<ScriptDraft>;

/// Largest weight that does not overflow a priority.
const MOST_WEIGHT: i64 = 253;
/// Longest interval and timeout in millionths of a second.
const LONGEST: i64 = 4_294_000_000;

/// The only list of this block's keywords.
pub(super) static VRRP_SCRIPT: Table<ScriptDraft> = Table::new(
    "vrrp_script",
    &[
        Row::words("script", "<command>", script).bare_is_fine(),
        Row::words("interval", "<seconds>", |d, l| {
            d.interval = Some(period(l)?);
            Ok(())
        }),
        Row::words("timeout", "<seconds>", |d, l| {
            d.timeout = Some(period(l)?);
            Ok(())
        }),
        Row::words("weight", "<-253..253> [reverse]", weight),
        Row::words("rise", "<number>", |d, l| {
            d.rise = NonZeroU32::MIN;
            d.rise = count(l)?;
            Ok(())
        }),
        Row::words("fall", "<number>", |d, l| {
            d.fall = NonZeroU32::MIN;
            d.fall = count(l)?;
            Ok(())
        }),
        Row::words("user", "<user> [<group>]", user),
        Row::flag("init_fail", |d| d.init_fail = true),
    ],
);

/// A block on its way.
#[derive(Debug)]
pub(super) struct ScriptDraft {
    test: Option<Test>,
    interval: Option<Duration>,
    timeout: Option<Duration>,
    weight: Weight,
    reverse: bool,
    rise: NonZeroU32,
    fall: NonZeroU32,
    account: Option<Account>,
    /// Where a user that does not exist is named.
    unknown_user: Option<Place>,
    init_fail: bool,
}

impl Default for ScriptDraft {
    fn default() -> Self {
        Self {
            test: None,
            interval: None,
            timeout: None,
            weight: Weight::FAULT,
            reverse: false,
            rise: NonZeroU32::MIN,
            fall: NonZeroU32::MIN,
            account: None,
            unknown_user: None,
            init_fail: false,
        }
    }
}

impl ScriptDraft {
    /// Whether the block has something to run.
    pub(super) fn has_test(&self) -> bool {
        self.test.is_some()
    }

    /// The finished script; `None` without a command, or when it should run as somebody who does not exist.
    pub(super) fn finish(self, name: String) -> Option<VrrpScript> {
        const DEFAULT_INTERVAL: Duration = Duration::from_secs(1);
        let test = match self.test? {
            Test::Run(command) => Test::Run(Command { account: self.account, ..command }),
            readable @ Test::Readable(_) => readable,
        };
        if self.unknown_user.is_some() {
            return None;
        }
        let interval = self.interval.unwrap_or(DEFAULT_INTERVAL);
        Some(VrrpScript {
            name,
            test,
            interval,
            timeout: self.timeout.unwrap_or(interval),
            weight: self.weight,
            reverse: self.reverse,
            rise: self.rise,
            fall: self.fall,
            init_fail: self.init_fail,
        })
    }
}

/// One word; what follows it without quotes is dropped.
fn script(draft: &mut ScriptDraft, line: &mut Line<'_, '_>) -> Set {
    let rest = line.rest();
    let Lexed::Words(made) = command(rest) else {
        return Err(expected(rest, "a script with its quotes closed"));
    };
    let Some(made) = made else {
        let what = "needs a command; the line is left out".to_owned();
        line.report(line.place(), Fault::Remark { keyword: "script", what });
        return Ok(());
    };
    let dropped = line.arguments().get(1).filter(|_| made.account.is_some());
    if let Some(word) = dropped {
        let what = "is one word; quote it when it has arguments: what follows is left out".to_owned();
        line.report(word.place, Fault::Remark { keyword: "script", what });
    }
    let file = line.first()?.strip_prefix('<').map(str::trim);
    draft.test = Some(match file {
        Some(path) => Test::Readable(path.to_owned()),
        None => Test::Run(Command { account: None, ..made }),
    });
    Ok(())
}

fn period(line: &mut Line<'_, '_>) -> Result<Duration, Rejected> {
    const LEAST: Duration = Duration::from_secs(1);
    let period = line.seconds(3, 0, LONGEST)?;
    if period.is_zero() {
        line.adjusted(line.first()?.place, "is more than 0; 1 second is used");
        return Ok(LEAST);
    }
    Ok(period)
}

fn count(line: &Line<'_, '_>) -> Result<NonZeroU32, Rejected> {
    let word = line.first()?;
    let value: u32 = super::line::number(word, 1, i64::from(i32::MAX))?;
    Ok(NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN))
}

fn weight(draft: &mut ScriptDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    draft.weight = checked_weight(word, line)?;
    draft.reverse = false;
    draft.reverse = line.reverse()?;
    Ok(())
}

/// A weight that is a number but too large counts as the largest one (keepalived uses it as it is).
fn checked_weight(word: &Word, line: &mut Line<'_, '_>) -> Result<Weight, Rejected> {
    let value = whole(word).ok_or_else(|| expected(word, "-253 to 253"))?;
    let limited = value.clamp(-MOST_WEIGHT, MOST_WEIGHT);
    if limited != value {
        let what = format!("goes from -253 to 253; {limited} is used instead of {value}");
        line.report(word.place, Fault::Adjusted { keyword: "weight", what });
    }
    Ok(i16::try_from(limited).ok().and_then(Weight::new).unwrap_or_default())
}

fn user(draft: &mut ScriptDraft, line: &mut Line<'_, '_>) -> Set {
    let user = line.first()?.place;
    match line.account("script") {
        Ok(account) => draft.account = Some(account),
        Err(unknown) => {
            draft.unknown_user = Some(user);
            return Err(unknown);
        }
    }
    Ok(())
}
