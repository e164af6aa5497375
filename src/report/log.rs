//! The daemon's log: tracing events as lines to syslog and stderr.

use std::fmt::Write;
use std::io::stderr;
use std::path::Path;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Local;
use serde::{Deserialize, Serialize};
use tracing::span::{Attributes, Id};
use tracing::subscriber::{SetGlobalDefaultError, set_global_default};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use super::Facility;
use super::console::Console;
use super::line::{InstanceField, Line};
use super::lossy::{Lossy, Outlet};
use super::stamp::Stamp;
use super::syslog::Syslog;

/// What is logged, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogSettings {
    /// Tag of the process in syslog, such as `vrrpd_vrrp`.
    pub ident: String,
    /// Facility in syslog.
    pub facility: Facility,
    /// Log to `/dev/log`.
    pub syslog: bool,
    /// Log to stderr.
    pub stderr: bool,
    /// 0 for INFO and above, 1 for DEBUG (`-D`), more for TRACE.
    pub detail: u8,
}

/// Sends the events of this process to the log from now on.
///
/// The name of an instance is the field `instance` of an event or of a span of level INFO or above.
///
/// # Errors
/// When the process has a log already.
pub fn start_log(settings: &LogSettings) -> Result<LogHandle, SetGlobalDefaultError> {
    let log = Log::new(settings, Path::new(Syslog::PATH), Box::new(Console::new(stderr())));
    let handle = log.handle.clone();
    set_global_default(Registry::default().with(log))?;
    Ok(handle)
}

/// The layer that makes lines of events.
struct Log {
    level: LevelFilter,
    handle: LogHandle,
}

impl Log {
    fn new(settings: &LogSettings, syslog: &Path, console: Box<dyn Outlet + Send>) -> Self {
        let level = match settings.detail {
            0 => LevelFilter::INFO,
            1 => LevelFilter::DEBUG,
            _ => LevelFilter::TRACE,
        };
        let outlets = Outlets {
            ident: settings.ident.clone(),
            facility: settings.facility,
            syslog: settings.syslog.then(|| Lossy::new(Syslog::new(syslog))),
            console: settings.stderr.then(|| Lossy::new(console)),
            stamp: Stamp::default(),
            line: Line::default(),
            held: None,
            not_held: 0,
        };
        Self { level, handle: LogHandle(Arc::new(Mutex::new(outlets))) }
    }
}

/// The instance that a span is about.
struct SpanInstance(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *metadata.level() <= self.level
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut found = InstanceField::default();
        attributes.record(&mut found);
        if let (Some(name), Some(span)) = (found.0, context.span(id)) {
            span.extensions_mut().insert(SpanInstance(name));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let named = |span: &tracing_subscriber::registry::SpanRef<'_, S>| {
            span.extensions().get::<SpanInstance>().map(|instance| instance.0.clone())
        };
        let instance = context.event_scope(event).and_then(|mut scope| scope.find_map(|span| named(&span)));
        self.handle.outlets().say(event, instance.as_deref());
    }
}

/// Where lines go, with the memory that they are made in.
struct Outlets {
    ident: String,
    facility: Facility,
    syslog: Option<Lossy<Syslog>>,
    console: Option<Lossy<Box<dyn Outlet + Send>>>,
    stamp: Stamp,
    line: Line,
    /// Lines that wait, when lines are to wait.
    held: Option<Vec<Text>>,
    not_held: u64,
}

impl Outlets {
    /// Longest line in bytes: more than any of ours, less than what system logs cut off.
    const MAX: usize = 4000;
    /// Lines that may wait.
    const MOST_HELD: usize = 1000;

    fn say(&mut self, event: &Event<'_>, instance: Option<&str>) {
        let text = self.render(event, instance);
        match &mut self.held {
            None => self.write(&text),
            Some(held) if held.len() < Self::MOST_HELD => held.push(text),
            Some(_) => self.not_held += 1,
        }
    }

    /// The line as each outlet has it, with the time of now.
    fn render(&mut self, event: &Event<'_>, instance: Option<&str>) -> Text {
        self.stamp.set(Local::now());
        self.line.clear();
        event.record(&mut self.line);
        let level = *event.metadata().level();
        let mut text = Text::default();
        if self.syslog.is_some() {
            let tag = Tag { facility: self.facility, ident: &self.ident, stamp: &self.stamp };
            tag.write(level, &mut text.syslog);
            self.line.write(instance, &mut text.syslog);
            truncate(&mut text.syslog);
        }
        if self.console.is_some() {
            let _ = write!(text.console, "{}: ", self.stamp.console());
            self.line.write(instance, &mut text.console);
            truncate(&mut text.console);
            text.console.push('\n');
        }
        text
    }

