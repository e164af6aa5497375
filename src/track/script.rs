//! When a check runs, and what its runs say together (`vrrp_script`).

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use crate::config::model::VrrpScript;
use crate::units::Instant;

/// From SIGTERM to SIGKILL, and to the next SIGKILL.
const GRACE: Duration = Duration::from_secs(2);
/// Between later SIGKILLs: a process stuck in the kernel may need many.
const INSIST: Duration = Duration::from_secs(10);

/// How one run of a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The command exited with this status; 0 is success.
    Exited(i32),
    /// The command was killed by this signal.
    Killed(i32),
    /// The command could not be started.
    NotStarted,
}

/// An order concerning one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptAction {
    /// Start a run; it answers with an [`Outcome`].
    Run,
    /// Send a signal to the process group of the run that is under way.
    Kill(Signal),
}

/// The signals that a run can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// `SIGTERM`.
    Term,
    /// `SIGKILL`.
    Kill,
}

/// What the runs of a check say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No run has ended yet.
    Unknown,
    /// It succeeds.
    Up,
    /// It fails.
    Down,
}

/// One `vrrp_script` with its history.
#[derive(Debug)]
pub struct Check {
    settings: Arc<VrrpScript>,
    next_run: Instant,
    run: Option<Run>,
    verdict: Verdict,
    /// Results in a row that contradict the verdict.
    against: u32,
    last: Option<Outcome>,
    judged: bool,
}

/// The run that is under way.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// When to send the next signal.
    kill_at: Instant,
    /// Signals sent so far; with the first one the run has failed.
    kills: u32,
}

impl Check {
    /// A check whose first run is due at `now`.
    pub fn new(settings: Arc<VrrpScript>, now: Instant) -> Self {
        let verdict = if settings.init_fail { Verdict::Down } else { Verdict::Unknown };
        Self { settings, next_run: now, run: None, verdict, against: 0, last: None, judged: false }
    }

    /// Its part of the configuration.
    pub fn settings(&self) -> &Arc<VrrpScript> {
        &self.settings
    }

    /// What its runs say so far; before the first one `init_fail` says down.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// What a predecessor process had seen, until the first result.
    pub fn presume(&mut self, verdict: Verdict) {
        if !self.judged {
            self.verdict = verdict;
        }
    }

    /// When to call [`Self::due`].
    pub fn deadline(&self) -> Instant {
        self.run.map_or(self.next_run, |run| run.kill_at.min(self.next_run))
    }

    /// The deadline has passed. Answers whether the verdict changed.
    pub fn due(&mut self, now: Instant, out: &mut Vec<ScriptAction>) -> bool {
        let changed = self.kill_if_late(now, out);
        if self.next_run <= now {
            self.start(now, out);
        }
        changed
    }

    /// A run ended. Answers whether the verdict changed.
    pub fn ended(&mut self, outcome: Outcome) -> bool {
        match self.run.take() {
            // Its failure has been counted when its time was over.
            Some(run) if run.kills > 0 => false,
            Some(_) => self.result(outcome),
            None => false,
        }
    }

    /// The check is no longer wanted.
    pub fn end(&mut self, out: &mut Vec<ScriptAction>) {
        if self.run.is_some() {
            out.push(ScriptAction::Kill(Signal::Term));
        }
    }

    fn start(&mut self, now: Instant, out: &mut Vec<ScriptAction>) {
        let planned = self.next_run + self.settings.interval;
        self.next_run = if planned > now { planned } else { now + self.settings.interval };
        if self.run.is_some() {
            info!("Track script {} is already running, expect idle - skipping run", self.settings.name);
            return;
        }
        self.run = Some(Run { kill_at: now + self.settings.timeout, kills: 0 });
        out.push(ScriptAction::Run);
    }

    fn kill_if_late(&mut self, now: Instant, out: &mut Vec<ScriptAction>) -> bool {
        let Some(run) = self.run.as_mut().filter(|run| run.kill_at <= now) else { return false };
        let first = run.kills == 0;
        run.kills += 1;
        run.kill_at = now + if run.kills <= 2 { GRACE } else { INSIST };
        out.push(ScriptAction::Kill(if first { Signal::Term } else { Signal::Kill }));
        if first {
            warn!("VRRP_Script({}) timed out", self.settings.name);
        }
        first && self.judge(false, "timed_out")
    }

    fn result(&mut self, outcome: Outcome) -> bool {
        let changed = self.last.replace(outcome) != Some(outcome);
        let said = match outcome {
            Outcome::Exited(status) => format!("exited with status {status}"),
            Outcome::Killed(signal) => format!("killed by signal {signal}"),
            Outcome::NotStarted => "could not be started".to_owned(),
        };
        if let (true, Outcome::Exited(status)) = (changed, outcome) {
            info!("Script `{}` now returning {status}", self.settings.name);
        }
        self.judge(outcome == Outcome::Exited(0), &said)
    }

