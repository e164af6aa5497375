//! Options that are answered on the spot: `-v`, `-h`, `--signum`, `--list-keywords`, `-g`, `-T`.

use std::ffi::OsStr;
use std::fmt::Write;

use clap::CommandFactory;
use nix::sys::signal::Signal;
use nix::sys::utsname::uname;

use super::flags::Flags;
use super::getopt::Item;
use super::{Outcome, exit};
use crate::config::keywords;

/// The answer to the first such option, with the faults found before it; later words are not read, as in keepalived.
pub(super) fn at_once(items: &[Item]) -> Option<Outcome> {
    let mut faults = String::new();
    for item in items {
        match item {
            Item::Fault(fault) => faults.extend([fault.to_string().as_str(), "\n"]),
            Item::Option(name, value) => {
                if let Some(answer) = answer(name, value.as_deref()) {
                    return Some(Outcome { err: faults + &answer.err, ..answer });
                }
            }
            Item::Operand(_) => {}
        }
    }
    None
}

fn answer(name: &str, value: Option<&OsStr>) -> Option<Outcome> {
    match name {
        "version" => Some(complaint(version(), exit::OK)),
        "help" => Some(complaint(Flags::command().render_help().to_string(), exit::OK)),
        "signum" => Some(signum(value.unwrap_or_default())),
        "list-keywords" => Some(list_keywords(value.unwrap_or_default())),
        "log-file" => Some(complaint("-g: logging to a file is not supported\n".into(), exit::FATAL)),
        "genhash" => Some(complaint("-T: genhash mode is not supported\n".into(), exit::FATAL)),
        _ => None,
    }
}

fn complaint(err: String, status: u8) -> Outcome {
    Outcome { out: String::new(), err, status }
}

/// Line 1 is the one that wrappers read; the rest says what this build can do.
fn version() -> String {
    let mut text = format!("vrrpd v{} (takes the place of keepalived 2.4.3)\n\n", env!("CARGO_PKG_VERSION"));
    if let Ok(host) = uname() {
        let [name, release, version] = [host.sysname(), host.release(), host.version()].map(OsStr::display);
        let _ = writeln!(text, "Running on {name} {release} {version}\n");
    }
    text.push_str("Config options:  VRRP VRRP_AUTH\n");
    text
}

/// One line per keyword in one array, so that both `jq` and `grep` have it easy.
fn list_keywords(format: &OsStr) -> Outcome {
    if format != "json" {
        return complaint(
            format!("--list-keywords: no format `{}`; there is json\n", format.display()),
            exit::FATAL,
        );
    }
    let rows: Vec<String> = keywords().iter().filter_map(|row| serde_json::to_string(row).ok()).collect();
    Outcome { out: format!("[\n{}\n]\n", rows.join(",\n")), ..Outcome::default() }
}

fn signum(name: &OsStr) -> Outcome {
    let number = match name.to_str() {
        Some("STOP") => Signal::SIGTERM as i32,
        Some("RELOAD") => Signal::SIGHUP as i32,
        Some("DATA") => Signal::SIGUSR1 as i32,
        Some("STATS") => Signal::SIGUSR2 as i32,
        Some("STATS_CLEAR") => libc::SIGRTMAX() - 1,
        Some("JSON") => libc::SIGRTMIN() + 2,
        _ => return complaint(format!("Unknown sigfunc {}\n", name.display()), exit::FATAL),
    };
    Outcome { out: format!("{number}\n"), ..Outcome::default() }
}
