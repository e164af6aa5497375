//! Rung by whatever may have changed what a test waits for: a line of a log, an address that came or went.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How long a wait sleeps when nothing rings: for facts that ring no bell (a file that a hook writes).
const UNRUNG: Duration = Duration::from_millis(10);

/// Counts what happened, so that a ring between look and sleep is not lost.
#[derive(Clone, Default)]
pub(crate) struct Bell(Arc<(Mutex<u64>, Condvar)>);

impl Bell {
    fn ring(&self) {
        *self.0.0.lock().unwrap() += 1;
        self.0.1.notify_all();
    }

    /// Looks until `condition` holds and says how long that took; `None` when `limit` passed first.
    pub(crate) fn wait(&self, limit: Duration, mut condition: impl FnMut() -> bool) -> Option<Duration> {
        let began = Instant::now();
        loop {
            let rings = *self.0.0.lock().unwrap();
            if condition() {
                return Some(began.elapsed());
            }
            if began.elapsed() > limit {
                return None;
            }
            let unchanged = self.0.0.lock().unwrap();
            drop(self.0.1.wait_timeout_while(unchanged, UNRUNG, |now| *now == rings).unwrap());
        }
    }
}

/// The lines that a child has written so far, each with the time it was read.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<(Instant, String)>>>);

impl Lines {
    /// Reads `source` to its end on a thread of its own, ringing `bell` at every line.
    pub(crate) fn follow(&self, source: impl Read + Send + 'static, bell: &Bell) -> thread::JoinHandle<()> {
        let (lines, bell) = (self.clone(), bell.clone());
        thread::spawn(move || {
            for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
                let text = String::from_utf8_lossy(&line).into_owned();
                lines.0.lock().unwrap().push((Instant::now(), text));
                bell.ring();
            }
        })
    }

    pub(crate) fn count(&self, mut wanted: impl FnMut(&str) -> bool) -> usize {
        self.0.lock().unwrap().iter().filter(|(_, line)| wanted(line)).count()
    }

    pub(crate) fn since(&self, since: Instant) -> Vec<String> {
        self.0.lock().unwrap().iter().filter(|(at, _)| *at >= since).map(|(_, line)| line.clone()).collect()
    }

    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap().iter().map(|(_, line)| format!("    {line}\n")).collect()
    }
}
