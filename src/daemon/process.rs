//! How this process is run: in the background, by what scheduler, in what memory (`vrrp_rt_priority`, `vrrp_priority`,
//! `vrrp_no_swap`).
//!
//! The only file of this room with unsafe code: system calls that no crate wraps.
#![allow(unsafe_code)]

use std::io;

use nix::sys::mman::{MlockAllFlags, mlockall};
use tracing::warn;

use crate::config::model::GlobalDefs;

/// Applies what `global_defs` asks of the worker; what the kernel refuses is a warning, the daemon works all the same.
pub(super) fn apply(global: &GlobalDefs) {
    if let Some(priority) = global.rt_priority {
        complain("vrrp_rt_priority", real_time(priority));
    }
    if global.nice != 0 {
        complain("vrrp_priority", nice(global.nice));
    }
    if global.no_swap {
        complain("vrrp_no_swap", lock_memory());
    }
}

/// Leaves the terminal; the calling process has ended with status 0 when this returns in its child.
pub(super) fn to_background() -> io::Result<()> {
    nix::unistd::daemon(false, false).map_err(io::Error::from)
}

fn complain(keyword: &str, result: io::Result<()>) {
    if let Err(error) = result {
        warn!("{keyword}: {error}");
    }
}

/// SCHED_RR with SCHED_RESET_ON_FORK, so that scripts do not inherit it.
fn real_time(priority: u8) -> io::Result<()> {
    // SAFETY: all fields of sched_param are integers, for which zero is a value.
    let mut param: libc::sched_param = unsafe { std::mem::zeroed() };
    param.sched_priority = i32::from(priority);
    let policy = libc::SCHED_RR | libc::SCHED_RESET_ON_FORK;
    // SAFETY: the call reads `param`, which outlives it. By number, since musl's wrapper always fails.
    let result = unsafe { libc::syscall(libc::SYS_sched_setscheduler, 0, policy, &raw const param) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn nice(level: i8) -> io::Result<()> {
    // SAFETY: the call takes integers only.
    let result = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, i32::from(level)) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Locks pages as they are touched, instead of the whole stack of 2 MB at once.
fn lock_memory() -> io::Result<()> {
    let on_fault = MlockAllFlags::from_bits_retain(libc::MCL_ONFAULT);
    let flags = MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | on_fault;
    mlockall(flags).map_err(io::Error::from)
}
