//! The hands that touch sockets and netlink: one place for each concern of the kernel.
//!
//! Owns every socket, timer and netlink connection of the worker. In: orders of the engine ([`crate::engine::Action`]),
//! carried out at once and without waiting. Out: received packets, facts about links and addresses, the kernel's
//! refusals as values.
//! Never here: what an order is for, states, schedules, configuration text.

mod address;
mod clock;
mod device;
mod link;
mod neighbour;
mod netlink;
mod own_interface;
mod sys;
mod sysctl;
mod timer;
mod vrrp_socket;

pub use address::{AddressError, Addresses, OwnRemovals};
pub use clock::now;
pub use link::{Fact, Monitor};
pub use neighbour::Announcer;
pub use netlink::Refusal;
pub use own_interface::{OwnInterfaceError, OwnInterfaces, choose_names};
pub use sysctl::ChangedSetting;
pub use timer::DeadlineTimer;
pub use vrrp_socket::{Contents, Received, VrrpSockets};
