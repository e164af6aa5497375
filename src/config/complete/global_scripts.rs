//! The scripts of `global_defs` against the host.

use super::scripts::{DEFAULT_USER, program};
use crate::config::fault::Fault;
use crate::config::host::BadProgram;
use crate::config::keyword::{Context, GlobalDraft, GlobalScript, Runner};
use crate::config::model::TimedCommand;

/// What else the file holds, on which it depends whether keepalived looks at a script.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) instances: bool,
    pub(super) virtual_servers: bool,
}

/// Reports the scripts that cannot run, and once that some do although `enable_script_security` is not set.
///
/// A reader of a FIFO that cannot run is left out.
pub(super) fn judge(global: &mut GlobalDraft, held: Held, context: &mut Context<'_>) {
    let mut nobody_told = false;
    let mut left_out = Vec::new();
    let mut used = None;
    for script in &global.scripts {
        let place = script.command.place;
        if script.nobody && !context.host.account(DEFAULT_USER, None) {
            left_out.push(script.keyword);
            // keepalived says it once of all readers of FIFOs.
            if script.runner() == Runner::Daemon || !std::mem::replace(&mut nobody_told, true) {
                let what = "has no user to run as and is left out: name one in `script_user`".to_owned();
                context.problems.add(place, Fault::Adjusted { keyword: script.keyword, what });
            }
            continue;
        }
        let tried = match program(&script.command.value, global.model.script_security, context) {
            Ok(()) => true,
            Err((path, why)) => {
                left_out.push(script.keyword);
                let fault = Fault::Script { path, why: why.to_string(), noted: true };
                context.problems.add(place, fault);
                // keepalived tries to start it all the same.
                why == BadProgram::NotExecutable
            }
        };
        if tried && looked_at(script, held, context) {
            used.get_or_insert(place);
        }
    }
    if let Some(place) = used.filter(|_| context.host.is_real() && !global.model.script_security) {
        context.problems.add(place, Fault::NoScriptSecurity);
    }
    let keeps = |keyword| !left_out.contains(&keyword);
    let timed = |keyword, timeout| {
        // keepalived takes the first one that is given.
        let script = global.scripts.iter().find(|script| script.keyword == keyword && keeps(keyword));
        script.map(|script| TimedCommand { command: script.command.value.clone(), timeout })
    };
    let startup = timed("startup_script", global.startup_timeout);
    let shutdown = timed("shutdown_script", global.shutdown_timeout);
    (global.model.process.startup, global.model.process.shutdown) = (startup, shutdown);
    global.notify.fifo.reader.take_if(|_| !keeps("notify_fifo_script"));
    global.notify.vrrp_fifo.reader.take_if(|_| !keeps("vrrp_notify_fifo_script"));
}

/// Whether keepalived comes so far as to look at who may change the script.
fn looked_at(script: &GlobalScript, held: Held, context: &Context<'_>) -> bool {
    match script.runner() {
        Runner::Daemon => true,
        Runner::Readers { instances, virtual_servers } => {
            (instances && held.instances && !context.interface_missing)
                || (virtual_servers && held.virtual_servers)
        }
    }
}
