//! vrrpd: a VRRP failover daemon that reads keepalived.conf.

pub mod cli;
pub mod config;
pub mod engine;
pub mod kernel;
pub mod notify;
pub mod packet;
pub mod report;
pub mod script;
pub mod track;
pub mod units;
pub mod vrrp;
