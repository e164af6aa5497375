//! Real daemons in throw-away network namespaces, with keepalived as the other node in both roles.
//!
//! `SUBJECT=vrrpd|keepalived` chooses what is judged (default: the vrrpd of this build), `PEER=vrrpd|PATH` what the
//! other node runs (default: the keepalived that `KEEPALIVED=PATH` names, else the one on PATH). Needs root, iproute2,
//! tcpdump and tshark; what is missing fails the test and is named. What keepalived itself cannot do stands in
//! `known_differences.rs`.
//!
//! The laboratory: `lab` (namespaces on a bridge), `node` (one daemon), `capture` (tcpdump, judged by tshark),
//! `protocol` (the kinds of instance and their timing), `pair` (two nodes that have settled), `frames` (hostile bytes),
//! `routing_table` (what keepalived makes of routes and rules).
//! The other modules are the scenarios.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

mod bell;
mod capture;
mod frames;
mod known_differences;
mod lab;
mod namespace;
mod node;
mod pair;
mod protocol;
mod routing_table;
mod tap;
mod wire;

mod accept_mode;
mod addresses;
mod announcements;
mod authentication;
mod checks;
mod examples;
mod failover;
mod groups;
mod hooks;
mod hostile;
mod mails;
mod notices;
mod packets;
mod preemption;
mod processes;
mod reload;
mod routing;
mod start;
mod tracking;
mod vmac;
mod vmac_beside_keepalived;
mod worker;
