//! The processes: a supervisor that reads the configuration, and a worker that runs the engine.
//!
//! Owns start, stop, reload, signals, pid files, restart of a dead worker, and the worker's event loop.
//! In: checked options, configuration files, signals. Out: an exit status.
//! Never here: rules of VRRP, words of the configuration, how a kernel call is made.

mod auto_priority;
mod backlog;
mod channel;
mod configuration;
mod global_script;
mod hands;
mod leftovers;
mod life_sign;
mod link;
mod pid_file;
mod pid_paths;
mod process;
mod respawn;
mod signals;
mod supervisor;
mod systemd;
mod wall_clock;
mod watches;
mod worker;
mod worker_process;

pub use supervisor::run;
pub use worker::{ROLE as WORKER_ROLE, run_role as run_worker};
