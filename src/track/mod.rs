//! Facts about this host that weigh on an election: interfaces, their addresses, check scripts.
//!
//! In: link and address facts from the kernel, outcomes of script runs. Out: whether an instance may serve and with
//! what priority; orders to run or kill a script.
//! Never here: netlink, processes, the election itself.

mod interface;
mod script;

pub use interface::{Interfaces, Link, LinkAddress, Over, OverKind};
pub use script::{Check, Outcome, ScriptAction, Signal, Verdict};
