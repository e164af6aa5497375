//! `virtual_server` and what belongs to it: groups, real servers, checkers.
//!
//! In: drafts that the keyword tables filled. Out: values that are right one by one and fit together.
//! Never here: words of the file, IPVS.

mod checker;
mod forwarding;
mod group;
mod real_server;

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use checker::{
    BfdCheck, Checker, Connection, DnsCheck, DnsType, FileCheck, HttpGet, HttpProtocol, MiscCheck, PingCheck,
    Schedule, SmtpCheck, TcpCheck, UdpCheck, Url,
};
pub use forwarding::{Checksum, Forwarding, Tunnel};
pub use group::{GroupEntry, VirtualServerGroup};
pub use real_server::{Defaults, RealServer};

use super::script::Command;
use crate::units::Family;

/// What clients connect to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Service {
    /// An address; port 0 means every port.
    Address {
        /// Address.
        address: IpAddr,
        /// Port.
        port: u16,
    },
    /// Packets with a firewall mark.
    Fwmark(u32),
    /// A `virtual_server_group` by name.
    Group(String),
}

/// Transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// A server for clients to whom a quorum of real servers is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SorryServer {
    /// Address.
    pub address: IpAddr,
    /// Port; 0 means that of the service.
    pub port: u16,
    /// `sorry_server_lvs_method`, or the virtual server's method at that line; `None` means its final method.
    pub forwarding: Option<Forwarding>,
    /// `sorry_server_inhibit`: kept with weight 0 while it is not needed.
    pub inhibit: bool,
}

/// One service with its pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualServer {
    /// What clients connect to.
    pub service: Service,
    /// `None` until a real server without tunnel or a keyword fixes it.
    pub family: Option<Family>,
    /// `protocol`.
    pub protocol: Option<Protocol>,
    /// `lb_algo`: name of the IPVS scheduler.
    pub scheduler: Option<String>,
    /// `flag-1`, `flag-2`, `flag-3` and their other names.
    pub scheduler_flags: [bool; 3],
    /// `ops`: every packet is scheduled by itself.
    pub one_packet: bool,
    /// `lb_kind`.
    pub forwarding: Option<Forwarding>,
    /// `persistence_timeout`.
    pub persistence: Option<Duration>,
    /// `persistence_granularity`: an IPv4 mask or an IPv6 prefix length.
    pub granularity: Option<u32>,
    /// `persistence_engine`.
    pub engine: Option<String>,
    /// What real servers and checkers take over.
    pub defaults: Defaults,
    /// `weight` of real servers without one.
    pub weight: u32,
    /// `ha_suspend`: checks rest while the address is not on this host.
    pub ha_suspend: bool,
    /// `omega`: the down scripts run at a stop too.
    pub omega: bool,
    /// `quorum`: weight that must be alive.
    pub quorum: u32,
    /// `hysteresis` around the quorum.
    pub hysteresis: u32,
    /// `quorum_up`.
    pub quorum_up: Option<Command>,
    /// `quorum_down`.
    pub quorum_down: Option<Command>,
    /// `sorry_server`.
    pub sorry_server: Option<SorryServer>,
    /// `real_server` blocks, in file order.
    pub real_servers: Vec<RealServer>,
}
