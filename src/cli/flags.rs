//! The list of options: the only one; `getopt` and the manual read it.

use std::ffi::OsString;

use clap::{ArgAction, Parser};

// A doc comment here would be the first line of `--help`. Values are not judged in this struct: keepalived goes on after
// a bad one, which clap would not.
#[derive(Debug, Default, Parser)]
#[command(about = "VRRP failover daemon that reads keepalived.conf")]
#[command(name = "vrrpd", no_binary_name = true, args_override_self = true)]
#[command(disable_help_flag = true, disable_version_flag = true)]
#[command(override_usage = "vrrpd [OPTION...]\n       vrrpd --check-config [FILE...]")]
pub(super) struct Flags {
    /// Configuration file, may be a pattern [default: /etc/keepalived/keepalived.conf]
    #[arg(short = 'f', long = "use-file", value_name = "FILE")]
    pub(super) file: Option<OsString>,
    /// Run VRRP only; virtual servers in the file are waived
    #[arg(short = 'P', long = "vrrp", overrides_with = "all")]
    pub(super) vrrp_only: bool,
    /// Run the health checker only (refused)
    #[arg(short = 'C', long = "check", overrides_with = "all")]
    pub(super) check_only: bool,
    /// Do not run BFD
    #[arg(short = 'B', long = "no_bfd", overrides_with = "all")]
    pub(super) no_bfd: bool,
    /// Run all processes, also without configuration for them; undoes earlier -P -C -B
    #[arg(long)]
    pub(super) all: bool,
    /// Log to stderr too (with -n)
    #[arg(short = 'l', long)]
    pub(super) log_console: bool,
    /// Log in detail; twice for more
    #[arg(short = 'D', long, action = ArgAction::Count)]
    pub(super) log_detail: u8,
    /// Syslog facility: 0-7, local0-local7, user or daemon [default: daemon]
    #[arg(short = 'S', long, value_name = "FACILITY")]
    pub(super) log_facility: Option<OsString>,
    /// Log to a file (refused)
    #[arg(short = 'g', long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub(super) log_file: Option<Option<OsString>>,
    /// Do not log to syslog
    #[arg(short = 'G', long)]
    pub(super) no_syslog: bool,
    /// Mask for file creation, a number
    #[arg(short = 'u', long, value_name = "MASK")]
    pub(super) umask: Option<OsString>,
    /// Remove addresses on every state change (refused)
    #[arg(short = 'X', long)]
    pub(super) release_vips: bool,
    /// Keep addresses when stopping (refused)
    #[arg(short = 'V', long)]
    pub(super) dont_release_vrrp: bool,
    /// Keep IPVS configuration when stopping (refused)
    #[arg(short = 'I', long)]
    pub(super) dont_release_ipvs: bool,
    /// Stop when a process died instead of restarting it
    #[arg(short = 'R', long)]
    pub(super) dont_respawn: bool,
    /// Stay in the foreground
    #[arg(short = 'n', long)]
    pub(super) dont_fork: bool,
    /// Log the configuration after reading it (no effect yet)
    #[arg(short = 'd', long)]
    pub(super) dump_conf: bool,
    /// Pid file of the parent
    #[arg(short = 'p', long, value_name = "FILE")]
    pub(super) pid: Option<OsString>,
    /// Pid file of the VRRP process
    #[arg(short = 'r', long = "vrrp_pid", value_name = "FILE")]
    pub(super) vrrp_pid: Option<OsString>,
    /// Pid file of the checker process
    #[arg(short = 'c', long = "checkers_pid", value_name = "FILE")]
    pub(super) checkers_pid: Option<OsString>,
    /// Pid file of the BFD process
    #[arg(short = 'b', long = "bfd_pid", value_name = "FILE")]
    pub(super) bfd_pid: Option<OsString>,
    /// Compute the digest of a page (refused)
    #[arg(short = 'T', long)]
    pub(super) genhash: bool,
    /// Log all address changes (no effect yet)
    #[arg(short = 'a', long)]
    pub(super) address_monitoring: bool,
    /// Run the SNMP subagent (no effect yet)
    #[arg(short = 'x', long)]
    pub(super) snmp: bool,
    /// AgentX socket (no effect yet)
    #[arg(short = 'A', long, value_name = "SOCKET")]
    pub(super) snmp_agent_socket: Option<OsString>,
    /// Run in a network namespace, whatever the file says
    #[arg(short = 's', long, value_name = "NAME")]
    pub(super) namespace: Option<OsString>,
    /// Allow core dumps (no effect yet)
    #[arg(short = 'm', long)]
    pub(super) core_dump: bool,
    /// Set the kernel's core pattern (no effect yet)
    #[arg(short = 'M', long, value_name = "PATTERN", num_args = 0..=1, require_equals = true)]
    pub(super) core_dump_pattern: Option<Option<OsString>>,
    /// A missing included file is an error
    #[arg(short = 'e', long)]
    pub(super) all_config: bool,
    /// Name that @ID lines are matched with [default: the node name up to its first dot]
    #[arg(short = 'i', long, value_name = "ID")]
    pub(super) config_id: Option<OsString>,
    /// Print the number of a signal: STOP, RELOAD, DATA, STATS, STATS_CLEAR or JSON
    #[arg(long, value_name = "NAME")]
    pub(super) signum: Option<OsString>,
    /// Check the configuration and this host; reports go to stderr or FILE
    #[arg(short = 't', long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub(super) config_test: Option<Option<OsString>>,
    /// Check each FILE (or that of -f) without looking at this host
    #[arg(long)]
    pub(super) check_config: bool,
    /// Print every keyword with its status; FORMAT is json
    #[arg(long, value_name = "FORMAT")]
    pub(super) list_keywords: Option<OsString>,
    /// How -t and --check-config report: human, short, json or log [default: log with -t, else human on a terminal
    /// and short elsewhere]
    #[arg(long, value_name = "FORMAT")]
    pub(super) message_format: Option<OsString>,
    /// Descriptor of the stripped configuration, internal (no effect)
    #[arg(long, value_name = "N", hide = true)]
    pub(super) config_fd: Option<OsString>,
    /// Ignore SIGINT, for debuggers (no effect yet)
    #[arg(long)]
    pub(super) ignore_sigint: bool,
    /// Print the version
    #[arg(short = 'v', long)]
    pub(super) version: bool,
    /// Print this help
    #[arg(short = 'h', long)]
    pub(super) help: bool,
    /// Files of --check-config
    #[arg(hide = true)]
    pub(super) operands: Vec<OsString>,
}
