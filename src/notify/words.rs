//! The words that scripts, FIFOs and mails have for a notice.

use crate::vrrp::{Notice, NoticeKind, State, Subject};

/// The word for a state; `None` for INIT, which nobody hears of.
pub(super) fn of_state(state: State) -> Option<&'static str> {
    match state {
        State::Init => None,
        State::Backup => Some("BACKUP"),
        State::Master => Some("MASTER"),
        State::Fault => Some("FAULT"),
    }
}

/// The four words after those of `notify`.
pub(super) fn arguments(notice: &Notice, state: &str) -> Vec<String> {
    let (kind, priority) = whom(notice);
    vec![kind.to_owned(), notice.name.to_string(), state.to_owned(), priority.to_string()]
}

/// The line that FIFOs get, with its end: `INSTANCE "VI_1" MASTER 150`, `GROUP "G1" BACKUP 0`; `None` when they hear
/// nothing of it.
pub fn fifo_line(notice: &Notice) -> Option<String> {
    let (kind, priority) = whom(notice);
    Some(format!("{kind} \"{}\" {} {priority}\n", notice.name, fifo_word(notice)?))
}

/// A removed instance is in FAULT for all who did not ask for DELETED by `notify_deleted`.
fn fifo_word(notice: &Notice) -> Option<&'static str> {
    match notice.kind {
        NoticeKind::Entered(state) | NoticeKind::Kept(state) => of_state(state),
        NoticeKind::Stopped => Some("STOP"),
        NoticeKind::Deleted if notice.scripts.reports_deleted => Some("DELETED"),
        NoticeKind::Deleted => Some("FAULT"),
        NoticeKind::HeardLowerPriority => Some("MASTER_RX_LOWER_PRI"),
        NoticeKind::PriorityChanged(State::Init) => None,
        NoticeKind::PriorityChanged(State::Master) => Some("MASTER_PRIORITY"),
        NoticeKind::PriorityChanged(State::Backup | State::Fault) => Some("BACKUP_PRIORITY"),
    }
}

/// Kind and priority; groups have none, for which 0 stands.
fn whom(notice: &Notice) -> (&'static str, u8) {
    match notice.subject {
        Subject::Instance(priority) => ("INSTANCE", priority.get()),
        Subject::Group => ("GROUP", 0),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::model::NotifyScripts;
    use crate::units::Priority;

    fn notice(kind: NoticeKind, subject: Subject) -> Notice {
        Notice { name: "VI 1".into(), kind, subject, scripts: Arc::new(NotifyScripts::default()) }
    }

    #[test]
    fn lines_are_those_that_keepalived_was_seen_to_write() {
        let cases = [
            (NoticeKind::Entered(State::Init), None),
            (NoticeKind::Entered(State::Backup), Some("BACKUP")),
            (NoticeKind::Entered(State::Master), Some("MASTER")),
            (NoticeKind::Entered(State::Fault), Some("FAULT")),
            (NoticeKind::Kept(State::Backup), Some("BACKUP")),
            (NoticeKind::Stopped, Some("STOP")),
            (NoticeKind::Deleted, Some("FAULT")),
            (NoticeKind::HeardLowerPriority, Some("MASTER_RX_LOWER_PRI")),
            (NoticeKind::PriorityChanged(State::Master), Some("MASTER_PRIORITY")),
            (NoticeKind::PriorityChanged(State::Backup), Some("BACKUP_PRIORITY")),
            (NoticeKind::PriorityChanged(State::Fault), Some("BACKUP_PRIORITY")),
        ];
        for (kind, want) in cases {
            let line = fifo_line(&notice(kind, Subject::Instance(Priority::DEFAULT)));
            assert_eq!(line, want.map(|word| format!("INSTANCE \"VI 1\" {word} 100\n")), "{kind:?}");
        }
        let group = notice(NoticeKind::Entered(State::Backup), Subject::Group);
        assert_eq!(fifo_line(&group).as_deref(), Some("GROUP \"VI 1\" BACKUP 0\n"));
        assert_eq!(arguments(&group, "BACKUP"), ["GROUP", "VI 1", "BACKUP", "0"]);
    }
}
