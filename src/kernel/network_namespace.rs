//! Entering a network namespace that `ip netns` made (`net_namespace`, `-s`).

use std::fs::File;
use std::io;
use std::path::Path;

use nix::sched::{CloneFlags, setns};

/// Where `ip netns` keeps them by name.
const FOLDER: &str = "/run/netns";

/// Brings the calling thread, and the processes and threads that it starts from now on, into the namespace.
///
/// # Errors
/// There is none of that name, or the kernel's refusal for want of CAP_SYS_ADMIN.
pub fn enter_network_namespace(name: &str) -> io::Result<()> {
    if name.is_empty() || name.contains('/') {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let file = File::open(Path::new(FOLDER).join(name))?;
    setns(file, CloneFlags::CLONE_NEWNET).map_err(io::Error::from)
}
