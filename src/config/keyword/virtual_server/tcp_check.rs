//! `TCP_CHECK` and `PING_CHECK`: a connection, an echo; nothing but when and where.

use super::checker::{Draft, Parts, inside, reachable};
use super::shared::Rows;
use crate::config::keyword::line::Context;
use crate::config::keyword::table::{Seen, Status, Table};
use crate::config::model::virtual_server::{Checker, Connection, PingCheck, RealServer, Schedule, TcpCheck};
use crate::config::tree::Statement;

/// The only list of this block's keywords.
pub(super) static TCP_CHECK: Table<Draft<TcpCheck>> = Table::new("virtual_server/real_server/TCP_CHECK", &[])
    .sharing(&[&Rows::<Draft<TcpCheck>>::CONNECTION, &Rows::<Draft<TcpCheck>>::SCHEDULE])
    .part_of(Status::Refused);

/// The only list of this block's keywords.
pub(super) static PING_CHECK: Table<Draft<PingCheck>> =
    Table::new("virtual_server/real_server/PING_CHECK", &[])
        .sharing(&[&Rows::<Draft<PingCheck>>::CONNECTION, &Rows::<Draft<PingCheck>>::SCHEDULE])
        .part_of(Status::Refused);

impl Parts for TcpCheck {
    fn parts(&mut self) -> (&mut Schedule, &mut Connection) {
        (&mut self.schedule, &mut self.connection)
    }
}

impl Parts for PingCheck {
    fn parts(&mut self) -> (&mut Schedule, &mut Connection) {
        (&mut self.schedule, &mut self.connection)
    }
}

pub(super) fn tcp(server: &mut RealServer, statement: &Statement, context: &mut Context<'_>) {
    let mut draft = Draft::new(Some(server.address));
    TCP_CHECK.apply(inside(statement), &mut draft, &mut Seen::new(), context);
    if reachable(&draft.check.connection, server.address, "TCP_CHECK", statement, context) {
        server.checkers.push(Checker::Tcp(draft.check));
    }
}

pub(super) fn ping(server: &mut RealServer, statement: &Statement, context: &mut Context<'_>) {
    let mut draft = Draft::new(Some(server.address));
    PING_CHECK.apply(inside(statement), &mut draft, &mut Seen::new(), context);
    if reachable(&draft.check.connection, server.address, "PING_CHECK", statement, context) {
        server.checkers.push(Checker::Ping(draft.check));
    }
}
