//! The differences from keepalived 2.4.3 that have a reason: `differences.tsv`.

use std::collections::BTreeMap;

use crate::judge::{Case, Judged};

const TABLE: &str = include_str!("differences.tsv");

/// Reasons by the id of a case.
pub(crate) struct Differences(BTreeMap<&'static str, &'static str>);

impl Differences {
    /// The table; a line is an id, a tab and a reason.
    pub(crate) fn read() -> Self {
        let rows = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(rows.map(|row| row.split_once('\t').unwrap_or_else(|| panic!("no reason: {row}"))).collect())
    }

    /// Differences without a reason, and reasons without a difference.
    pub(crate) fn unexplained(&self, cases: &[Case], judged: &[Judged]) -> Vec<String> {
        let mut wrong = Vec::new();
        for (case, judged) in cases.iter().zip(judged) {
            let differs = !judged.agrees() || !judged.named.missed.is_empty();
            match (differs, self.0.contains_key(case.id.as_str())) {
                (true, false) => wrong.push(judged.describe(case)),
                (false, true) => {
                    wrong.push(format!("{} stands in differences.tsv, but does not differ", case.id))
                }
                (true, true) | (false, false) => {}
            }
        }
        wrong
    }
}