    fn write(&mut self, text: &Text) {
        let tag = Tag { facility: self.facility, ident: &self.ident, stamp: &self.stamp };
        if let Some(syslog) = &mut self.syslog {
            syslog.say(text.syslog.as_bytes(), |lost| tag.notice(lost));
        }
        if let Some(console) = &mut self.console {
            let time = self.stamp.console();
            console.say(text.console.as_bytes(), |lost| format!("{time}: {lost} log lines lost\n"));
        }
    }

    /// Writes what was held back.
    fn flush(&mut self) {
        let Some(held) = &mut self.held else { return };
        let mut lines = std::mem::take(held);
        lines.iter().for_each(|text| self.write(text));
        lines.clear();
        self.held = Some(lines);
        let lost = std::mem::take(&mut self.not_held);
        self.syslog.iter_mut().for_each(|outlet| outlet.lose(lost));
        self.console.iter_mut().for_each(|outlet| outlet.lose(lost));
    }
}

/// One line in the forms of the two outlets; empty for one that there is not.
#[derive(Default)]
struct Text {
    syslog: String,
    console: String,
}

/// The log of this process.
#[derive(Clone)]
pub struct LogHandle(Arc<Mutex<Outlets>>);

impl LogHandle {
    /// Lines wait for [`HeldLog::flush`] as long as the answer lives: writing one may take longer than what must happen
    /// first.
    pub fn hold(self) -> HeldLog {
        self.outlets().held.get_or_insert_default();
        HeldLog(self)
    }

    /// The process is called `ident` from now on.
    pub fn rename(&self, ident: String) {
        self.outlets().ident = ident;
    }

    fn outlets(&self) -> MutexGuard<'_, Outlets> {
        // A panic while the log was held left nothing half done that the next line would not clear.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A log whose lines wait.
pub struct HeldLog(LogHandle);

impl HeldLog {
    /// Writes the lines that wait.
    pub fn flush(&self) {
        self.0.outlets().flush();
    }
}

/// Writes the lines that wait; later ones wait no more.
impl Drop for HeldLog {
    fn drop(&mut self) {
        self.flush();
        self.0.outlets().held = None;
    }
}

fn truncate(text: &mut String) {
    let boundary = |at: &usize| text.is_char_boundary(*at);
    let end = (0..=Outlets::MAX.min(text.len())).rev().find(boundary);
    text.truncate(end.unwrap_or(0));
}

/// What stands before the text of a syslog message (RFC 3164 §4.1).
struct Tag<'a> {
    facility: Facility,
    ident: &'a str,
    stamp: &'a Stamp,
}

impl Tag<'_> {
    fn write(&self, level: Level, out: &mut String) {
        let priority = self.facility.number() * 8 + severity(level);
        // The process may have forked since the log was started, so its number is asked for each time.
        let _ = write!(out, "<{priority}>{} {}[{}]: ", self.stamp.syslog(), self.ident, process::id());
    }

    fn notice(&self, lost: u64) -> String {
        let mut text = String::new();
        self.write(Level::WARN, &mut text);
        let _ = write!(text, "{lost} log lines lost");
        text
    }
}

