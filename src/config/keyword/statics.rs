//! What the `static_*` blocks said.

use super::draft::Placed;
use crate::config::model::{Route, Rule, VirtualAddress};
use crate::units::IfName;

/// Entries of all `static_*` blocks, in file order.
#[derive(Debug, Default)]
pub(in crate::config) struct StaticsDraft {
    pub(in crate::config) addresses: Vec<VirtualAddress>,
    pub(in crate::config) routes: Vec<Route>,
    pub(in crate::config) rules: Vec<Rule>,
    /// Names of track groups, each with an interface that its members need.
    pub(in crate::config) followed: Vec<(String, IfName)>,
}

impl StaticsDraft {
    /// An entry on `dev` has a `track_group`.
    pub(super) fn follow(&mut self, group: Option<Placed<String>>, dev: Option<&IfName>) {
        self.followed.extend(group.map(|group| group.value).zip(dev.cloned()));
    }
}
