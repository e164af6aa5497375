//! Children: who they run as, whether they may run, how they start and end.
//!
//! In: commands of the model, orders to run and to kill. Out: [`crate::track::Outcome`]s.
//! Never here: when a check is due, what its outcome means, the order of hooks.

mod account;
mod clearance;
#[cfg(test)]
mod executable;
mod role;
mod runner;
mod security;
mod spawn;

pub use account::{AccountError, Identity};
pub use clearance::{Clearance, Clearances};
#[cfg(test)]
pub(crate) use executable::write_executable;
pub use role::{SCRIPT_ROLE, script_role};
pub use runner::Runner;
pub use security::{Refusal, check};
pub(crate) use spawn::{Group, Leader};
