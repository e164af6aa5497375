//! Rules as netlink messages, with the attributes that keepalived sends.

use rtnetlink::packet_route::AddressFamily;
use rtnetlink::packet_route::rule::{
    RuleAction as Told, RuleAttribute, RuleFlags, RuleHeader, RuleMessage, RulePortRange, RuleUidRange,
};

use super::route::{netlink_family, realm};
use crate::config::model::{Prefix, Rule, RuleAction};
use crate::units::{Family, IfName};

/// What the kernel orders rules by; several may have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RuleKey {
    family: Family,
    priority: u32,
}

/// The message that adds or removes a rule.
pub(super) fn message(rule: &Rule) -> RuleMessage {
    let table = match rule.action {
        RuleAction::Table(table) => table,
        _ => 0,
    };
    let short = u8::try_from(table).ok();
    let mut message = RuleMessage::default();
    message.header = RuleHeader {
        family: netlink_family(rule.family),
        dst_len: rule.to.map_or(0, Prefix::length),
        src_len: rule.from.map_or(0, Prefix::length),
        tos: rule.tos,
        table: short.unwrap_or(0),
        action: action(rule.action),
        flags: if rule.invert { RuleFlags::Invert } else { RuleFlags::empty() },
    };
    message.attributes = attributes(rule);
    message.attributes.extend(short.is_none().then_some(RuleAttribute::Table(table)));
    message
}

/// The request for all rules of a family.
pub(super) fn request(family: Family) -> RuleMessage {
    let mut message = RuleMessage::default();
    message.header.family = netlink_family(family);
    message
}

/// What the kernel orders this rule by.
pub(super) fn key(rule: &Rule) -> RuleKey {
    RuleKey { family: rule.family, priority: rule.priority }
}

/// The key of a rule that the kernel tells of.
pub(super) fn told_key(message: &RuleMessage) -> Option<RuleKey> {
    let family = match message.header.family {
        AddressFamily::Inet => Family::V4,
        AddressFamily::Inet6 => Family::V6,
        _ => return None,
    };
    let priority = message.attributes.iter().find_map(|attribute| match attribute {
        RuleAttribute::Priority(priority) => Some(*priority),
        _ => None,
    });
    Some(RuleKey { family, priority: priority.unwrap_or(0) })
}

/// Whether the kernel's message, of the same key, is about this rule: it says all that we said.
pub(super) fn is_about(told: &RuleMessage, rule: &Rule) -> bool {
    let same_action = told.header.action == action(rule.action);
    let same_table = match rule.action {
        RuleAction::Table(table) => told_table(told) == table,
        _ => true,
    };
    same_action && same_table && attributes(rule).iter().all(|ours| told.attributes.contains(ours))
}

fn told_table(told: &RuleMessage) -> u32 {
    let long = told.attributes.iter().find_map(|attribute| match attribute {
        RuleAttribute::Table(table) => Some(*table),
        _ => None,
    });
    long.unwrap_or(told.header.table.into())
}

fn action(action: RuleAction) -> Told {
    match action {
        RuleAction::Table(_) | RuleAction::L3mdev => Told::ToTable,
        RuleAction::Goto(_) => Told::Goto,
        RuleAction::Nop => Told::Nop,
        RuleAction::Blackhole => Told::Blackhole,
        RuleAction::Unreachable => Told::Unreachable,
        RuleAction::Prohibit => Told::Prohibit,
    }
}

/// All but the table.
fn attributes(rule: &Rule) -> Vec<RuleAttribute> {
    let name = |name: &IfName| name.as_str().to_owned();
    let ports = |range: Option<(u16, u16)>| range.map(|(start, end)| RulePortRange { start, end });
    let (goto, l3mdev) = match rule.action {
        RuleAction::Goto(target) => (Some(target), false),
        RuleAction::L3mdev => (None, true),
        _ => (None, false),
    };
    let users = rule.users.map(|(start, end)| RuleUidRange { start, end });
    [
        rule.from.map(|from| RuleAttribute::Source(from.address())),
        rule.to.map(|to| RuleAttribute::Destination(to.address())),
        Some(RuleAttribute::Priority(rule.priority)),
        rule.mark.map(RuleAttribute::FwMark),
        rule.mask.map(RuleAttribute::FwMask),
        rule.realms.map(|realms| RuleAttribute::Realm(realm(realms))),
        rule.suppress_prefix_length.map(RuleAttribute::SuppressPrefixLen),
        rule.suppress_group.map(RuleAttribute::SuppressIfGroup),
        rule.incoming.as_ref().map(name).map(RuleAttribute::Iifname),
        rule.outgoing.as_ref().map(name).map(RuleAttribute::Oifname),
        rule.tunnel_id.map(RuleAttribute::TunId),
        l3mdev.then_some(RuleAttribute::L3MDev(true)),
        users.map(RuleAttribute::UidRange),
        Some(RuleAttribute::Protocol(rule.protocol.into())),
        rule.ip_protocol.map(|protocol| RuleAttribute::IpProtocol(protocol.into())),
        ports(rule.source_ports).map(RuleAttribute::SourcePortRange),
        ports(rule.destination_ports).map(RuleAttribute::DestinationPortRange),
        goto.map(RuleAttribute::Goto),
    ]
    .into_iter()
    .flatten()
    .collect()
}
