//! Tracked files and processes, and links that are asked for their state, as events.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use tokio::time::Instant as Timer;

use crate::config::model::Model;
use crate::engine::Event;
use crate::kernel::{Fact, FileFact, FileWatch, Linkbeats, ProcessFact, ProcessWatch};

/// How often links are asked.
const BEAT: Duration = Duration::from_secs(1);

/// What is watched for one configuration.
pub(super) struct Watches {
    files: FileWatch,
    processes: ProcessWatch,
    linkbeats: Linkbeats,
    /// When links are asked next.
    next_beat: Timer,
    /// Answers of links that wait to be told.
    answers: VecDeque<Fact>,
}

impl Watches {
    /// Begins to watch what `model` tracks; answers how everything stands, to be told before the configuration is run.
    ///
    /// # Errors
    /// The kernel's refusal of a thread.
    pub(super) fn start(model: &Model) -> io::Result<(Self, Vec<Event<'static>>)> {
        let (files, numbers) = FileWatch::start(&model.track_files);
        let (processes, counts) = ProcessWatch::start(&model.track_processes)?;
        let events = numbers.into_iter().map(of_file).chain(counts.into_iter().map(of_processes));
        let linkbeats = Linkbeats::new(&model.linkbeats);
        let (next_beat, answers) = (Timer::now() + BEAT, VecDeque::new());
        Ok((Self { files, processes, linkbeats, next_beat, answers }, events.collect()))
    }

    /// The same for another configuration.
    ///
    /// # Errors
    /// As [`Self::start`]; then everything stays as it was.
    pub(super) fn restart(&mut self, model: &Model) -> io::Result<Vec<Event<'static>>> {
        let (begun, mut events) = Self::start(model)?;
        (self.files, self.processes) = (begun.files, begun.processes);
        events.extend(self.linkbeats.set(&model.linkbeats).into_iter().map(of_link));
        Ok(events)
    }

    /// What is to be told of a fact of the kernel.
    pub(super) fn seen(&mut self, fact: Fact) -> Event<'static> {
        of_link(self.linkbeats.seen(fact))
    }

    /// Waits for what changes next. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Event<'static> {
        loop {
            if let Some(fact) = self.answers.pop_front() {
                return of_link(fact);
            }
            tokio::select! {
                fact = self.files.next() => return of_file(fact),
                fact = self.processes.next() => return of_processes(fact),
                () = tokio::time::sleep_until(self.next_beat), if !self.linkbeats.is_empty() => {
                    self.next_beat = Timer::now() + BEAT;
                    self.answers.extend(self.linkbeats.poll());
                }
            }
        }
    }
}

fn of_file(FileFact { path, value }: FileFact) -> Event<'static> {
    Event::File { path, value }
}

fn of_processes(ProcessFact { of, count }: ProcessFact) -> Event<'static> {
    Event::Processes { of, count }
}

fn of_link(fact: Fact) -> Event<'static> {
    match fact {
        Fact::Link(link) => Event::Link(link),
        Fact::LinkGone(index) => Event::LinkGone(index),
        Fact::Address(address) => Event::Address(address),
        Fact::AddressGone(address) => Event::AddressGone(address),
    }
}
