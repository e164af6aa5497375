//! `static_ipaddress`, `static_routes`, `static_rules`: what stands for as long as the daemon runs.

use serde::{Deserialize, Serialize};

use super::{Route, Rule, VirtualAddress};

/// Everything that does not move with a state, in file order.
///
/// What names a `track_group` counts among the `track_interface` lines of the group's members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statics {
    /// `static_ipaddress`; each has its `dev`.
    pub addresses: Vec<VirtualAddress>,
    /// `static_routes`.
    pub routes: Vec<Route>,
    /// `static_rules`.
    pub rules: Vec<Rule>,
}
