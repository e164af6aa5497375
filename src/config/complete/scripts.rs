//! Scripts against the host: there, executable, and safe to run as root.

use crate::config::fault::Fault;
use crate::config::host::BadProgram;
use crate::config::keyword::{Context, GlobalDraft, InstanceDraft, Placed};
use crate::config::model::{Command, Test, VrrpScript};
use crate::config::source::Place;

/// The account that keepalived takes by itself for scripts.
const DEFAULT_USER: &str = "keepalived_script";

/// The scripts that can run; hooks that cannot are taken out of their instances.
pub(super) fn complete(
    scripts: Vec<Placed<VrrpScript>>,
    instances: &mut [InstanceDraft],
    global: &GlobalDraft,
    context: &mut Context<'_>,
) -> Vec<VrrpScript> {
    let secure = global.model.script_security;
    let mut used = None;
    let mut kept = Vec::with_capacity(scripts.len());
    for Placed { value: script, place } in scripts {
        if !runs(&script, place, global, context) {
            continue;
        }
        if matches!(script.test, Test::Run(_)) {
            used.get_or_insert(place);
        }
        kept.push(script);
    }
    for instance in instances.iter_mut() {
        let place = instance.name.place;
        for hook in hooks(instance) {
            if keep_hook(hook, place, secure, context) {
                used.get_or_insert(place);
            }
        }
    }
    let looked_at = context.host.is_real() && !context.interface_missing && !instances.is_empty();
    if let Some(place) = used.filter(|_| looked_at && !secure) {
        context.problems.add(place, Fault::NoScriptSecurity);
    }
    kept
}

/// Whether a check can run; reports why not.
fn runs(script: &VrrpScript, place: Place, global: &GlobalDraft, context: &mut Context<'_>) -> bool {
    let command = match &script.test {
        Test::Readable(_) => return true,
        Test::Run(command) => command,
    };
    let secure = global.model.script_security;
    let nobody = secure && command.account.is_none() && global.model.script_user.is_none();
    if nobody && !context.host.account(DEFAULT_USER, None) {
        let what =
            format!("`{}` has no user to run as and is left out: name one in `script_user`", script.name);
        context.problems.add(place, Fault::Adjusted { keyword: "vrrp_script", what });
        return false;
    }
    match program(command, secure, context) {
        Ok(()) => true,
        Err((path, why)) => {
            let noted = why == BadProgram::NotExecutable;
            context.problems.add(place, Fault::Script { path, why: why.to_string(), noted });
            false
        }
    }
}

fn program(command: &Command, secure: bool, context: &Context<'_>) -> Result<(), (String, BadProgram)> {
    let Some(name) = command.argv.first() else { return Ok(()) };
    context.host.program(name, secure).map_err(|why| (name.clone(), why))
}

/// Takes a hook out when it cannot run; whether there is one that can.
fn keep_hook(hook: &mut Option<Command>, place: Place, secure: bool, context: &mut Context<'_>) -> bool {
    let Some(command) = hook else { return false };
    match program(command, secure, context) {
        Ok(()) => true,
        Err((path, why)) => {
            context.problems.add(place, Fault::Script { path, why: why.to_string(), noted: true });
            *hook = None;
            false
        }
    }
}

fn hooks(instance: &mut InstanceDraft) -> [&mut Option<Command>; 7] {
    let hooks = &mut instance.notify;
    [
        &mut hooks.master,
        &mut hooks.backup,
        &mut hooks.fault,
        &mut hooks.stop,
        &mut hooks.deleted,
        &mut hooks.every,
        &mut hooks.master_rx_lower_pri,
    ]
}
