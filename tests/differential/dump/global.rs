//! `Global definitions`: the ones that the Model keeps.

use vrrpd::config::model::{DynamicInterfaces, Model};

use super::compare::Difference;
use super::text::Dump;
use super::values::ids;

/// keepalived's key, and its value by our Model; `None` when the Model leaves it open.
type Row = (&'static str, fn(&Model) -> Option<String>);

const ROWS: &[Row] = &[
    ("Router ID", |m| m.global.router_id.clone()),
    ("Dynamic interfaces", |m| Some((m.global.dynamic_interfaces != DynamicInterfaces::Off).to_string())),
    ("Script security", |m| Some(if m.global.script_security { "enabled" } else { "disabled" }.to_owned())),
    ("log_unknown_vrids", |m| m.global.log_unknown_vrids.then(String::new)),
    ("vrrp_startup_delay", |m| {
        (!m.global.startup_delay.is_zero()).then(|| m.global.startup_delay.as_secs_f64().to_string())
    }),
    ("Default script uid:gid", |m| m.global.script_user.as_ref().map(ids)),
    ("VRRP process priority", |m| Some(m.global.process.nice.to_string())),
    ("VRRP don't swap", |m| Some(m.global.process.no_swap.to_string())),
    ("VRRP realtime priority", |m| Some(m.global.process.rt_priority.unwrap_or(0).to_string())),
];

/// Compares every row; the number of them.
pub(super) fn compare(dump: &Dump, model: &Model, differences: &mut Vec<Difference>) -> usize {
    for (key, ours) in ROWS {
        let Some(ours) = ours(model) else { continue };
        // Each line of this section looks like an object of its own.
        let equals = dump.of(key).next().map(|line| line.name.clone());
        let spaced = || {
            dump.objects
                .iter()
                .find_map(|line| line.kind.strip_prefix(key).map(|rest| rest.trim().to_owned()))
        };
        let theirs = equals.or_else(spaced).unwrap_or_default();
        if theirs != ours {
            differences.push(Difference {
                object: "global_defs".to_owned(),
                key: (*key).to_owned(),
                theirs,
                ours,
            });
        }
    }
    ROWS.len()
}
