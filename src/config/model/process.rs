//! `global_defs` and root level: where the daemon runs, and how its processes are run.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Command;

/// Where the daemon runs and what tells it from others on this host. A reload cannot change it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// `net_namespace`, or `-s`: the network namespace, as `ip netns` names it.
    pub net_namespace: Option<String>,
    /// `net_namespace_ipvs`: that of virtual servers; an empty name is the default one.
    pub net_namespace_ipvs: Option<String>,
    /// `instance`.
    pub instance: Option<String>,
    /// `disable_local_igmp`: membership in groups of the link is not reported.
    pub disable_local_igmp: bool,
}

impl Place {
    /// What is appended to the names by which a process is known: `_NAMESPACE_INSTANCE`, as far as there are such.
    pub fn suffix(&self) -> String {
        self.net_namespace.iter().chain(&self.instance).map(|name| format!("_{name}")).collect()
    }
}

/// How the processes are run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessOptions {
    /// `process_name`: name of the supervisor, at most 15 bytes; the worker has it too where it has none of its own.
    pub name: Option<String>,
    /// `vrrp_process_name` or `process_names`: name of the worker, at most 15 bytes.
    pub worker_name: Option<String>,
    /// `vrrp_rt_priority`: SCHED_RR priority of the worker, 1 to 99.
    pub rt_priority: Option<u8>,
    /// `vrrp_rlimit_rttime`: microseconds that a real-time worker may run without waiting, at least 2.
    pub rlimit_rttime: Option<u32>,
    /// `vrrp_priority`: nice level of the worker, -20 to 19; it does not count in real time.
    pub nice: i8,
    /// `vrrp_no_swap`: lock the worker's memory.
    pub no_swap: bool,
    /// `vrrp_cpu_affinity`: processors that the worker may use; empty for all.
    pub cpus: Vec<u32>,
    /// `max_auto_priority`: SCHED_RR priority up to which a late worker is raised, 1 to 99; `None` for never.
    pub max_auto_priority: Option<u8>,
    /// `min_auto_priority_delay`: lateness that raises it, 1 µs to 10 s; default 1 s.
    pub min_auto_priority_delay: Option<Duration>,
    /// `umask`: 0 to 0777; `-u` overrides it.
    pub umask: Option<u16>,
    /// `startup_script`: runs before the worker does.
    pub startup: Option<TimedCommand>,
    /// `shutdown_script`: runs after the worker.
    pub shutdown: Option<TimedCommand>,
}

impl ProcessOptions {
    /// Default of `min_auto_priority_delay`.
    pub const MIN_AUTO_PRIORITY_DELAY: Duration = Duration::from_secs(1);
}

/// A command that may not take for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimedCommand {
    /// The command.
    pub command: Command,
    /// 1 s to 1000 s.
    pub timeout: Duration,
}

impl TimedCommand {
    /// Default of `startup_script_timeout` and `shutdown_script_timeout`.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
}
