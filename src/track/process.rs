//! Whether as many processes run as should (`vrrp_track_process`), and which processes count.

use std::sync::Arc;
use std::time::Duration;

use tracing::info;

use crate::config::model::{ParameterMatch, TrackProcess};
use crate::units::Instant;

/// Bytes of its name that the kernel keeps of a process.
const NAME: usize = 15;

/// One `vrrp_track_process` with its count.
#[derive(Debug)]
pub struct Quorum {
    settings: Arc<TrackProcess>,
    /// `None` until the processes have been counted for the first time.
    met: Option<bool>,
    /// When a change that began will count.
    changes_at: Option<Instant>,
}

impl Quorum {
    /// Processes that have not been counted.
    pub fn new(settings: Arc<TrackProcess>) -> Self {
        Self { settings, met: None, changes_at: None }
    }

    /// Its part of the configuration.
    pub fn settings(&self) -> &Arc<TrackProcess> {
        &self.settings
    }

    /// Whether as many run as should; not before they have been counted.
    pub fn is_met(&self) -> bool {
        self.met.unwrap_or(false)
    }

    /// When to call [`Self::due`].
    pub fn deadline(&self) -> Option<Instant> {
        self.changes_at
    }

    /// So many run now. Answers whether that changed anything. The first count counts at once.
    pub fn count(&mut self, now: Instant, processes: u32) -> bool {
        let met = self.settings.is_met_by(processes);
        let delay = match self.met {
            None => Duration::ZERO,
            Some(known) if known == met => {
                self.changes_at = None;
                return false;
            }
            Some(_) if met => self.settings.fork_delay,
            Some(_) => self.settings.terminate_delay,
        };
        if delay.is_zero() {
            return self.change(met);
        }
        self.changes_at.get_or_insert(now + delay);
        false
    }

    /// The deadline has passed. Answers whether that changed anything.
    pub fn due(&mut self, now: Instant) -> bool {
        match (self.changes_at, self.met) {
            (Some(at), Some(met)) if at <= now => self.change(!met),
            _ => false,
        }
    }

    fn change(&mut self, met: bool) -> bool {
        self.changes_at = None;
        let before = self.is_met();
        self.met = Some(met);
        if before != met {
            let what = if met { "has" } else { "has lost" };
            info!("Process {} {what} its quorum", self.settings.name);
        }
        before != met
    }
}

/// Whether a process with this name and command line is one of those that `settings` asks for.
///
/// By default the kernel's name of it counts, which is at most 15 bytes long; a path, parameters or `full_command` ask
/// for the command line, each word ended by a zero byte.
pub fn is_process(settings: &TrackProcess, name: &[u8], command_line: &[u8]) -> bool {
    let wanted = settings.process.as_bytes();
    if !looks_at_command_line(settings) {
        return name == &wanted[..wanted.len().min(NAME)];
    }
    let line = command_line.strip_suffix(b"\0").unwrap_or(command_line);
    let mut words = line.split(|byte| *byte == 0);
    words.next() == Some(wanted) && fits(settings, words)
}

/// Whether the command line has to be read at all.
pub fn looks_at_command_line(settings: &TrackProcess) -> bool {
    settings.full_command || settings.process.contains('/')
}

