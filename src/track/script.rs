//! When a check runs, and what its runs say together (`vrrp_script`).

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
