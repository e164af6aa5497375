//! Facts about this host that weigh on an election: interfaces, their addresses, check scripts, numbers in files,
//! processes.
//!
//! In: link and address facts from the kernel, outcomes of script runs, contents of files, counts of processes. Out: whether an instance may serve and with
//! what priority; orders to run or kill a script.
//! Never here: netlink, processes, the election itself.

mod file;
mod interface;
mod link_delay;
mod process;
mod script;

pub use file::{Effect, effect_of_file, number_in_file};
pub use interface::{Interfaces, Link, LinkAddress, Over, OverKind};
pub use link_delay::LinkDelays;
pub use process::{Quorum, is_process, looks_at_command_line};
pub use script::{Check, Outcome, ScriptAction, Signal, Verdict};
