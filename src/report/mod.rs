//! What people and programs read of the daemon; so far its log.
//!
//! In: tracing events, levels, where to write. Out: lines in syslog and on stderr, at once or counted as lost.
//! Never here: waiting for a reader, decisions about what happened.

mod console;
mod facility;
mod limiter;
mod line;
mod log;
mod lossy;
mod stamp;
mod syslog;

pub use facility::Facility;
pub use limiter::{Limiter, Suppressed};
pub use log::{HeldLog, LogHandle, LogSettings, start_log};
