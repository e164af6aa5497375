//! `real_server`: one server of a pool.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Checker, Forwarding};
use crate::config::model::script::Command;

/// Settings that pass from the virtual server to its real servers, and from there to their checkers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defaults {
    /// `alpha`: down until a check succeeds.
    pub alpha: Option<bool>,
    /// `inhibit_on_failure`: weight 0 instead of removal.
    pub inhibit: Option<bool>,
    /// `smtp_alert`.
    pub smtp_alert: Option<bool>,
    /// `retry`, at least 1.
    pub retry: Option<u32>,
    /// `delay_before_retry`.
    pub delay_before_retry: Option<Duration>,
    /// `warmup`.
    pub warmup: Option<Duration>,
    /// `connect_timeout`.
    pub connect_timeout: Option<Duration>,
    /// `delay_loop`.
    pub delay_loop: Option<Duration>,
    /// `virtualhost`.
    pub virtualhost: Option<String>,
    /// `snmp_name`.
    pub snmp_name: Option<String>,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RealServer {
    /// Address.
    pub address: IpAddr,
    /// Port; 0 means that of the service.
    pub port: u16,
    /// `lvs_method`, or the virtual server's method before this block; `None` means its final method.
    pub forwarding: Option<Forwarding>,
    /// `weight`; `None` means the virtual server's.
    pub weight: Option<u32>,
    /// `uthreshold`: most connections.
    pub upper_threshold: u32,
    /// `lthreshold`: connections at which it is used again.
    pub lower_threshold: u32,
    /// What this block sets itself; the rest comes from the virtual server.
    pub defaults: Defaults,
    /// `notify_up`.
    pub notify_up: Option<Command>,
    /// `notify_down`.
    pub notify_down: Option<Command>,
    /// Checkers in file order.
    pub checkers: Vec<Checker>,
}
