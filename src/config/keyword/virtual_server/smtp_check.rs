//! `SMTP_CHECK`: a greeting and `HELO`, perhaps on several hosts.

use super::checker::{Draft, Parts, inside, reachable};
use super::shared::{Rows, last};
use crate::config::fault::Fault;
use crate::config::keyword::line::Context;
use crate::config::keyword::table::{Keyword, Seen, Status, Table};
use crate::config::model::virtual_server::{Checker, Connection, RealServer, Schedule, SmtpCheck};
use crate::config::tree::Statement;

type Row = Keyword<Draft<SmtpCheck>>;

/// The only list of this block's keywords.
pub(super) static SMTP_CHECK: Table<Draft<SmtpCheck>> = Table::new(
    "virtual_server/real_server/SMTP_CHECK",
    &[
        Row::words("helo_name", "<name>", |d, l| last(&mut d.check.helo_name, l)).bare_is_error(),
        Row::opens("host", "{ ... }", &HOST, host),
    ],
)
.sharing(&[&Rows::<Draft<SmtpCheck>>::CONNECTION, &Rows::<Draft<SmtpCheck>>::SCHEDULE])
.part_of(Status::Refused);

/// The only list of this block's keywords.
pub(super) static HOST: Table<Draft<SmtpCheck>> =
    Table::new("virtual_server/real_server/SMTP_CHECK/host", &[])
        .sharing(&[&Rows::<Draft<SmtpCheck>>::CONNECTION, &Rows::<Draft<SmtpCheck>>::SCHEDULE])
        .part_of(Status::Refused);

impl Parts for SmtpCheck {
    fn parts(&mut self) -> (&mut Schedule, &mut Connection) {
        (&mut self.schedule, &mut self.connection)
    }
}

pub(super) fn open(server: &mut RealServer, statement: &Statement, context: &mut Context<'_>) {
    let mut draft = Draft::<SmtpCheck>::new(None);
    SMTP_CHECK.apply(inside(statement), &mut draft, &mut Seen::new(), context);
    let checks = if draft.hosts.is_empty() { vec![draft.check] } else { draft.hosts };
    for check in checks {
        if reachable(&check.connection, server.address, "SMTP_CHECK", statement, context) {
            server.checkers.push(Checker::Smtp(check));
        }
    }
}

/// A host takes over what stands before it.
fn host(draft: &mut Draft<SmtpCheck>, statement: &Statement, context: &mut Context<'_>) {
    let what = "is deprecated: write one `SMTP_CHECK` for each host".to_owned();
    context.problems.add(statement.place(), Fault::Remark { keyword: "host", what });
    let mut host = Draft { server: None, check: draft.check.clone(), hosts: Vec::new() };
    HOST.apply(inside(statement), &mut host, &mut Seen::new(), context);
    draft.hosts.push(host.check);
}
