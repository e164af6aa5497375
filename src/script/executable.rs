//! Scripts for tests.

use std::path::Path;
use std::process::Command;

/// Writes an executable file with this text.
///
/// Another process writes it: a child that another test starts meanwhile would hold our descriptor for a moment, and
/// the kernel executes no file that is open for writing.
pub(crate) fn write_executable(path: &Path, text: &str) {
    let words = ["-c", "printf %s \"$2\" >\"$1\" && chmod 755 \"$1\"", "sh"];
    let written = Command::new("/bin/sh").args(words).arg(path).arg(text).status();
    assert!(written.unwrap().success(), "{}", path.display());
}
