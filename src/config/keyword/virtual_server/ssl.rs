//! `SSL`: what `SSL_GET` shows to servers and trusts.

use super::checker::inside;
use super::shared::last;
use crate::config::fault::Fault;
use crate::config::keyword::draft::Draft;
use crate::config::keyword::line::Context;
use crate::config::keyword::table::{Keyword, Seen, Status, Table};
use crate::config::tree::Statement;

type Row = Keyword<SslDraft>;

/// The only list of this block's keywords.
pub(in crate::config::keyword) static SSL: Table<SslDraft> = Table::new(
    "SSL",
    &[
        Row::words("password", "<password>", |d, l| last(&mut d.password, l)).bare_is_error(),
        Row::words("ca", "<file>", |d, l| last(&mut d.ca, l)).bare_is_error(),
        Row::words("certificate", "<file>", |d, l| last(&mut d.certificate, l)).bare_is_error(),
        Row::words("key", "<file>", |d, l| last(&mut d.key, l)).bare_is_error(),
    ],
)
.part_of(Status::NoEffectYet);

/// A block on its way.
#[derive(Default)]
pub(in crate::config::keyword) struct SslDraft {
    password: Option<String>,
    ca: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

/// Reads a block, of which the last one counts.
pub(in crate::config::keyword) fn ssl(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    if std::mem::replace(&mut draft.ssl_given, true) {
        let what = "is given again; the last one counts".to_owned();
        context.problems.add(statement.place(), Fault::Adjusted { keyword: "SSL", what });
    }
    SSL.apply(inside(statement), &mut SslDraft::default(), &mut Seen::new(), context);
}
