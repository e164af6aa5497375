//! Files that say which process runs, locked while it does.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use tracing::warn;

/// A pid file of ours; removed when dropped.
pub(super) struct PidFile {
    path: PathBuf,
    file: File,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum PidFileError {
    /// Another process holds the lock.
    #[error("daemon is already running ({0} is locked)")]
    AlreadyRunning(PathBuf),
    /// The file cannot be made.
    #[error("cannot write pid file {0}: {1}")]
    Unwritable(PathBuf, #[source] io::Error),
}

impl PidFile {
    /// Takes the file for this process tree; a stale one is overwritten. No process is written into it yet.
    pub(super) fn take(path: &Path) -> Result<Self, PidFileError> {
        let unwritable = |error| PidFileError::Unwritable(path.to_owned(), error);
        loop {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o644)
                .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
                .open(path)
                .map_err(unwritable)?;
            match lock(&file) {
                Ok(()) => {}
                Err(Errno::EAGAIN | Errno::EACCES) => {
                    return Err(PidFileError::AlreadyRunning(path.to_owned()));
                }
                Err(error) => return Err(unwritable(error.into())),
            }
            // A daemon that ended between our open and our lock has removed the file that we hold.
            if is_still_there(&file, path) {
                return Ok(Self { path: path.to_owned(), file });
            }
        }
    }

    /// Writes the process into it.
    pub(super) fn write(&mut self, pid: u32) {
        if let Err(error) = self.replace(pid) {
            warn!("cannot write pid file {}: {error}", self.path.display());
        }
    }

    fn replace(&mut self, pid: u32) -> io::Result<()> {
        use std::io::Seek;
        self.file.set_len(0)?;
        self.file.rewind()?;
        writeln!(self.file, "{pid}")
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if is_still_there(&self.file, &self.path)
            && let Err(error) = fs::remove_file(&self.path)
        {
            warn!("cannot remove pid file {}: {error}", self.path.display());
        }
    }
}

/// The kind of lock that keepalived takes, so that each sees the other's.
fn lock(file: &File) -> nix::Result<()> {
    let whole = libc::flock {
        l_type: libc::F_WRLCK as i16,
        l_whence: libc::SEEK_SET as i16,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    fcntl(file, FcntlArg::F_OFD_SETLK(&whole)).map(drop)
}

fn is_still_there(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_daemon_is_told_that_it_is_the_second() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pid");
        let mut first = PidFile::take(&path).unwrap();
        first.write(42);
        assert!(matches!(PidFile::take(&path), Err(PidFileError::AlreadyRunning(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "42\n");
        drop(first);
        assert!(!path.exists());
        PidFile::take(&path).unwrap();
    }

    #[test]
    fn a_stale_file_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pid");
        fs::write(&path, "123456789\n").unwrap();
        PidFile::take(&path).unwrap().write(7);
        assert!(!path.exists());
    }

    #[test]
    fn links_and_missing_folders_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("link");
        std::os::unix::fs::symlink(dir.path().join("target"), &path).unwrap();
        for path in [path, dir.path().join("none/pid")] {
            assert!(matches!(PidFile::take(&path), Err(PidFileError::Unwritable(..))), "{path:?}");
        }
    }
}
