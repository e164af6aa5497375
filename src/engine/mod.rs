//! The only owner of the rules: events in, actions out.
//!
//! In: [`Event`]s with the time they happened. Out: [`Action`]s in the order to do them, and a [`Snapshot`] to read.
//! Never here: sockets, clocks, files, tasks, random numbers, `async`.

mod action;
mod assess;
#[expect(clippy::module_inception, reason = "the room is named after its one owner")]
mod engine;
mod event;
mod group;
mod index;
mod listening;
mod own_interfaces;
mod pacing;
mod reload;
mod schedule;
mod snapshot;
mod statics;
mod tracked;

pub use action::{Action, InstanceId, Listen, ListenTo, ScriptId};
pub use engine::Engine;
pub use event::Event;
pub use own_interfaces::Make;
pub use snapshot::{InstanceSnapshot, Snapshot};