    /// The first result decides alone; later ones must come `rise` or `fall` times in a row to change anything.
    fn judge(&mut self, success: bool, why: &str) -> bool {
        let first = !std::mem::replace(&mut self.judged, true);
        let (held, needed) = match self.verdict {
            Verdict::Unknown => (None, 1),
            Verdict::Up => (Some(true), if first { 1 } else { self.settings.fall.get() }),
            Verdict::Down => (Some(false), if first { 1 } else { self.settings.rise.get() }),
        };
        if held == Some(success) {
            self.against = 0;
            return false;
        }
        self.against += 1;
        if self.against < needed {
            return false;
        }
        self.against = 0;
        self.verdict = if success { Verdict::Up } else { Verdict::Down };
        if success {
            info!("VRRP_Script({}) succeeded", self.settings.name);
        } else {
            warn!("VRRP_Script({}) failed ({why})", self.settings.name);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::config::model::Test;
    use crate::units::Weight;

    fn script(rise: u32, fall: u32) -> VrrpScript {
        VrrpScript {
            name: "check".into(),
            test: Test::Readable("/dev/null".into()),
            interval: Duration::from_secs(10),
            timeout: Duration::from_secs(3),
            weight: Weight::FAULT,
            reverse: false,
            rise: NonZeroU32::new(rise).unwrap(),
            fall: NonZeroU32::new(fall).unwrap(),
            init_fail: false,
        }
    }

    fn check(settings: VrrpScript) -> Check {
        Check::new(Arc::new(settings), Instant::ZERO)
    }

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    fn run(check: &mut Check, outcome: Outcome) -> Verdict {
        let mut out = Vec::new();
        check.due(check.deadline(), &mut out);
        assert_eq!(out, [ScriptAction::Run]);
        check.ended(outcome);
        check.verdict()
    }

    const OK: Outcome = Outcome::Exited(0);
    const BAD: Outcome = Outcome::Exited(1);

    #[test]
    fn the_first_result_decides_alone_later_ones_need_company() {
        let mut check = check(script(3, 2));
        let results = [OK, BAD, OK, BAD, BAD, OK, OK, BAD, OK, OK, OK];
        let verdicts: Vec<bool> = results.map(|result| run(&mut check, result) == Verdict::Up).into();
        assert_eq!(verdicts, [true, true, true, true, false, false, false, false, false, false, true]);
    }

    #[test]
    fn init_fail_is_a_failure_that_the_first_result_may_lift() {
        let init_fail = || check(VrrpScript { init_fail: true, ..script(2, 1) });
        assert_eq!(init_fail().verdict(), Verdict::Down);
        assert_eq!(run(&mut init_fail(), OK), Verdict::Up);
        let mut failing = init_fail();
        let verdicts = [BAD, OK, OK].map(|result| run(&mut failing, result));
        assert_eq!(verdicts, [Verdict::Down, Verdict::Down, Verdict::Up]);
    }

    #[test]
    fn what_a_predecessor_saw_stands_until_the_first_result() {
        for init_fail in [false, true] {
            let mut check = check(VrrpScript { init_fail, ..script(3, 3) });
            check.presume(Verdict::Up);
            assert_eq!(check.verdict(), Verdict::Up);
            assert_eq!(run(&mut check, BAD), Verdict::Down, "which decides alone");
            check.presume(Verdict::Up);
            assert_eq!(check.verdict(), Verdict::Down);
        }
    }

    #[test]
    fn death_by_signal_and_failure_to_start_are_failures() {
        for outcome in [Outcome::Killed(9), Outcome::NotStarted, Outcome::Exited(127)] {
            assert_eq!(run(&mut check(script(1, 1)), outcome), Verdict::Down, "{outcome:?}");
        }
    }

    #[test]
    fn a_run_over_its_time_has_failed_and_is_killed_ever_harder() {
        let mut check = check(script(1, 1));
        let mut trace = Vec::new();
        let mut out = Vec::new();
        while check.deadline() <= at(26) {
            let due = check.deadline();
            let changed = check.due(due, &mut out);
            trace.extend(out.drain(..).map(|action| (due, action, changed)));
        }
        let (term, kill) = (ScriptAction::Kill(Signal::Term), ScriptAction::Kill(Signal::Kill));
        let expected = [
            (at(0), ScriptAction::Run, false),
            (at(3), term, true),
            (at(5), kill, false),
            (at(7), kill, false),
            (at(17), kill, false),
        ];
        assert_eq!(trace, expected);
        assert_eq!(check.verdict(), Verdict::Down);
        assert!(!check.ended(Outcome::Killed(9)), "the failure was counted already");
    }

    #[test]
    fn a_result_that_nobody_asked_for_counts_nothing() {
        let mut check = check(script(1, 1));
        assert!(!check.ended(BAD));
        assert_eq!(check.verdict(), Verdict::Unknown);
    }
}
