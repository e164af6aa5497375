//! One line of `virtual_rules` or `static_rules`, in the words of `ip rule`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Prefix, Realms};
use crate::units::{Family, IfName};

/// A rule that the master holds, or that stands for as long as the daemon runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Whose packets it judges.
    pub family: Family,
    /// `not`: what the selectors do not select.
    pub invert: bool,
    /// `from`.
    pub from: Option<Prefix>,
    /// `to`.
    pub to: Option<Prefix>,
    /// `preference`: lower ones are asked first. Without the word 16384, and one less for each further rule.
    pub priority: u32,
    /// `tos`.
    pub tos: u8,
    /// `fwmark`.
    pub mark: Option<u32>,
    /// The mask of `fwmark`; `None` is all bits.
    pub mask: Option<u32>,
    /// `dev` or `iif`.
    pub incoming: Option<IfName>,
    /// `oif`.
    pub outgoing: Option<IfName>,
    /// `tunnel-id`.
    pub tunnel_id: Option<u64>,
    /// `uidrange`, both ends included.
    pub users: Option<(u32, u32)>,
    /// `ipproto`.
    pub ip_protocol: Option<u8>,
    /// `sport`, both ends included.
    pub source_ports: Option<(u16, u16)>,
    /// `dport`, both ends included.
    pub destination_ports: Option<(u16, u16)>,
    /// What a selected packet meets.
    pub action: RuleAction,
    /// `realms`, IPv4 only.
    pub realms: Option<Realms>,
    /// `suppress_prefixlength`: routes with so short a prefix do not count.
    pub suppress_prefix_length: Option<u32>,
    /// `suppress_ifgroup`: routes by interfaces of that group do not count.
    pub suppress_group: Option<u32>,
    /// `protocol`; 18 is keepalived, and the only one that is tracked.
    pub protocol: u8,
    /// `no_track`: neither the loss of the rule nor the state of its interfaces concerns anybody.
    pub no_track: bool,
}

impl Rule {
    /// The rule with every option at its default.
    pub fn plain(family: Family, priority: u32, action: RuleAction) -> Self {
        Self {
            family,
            invert: false,
            from: None,
            to: None,
            priority,
            tos: 0,
            mark: None,
            mask: None,
            incoming: None,
            outgoing: None,
            tunnel_id: None,
            users: None,
            ip_protocol: None,
            source_ports: None,
            destination_ports: None,
            action,
            realms: None,
            suppress_prefix_length: None,
            suppress_group: None,
            protocol: super::Route::KEEPALIVED,
            no_track: false,
        }
    }
}

/// What a packet meets that a rule selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleAction {
    /// `table`: is looked up there; never 0.
    Table(u32),
    /// `l3mdev`: is looked up in the table of its interface's master.
    L3mdev,
    /// `goto`: the rule of that preference comes next.
    Goto(u32),
    /// `nop`.
    Nop,
    /// `blackhole`.
    Blackhole,
    /// `unreachable`.
    Unreachable,
    /// `prohibit`.
    Prohibit,
}

/// As an operator knows it: its preference and its main selectors.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {}:", self.priority)?;
        match self.from {
            Some(from) => write!(f, " from {from}")?,
            None => f.write_str(" from all")?,
        }
        if let Some(to) = self.to {
            write!(f, " to {to}")?;
        }
        Ok(())
    }
}
