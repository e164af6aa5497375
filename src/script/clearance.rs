//! Which commands of a configuration may run, decided once and not in the worker's time.

use std::collections::HashMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tracing::warn;

use super::{AccountError, Identity, Refusal, check};
use crate::config::model::{Command, GlobalDefs, Model, NotifyScripts, Test};

/// What is needed to run a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clearance {
    /// The file to execute.
    pub program: PathBuf,
    /// Who it runs as.
    pub identity: Identity,
}

/// The decisions for all commands of a configuration.
///
/// User databases may be slow (LDAP), so the supervisor makes this and hands it to the worker with the model.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Listed", into = "Listed")]
pub struct Clearances {
    default: Result<Identity, AccountError>,
    script_security: bool,
    known: HashMap<Command, Result<Clearance, Refusal>>,
}

impl Clearances {
    /// Decides for every command of `model`.
    pub fn of(model: &Model) -> Self {
        let mut made = Self::without_commands(&model.global);
        let notify = model.instances.iter().map(|instance| &instance.notify);
        let hooks = notify.chain(model.sync_groups.iter().map(|group| &group.notify)).flat_map(hooks);
        let checks = model.scripts.iter().filter_map(|script| match &script.test {
            Test::Run(command) => Some(command),
            Test::Readable(_) => None,
        });
        let readers = model.global.fifos.iter().filter_map(|fifo| fifo.reader.as_ref());
        for command in checks.chain(hooks).chain(readers) {
            if !made.known.contains_key(command) {
                made.known.insert(command.clone(), made.decide(command));
            }
        }
        made
    }

    fn without_commands(global: &GlobalDefs) -> Self {
        let default = Identity::default_of(global.script_user.as_ref());
        Self { default, script_security: global.script_security, known: HashMap::new() }
    }

    /// Who scripts without an account run as.
    ///
    /// # Errors
    /// When the host does not know `script_user`.
    pub fn default_identity(&self) -> Result<Identity, AccountError> {
        self.default.clone()
    }

    /// The commands that are disabled, with the reason; in no order.
    pub fn refusals(&self) -> impl Iterator<Item = (&Command, &Refusal)> {
        self.known.iter().filter_map(|(command, verdict)| Some((command, verdict.as_ref().err()?)))
    }

    /// Whether a command runs as root although its file was not judged (no `enable_script_security`).
    pub fn runs_unchecked_as_root(&self) -> bool {
        let as_root = |verdict: &Result<Clearance, Refusal>| {
            verdict.as_ref().is_ok_and(|clearance| clearance.identity.uid == 0)
        };
        !self.script_security && self.known.values().any(as_root)
    }

    /// Tells the operator, in keepalived's words where it has them, what is disabled and what is dangerous.
    pub fn log(&self) {
        for (command, refusal) in self.refusals() {
            warn!("Script {} {refusal} - disabling", command.argv.join(" "));
        }
        if self.runs_unchecked_as_root() {
            warn!("SECURITY VIOLATION - scripts are being executed but script_security not enabled.");
        }
    }

    /// The decision for one command; one that is not known yet is decided now.
    ///
    /// # Errors
    /// Says why the command is disabled.
    pub fn get(&mut self, command: &Command) -> Result<&Clearance, &Refusal> {
        if !self.known.contains_key(command) {
            let verdict = self.decide(command);
            if let Err(refusal) = &verdict {
                warn!("Script {} {refusal} - disabling", command.argv.join(" "));
            }
            self.known.insert(command.clone(), verdict);
        }
        self.known[command].as_ref()
    }

    fn decide(&self, command: &Command) -> Result<Clearance, Refusal> {
        let identity = match &command.account {
            Some(account) => Identity::of(account)?,
            None => self.default.clone()?,
        };
        let word = command.argv.first().map_or("", String::as_str);
        let program = check(word, &identity, self.script_security)?;
        Ok(Clearance { program, identity })
    }
}

/// As root, with nothing decided yet.
impl Default for Clearances {
    fn default() -> Self {
        Self::without_commands(&GlobalDefs::default())
    }
}

fn hooks(scripts: &NotifyScripts) -> impl Iterator<Item = &Command> {
    let NotifyScripts {
        master,
        backup,
        fault,
        stop,
        deleted,
        reports_deleted: _,
        every,
        master_rx_lower_pri,
        priority_changes: _,
        smtp_alert: _,
    } = scripts;
    [master, backup, fault, stop, deleted, every, master_rx_lower_pri]
        .into_iter()
        .filter_map(Option::as_deref)
}

/// The form that travels: JSON has no maps with such keys.
#[derive(Serialize, Deserialize)]
struct Listed {
    default: Result<Identity, AccountError>,
    script_security: bool,
    known: Vec<(Command, Result<Clearance, Refusal>)>,
}

impl From<Clearances> for Listed {
    fn from(clearances: Clearances) -> Self {
        let Clearances { default, script_security, known } = clearances;
        Self { default, script_security, known: known.into_iter().collect() }
    }
}

impl From<Listed> for Clearances {
    fn from(listed: Listed) -> Self {
        let Listed { default, script_security, known } = listed;
        Self { default, script_security, known: known.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::Account;

    fn command(argv: &[&str], user: Option<&str>) -> Command {
        let account = user.map(|user| Account { user: user.to_owned(), group: None });
        Command { argv: argv.iter().map(|word| (*word).to_owned()).collect(), account }
    }

    #[test]
    fn decisions_survive_the_way_to_the_worker() {
        let mut made = Clearances::default();
        let (good, missing) = (command(&["/bin/true"], Some("daemon")), command(&["/nonexistent"], None));
        assert_eq!(made.get(&good).map(|clearance| clearance.identity.uid), Ok(1));
        assert!(made.get(&missing).is_err());
        let text = serde_json::to_string(&made).unwrap();
        let mut read: Clearances = serde_json::from_str(&text).unwrap();
        assert_eq!(read.known, made.known);
        assert_eq!(read.get(&good), made.get(&good));
        assert_eq!(read.refusals().map(|(command, _)| command).collect::<Vec<_>>(), [&missing]);
    }

    #[test]
    fn an_unknown_account_disables_the_command() {
        let mut made = Clearances::default();
        let refusal = made.get(&command(&["/bin/true"], Some("nobody-of-this-name"))).unwrap_err();
        assert_eq!(refusal.to_string(), "cannot be run: user `nobody-of-this-name` does not exist");
    }

    #[test]
    fn only_root_without_script_security_is_unchecked() {
        let cases = [(false, "root", true), (false, "daemon", false), (true, "root", false)];
        for (script_security, user, want) in cases {
            let global = GlobalDefs { script_security, ..GlobalDefs::default() };
            let mut made = Clearances::without_commands(&global);
            made.get(&command(&["/bin/true"], Some(user))).unwrap();
            assert_eq!(made.runs_unchecked_as_root(), want, "{script_security} {user}");
        }
    }
}
