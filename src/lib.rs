//! vrrpd: a VRRP failover daemon that reads keepalived.conf.
//!
//! ```text
//! keepalived.conf ─▶ config ─▶ Model ─────────┐
//!                                             ▼
//! kernel, scripts, signals ─▶ Event ─▶ engine ─▶ Action ─▶ kernel, script, notify
//!                                      └─▶ Snapshot ─▶ log, supervisor
//! ```
//!
//! Facts move right as Events, orders move right as Actions; what came of an Action returns as an Event.
//!
//! - Values, which know nothing outside: [`units`] (numbers with their meaning), [`packet`] (bytes to types and back),
//!   [`config`] (keepalived.conf to a checked Model, or to problems with their places).
//! - Rules, events in and actions out, without socket, clock, file or task: [`vrrp`] (the election of one virtual
//!   router), [`track`] (what interfaces and scripts weigh), [`engine`] (the only owner of both).
//! - Hands, which do what an action says: [`kernel`] (sockets, addresses, links, neighbours), [`script`] (children),
//!   [`notify`] (hooks), [`report`] (the log).
//! - Shell: [`cli`] (keepalived's options and exit statuses), [`daemon`] (supervisor, worker, signals, reload).

pub mod cli;
pub mod config;
pub mod daemon;
pub mod engine;
pub mod kernel;
pub mod notify;
pub mod packet;
pub mod report;
pub mod script;
pub mod track;
pub mod units;
pub mod vrrp;

use std::ffi::OsString;
use std::process::ExitCode;

/// Does what `args` ask for; the first word is the program's own name.
///
/// The daemon starts its own executable again: a program that embeds it must pass on command lines whose second word is
/// [`daemon::WORKER_ROLE`] or [`script::SCRIPT_ROLE`] unchanged.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let mut args = args.skip(1).peekable();
    let role = args.next_if(|word| word == daemon::WORKER_ROLE || word == script::SCRIPT_ROLE);
    ExitCode::from(match role {
        Some(role) if role == daemon::WORKER_ROLE => daemon::run_worker(args),
        Some(_) => script::script_role(args),
        None => command(args),
    })
}

fn command(args: impl Iterator<Item = OsString>) -> u8 {
    let invocation = match cli::parse(args) {
        Ok(invocation) => invocation,
        Err(outcome) => return outcome.tell(),
    };
    let (options, warnings) = (&invocation.options, &invocation.warnings);
    match &invocation.action {
        cli::Action::Run => daemon::run(options, warnings),
        cli::Action::ConfigTest { log } => {
            cli::warn(warnings);
            cli::config_test(options, invocation.options_status, log.as_deref())
        }
        cli::Action::CheckConfig { files } => {
            cli::warn(warnings);
            cli::check_config(options, files)
        }
    }
}
