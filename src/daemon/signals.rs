//! The signals that both processes know; none of the others ends or stops a daemon that holds addresses.

use std::io;

use nix::sys::signal::{SigSet, Signal as Number};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A signal that asks for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signalled {
    /// SIGTERM.
    Terminate,
    /// SIGINT.
    Interrupt,
    /// SIGHUP.
    Hangup,
}

/// Keeps signals waiting until [`Signals::new`] lets them through: a reload that is asked for too early must not end
/// the process. Those that ask for its end still do, for it holds nothing yet.
pub(super) fn hold_back() {
    // The only failure is a wrong argument.
    let _ = held_back().thread_block();
}

fn held_back() -> SigSet {
    let mut held = SigSet::all();
    [Number::SIGTERM, Number::SIGINT].into_iter().for_each(|number| held.remove(number));
    held
}

/// What arrives from now on.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    _ignored: Vec<Signal>,
}

impl Signals {
    /// Needs the runtime that will wait for them.
    pub(super) fn new() -> io::Result<Self> {
        let signals = Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            _ignored: ignored()
                .map(|number| signal(SignalKind::from_raw(number)))
                .collect::<io::Result<_>>()?,
        };
        held_back().thread_unblock()?;
        Ok(signals)
    }

    pub(super) async fn next(&mut self) -> Signalled {
        tokio::select! {
            _ = self.terminate.recv() => Signalled::Terminate,
            _ = self.interrupt.recv() => Signalled::Interrupt,
            _ = self.hangup.recv() => Signalled::Hangup,
        }
    }
}

/// Signals whose default action would end or stop us: keepalived ignores all but those of a fault of its own. They
/// are caught instead, because children would inherit that they are ignored.
fn ignored() -> impl Iterator<Item = i32> {
    let named = [
        // Dumps and statistics, without effect yet.
        libc::SIGUSR1,
        libc::SIGUSR2,
        libc::SIGQUIT,
        libc::SIGALRM,
        libc::SIGVTALRM,
        libc::SIGPROF,
        libc::SIGIO,
        libc::SIGPWR,
        libc::SIGXCPU,
        libc::SIGXFSZ,
        // A daemon that is stopped is a master that does not speak.
        libc::SIGTSTP,
        libc::SIGTTIN,
        libc::SIGTTOU,
    ];
    named.into_iter().chain(libc::SIGRTMIN()..=libc::SIGRTMAX())
}
