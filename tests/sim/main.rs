//! A simulated LAN: real engines, one virtual clock, a network that loses and cuts, hands that only write down.
//!
//! After every single event each node is held to what it may do: who claims, when, and how often, not only who is
//! master in the end. Whatever happens is a function of the seed, which stands in every failure together with the last
//! steps.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code: a failure ends the test")]

mod announce;
mod conf;
mod faults;
mod groups;
mod lan;
mod long;
mod network;
mod node;
mod oversleep;
mod referee;
mod rejected;
mod rng;
mod timing;
mod trace;
mod turn;
mod worker;
