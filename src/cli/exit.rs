//! The exit statuses that wrappers of keepalived know, under their names.

/// Stopped by a signal, already running, or nothing to complain about.
pub const OK: u8 = 0;
/// An option is wrong, or a process failed for want of something that no restart brings.
pub const FATAL: u8 = 1;
/// The configuration cannot be run.
pub const CONFIG: u8 = 2;
/// A permission is missing (raw sockets); for `-t` and `--check-config`: a file is missing.
pub const PERMISSION: u8 = 4;
/// `-t` and `--check-config`: something was reported, from an unknown keyword to a deprecated one.
pub const REPORTED: u8 = 5;
/// The main file or an included one cannot be read; for `-t`: a script is insecure.
pub const NOT_CONFIGURED: u8 = 6;
