//! Telling the operator's hooks (`notify*`).
//!
//! In: [`crate::vrrp::Notice`]s with the time they happened. Out: processes, started in the order of the states.
//! Never here: which states there are, a limit on how long a hook may run, accounts (see [`crate::script`]).

mod calls;
mod hooks;
mod lane;
mod queue;

pub use hooks::{HookEnded, Hooks};
