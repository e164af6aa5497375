//! `real_server`: one server of a pool.

use std::net::IpAddr;

use super::bfd_check::{self, BFD_CHECK};
use super::dns_check::DNS_CHECK;
use super::file_check::{self, FILE_CHECK};
use super::forwarding::{USAGE, forwarding};
use super::http_get::{self, HTTP_GET, SSL_GET};
use super::misc_check::{self, MISC_CHECK};
use super::server::ServerDraft;
use super::shared::{HasDefaults, Rows, U32, port};
use super::smtp_check::{self, SMTP_CHECK};
use super::tcp_check::{PING_CHECK, TCP_CHECK};
use super::udp_check::{self, UDP_CHECK};
use super::{checker, dns_check, tcp_check};
use crate::config::fault::Fault;
use crate::config::keyword::draft::Placed;
use crate::config::keyword::line::{Context, Line, Rejected, plain_address};
use crate::config::keyword::table::{Keyword, Seen, Status, Table};
use crate::config::model::virtual_server::{Defaults, RealServer};
use crate::config::tree::Statement;
use crate::units::Family;

type Row = Keyword<RealServer>;

/// The only list of this block's keywords.
pub(super) static REAL_SERVER: Table<RealServer> = Table::new(
    "virtual_server/real_server",
    &[
        Row::words("weight", "<0-2147483647>", |d, l| {
            d.weight = Some(l.number(0, i64::from(i32::MAX))?);
            Ok(())
        }),
        Row::words("lvs_method", USAGE, |d, l| {
            d.forwarding = Some(forwarding(l)?);
            Ok(())
        }),
        Row::words("uthreshold", "<0-4294967295>", |d, l| {
            d.upper_threshold = l.number(0, U32)?;
            Ok(())
        }),
        Row::words("lthreshold", "<0-4294967295>", |d, l| {
            d.lower_threshold = l.number(0, U32)?;
            Ok(())
        }),
        Row::boolean("inhibit_on_failure", |d, yes| d.defaults.inhibit = Some(yes)),
        Row::boolean("alpha", |d, yes| d.defaults.alpha = Some(yes)),
        Row::script("notify_up", |d, script| d.notify_up = script.map(|script| script.value)),
        Row::script("notify_down", |d, script| d.notify_down = script.map(|script| script.value)),
        Row::opens("TCP_CHECK", "{ ... }", &TCP_CHECK, tcp_check::tcp),
        Row::opens("PING_CHECK", "{ ... }", &PING_CHECK, tcp_check::ping),
        Row::opens("UDP_CHECK", "{ ... }", &UDP_CHECK, udp_check::open),
        Row::opens("DNS_CHECK", "{ ... }", &DNS_CHECK, dns_check::open),
        Row::opens("SMTP_CHECK", "{ ... }", &SMTP_CHECK, smtp_check::open),
        Row::opens("HTTP_GET", "{ ... }", &HTTP_GET, http_get::http),
        Row::opens("SSL_GET", "{ ... }", &SSL_GET, http_get::ssl),
        Row::opens("MISC_CHECK", "{ ... }", &MISC_CHECK, misc_check::open),
        Row::opens("FILE_CHECK", "{ ... }", &FILE_CHECK, file_check::open),
        Row::opens("BFD_CHECK", "{ ... }", &BFD_CHECK, bfd_check::open),
    ],
)
.sharing(&[&Rows::<RealServer>::DEFAULTS])
.part_of(Status::Refused);

impl HasDefaults for RealServer {
    fn defaults(&mut self) -> &mut Defaults {
        &mut self.defaults
    }
}

/// Reads a block; a server that cannot be is reported and left out.
pub(super) fn open(draft: &mut ServerDraft, statement: &Statement, context: &mut Context<'_>) {
    let (address, port) = match place(&Line::new(statement, "real_server", context)) {
        Ok(place) => place,
        Err(rejected) => return context.problems.add(rejected.place, rejected.fault),
    };
    let mut server = RealServer {
        address,
        port,
        forwarding: draft.server.forwarding,
        weight: None,
        upper_threshold: 0,
        lower_threshold: 0,
        defaults: Defaults::default(),
        notify_up: None,
        notify_down: None,
        checkers: Vec::new(),
    };
    REAL_SERVER.apply(checker::inside(statement), &mut server, &mut Seen::new(), context);
    if !draft.accepts(server.forwarding, Family::of(address)) {
        let what = format!("{address} is not of the virtual server's family and is left out");
        return context.problems.add(statement.place(), Fault::Adjusted { keyword: "real_server", what });
    }
    draft.real_servers.push(Placed::new(server, statement.place()));
}

fn place(line: &Line<'_, '_>) -> Result<(IpAddr, u16), Rejected> {
    Ok((plain_address(line.first()?)?, port(line.arguments().get(1))?))
}
