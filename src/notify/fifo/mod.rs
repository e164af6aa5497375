//! FIFOs: made and held open by the supervisor, written by the worker, read by whoever likes or by a script.
//!
//! In: FIFOs of the model, lines. Out: files, bytes, processes that read them.
//! Never here: which words a line has, waiting for a reader.

mod files;
mod pending;
mod reader;
mod writer;

pub use files::{FifoError, FifoFiles};
pub use writer::FifoWriters;
