//! The deadline of the engine as a timer of the kernel: tokio's own wheel is 1 to 2 ms late.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use super::sys::Watched;
use crate::units::Instant;

/// One absolute timer on the clock of [`super::now`].
pub struct DeadlineTimer {
    timer: Watched<TimerFd>,
    armed: Option<Instant>,
}

impl DeadlineTimer {
    /// A timer that is not set. Needs the runtime that will wait for it.
    ///
    /// # Errors
    /// The kernel's refusal: no descriptor left.
    pub fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = Watched::new(TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?)?;
        Ok(Self { timer, armed: None })
    }

    /// Sets the deadline, or none; one that is past expires at once. The same value again costs nothing.
    ///
    /// # Errors
    /// The kernel's refusal, which it has no reason for.
    pub fn set(&mut self, deadline: Option<Instant>) -> io::Result<()> {
        if self.armed == deadline {
            return Ok(());
        }
        match deadline {
            Some(deadline) => {
                let at = Expiration::OneShot(absolute(deadline));
                self.timer.get().set(at, TimerSetTimeFlags::TFD_TIMER_ABSTIME)?;
            }
            None => self.timer.get().unset()?,
        }
        self.armed = deadline;
        Ok(())
    }

    /// Waits until the deadline has passed. The timer is unset then, and the same deadline can be set again.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// None that the kernel has a reason for; the runtime's when it shuts down.
    pub async fn expired(&mut self) -> io::Result<()> {
        loop {
            self.timer.readable().await?;
            match nix::unistd::read(self.timer.get().as_fd(), &mut [0; 8]) {
                Ok(_) => break,
                Err(Errno::EAGAIN) => self.timer.drained(),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.armed = None;
        Ok(())
    }
}

/// An absolute expiration; zero would mean "unset" to the kernel.
fn absolute(deadline: Instant) -> TimeSpec {
    TimeSpec::from(Duration::from_nanos(deadline.as_nanos().max(1)))
}

#[cfg(test)]
mod tests {
    use super::super::now;
    use super::*;

    /// Far beyond what a loaded machine needs; a timer that never fires fails here.
    const BOUND: Duration = Duration::from_secs(20);

    fn run<F: Future>(test: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { tokio::time::timeout(BOUND, test).await.expect("a bounded wait") })
    }

    #[test]
    fn a_deadline_expires_and_not_before_its_time() {
        run(async {
            let mut timer = DeadlineTimer::new().unwrap();
            let deadline = now() + Duration::from_millis(5);
            timer.set(Some(deadline)).unwrap();
            timer.expired().await.unwrap();
            assert!(now() >= deadline);
        });
    }

    #[test]
    fn a_past_deadline_expires_at_once_and_again_when_set_again() {
        run(async {
            let mut timer = DeadlineTimer::new().unwrap();
            for deadline in [Instant::ZERO, Instant::ZERO, Instant::from_nanos(1)] {
                timer.set(Some(deadline)).unwrap();
                timer.expired().await.unwrap();
            }
        });
    }

    #[test]
    fn a_later_or_withdrawn_deadline_does_not_expire() {
        run(async {
            let mut timer = DeadlineTimer::new().unwrap();
            for second in [None, Some(Instant::MAX)] {
                let soon = now() + Duration::from_millis(1);
                timer.set(Some(soon)).unwrap();
                timer.set(second).unwrap();
                let wait = tokio::time::timeout(Duration::from_millis(30), timer.expired());
                assert!(wait.await.is_err(), "{second:?}");
            }
        });
    }
}
