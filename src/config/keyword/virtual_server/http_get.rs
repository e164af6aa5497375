//! `HTTP_GET` and `SSL_GET`: pages that are answered as they should be.

use super::checker::{Draft, Parts, inside, reachable};
use super::shared::{Rows, U32, last};
use super::url::{HTTP_URL, SSL_URL, UrlDraft};
use crate::config::fault::Fault;
use crate::config::keyword::line::{Context, Line, Set, expected};
use crate::config::keyword::table::{Keyword, Seen, Status, Table};
use crate::config::model::virtual_server::{
    Checker, Connection, HttpGet, HttpProtocol, RealServer, Schedule,
};
use crate::config::tree::Statement;

type HttpDraft = Draft<HttpGet>;
type Row = Keyword<HttpDraft>;

const COMMON: [Row; 5] = [
    Row::words("virtualhost", "<name>", |d, l| last(&mut d.check.virtualhost, l)).bare_is_error(),
    Row::words("http_protocol", "1.0|1.0c|1.1", protocol).bare_is_error(),
    Row::boolean("enable_sni", |d, yes| d.check.sni = yes),
    Row::boolean("fast_recovery", |d, yes| d.check.fast_recovery = yes),
    Row::words("nb_get_retry", "<0-4294967295>", |d, l| {
        let what = "write `retry`";
        l.report(l.place(), Fault::Deprecated { keyword: "nb_get_retry", what });
        d.check.schedule.retry = Some(l.number(0, U32)?);
        Ok(())
    }),
];

/// The only list of this block's keywords.
pub(super) static HTTP_GET: Table<HttpDraft> = Table::new(
    "virtual_server/real_server/HTTP_GET",
    &[Row::opens("url", "{ ... }", &HTTP_URL, |d, s, c| url(&HTTP_URL, d, s, c))],
)
.sharing(&[&COMMON, &Rows::<HttpDraft>::CONNECTION, &Rows::<HttpDraft>::SCHEDULE])
.part_of(Status::Refused);

/// The only list of this block's keywords.
pub(super) static SSL_GET: Table<HttpDraft> = Table::new(
    "virtual_server/real_server/SSL_GET",
    &[
        Row::opens("url", "{ ... }", &SSL_URL, |d, s, c| url(&SSL_URL, d, s, c)),
        Row::boolean("tls_compliant", |d, yes| d.check.tls_compliant = yes),
    ],
)
.sharing(&[&COMMON, &Rows::<HttpDraft>::CONNECTION, &Rows::<HttpDraft>::SCHEDULE])
.part_of(Status::Refused);

impl Parts for HttpGet {
    fn parts(&mut self) -> (&mut Schedule, &mut Connection) {
        (&mut self.schedule, &mut self.connection)
    }
}

pub(super) fn http(server: &mut RealServer, statement: &Statement, context: &mut Context<'_>) {
    open(&HTTP_GET, "HTTP_GET", server, statement, context);
}

pub(super) fn ssl(server: &mut RealServer, statement: &Statement, context: &mut Context<'_>) {
    open(&SSL_GET, "SSL_GET", server, statement, context);
}

fn open(
    table: &'static Table<HttpDraft>,
    keyword: &'static str,
    server: &mut RealServer,
    statement: &Statement,
    context: &mut Context<'_>,
) {
    let mut draft = HttpDraft::new(Some(server.address));
    draft.check.tls = keyword == "SSL_GET";
    table.apply(inside(statement), &mut draft, &mut Seen::new(), context);
    if draft.check.urls.is_empty() {
        let what = "has no url that can be asked for and is left out".to_owned();
        return context.problems.add(statement.place(), Fault::Adjusted { keyword, what });
    }
    if reachable(&draft.check.connection, server.address, keyword, statement, context) {
        server.checkers.push(Checker::Http(draft.check));
    }
}

fn url(
    table: &'static Table<UrlDraft>,
    draft: &mut HttpDraft,
    statement: &Statement,
    context: &mut Context<'_>,
) {
    let mut url = UrlDraft::default();
    table.apply(inside(statement), &mut url, &mut Seen::new(), context);
    match url.finish() {
        Some(url) => draft.check.urls.push(url),
        None => {
            let what = "has no `path` and is left out".to_owned();
            context.problems.add(statement.place(), Fault::Adjusted { keyword: "url", what });
        }
    }
}

fn protocol(draft: &mut HttpDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    draft.check.protocol = match &**word {
        "1.0" => HttpProtocol::V1_0,
        "1.0c" | "1.0C" => HttpProtocol::V1_0Close,
        "1.1" => HttpProtocol::V1_1,
        _ => return Err(expected(word, "1.0, 1.0c or 1.1")),
    };
    Ok(())
}
