//! The `garp_*` keywords with their global defaults.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::config::keyword::{GarpDefaults, GarpDraft};
use crate::config::model::AnnounceSchedule;

/// An instance's schedule; under strict mode nothing is announced after a losing advert.
pub(super) fn schedule(draft: GarpDraft, global: &GarpDefaults, strict: bool) -> AnnounceSchedule {
    let seconds = |value: u32| Duration::from_secs(u64::from(value));
    let lower_repeat = if strict { 0 } else { global.lower_prio_repeat.unwrap_or(global.repeat) };
    let lower_delay = if strict { 0 } else { global.lower_prio_delay.unwrap_or(global.delay) };
    AnnounceSchedule {
        repeat: NonZeroU32::new(draft.repeat.unwrap_or(global.repeat)).unwrap_or(NonZeroU32::MIN),
        delay: seconds(draft.delay.unwrap_or(global.delay)),
        refresh: seconds(draft.refresh.unwrap_or(global.refresh)),
        refresh_repeat: draft.refresh_repeat.unwrap_or(global.refresh_repeat),
        lower_prio_repeat: if strict { 0 } else { draft.lower_prio_repeat.unwrap_or(lower_repeat) },
        lower_prio_delay: seconds(if strict { 0 } else { draft.lower_prio_delay.unwrap_or(lower_delay) }),
        extra: draft.extra.unwrap_or(global.extra),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losing_adverts_take_the_global_values_and_not_the_instances() {
        let draft = GarpDraft { repeat: Some(2), delay: Some(1), ..GarpDraft::default() };
        let global = GarpDefaults { repeat: 7, delay: 9, ..GarpDefaults::default() };
        let made = schedule(draft, &global, false);
        assert_eq!((made.repeat.get(), made.delay.as_secs()), (2, 1));
        assert_eq!((made.lower_prio_repeat, made.lower_prio_delay.as_secs()), (7, 9));
        let strict = schedule(draft, &global, true);
        assert_eq!((strict.lower_prio_repeat, strict.lower_prio_delay.as_secs()), (0, 0));
    }
}
