//! The worker's ends of the FIFOs: a line is one write that never waits.

use std::future::pending;
use std::io;

use tokio::net::unix::pipe::{OpenOptions, Sender};
use tracing::{info, warn};

use super::pending::Pending;

/// All FIFOs of a configuration; each gets every line.
#[derive(Debug, Default)]
pub struct FifoWriters {
    writers: Vec<Writer>,
}

impl FifoWriters {
    /// Opens the FIFOs at `paths`; one that cannot be opened is told and left out. Needs the runtime.
    ///
    /// What waits in `self` for a FIFO of the same path goes on waiting.
    pub fn reopen(&mut self, paths: &[String]) {
        let mut before = std::mem::take(&mut self.writers);
        for path in paths {
            let kept = before.iter().position(|writer| writer.path == *path).map(|at| before.swap_remove(at));
            // Opened anew: it may be another FIFO in the same place.
            match Writer::open(path) {
                Ok(writer) => {
                    let pending = kept.map(|kept| kept.pending).unwrap_or_default();
                    self.writers.push(Writer { pending, ..writer });
                }
                Err(error) => warn!("Unable to open notify fifo {path}: {error}"),
            }
        }
        self.flush();
    }

    /// Writes `line` to all of them, or keeps it until there is room.
    pub fn write(&mut self, line: &str) {
        self.writers.iter_mut().for_each(|writer| writer.write(line));
    }

    /// Writes what waits, as far as there is room.
    pub fn flush(&mut self) {
        self.writers.iter_mut().for_each(Writer::flush);
    }

    /// Whether lines wait.
    pub fn wait(&self) -> bool {
        self.writers.iter().any(|writer| !writer.pending.is_empty())
    }

    /// Until [`Self::flush`] may have something to do; for ever while nothing waits. The first line after
    /// [`Self::reopen`] always waits for it.
    pub async fn writable(&self) {
        let mut waiting = self.writers.iter().filter(|writer| !writer.pending.is_empty());
        let (first, second) = (waiting.next(), waiting.next());
        tokio::select! {
            () = writable(first) => {}
            () = writable(second) => {}
        }
    }

    /// Says what nobody has read, at the end.
    pub fn give_up(&mut self) {
        for writer in self.writers.drain(..).filter(|writer| !writer.pending.is_empty()) {
            warn!("notify fifo {}: nobody read the last {} lines", writer.path, writer.pending.len());
        }
    }
}

async fn writable(writer: Option<&Writer>) {
    match writer {
        // An error shows at the next write.
        Some(writer) => drop(writer.pipe.writable().await),
        None => pending().await,
    }
}

#[derive(Debug)]
struct Writer {
    path: String,
    pipe: Sender,
    pending: Pending,
}

impl Writer {
    /// For reading too, so that no reader is needed, as keepalived does.
    fn open(path: &str) -> io::Result<Self> {
        let pipe = OpenOptions::new().read_write(true).open_sender(path)?;
        Ok(Self { path: path.to_owned(), pipe, pending: Pending::default() })
    }

    fn write(&mut self, line: &str) {
        if self.pending.push(line.into()) {
            warn!("notify fifo {} is not read; the oldest lines that wait are lost", self.path);
        }
        self.flush();
    }

    fn flush(&mut self) {
        while let Some(bytes) = self.pending.first() {
            match self.pipe.try_write(bytes) {
                Ok(count) => self.pending.wrote(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) => {
                    warn!("notify fifo {}: {error}; a line is lost", self.path);
                    let len = bytes.len();
                    self.pending.wrote(len);
                }
            }
        }
        if let Some(lost) = self.pending.take_lost() {
            info!("notify fifo {} is read again; {lost} lines were lost", self.path);
        }
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
