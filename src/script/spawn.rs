//! The start of a child, for checks and hooks alike.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use super::{Clearance, role};

/// Runs files that are no executable format of the kernel.
pub(super) const SHELL: &str = "/bin/sh";
/// Ourselves, also after the file was replaced by an upgrade.
const OWN_EXECUTABLE: &str = "/proc/self/exe";
/// Variables that would steer a shell or the loader of another user's program.
const DANGEROUS: [&str; 3] = ["IFS", "LD_PRELOAD", "LD_LIBRARY_PATH"];

/// A child that leads a process group of its own.
#[derive(Debug)]
pub(crate) struct Leader {
    child: Child,
    group: Group,
}

/// The process group of a child.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    id: Pid,
    fate: Arc<Fate>,
}

/// What those who signal a group and the one who waits for its leader know of each other.
#[derive(Debug, Default)]
struct Fate {
    /// It was told to end, so what outlives its leader is killed.
    told_to_end: AtomicBool,
    /// Its leader is gone, so its number may belong to others.
    over: AtomicBool,
}

impl Group {
    /// Tells all its processes to end; once the leader has, the rest is killed. Nothing happens after that.
    pub(crate) fn end(&self, signal: Signal) {
        if !self.fate.over.load(Ordering::Relaxed) {
            self.fate.told_to_end.store(true, Ordering::Relaxed);
            self.send(signal);
        }
    }

    /// That no process is left is no error.
    fn send(&self, signal: Signal) {
        let _ = killpg(self.id, signal);
    }
}

impl Leader {
    /// Starts the cleared program with `args`; nothing of it reaches our input or output.
    ///
    /// # Errors
    /// The system's reason, when no process could be started.
    pub(crate) fn start<'a>(
        clearance: &Clearance,
        args: impl IntoIterator<Item = &'a str>,
    ) -> io::Result<Self> {
        let args: Vec<&OsStr> = args.into_iter().map(OsStr::new).collect();
        if !clearance.identity.is_own() {
            let words = role::arguments(&clearance.identity, &clearance.program);
            let words: Vec<&OsStr> = words.iter().map(OsString::as_os_str).chain(args).collect();
            return Self::spawn(Path::new(OWN_EXECUTABLE), &words);
        }
        match Self::spawn(&clearance.program, &args) {
            Err(error) if error.raw_os_error() == Some(libc::ENOEXEC) => {
                let words: Vec<&OsStr> = [clearance.program.as_os_str()].into_iter().chain(args).collect();
                Self::spawn(Path::new(SHELL), &words)
            }
            started => started,
        }
    }

    /// Only what `posix_spawn` can do: a fork would copy our page tables while adverts are due.
    fn spawn(program: &Path, args: &[&OsStr]) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.args(args).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        for name in DANGEROUS {
            command.env_remove(name);
        }
        let child = command.spawn()?;
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let id = id.ok_or_else(|| io::Error::other("the child has no number"))?;
        Ok(Self { child, group: Group { id: Pid::from_raw(id), fate: Arc::default() } })
    }

    /// A handle to its group.
    pub(crate) fn group(&self) -> Group {
        self.group.clone()
    }

    /// Waits for the end of the leader; the rest of its group lives on unless it was told to end.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await;
        // No other task runs in between, so the number is still that of the group if anyone is left in it.
        self.group.fate.over.store(true, Ordering::Relaxed);
        if self.group.fate.told_to_end.load(Ordering::Relaxed) {
            self.group.send(Signal::SIGKILL);
        }
        status
    }
}
