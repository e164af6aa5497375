//! What a mail says, in keepalived's words.

use serde::{Deserialize, Serialize};

use crate::notify::words::of_state;
use crate::vrrp::{Notice, NoticeKind, State, Subject};

/// A mail without the parts that are the same for all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The subject, without the `router_id` before it.
    pub subject: String,
    /// The only line of the body.
    pub body: String,
}

impl Alert {
    /// The mail for a notice; `None` for what is not told by mail.
    pub fn of(notice: &Notice) -> Option<Self> {
        let subject = notice.subject;
        let (title, body) = match notice.kind {
            NoticeKind::Entered(state) => entered(subject, state)?,
            NoticeKind::Stopped => ("Stopping".to_owned(), stopping(subject).to_owned()),
            NoticeKind::Deleted if notice.scripts.reports_deleted => {
                ("Deleted".to_owned(), "VRRP Deleted at reload".to_owned())
            }
            NoticeKind::Deleted => entered(subject, State::Fault)?,
            NoticeKind::HeardLowerPriority | NoticeKind::PriorityChanged(_) | NoticeKind::Kept(_) => {
                return None;
            }
        };
        let kind = match subject {
            Subject::Instance(_) => "Instance",
            Subject::Group => "Group",
        };
        Some(Self {
            subject: format!("VRRP {kind} {} - {title}", notice.name),
            body: format!("=> {body} <="),
        })
    }
}

fn entered(subject: Subject, state: State) -> Option<(String, String)> {
    let word = of_state(state)?;
    let body = match (subject, state) {
        (Subject::Group, _) => format!("All VRRP group instances are now in {word} state"),
        (Subject::Instance(_), State::Master) => "VRRP Instance is now owning VRRP VIPs".to_owned(),
        (Subject::Instance(_), State::Init | State::Backup | State::Fault) => {
            "VRRP Instance is no longer owning VRRP VIPs".to_owned()
        }
    };
    Some((format!("Entering {word} state"), body))
}

fn stopping(subject: Subject) -> &'static str {
    match subject {
        Subject::Instance(_) => "VRRP Instance stopping",
        Subject::Group => "All VRRP group instances are now stopping",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::model::NotifyScripts;
    use crate::units::Priority;

    fn said(subject: Subject, kind: NoticeKind, reports_deleted: bool) -> Option<(String, String)> {
        let scripts = Arc::new(NotifyScripts { reports_deleted, ..NotifyScripts::default() });
        let notice = Notice { name: "X".into(), kind, subject, scripts };
        Alert::of(&notice).map(|alert| (alert.subject, alert.body))
    }

    #[test]
    fn instances_and_groups_are_told_of_in_keepalived_s_words() {
        let (instance, group) = (Subject::Instance(Priority::DEFAULT), Subject::Group);
        let (stopped, deleted) = (NoticeKind::Stopped, NoticeKind::Deleted);
        let (master, backup, fault) = (
            NoticeKind::Entered(State::Master),
            NoticeKind::Entered(State::Backup),
            NoticeKind::Entered(State::Fault),
        );
        let cases = [
            (
                instance,
                master,
                false,
                "Instance X - Entering MASTER state",
                "VRRP Instance is now owning VRRP VIPs",
            ),
            (
                instance,
                backup,
                false,
                "Instance X - Entering BACKUP state",
                "VRRP Instance is no longer owning VRRP VIPs",
            ),
            (
                instance,
                fault,
                false,
                "Instance X - Entering FAULT state",
                "VRRP Instance is no longer owning VRRP VIPs",
            ),
            (instance, stopped, false, "Instance X - Stopping", "VRRP Instance stopping"),
            (
                instance,
                deleted,
                false,
                "Instance X - Entering FAULT state",
                "VRRP Instance is no longer owning VRRP VIPs",
            ),
            (instance, deleted, true, "Instance X - Deleted", "VRRP Deleted at reload"),
            (
                group,
                backup,
                false,
                "Group X - Entering BACKUP state",
                "All VRRP group instances are now in BACKUP state",
            ),
            (group, stopped, false, "Group X - Stopping", "All VRRP group instances are now stopping"),
        ];
        for (subject, kind, reports_deleted, title, body) in cases {
            let want = (format!("VRRP {title}"), format!("=> {body} <="));
            assert_eq!(said(subject, kind, reports_deleted), Some(want));
        }
        for kind in [
            NoticeKind::Entered(State::Init),
            NoticeKind::HeardLowerPriority,
            NoticeKind::PriorityChanged(State::Master),
            NoticeKind::Kept(State::Master),
        ] {
            assert_eq!(said(instance, kind, false), None, "{kind:?}");
        }
    }
}
