//! The options as checked values.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use nix::unistd::gethostname;

use super::flags::Flags;
use super::message::MessageFormat;
use crate::report::Facility;

/// How the daemon is to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// `-f`: configuration file or pattern.
    pub file: PathBuf,
    /// `-P`: no virtual servers.
    pub vrrp_only: bool,
    /// `-l`: log to stderr too.
    pub log_console: bool,
    /// `-D`: 0 to 2, how often it was given.
    pub log_detail: u8,
    /// `-S`.
    pub facility: Facility,
    /// `-G`, also implied by `-t`.
    pub no_syslog: bool,
    /// `-n`, also implied by `-t`.
    pub dont_fork: bool,
    /// `-R`, also implied by `-t`.
    pub dont_respawn: bool,
    /// `-p`; overrides what the configuration makes of [`Options::PID_FILE`].
    pub pid_file: Option<PathBuf>,
    /// `-r`; overrides what the configuration makes of [`Options::VRRP_PID_FILE`].
    pub vrrp_pid_file: Option<PathBuf>,
    /// `-c`; there is no such process yet.
    pub checkers_pid_file: Option<PathBuf>,
    /// `-b`; there is no such process yet.
    pub bfd_pid_file: Option<PathBuf>,
    /// `-i`, or the node name up to its first dot.
    pub config_id: String,
    /// `-e`: every include must find its file.
    pub strict_includes: bool,
    /// `-s`: overrides `net_namespace`.
    pub namespace: Option<String>,
    /// `-u`: overrides the keyword.
    pub umask: Option<u16>,
    /// `--message-format`; none: as people see it at a terminal, else a line each.
    pub message_format: Option<MessageFormat>,
}

impl Options {
    /// Default of `-f`.
    pub const FILE: &'static str = "/etc/keepalived/keepalived.conf";
    /// Default of `-p`.
    pub const PID_FILE: &'static str = "/run/keepalived.pid";
    /// Default of `-r`.
    pub const VRRP_PID_FILE: &'static str = "/run/vrrp.pid";

    /// Makes values of what was given; what cannot be one is named in `warnings` and left at its default.
    pub(super) fn new(flags: &Flags, warnings: &mut Vec<String>) -> Self {
        let testing = flags.config_test.is_some();
        Self {
            file: flags.file.as_deref().unwrap_or(OsStr::new(Self::FILE)).into(),
            vrrp_only: flags.vrrp_only,
            log_console: flags.log_console,
            log_detail: flags.log_detail.min(2),
            facility: flags.log_facility.as_deref().map_or(Facility::Daemon, |word| facility(word, warnings)),
            no_syslog: flags.no_syslog || testing,
            dont_fork: flags.dont_fork || testing,
            dont_respawn: flags.dont_respawn || testing,
            pid_file: flags.pid.as_deref().and_then(path),
            vrrp_pid_file: flags.vrrp_pid.as_deref().and_then(path),
            checkers_pid_file: flags.checkers_pid.as_deref().and_then(path),
            bfd_pid_file: flags.bfd_pid.as_deref().and_then(path),
            config_id: flags
                .config_id
                .as_ref()
                .map_or_else(node_name, |id| id.to_string_lossy().into_owned()),
            strict_includes: flags.all_config,
            namespace: flags.namespace.as_ref().map(|name| name.to_string_lossy().into_owned()),
            umask: flags.umask.as_deref().and_then(|word| umask(word, warnings)),
            message_format: flags.message_format.as_deref().and_then(MessageFormat::named),
        }
    }

    /// Makes every path absolute: a daemon changes its directory to `/`.
    pub(super) fn with_absolute_paths(mut self) -> Self {
        self.file = absolute(&self.file);
        let files = [
            &mut self.pid_file,
            &mut self.vrrp_pid_file,
            &mut self.checkers_pid_file,
            &mut self.bfd_pid_file,
        ];
        for file in files.into_iter().flatten() {
            *file = absolute(file);
        }
        self
    }
}

/// An empty name is no name, as in keepalived.
fn path(word: &OsStr) -> Option<PathBuf> {
    (!word.is_empty()).then(|| word.into())
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn facility(word: &OsStr, warnings: &mut Vec<String>) -> Facility {
    word.to_str().and_then(Facility::named).unwrap_or_else(|| {
        warnings.push(format!("Invalid log facility '{}'", word.display()));
        Facility::Daemon
    })
}

fn umask(word: &OsStr, warnings: &mut Vec<String>) -> Option<u16> {
    let mask = word.to_str().and_then(number).filter(|mask| *mask <= 0o777);
    if mask.is_none() {
        warnings.push(format!("Invalid --umask option {}", word.display()));
    }
    mask
}

/// A number as C's base 0 reads it: `0x` is hexadecimal, a leading 0 octal.
fn number(word: &str) -> Option<u16> {
    let (digits, radix) = match word.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&word[2..], 16),
        [b'0', _, ..] => (&word[1..], 8),
        _ => (word, 10),
    };
    if digits.starts_with('+') { None } else { u16::from_str_radix(digits, radix).ok() }
}

fn node_name() -> String {
    let name: OsString = gethostname().unwrap_or_default();
    let name = name.to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_a_number_of_any_base_c_knows() {
        let cases = [
            ("022", Some(0o22)),
            ("18", Some(18)),
            ("0x12", Some(0x12)),
            ("0", Some(0)),
            ("0777", Some(0o777)),
            ("01000", None),
            ("abc", None),
            ("", None),
            ("+1", None),
            ("-1", None),
            ("9999999", None),
            ("08", None),
        ];
        for (word, want) in cases {
            let mut warnings = Vec::new();
            assert_eq!(umask(OsStr::new(word), &mut warnings), want, "{word:?}");
            assert_eq!(warnings.is_empty(), want.is_some(), "{word:?}: {warnings:?}");
        }
    }
}
