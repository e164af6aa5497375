//! `Track file` and `VRRP Track process`.

use std::time::Duration;

use vrrpd::config::model::{Model, ParameterMatch, TrackFile, TrackProcess};

use super::compare::{Expected, Row, Table};
use super::values::{flag, one};

pub(super) static FILES: Table<TrackFile> = Table {
    kind: "Track file",
    name: |file| &file.name,
    rows: &[Row { key: "File", ours: |f, _| one(&f.path) }],
    not_compared: &[
        ("Status", "of the moment"),
        ("Weight", "stands with whoever tracks it"),
        ("Tracking instances", "stands with the instances"),
    ],
};

pub(super) static PROCESSES: Table<TrackProcess> = Table {
    kind: "VRRP Track process",
    name: |process| &process.name,
    rows: &[
        Row { key: "Process", ours: |p, _| one(&p.process) },
        Row { key: "Parameters", ours: parameters },
        Row { key: "Param match", ours: parameter_match },
        Row { key: "Min processes", ours: |p, _| one(p.quorum) },
        Row { key: "Max processes", ours: |p, _| p.quorum_max.and_then(one) },
        Row { key: "Terminate delay", ours: |p, _| seconds(p.terminate_delay) },
        Row { key: "Fork delay", ours: |p, _| seconds(p.fork_delay) },
        Row { key: "Full command", ours: |p, _| one(p.full_command) },
    ],
    not_compared: &[
        ("Current processes", "of the moment"),
        ("Have quorum", "of the moment"),
        ("Fork delay timer", "of the moment"),
        ("Terminate delay timer", "of the moment"),
        ("Weight", "stands with whoever tracks it"),
        ("Tracking instances", "stands with the instances"),
    ],
};

fn parameters(process: &TrackProcess, _: &Model) -> Expected {
    (!process.parameters.is_empty()).then(|| vec![process.parameters.join(" ")])
}

/// An exact match is the keyword without a word.
fn parameter_match(process: &TrackProcess, _: &Model) -> Expected {
    match process.parameter_match? {
        ParameterMatch::Exact => flag(true),
        ParameterMatch::Partial => one("partial"),
        ParameterMatch::Initial => one("initial"),
    }
}

fn seconds(time: Duration) -> Expected {
    one(format!("{:.6}s", time.as_secs_f64()))
}
