//! Items of `Virtual Rules` and `Static Rules`.

use vrrpd::config::model::{Route, Rule, RuleAction};

use super::route::{realms, selector};
use super::values::prefix;

/// The line for a rule.
pub(super) fn rule(rule: &Rule) -> String {
    let mut words = Vec::new();
    words.extend(rule.invert.then(|| "not".to_owned()));
    words.push(format!("from {}", selector(rule.from)));
    words.extend(rule.to.map(|to| format!("to {}", prefix(to))));
    words.push(format!("priority {} tos 0x{:x}", rule.priority, rule.tos));
    words.extend(mark(rule));
    words.extend(rule.incoming.as_ref().map(|name| format!("iif {name}")));
    words.extend(rule.outgoing.as_ref().map(|name| format!("oif {name}")));
    words.extend(rule.suppress_prefix_length.map(|length| format!("suppress_prefixlen {length}")));
    words.extend(rule.suppress_group.map(|group| format!("suppress_ifgroup {group}")));
    words.extend(rule.tunnel_id.map(|id| format!("tunnel-id {id}")));
    words.extend(rule.users.map(|(first, last)| format!("uidrange {first}-{last}")));
    words.extend((rule.action == RuleAction::L3mdev).then(|| "l3mdev".to_owned()));
    // The number of what is not tracked shows only when it was given.
    words.extend(
        (!rule.no_track || rule.protocol != Route::KEEPALIVED).then(|| format!("protocol {}", rule.protocol)),
    );
    words.extend(rule.ip_protocol.map(|number| format!("ipproto {number}")));
    words.extend(rule.source_ports.map(|(first, last)| format!("sport {first}-{last}")));
    words.extend(rule.destination_ports.map(|(first, last)| format!("dport {first}-{last}")));
    words.extend(rule.realms.map(realms));
    words.push(action(rule.action));
    words.extend(rule.no_track.then(|| "no_track".to_owned()));
    words.join(" ")
}

fn mark(rule: &Rule) -> Option<String> {
    let mark = rule.mark?;
    Some(rule.mask.map_or(format!("fwmark 0x{mark:x}"), |mask| format!("fwmark 0x{mark:x}/0x{mask:x}")))
}

fn action(action: RuleAction) -> String {
    match action {
        RuleAction::Table(number) => format!("lookup {number}"),
        RuleAction::L3mdev => "lookup 0".to_owned(),
        RuleAction::Goto(preference) => format!("goto {preference}"),
        RuleAction::Nop => "nop".to_owned(),
        RuleAction::Blackhole => "type blackhole".to_owned(),
        RuleAction::Unreachable => "type unreachable".to_owned(),
        RuleAction::Prohibit => "type prohibit".to_owned(),
    }
}
