//! The only owner of the rules: events in, actions out.
//!
//! In: [`Event`]s with the time they happened. Out: [`Action`]s in the order to do them, and a [`Snapshot`] to read.
//! Never here: sockets, clocks, files, tasks, random numbers, `async`.

mod action;
mod event;

pub use action::{Action, InstanceId, Listen, ListenTo, ScriptId};
pub use event::Event;