fn fits<'a>(settings: &TrackProcess, mut words: impl Iterator<Item = &'a [u8]>) -> bool {
    let Some(how) = settings.parameter_match else { return true };
    let Some((last, first)) = settings.parameters.split_last() else {
        return how != ParameterMatch::Exact || words.next().is_none();
    };
    let all_first = first.iter().all(|parameter| words.next() == Some(parameter.as_bytes()));
    let last_fits = |word: &[u8]| match how {
        ParameterMatch::Exact | ParameterMatch::Partial => word == last.as_bytes(),
        ParameterMatch::Initial => word.starts_with(last.as_bytes()),
    };
    all_first
        && words.next().is_some_and(last_fits)
        && (how != ParameterMatch::Exact || words.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(line: &str, how: Option<ParameterMatch>, full_command: bool) -> TrackProcess {
        let mut words = line.split(' ').map(str::to_owned);
        let process = words.next().unwrap();
        let parameters: Vec<String> = words.collect();
        let parameter_match = how.or((!parameters.is_empty()).then_some(ParameterMatch::Exact));
        TrackProcess {
            name: "p".into(),
            process,
            parameters,
            parameter_match,
            full_command: full_command || parameter_match.is_some(),
            quorum: 1,
            quorum_max: None,
            terminate_delay: Duration::ZERO,
            fork_delay: Duration::ZERO,
        }
    }

    #[test]
    fn a_name_a_path_or_a_command_line_says_which_processes_count() {
        use ParameterMatch::{Exact, Initial, Partial};
        let nginx: (&[u8], &[u8]) = (b"nginx", b"/usr/sbin/nginx\0-g\0daemon off;\0");
        let long: (&[u8], &[u8]) = (b"averyveryverylo", b"averyveryverylongname\0");
        let thread: (&[u8], &[u8]) = (b"kworker/0:1", b"");
        let cases = [
            ("nginx", None, false, nginx, true),
            ("ngin", None, false, nginx, false),
            ("nginx", None, true, nginx, false),
            ("/usr/sbin/nginx", None, false, nginx, true),
            ("/usr/sbin/nginx", None, true, nginx, true),
            ("/usr/sbin/nginx", Some(Exact), false, nginx, false),
            ("/usr/sbin/nginx", Some(Partial), false, nginx, true),
            ("/usr/sbin/nginx -g", None, false, nginx, false),
            ("/usr/sbin/nginx -g", Some(Partial), false, nginx, true),
            ("/usr/sbin/nginx -g dae", Some(Partial), false, nginx, false),
            ("/usr/sbin/nginx -g dae", Some(Initial), false, nginx, true),
            ("/usr/sbin/nginx -", Some(Initial), false, nginx, true),
            ("/usr/sbin/nginx -g x y", Some(Initial), false, nginx, false),
            ("averyveryverylongname", None, false, long, true),
            ("averyveryverylongname", None, true, long, true),
            ("averyveryverylongname", Some(Exact), true, long, true),
            ("kworker", None, false, thread, false),
            ("kworker", None, true, thread, false),
        ];
        for (line, how, full, (name, command_line), wanted) in cases {
            let settings = process(line, how, full);
            assert_eq!(is_process(&settings, name, command_line), wanted, "{line} {how:?} {full}");
        }
    }

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    #[test]
    fn a_change_counts_after_its_delay_and_one_that_is_taken_back_never_does() {
        let settings = TrackProcess {
            quorum: 2,
            terminate_delay: Duration::from_secs(3),
            fork_delay: Duration::from_secs(5),
            ..process("p", None, false)
        };
        let mut quorum = Quorum::new(Arc::new(settings));
        assert!(quorum.count(at(0), 2) && quorum.is_met(), "the first count counts at once");
        assert!(!quorum.count(at(1), 1) && quorum.is_met());
        assert_eq!(quorum.deadline(), Some(at(4)));
        assert!(!quorum.count(at(2), 0), "still the same loss");
        assert_eq!(quorum.deadline(), Some(at(4)));
        assert!(!quorum.count(at(3), 2));
        assert_eq!(quorum.deadline(), None, "back in time");
        quorum.count(at(10), 1);
        assert!(!quorum.due(at(12)));
        assert!(quorum.due(at(13)) && !quorum.is_met());
        quorum.count(at(14), 2);
        assert_eq!(quorum.deadline(), Some(at(19)));
        assert!(quorum.due(at(19)) && quorum.is_met());
    }

    #[test]
    fn a_quorum_has_a_lower_and_an_upper_end() {
        let cases = [(1, None, 0, false), (1, None, 9, true), (1, Some(1), 2, false), (0, Some(0), 0, true)];
        for (quorum, quorum_max, count, met) in cases {
            let settings = TrackProcess { quorum, quorum_max, ..process("p", None, false) };
            assert_eq!(settings.is_met_by(count), met, "{quorum} {quorum_max:?} {count}");
        }
    }
}
