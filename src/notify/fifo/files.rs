//! The FIFOs as files: made, checked, held open and removed by the supervisor, which outlives every worker.
//!
//! While it holds them no reader sees an end and no line is lost, even when a worker dies.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{Gid, Uid, fchown, mkfifo};
use tracing::{error, info};

use super::reader::Reader;
use crate::config::model::{Account, Fifo};
use crate::script::{AccountError, Clearances, Identity};

/// Why a FIFO is not used.
#[derive(Debug, thiserror::Error)]
pub enum FifoError {
    /// It could not be made.
    #[error("Unable to create notify fifo {0}: {1}")]
    NotMade(String, io::Error),
    /// It could not be opened.
    #[error("Unable to open notify fifo {0}: {1}")]
    NotOpened(String, io::Error),
    /// There is something else, or somebody else's.
    #[error("notify fifo {0} is not a fifo we own - not using")]
    NotOurs(String),
    /// Nobody to make it for.
    #[error("notify fifo {0} is not used: {1}")]
    Account(String, AccountError),
}

/// The FIFOs of the configuration that runs, with the scripts that read them.
#[derive(Debug)]
pub struct FifoFiles {
    held: Vec<Held>,
    /// Bits that a new FIFO does not get.
    umask: u32,
}

#[derive(Debug)]
struct Held {
    fifo: Fifo,
    /// Held open, so that no line is lost while nobody else has it open.
    file: File,
    /// Made by us, so it goes with us.
    made: bool,
    reader: Option<Reader>,
    /// Of the configuration that is about to run, or runs.
    wanted: bool,
}

impl FifoFiles {
    /// keepalived's umask where the operator gives none: FIFOs are for their owner only.
    const UMASK: u32 = 0o077;
    /// What keepalived asks for when it makes one.
    const MODE: u32 = 0o644;
    /// How long a reader has to read what is left and to end by itself, once nobody writes any more.
    const LAST_WORDS: Duration = Duration::from_secs(1);

    /// None yet; `umask` is what the operator wants.
    pub fn new(umask: Option<u16>) -> Self {
        Self { held: Vec::new(), umask: umask.map_or(Self::UMASK, u32::from) }
    }

    /// Makes and opens what `fifos` names; answers the paths of those that can be used, in order.
    ///
    /// Those of the configuration before stay until [`Self::settle`].
    pub fn prepare(&mut self, fifos: &[Fifo], clearances: &Clearances) -> Vec<String> {
        self.held.iter_mut().for_each(|held| held.wanted = false);
        let mut usable = Vec::new();
        for fifo in fifos {
            match self.hold(fifo, clearances) {
                Ok(()) => usable.push(fifo.path.clone()),
                Err(error) => error!("{error}"),
            }
        }
        usable
    }

    fn hold(&mut self, fifo: &Fifo, clearances: &Clearances) -> Result<(), FifoError> {
        let owner = owner(fifo.account.as_ref(), clearances)
            .map_err(|error| FifoError::Account(fifo.path.clone(), error))?;
        let same = |held: &&mut Held| held.fifo.path == fifo.path && held.is_in_place();
        if let Some(held) = self.held.iter_mut().find(same) {
            if held.made {
                give(&held.file, &owner).map_err(|error| FifoError::NotOpened(fifo.path.clone(), error))?;
            }
            held.fifo = fifo.clone();
            held.wanted = true;
            return Ok(());
        }
        let held = self.make(fifo, &owner)?;
        self.held.push(held);
        Ok(())
    }

    fn make(&self, fifo: &Fifo, owner: &Identity) -> Result<Held, FifoError> {
        let path = &fifo.path;
        let made = match mkfifo(path.as_str(), Mode::S_IRUSR | Mode::S_IWUSR) {
            Ok(()) => true,
            Err(Errno::EEXIST) => false,
            Err(error) => return Err(FifoError::NotMade(path.clone(), error.into())),
        };
        let not_opened = |error| FifoError::NotOpened(path.clone(), error);
        let file = open(path).map_err(|error| match error.raw_os_error() {
            // A link, a folder or a socket.
            Some(libc::ELOOP | libc::EISDIR | libc::ENXIO) => FifoError::NotOurs(path.clone()),
            _ => not_opened(error),
        })?;
        let found = file.metadata().map_err(not_opened)?;
        let uids = [Identity::own().uid, owner.uid];
        if !found.file_type().is_fifo() || !uids.contains(&found.uid()) {
            return Err(FifoError::NotOurs(path.clone()));
        }
        if made {
            give(&file, owner).map_err(not_opened)?;
            let mode = Mode::from_bits_truncate(Self::MODE & !self.umask);
            fchmod(file.as_fd(), mode).map_err(|error| not_opened(error.into()))?;
        }
        Ok(Held { fifo: fifo.clone(), file, made, reader: None, wanted: true })
    }

    /// The configuration of the last [`Self::prepare`] runs: what only the one before named goes, and each script is
    /// started, or again, as keepalived does at a reload. Needs the runtime.
    pub fn settle(&mut self, clearances: &mut Clearances) {
        for mut gone in self.held.extract_if(.., |held| !held.wanted) {
            gone.remove();
            gone.reader.take().into_iter().for_each(Reader::end_soon);
        }
        for held in &mut self.held {
            let before = held.reader.take();
            held.reader = match &held.fifo.reader {
                Some(command) => Reader::start(command, &held.fifo.path, clearances, before),
                None => {
                    before.into_iter().for_each(Reader::end_soon);
                    None
                }
            };
        }
    }

    /// Removes what was made, lets the scripts read to the end, and ends those that do not end by themselves.
    pub async fn finish(&mut self) {
        let mut readers = Vec::new();
        for mut held in self.held.drain(..) {
            held.remove();
            readers.extend(held.reader.take());
        }
        // With the last of them closed, readers see the end behind the last line.
        for reader in readers {
            reader.end_after(Self::LAST_WORDS).await;
        }
    }
}

impl Drop for FifoFiles {
    fn drop(&mut self) {
        self.held.iter_mut().for_each(Held::remove);
    }
}

impl Held {
    /// Whether its path still leads to it.
    fn is_in_place(&self) -> bool {
        let (Ok(ours), Ok(there)) = (self.file.metadata(), fs::symlink_metadata(&self.fifo.path)) else {
            return false;
        };
        (ours.dev(), ours.ino()) == (there.dev(), there.ino())
    }

    fn remove(&mut self) {
        if std::mem::take(&mut self.made)
            && self.is_in_place()
            && let Err(error) = fs::remove_file(&self.fifo.path)
        {
            info!("notify fifo {} cannot be removed: {error}", self.fifo.path);
        }
    }
}

fn owner(account: Option<&Account>, clearances: &Clearances) -> Result<Identity, AccountError> {
    match account {
        Some(account) => Identity::of(account),
        None => clearances.default_identity(),
    }
}

fn give(file: &File, owner: &Identity) -> io::Result<()> {
    Ok(fchown(file, Some(Uid::from_raw(owner.uid)), Some(Gid::from_raw(owner.gid)))?)
}

/// Never waits for a reader and follows no link.
fn open(path: &str) -> io::Result<File> {
    File::options().read(true).write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW).open(path)
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
