//! The FIFOs of `global_defs`: which of them there are, and who reads them.

use crate::config::fault::Fault;
use crate::config::keyword::{Context, FifoDraft, GlobalDraft};
use crate::config::model::Fifo;

/// The FIFOs in the order in which a line is written to them; a second one with the same path is left out.
pub(super) fn complete(global: &mut GlobalDraft, context: &mut Context<'_>) -> Vec<Fifo> {
    let all = std::mem::take(&mut global.notify.fifo);
    let mut vrrp = std::mem::take(&mut global.notify.vrrp_fifo);
    if let (Some(first), Some(second)) = (&all.path, &vrrp.path)
        && first.value.0 == second.value.0
    {
        let what = "has the path of `notify_fifo` and is left out".to_owned();
        context.problems.add(second.place, Fault::Remark { keyword: "vrrp_notify_fifo", what });
        vrrp.path = None;
    }
    [all, vrrp].into_iter().filter_map(fifo).collect()
}

fn fifo(draft: FifoDraft) -> Option<Fifo> {
    let (path, account) = draft.path?.value;
    Some(Fifo { path, account, reader: draft.reader.map(|reader| reader.value) })
}
