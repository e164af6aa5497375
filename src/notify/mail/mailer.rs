//! The queue of mails: in order, one at a time, again and again until the relay has them or they are old.

use std::sync::Arc;
use std::time::Duration;

use chrono::Local;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use super::envelope::Mail;
use super::send::send;
use super::{Alert, Envelope};
use crate::config::model::MailServer;

/// Sends mails in a task of its own.
#[derive(Debug)]
pub struct Mailer {
    envelope: Arc<Envelope>,
    queue: mpsc::Sender<Waiting>,
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
    /// Mails left out since the last one that had room.
    left_out: u64,
}

#[derive(Debug)]
struct Waiting {
    mail: Mail,
    server: MailServer,
    patience: Duration,
    since: Instant,
}

impl Mailer {
    /// Mails that may wait; what comes then is left out.
    const MAX_WAITING: usize = 1024;
    /// For how long attempts to send a mail go on.
    const MAX_AGE: Duration = Duration::from_secs(3600);
    /// Pause after a first attempt that failed; doubled each time, up to [`Self::MAX_PAUSE`].
    const FIRST_PAUSE: Duration = Duration::from_secs(1);
    const MAX_PAUSE: Duration = Duration::from_secs(60);
    /// What a stop allows for the mails that wait, its own among them.
    const AT_STOP: Duration = Duration::from_secs(5);

    /// Needs the runtime, which it keeps until [`Self::finish`].
    pub fn start(envelope: Envelope) -> Self {
        let (queue, waiting) = mpsc::channel(Self::MAX_WAITING);
        let (stopping, stops) = watch::channel(false);
        let task = tokio::spawn(Postman { waiting, stops }.run());
        Self { envelope: Arc::new(envelope), queue, stopping, task, left_out: 0 }
    }

    /// Mails from now on go out as a new configuration says; those that wait go as they were.
    pub fn reload(&mut self, envelope: Envelope) {
        self.envelope = Arc::new(envelope);
    }

    /// Queues a mail; without a relay or a recipient it is nothing.
    pub fn alert(&mut self, alert: &Alert) {
        let Some((server, patience)) = self.envelope.relay() else { return };
        let mail = self.envelope.mail(alert, Local::now());
        let waiting = Waiting { mail, server: server.clone(), patience, since: Instant::now() };
        if self.queue.try_send(waiting).is_ok() {
            self.left_out = 0;
            return;
        }
        self.left_out += 1;
        if self.left_out.is_power_of_two() {
            warn!("{} SMTP alerts left out: too many wait for {}", self.left_out, server.host);
        }
    }

    /// Sends what waits, each mail once more, within a bounded time.
    pub async fn finish(self) {
        let Self { queue, stopping, mut task, .. } = self;
        drop(queue);
        // An error says that the task has ended.
        let _ = stopping.send(true);
        if timeout(Self::AT_STOP, &mut task).await.is_err() {
            task.abort();
            warn!("SMTP alerts were not taken within {} s of the stop and are lost", Self::AT_STOP.as_secs());
        }
    }
}

struct Postman {
    waiting: mpsc::Receiver<Waiting>,
    stops: watch::Receiver<bool>,
}

impl Postman {
    async fn run(mut self) {
        while let Some(waiting) = self.waiting.recv().await {
            if !self.deliver(&waiting).await {
                let left = self.waiting.len();
                if left > 0 {
                    warn!("{left} more SMTP alerts are lost");
                }
                return;
            }
        }
    }

    /// Until the relay has the mail or it is given up; answers whether others may be tried.
    async fn deliver(&mut self, waiting: &Waiting) -> bool {
        let Waiting { mail, server, patience, since } = waiting;
        let mut pause = Mailer::FIRST_PAUSE;
        loop {
            let error = match send(server, *patience, mail).await {
                Ok(()) => {
                    info!("SMTP alert successfully sent.");
                    return true;
                }
                Err(error) => error,
            };
            let (host, port, stopping) = (&server.host, server.port, *self.stops.borrow());
            if !error.is_temporary() {
                warn!("SMTP alert is lost, [{host}]:{port} does not take it: {error}");
                return true;
            }
            if stopping || since.elapsed() > Mailer::MAX_AGE {
                warn!("SMTP alert is lost: [{host}]:{port}: {error}");
                return !stopping;
            }
            if pause == Mailer::FIRST_PAUSE {
                warn!("SMTP alert waits for [{host}]:{port}: {error}");
            }
            self.rest(pause).await;
            pause = (pause * 2).min(Mailer::MAX_PAUSE);
        }
    }

    /// For `pause`, or until the stop.
    async fn rest(&mut self, pause: Duration) {
        tokio::select! {
            () = sleep(pause) => {}
            // An error says that the mailer is gone: there is nothing to wait for either.
            _ = self.stops.wait_for(|stops| *stops) => {}
        }
    }
}

#[cfg(test)]
#[path = "mailer_tests.rs"]
mod tests;
