//! What checkers have in common: when they run, and where they connect.

use std::net::IpAddr;

use super::shared::{Rows, U32, delay, period, timeout};
use crate::config::fault::Fault;
use crate::config::keyword::line::{Context, Line, Rejected, Set, expected, plain_address};
use crate::config::keyword::table::Keyword;
use crate::config::model::virtual_server::{Connection, Schedule};
use crate::config::tree::Statement;
use crate::units::{Family, IfName};

/// A checker on its way.
pub(super) struct Draft<C> {
    /// The address that `bindto` must fit without `connect_ip`; `None` when nobody looks.
    pub(super) server: Option<IpAddr>,
    pub(super) check: C,
    /// `host` blocks of SMTP, each a checker of its own.
    pub(super) hosts: Vec<C>,
}

impl<C: Default> Draft<C> {
    pub(super) fn new(server: Option<IpAddr>) -> Self {
        Self { server, check: C::default(), hosts: Vec::new() }
    }
}

/// A block with a schedule.
pub(super) trait Scheduled {
    fn schedule(&mut self) -> &mut Schedule;
}

/// A block that connects to something.
pub(super) trait Connected: Scheduled {
    /// The real server's address where `bindto` is compared with it.
    fn server(&self) -> Option<IpAddr>;
    fn connection(&mut self) -> &mut Connection;
}

/// The parts of a network check.
pub(super) trait Parts {
    fn parts(&mut self) -> (&mut Schedule, &mut Connection);
}

impl<C: Parts> Scheduled for Draft<C> {
    fn schedule(&mut self) -> &mut Schedule {
        self.check.parts().0
    }
}

impl<C: Parts> Connected for Draft<C> {
    fn server(&self) -> Option<IpAddr> {
        self.server
    }
    fn connection(&mut self) -> &mut Connection {
        self.check.parts().1
    }
}

impl<D: Scheduled + 'static> Rows<D> {
    /// Of every checker that runs by itself.
    pub(super) const SCHEDULE: [Keyword<D>; 6] = [
        Keyword::words("retry", "<0-4294967295>", |d: &mut D, l| {
            d.schedule().retry = Some(l.number(0, U32)?);
            Ok(())
        }),
        Keyword::words("delay_before_retry", "<seconds>", |d: &mut D, l| {
            d.schedule().delay_before_retry = Some(delay(l)?);
            Ok(())
        }),
        Keyword::words("warmup", "<seconds>", |d: &mut D, l| {
            d.schedule().warmup = Some(delay(l)?);
            Ok(())
        }),
        Keyword::words("delay_loop", "<seconds>", |d: &mut D, l| {
            d.schedule().delay_loop = Some(period(l)?);
            Ok(())
        }),
        Keyword::boolean("alpha", |d: &mut D, yes| d.schedule().alpha = Some(yes)),
        Keyword::boolean("log_all_failures", |d: &mut D, yes| d.schedule().log_all_failures = Some(yes)),
    ];
}

impl<D: Connected + 'static> Rows<D> {
    /// Of every checker that uses the network.
    pub(super) const CONNECTION: [Keyword<D>; 7] = [
        Keyword::words("connect_ip", "<address>", connect_ip),
        Keyword::words("connect_port", "<1-65535>", |d: &mut D, l| {
            d.connection().port = Some(l.number(1, 65_535)?);
            Ok(())
        }),
        Keyword::words("bindto", "<address>", bindto),
        Keyword::words("bind_port", "<1-65535>", |d: &mut D, l| {
            d.connection().source_port = Some(l.number(1, 65_535)?);
            Ok(())
        }),
        Keyword::words("bind_if", "<interface>", |d: &mut D, l| {
            let word = l.first()?;
            d.connection().interface = IfName::new(word);
            let bad = !word.is_empty() && d.connection().interface.is_none();
            if bad { Err(expected(word, "an interface name of at most 15 characters")) } else { Ok(()) }
        }),
        Keyword::words("connect_timeout", "<seconds>", |d: &mut D, l| {
            d.connection().timeout = Some(timeout(l)?);
            Ok(())
        }),
        Keyword::words("fwmark", "<0-4294967295>", |d: &mut D, l| {
            d.connection().fwmark = l.number(0, U32)?;
            Ok(())
        }),
    ];
}

fn connect_ip<D: Connected>(draft: &mut D, line: &mut Line<'_, '_>) -> Set {
    let address = fitting(draft.connection().source, "bindto", line)?;
    draft.connection().address = Some(address);
    Ok(())
}

fn bindto<D: Connected>(draft: &mut D, line: &mut Line<'_, '_>) -> Set {
    let target = draft.connection().address.or(draft.server());
    let source = fitting(target, "connect_ip", line)?;
    draft.connection().source = Some(source);
    Ok(())
}

/// An address of the family of another one.
fn fitting(other: Option<IpAddr>, keyword: &str, line: &Line<'_, '_>) -> Result<IpAddr, Rejected> {
    let word = line.first()?;
    let address = plain_address(word)?;
    if other.is_some_and(|other| Family::of(other) != Family::of(address)) {
        return Err(expected(word, format!("an address of the family of `{keyword}`")));
    }
    Ok(address)
}

/// Whether the target can be reached: a link-local address needs an interface.
pub(super) fn reachable(
    connection: &Connection,
    server: IpAddr,
    keyword: &'static str,
    statement: &Statement,
    context: &mut Context<'_>,
) -> bool {
    let target = connection.address.unwrap_or(server);
    let homeless = matches!(target, IpAddr::V6(target) if target.is_unicast_link_local());
    if homeless && connection.interface.is_none() {
        let what = format!("needs `bind_if` to reach {target} and is left out");
        context.problems.add(statement.place(), Fault::Adjusted { keyword, what });
        return false;
    }
    true
}

/// The statements of a block.
pub(super) fn inside(statement: &Statement) -> &[Statement] {
    statement.block.as_ref().map(|block| &block.statements[..]).unwrap_or_default()
}
