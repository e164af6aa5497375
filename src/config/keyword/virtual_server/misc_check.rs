//! `MISC_CHECK`: a program that ends with status 0.

use std::time::Duration;

use super::checker::{Scheduled, inside};
use super::shared::Rows;
use crate::config::fault::Fault;
use crate::config::keyword::line::{Context, Line, Set, expected};
use crate::config::keyword::script::{Lexed, command};
use crate::config::keyword::table::{Keyword, Seen, Status, Table};
use crate::config::model::virtual_server::{Checker, MiscCheck, RealServer, Schedule};
use crate::config::model::{Account, Command};
use crate::config::tree::Statement;

type Row = Keyword<MiscDraft>;

/// The only list of this block's keywords.
pub(super) static MISC_CHECK: Table<MiscDraft> = Table::new(
    "virtual_server/real_server/MISC_CHECK",
    &[
        Row::words("misc_path", "<command>", path).bare_is_error(),
        Row::words("misc_timeout", "<0-4294>", |d, l| {
            let seconds: u32 = l.number(0, 4294)?;
            d.timeout = (seconds > 0).then(|| Duration::from_secs(seconds.into()));
            Ok(())
        }),
        Row::flag("misc_dynamic", |d| d.dynamic = true),
        Row::words("user", "<user> [<group>]", user).bare_is_error(),
    ],
)
.sharing(&[&Rows::<MiscDraft>::SCHEDULE])
.part_of(Status::Refused);

/// A block on its way.
#[derive(Default)]
pub(super) struct MiscDraft {
    schedule: Schedule,
    command: Option<Command>,
    account: Option<Account>,
    unknown_user: bool,
    timeout: Option<Duration>,
    dynamic: bool,
}

impl Scheduled for MiscDraft {
    fn schedule(&mut self) -> &mut Schedule {
        &mut self.schedule
    }
}

pub(super) fn open(server: &mut RealServer, statement: &Statement, context: &mut Context<'_>) {
    let mut draft = MiscDraft::default();
    MISC_CHECK.apply(inside(statement), &mut draft, &mut Seen::new(), context);
    let MiscDraft { schedule, command, account, unknown_user, timeout, dynamic } = draft;
    let Some(command) = command else {
        let what = "has no `misc_path` and is left out".to_owned();
        return context.problems.add(statement.place(), Fault::Adjusted { keyword: "MISC_CHECK", what });
    };
    if !unknown_user {
        let command = Command { account, ..command };
        server.checkers.push(Checker::Misc(MiscCheck { schedule, command, timeout, dynamic }));
    }
}

/// One word; what follows it without quotes is dropped.
fn path(draft: &mut MiscDraft, line: &mut Line<'_, '_>) -> Set {
    let rest = line.rest();
    let Lexed::Words(made) = command(rest) else {
        return Err(expected(rest, "a command with its quotes closed"));
    };
    draft.command = made.map(|command| Command { account: None, ..command });
    Ok(())
}

fn user(draft: &mut MiscDraft, line: &mut Line<'_, '_>) -> Set {
    line.first()?;
    match line.account("check") {
        Ok(account) => draft.account = Some(account),
        Err(unknown) => {
            draft.unknown_user = true;
            return Err(unknown);
        }
    }
    Ok(())
}
