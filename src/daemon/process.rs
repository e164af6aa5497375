//! How this process is run: under what name, in the background, by what scheduler, on which processors, in what memory
//! (`process_names`, `vrrp_rt_priority`, `vrrp_priority`, `vrrp_cpu_affinity`, `vrrp_rlimit_rttime`, `vrrp_no_swap`,
//! `umask`).
//!
//! The only file of this room with unsafe code: system calls that no crate wraps.
#![allow(unsafe_code)]

use std::ffi::CString;
use std::io;

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::stat::Mode;
use nix::unistd::Pid;
use tracing::{info, warn};

use crate::config::model::ProcessOptions;

/// keepalived's: what the daemon and its scripts make is for its owner.
const UMASK: u32 = 0o177;

/// Applies what `global_defs` asks of the worker; what the kernel refuses is a warning, the daemon works all the same.
pub(super) fn apply(options: &ProcessOptions) {
    options.worker_name.iter().chain(&options.name).take(1).for_each(|name| set_name(name));
    match (options.rt_priority, options.nice) {
        (Some(priority), _) => {
            complain("vrrp_rt_priority", real_time(priority));
            if let Some(limit) = options.rlimit_rttime {
                complain("vrrp_rlimit_rttime", limit_real_time(limit));
            }
        }
        (None, 0) => {}
        (None, level) => complain("vrrp_priority", nice(level)),
    }
    if !options.cpus.is_empty() {
        complain("vrrp_cpu_affinity", keep_to(&options.cpus));
    }
    if options.no_swap {
        complain("vrrp_no_swap", lock_memory());
    }
}

/// What the supervisor is told of how it is run; `umask` is that of the command line.
pub(super) fn prepare_supervisor(options: &ProcessOptions, umask: Option<u16>) {
    options.name.iter().for_each(|name| set_name(name));
    let mask = umask.or(options.umask).map_or(UMASK, u32::from);
    nix::sys::stat::umask(Mode::from_bits_truncate(mask));
}

/// `max_auto_priority`: the worker was late.
pub(super) fn raise(priority: u8) {
    match real_time(priority) {
        Ok(()) => info!("Set realtime priority {priority}"),
        Err(error) => warn!("max_auto_priority: {error}"),
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

/// A name that holds a zero byte cannot come from a file.
fn set_name(name: &str) {
    let named = CString::new(name).map_err(io::Error::from);
    let result = named.and_then(|name| nix::sys::prctl::set_name(&name).map_err(io::Error::from));
    complain("process_name", result);
}

/// RLIMIT_RTTIME: SIGXCPU, which is caught, comes at half of what ends the process.
fn limit_real_time(microseconds: u32) -> io::Result<()> {
    let hard = u64::from(microseconds);
    setrlimit(Resource::RLIMIT_RTTIME, hard / 2, hard).map_err(io::Error::from)
}

fn keep_to(cpus: &[u32]) -> io::Result<()> {
    let mut set = CpuSet::new();
    for cpu in cpus {
        let cpu = usize::try_from(*cpu).map_err(io::Error::other)?;
        set.set(cpu)?;
    }
    sched_setaffinity(Pid::from_raw(0), &set).map_err(io::Error::from)
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
