//! The hands on a real kernel: each test in fresh network namespaces, which vanish with its threads.
//!
//! Needs root; without it every test fails and says so.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod addresses;
mod allocations;
mod announcements;
mod firewall;
mod links;
mod namespace;
mod packets;
mod routing;
mod wire;
