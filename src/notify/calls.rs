//! Which hooks hear of a change, and with which words.

use std::sync::Arc;

use crate::config::model::Command;
use crate::vrrp::{Notice, NoticeKind, State};

use super::words::{arguments, of_state};

/// One hook to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Name of the instance or group, for the log.
    pub(super) instance: Arc<str>,
    /// The configured command.
    pub(super) command: Command,
    /// Words after the configured ones.
    pub(super) appended: Vec<String>,
}

/// The hooks of a change in the order of their start: that of the state, then the generic one.
pub(super) fn calls(notice: &Notice) -> Vec<Call> {
    let scripts = &notice.scripts;
    let (own, word) = match notice.kind {
        NoticeKind::Entered(state) => match state {
            State::Init => (&None, of_state(state)),
            State::Backup => (&scripts.backup, of_state(state)),
            State::Master => (&scripts.master, of_state(state)),
            State::Fault => (&scripts.fault, of_state(state)),
        },
        NoticeKind::Stopped => (&scripts.stop, Some("STOP")),
        NoticeKind::Deleted if scripts.reports_deleted => (&scripts.deleted, Some("DELETED")),
        // `notify_fault` does not run: nothing is wrong.
        NoticeKind::Deleted => (&None, Some("FAULT")),
        NoticeKind::HeardLowerPriority => (&scripts.master_rx_lower_pri, None),
        NoticeKind::PriorityChanged(_) | NoticeKind::Kept(_) => (&None, None),
    };
    let call = |command: &Command, appended| {
        let (instance, command) = (Arc::clone(&notice.name), command.clone());
        Call { instance, command, appended }
    };
    let own = own.iter().map(|command| call(command, vec![]));
    let every = word.and_then(|word| Some(call(scripts.every.as_ref()?, arguments(notice, word))));
    own.chain(every).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::NotifyScripts;
    use crate::units::Priority;
    use crate::vrrp::Subject;

    fn command(line: &str) -> Option<Box<Command>> {
        Some(Box::new(Command { argv: line.split(' ').map(str::to_owned).collect(), account: None }))
    }

    fn said(kind: NoticeKind, reports_deleted: bool) -> Vec<String> {
        let scripts = NotifyScripts {
            master: command("master 1"),
            backup: command("backup"),
            fault: command("fault"),
            stop: command("stop"),
            deleted: command("deleted"),
            reports_deleted,
            every: command("every x"),
            master_rx_lower_pri: command("lower"),
            ..NotifyScripts::default()
        };
        let notice = Notice {
            name: "VI 1".into(),
            kind,
            subject: Subject::Instance(Priority::DEFAULT),
            scripts: Arc::new(scripts),
        };
        let line = |call: Call| [call.command.argv, call.appended].concat().join("|");
        calls(&notice).into_iter().map(line).collect()
    }

    #[test]
    fn each_change_has_its_hook_and_the_generic_one_with_four_more_words() {
        let cases: [(NoticeKind, bool, &[&str]); 10] = [
            (NoticeKind::Entered(State::Init), false, &[]),
            (NoticeKind::Entered(State::Backup), false, &["backup", "every|x|INSTANCE|VI 1|BACKUP|100"]),
            (NoticeKind::Entered(State::Master), false, &["master|1", "every|x|INSTANCE|VI 1|MASTER|100"]),
            (NoticeKind::Entered(State::Fault), false, &["fault", "every|x|INSTANCE|VI 1|FAULT|100"]),
            (NoticeKind::Stopped, false, &["stop", "every|x|INSTANCE|VI 1|STOP|100"]),
            (NoticeKind::Deleted, true, &["deleted", "every|x|INSTANCE|VI 1|DELETED|100"]),
            (NoticeKind::Deleted, false, &["every|x|INSTANCE|VI 1|FAULT|100"]),
            (NoticeKind::HeardLowerPriority, false, &["lower"]),
            (NoticeKind::PriorityChanged(State::Master), false, &[]),
            (NoticeKind::Kept(State::Backup), false, &[]),
        ];
        for (kind, reports_deleted, want) in cases {
            assert_eq!(said(kind, reports_deleted), want, "{kind:?}");
        }
    }
}
