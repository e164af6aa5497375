//! The sections of what stands for as long as the daemon runs.

use vrrpd::config::model::Model;

use super::compare::Difference;
use super::route::route;
use super::rule::rule;
use super::text::Dump;
use super::values::address;

/// keepalived's name of a section, and its items by our Model.
type Row = (&'static str, fn(&Model) -> Vec<String>);

const ROWS: &[Row] = &[
    ("Static Addresses", |m| m.statics.addresses.iter().map(|a| address(a, None)).collect()),
    ("Static Routes", |m| m.statics.routes.iter().map(route).collect()),
    ("Static Rules", |m| m.statics.rules.iter().map(rule).collect()),
];

/// Compares every row; the number of them.
pub(super) fn compare(dump: &Dump, model: &Model, differences: &mut Vec<Difference>) -> usize {
    for (section, ours) in ROWS {
        let (theirs, ours) = (dump.section(section), ours(model));
        if theirs != ours {
            differences.push(Difference {
                object: "static".to_owned(),
                key: (*section).to_owned(),
                theirs: format!("{theirs:?}"),
                ours: format!("{ours:?}"),
            });
        }
    }
    ROWS.len()
}
