//! A name for an interface of our own that an interface of this host bears already.

use super::line::{Line, Rejected};
use crate::config::fault::Fault;
use crate::config::links::Kind;
use crate::config::tree::Word;
use crate::units::IfName;

/// Refuses a name that belongs to an interface which is not of the kind that `use_vmac` or `use_ipvlan` makes: one of
/// that kind is left over from an earlier run and taken over.
pub(super) fn refuse(word: &Word, name: &IfName, line: &Line<'_, '_>) -> Result<(), Rejected> {
    let (ours, called) = match line.keyword {
        "use_ipvlan" => (Kind::L2Ipvlan, "an ipvlan of mode l2"),
        _ => (Kind::PrivateMacvlan, "a private macvlan"),
    };
    let host = line.context.host;
    match host.link(name).filter(|link| host.is_real() && link.kind != ours) {
        None => Ok(()),
        Some(_) => {
            let what = format!("names `{name}`, which exists and is not {called}; the name is left out");
            Err(Rejected { place: word.place, fault: Fault::Adjusted { keyword: line.keyword, what } })
        }
    }
}
