//! The hands that touch sockets and netlink: one place for each concern of the kernel.
//!
//! Owns every socket, timer and netlink connection of the worker. In: orders of the engine ([`crate::engine::Action`]),
//! carried out at once and without waiting. Out: received packets, facts about links, addresses, tracked files and
//! processes, routes and rules that others removed, the kernel's refusals as values.
//! Never here: what an order is for, states, schedules, configuration text.

mod address;
mod clock;
mod device;
mod file_watch;
mod firewall;
mod link;
mod linkbeat;
mod local_igmp;
mod neighbour;
mod netlink;
mod network_namespace;
mod own_interface;
mod process_watch;
mod promote_secondaries;
mod route;
mod routing;
mod rule;
mod sys;
mod sysctl;
mod timer;
mod vrrp_socket;

pub use address::{AddressError, Addresses, OwnRemovals};
pub use clock::{now, unix_time};
pub use file_watch::{FileFact, FileWatch, write_initial_contents};
pub use firewall::{Firewall, FirewallError};
pub use link::{Fact, Monitor};
pub use linkbeat::Linkbeats;
pub use local_igmp::LocalIgmp;
pub use neighbour::Announcer;
pub use netlink::Refusal;
pub use network_namespace::enter_network_namespace;
pub use own_interface::{OwnInterfaceError, OwnInterfaces, choose_names};
pub use process_watch::{ProcessFact, ProcessWatch};
pub use promote_secondaries::PromotedSecondaries;
pub use routing::{RoutingError, RoutingTables};
pub use sysctl::ChangedSetting;
pub use timer::DeadlineTimer;
pub use vrrp_socket::{Contents, Received, VrrpSockets};
