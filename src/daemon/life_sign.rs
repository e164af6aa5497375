//! When the worker was last seen running, in memory that it shares with its supervisor: nobody has to wake up for it.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;

use nix::sys::memfd::{MFdFlags, memfd_create};
use tracing::debug;

use crate::units::Instant;

/// A place for one instant.
#[derive(Debug)]
pub(super) struct LifeSign(File);

impl LifeSign {
    /// A new one, without a sign.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(File::from(memfd_create(c"life sign", MFdFlags::MFD_CLOEXEC)?)))
    }

    /// The one that a descriptor of ours refers to.
    pub(super) fn of(descriptor: impl AsFd) -> io::Result<Self> {
        Ok(Self(File::from(descriptor.as_fd().try_clone_to_owned()?)))
    }

    /// A descriptor for the other process.
    pub(super) fn share(&self) -> io::Result<OwnedFd> {
        Ok(self.0.try_clone()?.into())
    }

    /// Says that this process ran at `now`.
    pub(super) fn give(&self, now: Instant) {
        if let Err(error) = self.0.write_all_at(&now.as_nanos().to_ne_bytes(), 0) {
            debug!("no life sign: {error}");
        }
    }

    /// When the other process ran last; `None` before its first sign.
    pub(super) fn last(&self) -> Option<Instant> {
        let mut bytes = [0; 8];
        self.0.read_exact_at(&mut bytes, 0).ok()?;
        Some(Instant::from_nanos(u64::from_ne_bytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_seen_through_another_descriptor() {
        let ours = LifeSign::new().unwrap();
        let theirs = LifeSign::of(ours.share().unwrap()).unwrap();
        assert_eq!(ours.last(), None);
        theirs.give(Instant::from_nanos(7));
        theirs.give(Instant::from_nanos(8));
        assert_eq!(ours.last(), Some(Instant::from_nanos(8)));
    }
}
