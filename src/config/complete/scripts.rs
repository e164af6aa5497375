//! Scripts against the host: there, executable, and safe to run as root.

use crate::config::fault::Fault;
use crate::config::host::BadProgram;
use crate::config::keyword::{Context, GlobalDraft, Hook, HookDrafts, Placed};
use crate::config::model::{Command, Test, VrrpScript};
use crate::config::source::Place;

/// The account that keepalived takes by itself for scripts.
pub(super) const DEFAULT_USER: &str = "keepalived_script";

/// The scripts that can run; hooks that cannot are taken out of their instances and groups.
pub(super) fn complete(
    scripts: Vec<Placed<VrrpScript>>,
    hooks: Vec<&mut HookDrafts>,
    global: &GlobalDraft,
    context: &mut Context<'_>,
) -> Vec<VrrpScript> {
    let secure = global.model.script_security;
    let (mut used, anybody) = (None, !hooks.is_empty());
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
    let mut nobody_told = false;
    for hook in hooks.into_iter().flat_map(HookDrafts::all) {
        let kept = keep_hook(hook, global, &mut nobody_told, context);
        used = used.or(kept);
    }
    let looked_at = context.host.is_real() && !context.interface_missing && anybody;
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
    if nobody_runs(command, global, context) {
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

pub(super) fn program(
    command: &Command,
    secure: bool,
    context: &Context<'_>,
) -> Result<(), (String, BadProgram)> {
    let Some(name) = command.argv.first() else { return Ok(()) };
    context.host.program(name, secure).map_err(|why| (name.clone(), why))
}

/// Takes a hook out when it cannot run; answers where one that can stands.
fn keep_hook(
    hook: &mut Hook,
    global: &GlobalDraft,
    nobody_told: &mut bool,
    context: &mut Context<'_>,
) -> Option<Place> {
    let Placed { value: command, place } = hook.as_deref()?;
    let place = *place;
    let fault = match program(command, global.model.script_security, context) {
        Ok(()) if nobody_runs(command, global, context) => {
            let what = "hooks have no user to run as and are left out: name one in `script_user`".to_owned();
            // keepalived says it once.
            (!std::mem::replace(nobody_told, true)).then_some(Fault::Adjusted { keyword: "notify", what })
        }
        Ok(()) => return Some(place),
        Err((path, why)) => Some(Fault::Script { path, why: why.to_string(), noted: true }),
    };
    fault.into_iter().for_each(|fault| context.problems.add(place, fault));
    *hook = None;
    None
}

/// Under `enable_script_security` nothing runs as root only because nobody else was named.
pub(super) fn nobody_runs(command: &Command, global: &GlobalDraft, context: &Context<'_>) -> bool {
    let unnamed = command.account.is_none() && global.model.script_user.is_none();
    global.model.script_security && unnamed && !context.host.account(DEFAULT_USER, None)
}
