//! The nftables table that keeps packets from addresses whose master does not accept them.

use serde::{Deserialize, Serialize};

/// How the table is called and where its chains stand (keywords `nftables`, `nftables_priority`, `nftables_counters`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirewallTable {
    /// Name of a table of the family `ip` and of one of `ip6`, 1 to 254 bytes.
    pub name: String,
    /// Priority of its chains among those of the same hook: a lower one comes first.
    pub priority: i32,
    /// Each rule counts its packets.
    pub counters: bool,
}

impl FirewallTable {
    /// Default of `nftables`.
    pub const NAME: &str = "keepalived";
    /// Default of `nftables_priority`: before the usual filters.
    pub const PRIORITY: i32 = -1;
}

impl Default for FirewallTable {
    fn default() -> Self {
        Self { name: Self::NAME.to_owned(), priority: Self::PRIORITY, counters: false }
    }
}
