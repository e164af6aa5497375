//! Which changes are told by mail: those of a state that was not the last one told.

use std::collections::HashMap;

use super::Alert;
use crate::engine::InstanceId;
use crate::vrrp::{Notice, NoticeKind, State};

/// Decides in the worker what the supervisor sends.
#[derive(Debug)]
pub struct Alerts {
    /// The state that was mailed last.
    told: HashMap<InstanceId, State>,
    /// Unless `no_email_faults` is given.
    faults: bool,
}

impl Alerts {
    /// Nothing was mailed yet; `faults` says whether FAULT is told.
    pub fn new(faults: bool) -> Self {
        Self { told: HashMap::new(), faults }
    }

    /// The settings of a new configuration.
    pub fn set_faults(&mut self, faults: bool) {
        self.faults = faults;
    }

    /// The mail for a change of `id`, if there is to be one.
    pub fn alert(&mut self, id: InstanceId, notice: &Notice) -> Option<Alert> {
        let wanted = notice.scripts.smtp_alert && self.is_news(id, notice);
        wanted.then(|| Alert::of(notice)).flatten()
    }

    fn is_news(&mut self, id: InstanceId, notice: &Notice) -> bool {
        match notice.kind {
            NoticeKind::Entered(State::Init) => false,
            NoticeKind::Entered(State::Fault) if !self.faults => false,
            NoticeKind::Entered(state) => self.told.insert(id, state) != Some(state),
            NoticeKind::Deleted => {
                let told = self.told.remove(&id);
                notice.scripts.reports_deleted || (self.faults && told != Some(State::Fault))
            }
            NoticeKind::Stopped => true,
            NoticeKind::HeardLowerPriority | NoticeKind::PriorityChanged(_) | NoticeKind::Kept(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::model::NotifyScripts;
    use crate::units::Priority;
    use crate::vrrp::Subject;

    fn told(alerts: &mut Alerts, smtp_alert: bool, kinds: &[NoticeKind]) -> Vec<bool> {
        let scripts = Arc::new(NotifyScripts { smtp_alert, ..NotifyScripts::default() });
        let notice = |kind| Notice {
            name: "VI_1".into(),
            kind,
            subject: Subject::Instance(Priority::DEFAULT),
            scripts: Arc::clone(&scripts),
        };
        kinds.iter().map(|kind| alerts.alert(InstanceId(1), &notice(*kind)).is_some()).collect()
    }

    #[test]
    fn a_state_is_told_when_it_is_not_the_one_told_last() {
        let entered = NoticeKind::Entered;
        let kinds =
            [State::Backup, State::Fault, State::Backup, State::Master].map(entered).into_iter().chain([
                NoticeKind::HeardLowerPriority,
                NoticeKind::PriorityChanged(State::Master),
                NoticeKind::Kept(State::Master),
                NoticeKind::Stopped,
            ]);
        let kinds: Vec<NoticeKind> = kinds.collect();
        let all = [true, true, true, true, false, false, false, true];
        assert_eq!(told(&mut Alerts::new(true), true, &kinds), all);
        // As keepalived was seen to do it: after a FAULT that is not told, the BACKUP before it is no news.
        let no_faults = [true, false, false, true, false, false, false, true];
        assert_eq!(told(&mut Alerts::new(false), true, &kinds), no_faults);
        assert_eq!(told(&mut Alerts::new(true), false, &kinds), [false; 8]);
    }
}
