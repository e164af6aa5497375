//! Local time as log lines carry it.

use std::fmt::Write;

use chrono::{DateTime, Local};

/// The time of day in both forms, made anew once a second.
#[derive(Default)]
pub(super) struct Stamp {
    second: Option<i64>,
    syslog: String,
    console: String,
}

impl Stamp {
    /// Sets the time that the forms show.
    pub(super) fn set(&mut self, now: DateTime<Local>) {
        if self.second == Some(now.timestamp()) {
            return;
        }
        self.second = Some(now.timestamp());
        self.syslog.clear();
        self.console.clear();
        // Writing to a String cannot fail, and both formats are constant.
        let _ = write!(self.syslog, "{}", now.format("%b %e %H:%M:%S"));
        let _ = write!(self.console, "{}", now.format("%a %b %e %H:%M:%S %Y"));
    }

    /// `Nov  1 09:05:00` (RFC 3164 §4.1.2).
    pub(super) fn syslog(&self) -> &str {
        &self.syslog
    }

    /// `Sun Nov  1 09:05:00 2026`, as keepalived's console lines begin.
    pub(super) fn console(&self) -> &str {
        &self.console
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn days_of_one_digit_are_padded_with_a_space() {
        let mut stamp = Stamp::default();
        stamp.set(Local.with_ymd_and_hms(2026, 11, 1, 9, 5, 0).unwrap());
        assert_eq!((stamp.syslog(), stamp.console()), ("Nov  1 09:05:00", "Sun Nov  1 09:05:00 2026"));
        stamp.set(Local.with_ymd_and_hms(2026, 11, 21, 9, 5, 1).unwrap());
        assert_eq!((stamp.syslog(), stamp.console()), ("Nov 21 09:05:01", "Sat Nov 21 09:05:01 2026"));
    }
}
