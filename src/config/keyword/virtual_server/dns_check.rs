//! `DNS_CHECK`: a query that is answered without error.

use super::checker::{Draft, Parts, inside, reachable};
use super::shared::Rows;
use crate::config::keyword::line::{Context, Line, Set, expected};
use crate::config::keyword::table::{Keyword, Seen, Status, Table};
use crate::config::model::virtual_server::{Checker, Connection, DnsCheck, DnsType, RealServer, Schedule};
use crate::config::tree::Statement;

type Row = Keyword<Draft<DnsCheck>>;

const TYPES: [(&str, DnsType); 9] = [
    ("A", DnsType::A),
    ("NS", DnsType::Ns),
    ("CNAME", DnsType::Cname),
    ("SOA", DnsType::Soa),
    ("MX", DnsType::Mx),
    ("TXT", DnsType::Txt),
    ("AAAA", DnsType::Aaaa),
    ("RRSIG", DnsType::Rrsig),
    ("DNSKEY", DnsType::Dnskey),
];

/// The only list of this block's keywords.
pub(super) static DNS_CHECK: Table<Draft<DnsCheck>> = Table::new(
    "virtual_server/real_server/DNS_CHECK",
    &[
        Row::words("type", "A|NS|CNAME|SOA|MX|TXT|AAAA|RRSIG|DNSKEY", kind),
        Row::words("name", "<name>", name).first(),
    ],
)
.sharing(&[&Rows::<Draft<DnsCheck>>::CONNECTION, &Rows::<Draft<DnsCheck>>::SCHEDULE])
.part_of(Status::Refused);

impl Parts for DnsCheck {
    fn parts(&mut self) -> (&mut Schedule, &mut Connection) {
        (&mut self.schedule, &mut self.connection)
    }
}

pub(super) fn open(server: &mut RealServer, statement: &Statement, context: &mut Context<'_>) {
    let mut draft = Draft::new(Some(server.address));
    DNS_CHECK.apply(inside(statement), &mut draft, &mut Seen::new(), context);
    if reachable(&draft.check.connection, server.address, "DNS_CHECK", statement, context) {
        server.checkers.push(Checker::Dns(draft.check));
    }
}

fn kind(draft: &mut Draft<DnsCheck>, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let found = TYPES.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
    let bad = || expected(word, TYPES.map(|(name, _)| name).join(", "));
    draft.check.kind = found.map(|(_, kind)| kind).ok_or_else(bad)?;
    Ok(())
}

fn name(draft: &mut Draft<DnsCheck>, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    // A name that ends in a dot means the same without it.
    let labels = word.strip_suffix('.').unwrap_or(word);
    let root = matches!(&**word, "" | ".");
    if !root && labels.split('.').any(str::is_empty) {
        return Err(expected(word, "a name without empty labels"));
    }
    // keepalived takes such a label for an empty one.
    if word.find('.') == Some(1) {
        return Err(expected(word, "a name whose first label has two letters or more"));
    }
    draft.check.name = (!root).then(|| labels.to_owned());
    Ok(())
}
