//! The firewall of `no_accept` and strict mode: the table of nftables, and what iptables would have been told.

use super::super::draft::GlobalDraft;
use super::super::line::{Line, Set};
use super::value::names;
use crate::config::fault::Fault;
use crate::config::model::FirewallTable;

/// `nftables [<table>]`.
pub(super) fn table(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    names(line, 254)?;
    let name = line.arguments().first().map_or(FirewallTable::NAME.to_owned(), |word| word.to_string());
    draft.model.firewall.name = name;
    Ok(())
}

/// `vrrp_iptables [<in> [<out>]]`.
pub(super) fn iptables(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    names(line, 27)?;
    served_by_nftables(line, "vrrp_iptables");
    Ok(())
}

/// `vrrp_ipsets [<set> ...]`.
pub(super) fn ipsets(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    names(line, 30)?;
    served_by_nftables(line, "vrrp_ipsets");
    Ok(())
}

fn served_by_nftables(line: &mut Line<'_, '_>, keyword: &'static str) {
    let what = "is served by nftables, in a table of its own (`nftables`)".to_owned();
    let place = line.place();
    line.context.problems.once(place, "global_defs", keyword, Fault::Remark { keyword, what });
}
