//! `global_defs`: what concerns the whole daemon, and the defaults of instances that are still of use after checking.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Account, Fifo, FirewallTable, Mail, Place, ProcessOptions};

/// What may happen to the interfaces that a configuration names (keyword `dynamic_interfaces`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DynamicInterfaces {
    /// Every one must exist at the start.
    #[default]
    Off,
    /// They may be missing; an instance waits in FAULT.
    Allowed,
    /// `allow_if_changes`: they may also come back as something else.
    AllowChanges,
}

/// The merged `global_defs` blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GlobalDefs {
    /// `router_id`; `None` means the host name.
    pub router_id: Option<String>,
    /// `dynamic_interfaces`.
    pub dynamic_interfaces: DynamicInterfaces,
    /// `script_user`: default account of scripts.
    pub script_user: Option<Account>,
    /// `enable_script_security`.
    pub script_security: bool,
    /// `vrrp_startup_delay`: nothing is heard or claimed before this much time after the start.
    pub startup_delay: Duration,
    /// `log_unknown_vrids`.
    pub log_unknown_vrids: bool,
    /// `notify_fifo`, then `vrrp_notify_fifo`: each line goes to all of them; no two have the same path.
    pub fifos: Vec<Fifo>,
    /// `fifo_write_vrrp_states_on_reload`.
    pub fifo_states_on_reload: bool,
    /// What becomes of `smtp_alert`.
    pub mail: Mail,
    /// `child_wait_time` (root level): how long children may take to stop; default 5 s.
    pub child_wait_time: Duration,
    /// `net_namespace`, `instance`.
    pub place: Place,
    /// `use_pid_dir`: pid files stand in a folder of their own.
    pub use_pid_dir: bool,
    /// Priorities, limits, names of the processes, and what runs before and after them.
    pub process: ProcessOptions,
    /// Where packets to addresses that are not accepted are dropped.
    pub firewall: FirewallTable,
}

impl GlobalDefs {
    /// Default of `child_wait_time`.
    pub const CHILD_WAIT_TIME: Duration = Duration::from_secs(5);
}

impl Default for GlobalDefs {
    fn default() -> Self {
        Self {
            router_id: None,
            dynamic_interfaces: DynamicInterfaces::Off,
            script_user: None,
            script_security: false,
            startup_delay: Duration::ZERO,
            log_unknown_vrids: false,
            fifos: Vec::new(),
            fifo_states_on_reload: false,
            mail: Mail::default(),
            child_wait_time: Self::CHILD_WAIT_TIME,
            place: Place::default(),
            use_pid_dir: false,
            process: ProcessOptions::default(),
            firewall: FirewallTable::default(),
        }
    }
}
