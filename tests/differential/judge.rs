//! Both answers to each case, and what they come to.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::corpus::File;
use crate::lab::{Answer, FOLDER, Lab};
use crate::unknown::{self, Named};

/// A text to judge.
pub(crate) struct Case {
    /// That of the file; `~` and a number for a mutation.
    pub(crate) id: String,
    pub(crate) folder: String,
    pub(crate) text: String,
    /// How it differs from the file; empty for the file itself.
    pub(crate) slips: String,
}

/// Both answers to a case.
pub(crate) struct Judged {
    pub(crate) theirs: Answer,
    pub(crate) ours: Answer,
    /// Of a file that both find faulty.
    pub(crate) named: Named,
}

/// What all answers come to.
#[derive(Default)]
pub(crate) struct Tally {
    files: usize,
    mutations: usize,
    /// Verdicts of keepalived: it crashed or hung in the others.
    judged: usize,
    agreed: usize,
    same_status: usize,
    faulty: usize,
    named: usize,
    missed: usize,
    echoes: usize,
    /// Cases to which keepalived gave no verdict.
    crashed: Vec<String>,
}

impl Case {
    /// A file as it stands.
    pub(crate) fn whole(file: &File) -> Self {
        Self {
            id: file.id.clone(),
            folder: file.folder.clone(),
            text: file.text.clone(),
            slips: String::new(),
        }
    }
}

impl Judged {
    /// Whether both say usable, or both say faulty; a crash is no verdict to agree with.
    pub(crate) fn agrees(&self) -> bool {
        match (self.theirs.status, self.ours.status) {
            (None, ours) => ours.is_some(),
            (Some(theirs), ours) => ours.is_some_and(|ours| (theirs == 0) == (ours == 0)),
        }
    }

    /// For people: the end of both, and what they said.
    pub(crate) fn describe(&self, case: &Case) -> String {
        let status =
            |answer: &Answer| answer.status.map_or("no verdict".to_owned(), |status| status.to_string());
        let missed: Vec<&str> = self.named.missed.iter().map(|unknown| unknown.word.as_str()).collect();
        format!(
            "{} ({}): keepalived {}, vrrpd {}, not named {missed:?}\n  keepalived: {}\n  vrrpd: {}",
            case.id,
            case.slips,
            status(&self.theirs),
            status(&self.ours),
            shortened(&self.theirs.text),
            shortened(&self.ours.text)
        )
    }
}

/// Judges every case, on all processors.
pub(crate) fn all(lab: &Lab, cases: &[Case]) -> Vec<Judged> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(cases.len()));
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    // Threads live in the namespaces of the one that starts them.
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((index, case)) = take(&next, cases) {
                    let judged = judge(lab, case, index);
                    done.lock().unwrap().push((index, judged));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, judged)| judged).collect()
}

fn take<'a>(next: &AtomicUsize, cases: &'a [Case]) -> Option<(usize, &'a Case)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    cases.get(index).map(|case| (index, case))
}

fn judge(lab: &Lab, case: &Case, index: usize) -> Judged {
    // Another name than any of the corpus, in the folder from which includes are looked up.
    let path = format!("{FOLDER}/{}/case-{index}.judged", case.folder);
    std::fs::write(&path, &case.text).unwrap();
    let (theirs, ours) = (lab.keepalived(Path::new(&path)), lab.vrrpd(Path::new(&path)));
    std::fs::remove_file(&path).unwrap();
    let named = unknown::compare(&theirs.text, &ours.text, &path, &case.text);
    Judged { theirs, ours, named }
}

/// Cases to which vrrpd gives no verdict: there must be none.
pub(crate) fn without_verdict(cases: &[Case], judged: &[Judged]) -> Vec<String> {
    let pairs = cases.iter().zip(judged);
    pairs
        .filter(|(_, judged)| judged.ours.status.is_none())
        .map(|(case, judged)| judged.describe(case))
        .collect()
}

impl Tally {
    /// Counts everything.
    pub(crate) fn of(cases: &[Case], judged: &[Judged]) -> Self {
        let mut tally = Self::default();
        for (case, judged) in cases.iter().zip(judged) {
            tally.count(case, judged);
        }
        tally
    }

    fn count(&mut self, case: &Case, judged: &Judged) {
        *(if case.slips.is_empty() { &mut self.files } else { &mut self.mutations }) += 1;
        if judged.theirs.status.is_none() {
            self.crashed.push(case.id.clone());
            return;
        }
        self.judged += 1;
        self.agreed += usize::from(judged.agrees());
        self.same_status += usize::from(judged.theirs.status == judged.ours.status);
        self.faulty += usize::from(judged.theirs.status != Some(0));
        self.named += judged.named.named;
        self.missed += judged.named.missed.len();
        self.echoes += judged.named.echoes;
    }

    /// Of the files to which keepalived gave a verdict.
    pub(crate) fn agreed_percent(&self) -> f64 {
        percent(self.agreed, self.judged)
    }

    /// One line.
    pub(crate) fn summary(&self) -> String {
        format!(
            "differential: {} files, {} mutations, {} of them faulty for keepalived; agreed {} of {} ({:.2} %), same \
             status {:.2} %, unknown keywords named {}/{} ({} more only echo a fault named once); keepalived crashed or \
             hung {}: {}",
            self.files,
            self.mutations,
            self.faulty,
            self.agreed,
            self.judged,
            self.agreed_percent(),
            percent(self.same_status, self.judged),
            self.named,
            self.named + self.missed,
            self.echoes,
            self.crashed.len(),
            self.crashed.join(" "),
        )
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    let count = |number: usize| f64::from(u32::try_from(number).unwrap());
    100.0 * count(part) / count(whole.max(1))
}

fn shortened(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("\"no-effect")).take(6).collect();
    lines.join("\n    ")
}
