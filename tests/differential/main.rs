//! Whole configurations beside keepalived's judgement of them: the verdict of `-t`, the words that it does not know,
//! and its own dump of what it understood beside our Model.
//!
//! Needs root, `ip`, `mount`, keepalived as `$KEEPALIVED` or on `PATH`, and its samples; fails when one is missing.
//! `DIFFERENTIAL_MUTATIONS=N` asks for N mutations of each file in place of [`mutation::EACH`].

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "the whole crate is a test")]

mod corpus;
mod coverage;
mod differences;
mod dump;
mod judge;
mod lab;
mod mutation;
mod unknown;

use differences::Differences;
use judge::{Case, Tally};
use lab::{Lab, Release};

/// How many of a hundred verdicts must agree with the measure, and with the other release.
const AGREE_WITH_MEASURE: f64 = 98.0;
/// Debian 12's 2.2.7 knows fewer words; 95.3 % were measured.
const AGREE_WITH_DEBIAN_12: f64 = 94.0;

#[test]
fn the_corpus_is_large_partly_faulty_and_names_every_keyword() {
    let files = corpus::own();
    assert!(files.len() >= 300, "{} files", files.len());
    let faulty = files.iter().filter(|file| file.id.starts_with("faulty/")).count();
    assert!(faulty * 8 >= files.len() && faulty * 4 <= files.len(), "{faulty} of {} are faulty", files.len());
    let missing = coverage::missing(&files);
    assert!(missing.is_empty(), "in no file:\n{}", missing.join("\n"));
}

/// Verdicts on the corpus, on keepalived's samples, and on mutations of both.
#[test]
fn whole_files_and_their_mutations_are_judged_as_keepalived_judges_them() {
    let lab = Lab::new();
    let mut files = corpus::own();
    files.extend(corpus::samples());
    let mut cases: Vec<Case> = files.iter().map(Case::whole).collect();
    cases.extend(files.iter().flat_map(mutation::all));
    let judged = judge::all(&lab, &cases);
    let tally = Tally::of(&cases, &judged);
    println!("{}", tally.summary());

    let differences = Differences::read();
    let (bar, mut wrong) = match lab.release {
        Release::Measure => (AGREE_WITH_MEASURE, differences.unexplained(&cases, &judged)),
        Release::Debian12 => (AGREE_WITH_DEBIAN_12, Vec::new()),
    };
    wrong.extend(judge::without_verdict(&cases, &judged));
    assert!(wrong.is_empty(), "{}\n{}", tally.summary(), wrong.join("\n"));
    assert!(tally.agreed_percent() >= bar, "{}", tally.summary());
}

/// Needs 2.4.3: the dump of another release says other things in other words.
#[test]
fn what_keepalived_dumps_is_what_our_model_says() {
    let lab = Lab::new();
    let files = dump::files(corpus::own());
    assert!(files.len() >= 50, "{} files", files.len());
    if lab.release != Release::Measure {
        println!("differential: dumps are compared with 2.4.3 only");
        return;
    }
    let (fields, wrong) = dump::compare_all(&lab, &files);
    let summary =
        format!("differential: dumps of {} files, {fields} fields, {} differ", files.len(), wrong.len());
    println!("{summary}");
    assert!(wrong.is_empty(), "{summary}\n{}", wrong.join("\n"));
}

/// Any kernel will do: the dump is a recorded one.
#[test]
fn what_keepalived_dumped_of_virtual_servers_is_what_our_model_says() {
    let (fields, wrong) = dump::lvs::compare_recorded();
    println!("differential: recorded dump of virtual servers, {fields} fields, {} differ", wrong.len());
    assert!(fields >= 50 && wrong.is_empty(), "{fields} fields\n{}", wrong.join("\n"));
}
