//! Opening a configuration file without being caught by what is not one.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use glob::{MatchOptions, glob_with};

/// Where files come from.
pub(in crate::config) trait Files {
    /// The text of a file; bytes that are not UTF-8 become U+FFFD.
    ///
    /// `left` is how many bytes may still be read of all files together.
    fn read(&self, path: &Path, left: u64) -> Result<Rc<str>, Unreadable>;
    /// The files that a shell pattern names, sorted.
    fn matching(&self, pattern: &str) -> Vec<PathBuf>;
    /// Whether something is there by this name.
    fn exists(&self, path: &Path) -> bool;
}

/// How shell patterns are matched.
pub(super) const MATCHING: MatchOptions =
    MatchOptions { require_literal_leading_dot: true, require_literal_separator: true, case_sensitive: true };

/// The files of this host.
pub(in crate::config) struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path, left: u64) -> Result<Rc<str>, Unreadable> {
        read(path, left)
    }
    fn matching(&self, pattern: &str) -> Vec<PathBuf> {
        glob_with(pattern, MATCHING).map(|found| found.flatten().collect()).unwrap_or_default()
    }
    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}

/// Larger files are refused.
const LARGEST: u64 = 64 << 20;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(in crate::config) enum Unreadable {
    #[error("no such file")]
    Missing,
    #[error("{0}")]
    Io(std::io::Error),
    #[error("it is a directory")]
    Directory,
    #[error("it is not a regular file")]
    NotRegular,
    #[error("it is executable")]
    Executable,
    #[error("it has {0} bytes, more than {LARGEST}")]
    TooLarge(u64),
    #[error("all files together are too many or too large")]
    TooMuch,
}

impl From<std::io::Error> for Unreadable {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Io(error),
        }
    }
}

/// The text of a regular file without any execute bit.
fn read(path: &Path, left: u64) -> Result<Rc<str>, Unreadable> {
    judge(&std::fs::metadata(path)?)?;
    let mut file: File =
        OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC).open(path)?;
    let about = file.metadata()?;
    judge(&about)?;
    if about.len() > left {
        return Err(Unreadable::TooMuch);
    }
    let mut bytes = Vec::new();
    (&mut file).take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Unreadable::TooLarge(bytes.len() as u64));
    }
    Ok(text(bytes))
}

pub(super) fn text(bytes: Vec<u8>) -> Rc<str> {
    match String::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into(),
    }
}

fn judge(file: &Metadata) -> Result<(), Unreadable> {
    if file.is_dir() {
        return Err(Unreadable::Directory);
    }
    if !file.is_file() {
        return Err(Unreadable::NotRegular);
    }
    if file.permissions().mode() & 0o111 != 0 {
        return Err(Unreadable::Executable);
    }
    if file.len() > LARGEST {
        return Err(Unreadable::TooLarge(file.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_file_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRUSR).unwrap();
        let program = folder.path().join("program");
        std::fs::write(&program, "x").unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o700)).unwrap();
        assert!(matches!(read(&pipe, LARGEST), Err(Unreadable::NotRegular)));
        assert!(matches!(read(Path::new("/dev/null"), LARGEST), Err(Unreadable::NotRegular)));
        assert!(matches!(read(folder.path(), LARGEST), Err(Unreadable::Directory)));
        assert!(matches!(read(&program, LARGEST), Err(Unreadable::Executable)));
        assert!(matches!(read(&folder.path().join("none"), LARGEST), Err(Unreadable::Missing)));
    }

    #[test]
    fn bytes_that_are_not_utf8_do_not_stop_the_reading() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"# Gr\xfc\xdfe\nglobal_defs {\n}\n").unwrap();
        assert!(read(file.path(), LARGEST).unwrap().contains("global_defs"));
    }
}
