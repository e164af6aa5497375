//! Tracked files and processes, as events.

use std::io;

use crate::config::model::Model;
use crate::engine::Event;
use crate::kernel::{FileFact, FileWatch, ProcessFact, ProcessWatch};

/// What is watched for one configuration.
pub(super) struct Watches {
    files: FileWatch,
    processes: ProcessWatch,
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
        Ok((Self { files, processes }, events.collect()))
    }

    /// Waits for what changes next. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Event<'static> {
        tokio::select! {
            fact = self.files.next() => of_file(fact),
            fact = self.processes.next() => of_processes(fact),
        }
    }
}

fn of_file(FileFact { path, value }: FileFact) -> Event<'static> {
    Event::File { path, value }
}

fn of_processes(ProcessFact { of, count }: ProcessFact) -> Event<'static> {
    Event::Processes { of, count }
}
