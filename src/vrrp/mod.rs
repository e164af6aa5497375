//! The election of one virtual router (RFC 9568 §6, RFC 3768 §6).
//!
//! In: packets, deadlines and circumstances of one instance, each with the time it happened. Out: [`Action`]s, in the
//! order to do them.
//! Never here: sockets, clocks, the kernel's addresses, when a sync group lets an instance claim (see `engine`).

mod accept_mode;
mod action;
mod announce;
mod authenticity;
mod circumstances;
mod counters;
mod grouped;
mod hear;
mod holding;
mod instance;
mod oversleeping;
mod remarks;
mod replay_marks;
mod routing;
mod say;
mod timers;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use action::{Action, Announcement, Notice, NoticeKind, PlacedAddress, Subject, Transmission};
pub use authenticity::Memory;
pub use circumstances::{Circumstances, Fault, Path};
pub use counters::Counters;
pub use grouped::StepDown;
pub use holding::Places;
pub use instance::{Instance, Past};
pub use routing::{PlacedRoute, Routing};
pub use timers::{master_down, skew};

/// The states that people and hooks know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    /// Not decided yet: tracked scripts have not had their first result.
    Init,
    /// Another router serves, or nobody does yet.
    Backup,
    /// This router serves the addresses.
    Master,
    /// Something that the instance needs is missing.
    Fault,
}

/// keepalived's word for it.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Init => "INIT",
            Self::Backup => "BACKUP",
            Self::Master => "MASTER",
            Self::Fault => "FAULT",
        })
    }
}
