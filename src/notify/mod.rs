//! Telling the operator: hooks (`notify*`), FIFOs, mail.
//!
//! In: [`crate::vrrp::Notice`]s with the time they happened. Out: processes, started in the order of the states; lines
//! in FIFOs; mails.
//! Never here: which states there are, a limit on how long a hook may run, accounts (see [`crate::script`]).

mod calls;
mod fifo;
mod hooks;
mod lane;
mod mail;
mod queue;
mod words;

pub use fifo::{FifoError, FifoFiles, FifoWriters};
pub use hooks::{HookEnded, Hooks};
pub use mail::{Alert, Alerts, Envelope, Mailer};
pub use words::fifo_line;