fn severity(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixDatagram;
    use tracing::{debug, error, info, info_span, subscriber, trace, warn};

    /// Runs `act` with a log and returns what the system log received, without the time of day.
    fn logged(detail: u8, act: impl FnOnce()) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let system = UnixDatagram::bind(&path).unwrap();
        system.set_nonblocking(true).unwrap();
        let ident = "vrrpd_vrrp".to_owned();
        let settings =
            LogSettings { ident, facility: Facility::Local(1), syslog: true, stderr: false, detail };
        let log = Log::new(&settings, &path, Box::new(Console::new(stderr())));
        subscriber::with_default(Registry::default().with(log), act);
        let mut buffer = [0; 8192];
        std::iter::from_fn(|| system.recv(&mut buffer).ok().map(|length| untimed(&buffer[..length])))
            .collect()
    }

    fn untimed(line: &[u8]) -> String {
        let line = String::from_utf8(line.to_vec()).unwrap();
        let (priority, rest) = line.split_at(line.find('>').unwrap() + 1);
        assert_eq!(rest.as_bytes()[15], b' ', "15 characters of time in {line:?}");
        let own = format!("[{}]", process::id());
        format!("{priority}{}", rest[16..].replace(&own, "[PID]"))
    }

    #[test]
    fn an_instance_stands_before_the_text_as_operators_know_it() {
        let lines = logged(0, || {
            info!(instance = "VI_1", "Entering MASTER STATE");
            let _span = info_span!("vrrp", instance = %"VI_2").entered();
            info!("Entering BACKUP STATE");
            warn!(instance = "VI_3", "own name before that of the span");
        });
        insta::assert_snapshot!(lines.join("\n"), @"
        <142>vrrpd_vrrp[PID]: (VI_1) Entering MASTER STATE
        <142>vrrpd_vrrp[PID]: (VI_2) Entering BACKUP STATE
        <140>vrrpd_vrrp[PID]: (VI_3) own name before that of the span
        ");
    }

    #[test]
    fn a_console_line_looks_like_one_of_keepalived() {
        let (reader, writer) = std::io::pipe().unwrap();
        let (ident, facility) = ("vrrpd".to_owned(), Facility::Daemon);
        let settings = LogSettings { ident, facility, syslog: false, stderr: true, detail: 0 };
        let log = Log::new(&settings, Path::new("/nonexistent"), Box::new(Console::new(writer)));
        subscriber::with_default(Registry::default().with(log), || {
            info!(instance = "VI_1", "Entering MASTER STATE")
        });
        let line = std::io::read_to_string(reader).unwrap();
        let (time, text) = line.split_at(24);
        assert_eq!(text, ": (VI_1) Entering MASTER STATE\n");
        let form = |c: char| {
            if c.is_ascii_digit() {
                '9'
            } else if c.is_alphabetic() {
                'a'
            } else {
                c
            }
        };
        let time: String = time.chars().map(form).collect();
        assert!(["aaa aaa 99 99:99:99 9999", "aaa aaa  9 99:99:99 9999"].contains(&&*time), "{time}");
    }

    #[test]
    fn facts_follow_the_text() {
        let lines = logged(0, || error!(from = %"10.0.0.1", count = 3, why = ?Some("x"), "dropped"));
        assert_eq!(lines, ["<139>vrrpd_vrrp[PID]: dropped from=10.0.0.1 count=3 why=Some(\"x\")"]);
    }

    #[test]
    fn detail_chooses_the_levels() {
        let act = || {
            info!("info");
            debug!("debug");
            trace!("trace");
        };
        assert_eq!([0, 1, 2].map(|detail| logged(detail, act).len()), [1, 2, 3]);
    }

    #[test]
    fn nothing_in_a_text_can_begin_another_line() {
        let lines = logged(0, || info!(instance = "a\nb", name = "\u{1b}[2J", "c\r\nd"));
        assert_eq!(lines, ["<142>vrrpd_vrrp[PID]: (a b) c  d name= [2J"]);
    }

    #[test]
    fn held_lines_are_written_in_order_when_asked_and_lost_ones_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let system = UnixDatagram::bind(&path).unwrap();
        system.set_nonblocking(true).unwrap();
        let settings = LogSettings {
            ident: "vrrpd".to_owned(),
            facility: Facility::Daemon,
            syslog: true,
            stderr: false,
            detail: 0,
        };
        let log = Log::new(&settings, &path, Box::new(Console::new(stderr())));
        let held = log.handle.clone().hold();
        let mut line = [0; 512];
        let mut next = || {
            let len = system.recv(&mut line).ok()?;
            Some(String::from_utf8_lossy(&line[..len]).into_owned())
        };
        subscriber::with_default(Registry::default().with(log), || {
            info!("first");
            warn!("second");
            assert_eq!(next(), None);
            held.flush();
            assert!(next().is_some_and(|line| line.ends_with("first")));
            assert!(next().is_some_and(|line| line.ends_with("second")));
            (0..Outlets::MOST_HELD + 3).for_each(|_| info!("many"));
            assert_eq!(held.0.outlets().not_held, 3);
            held.flush();
            assert_eq!(held.0.outlets().not_held, 0);
            drop(held);
            while next().is_some() {}
            info!("at once");
            let since: Vec<String> = std::iter::from_fn(&mut next).collect();
            assert!(since.last().is_some_and(|line| line.ends_with("at once")), "{since:?}");
        });
    }

    #[test]
    fn an_endless_text_is_cut_at_a_character() {
        let lines = logged(0, || info!("{}", "é".repeat(10_000)));
        assert!((3900..=4000).contains(&lines[0].len()), "{}", lines[0].len());
    }
}
