//! The worker as its supervisor sees it: a child process and a socket pair.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{ExitStatus, Stdio};

use tokio::process::{Child, Command};

use super::channel::{self, Receiver, Sender};
use super::life_sign::LifeSign;
use super::link::{Order, Report};
use super::worker::ROLE;
use crate::report::LogSettings;
use crate::units::Instant;

/// A running worker.
pub(super) struct WorkerProcess {
    child: Child,
    life_sign: LifeSign,
    pub(super) orders: Sender<Order>,
    reports: Receiver<Report>,
}

/// What a worker does that its supervisor did not ask for.
pub(super) enum Happening {
    /// It said something.
    Report(Report),
    /// It is dead.
    Ended(ExitStatus),
}

impl WorkerProcess {
    /// Starts one. The socket is its standard input and the life sign its standard output: it needs no others, and no
    /// descriptors have to be agreed on.
    pub(super) fn start(log: &LogSettings) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let life_sign = LifeSign::new()?;
        let child = Command::new("/proc/self/exe")
            .arg0("vrrpd")
            .arg(ROLE)
            .arg(serde_json::to_string(log)?)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(life_sign.share()?))
            .spawn()?;
        let (reports, orders) = channel::open(ours)?;
        Ok(Self { child, life_sign, orders, reports })
    }

    /// Its process number, until its end has been told.
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// When it ran last, as it says itself: it may have been stopped long before it died.
    pub(super) fn last_seen(&self) -> Option<Instant> {
        self.life_sign.last()
    }

    /// Waits for something to happen. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> io::Result<Happening> {
        tokio::select! {
            biased;
            report = self.reports.next() => match report {
                Ok(Some(report)) => Ok(Happening::Report(report)),
                // It closed its end or broke it: only its death is of interest now.
                Ok(None) | Err(_) => Ok(Happening::Ended(self.child.wait().await?)),
            },
            status = self.child.wait() => Ok(Happening::Ended(status?)),
        }
    }

    /// Ends it whatever it does.
    pub(super) fn kill(&mut self) {
        // An error says that it is dead already.
        drop(self.child.start_kill());
    }
}
