//! keepalived.conf: text to a checked [`model::Model`], or to problems with their places.
//!
//! In: files, an id for `@` conditions. Out: a [`model::Model`] and every problem found, in file order.
//! Never here: sockets, the kernel, state.

pub mod model;
