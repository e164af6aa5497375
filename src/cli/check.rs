//! `-t` and `--check-config`: read, print every problem, answer with keepalived's exit status.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::message::{self, MessageFormat};
use super::outcome::print;
use super::{Options, exit};
use crate::config::{Level, Reading, Request, read};

/// Checks the configuration of a daemon on this host; `options_status` is what the options alone come to.
///
/// Reports go to stderr, or are appended to `log`, which is made with mode 0600 and never reached through a link. They
/// have keepalived's form, which tools read, unless another one is asked for.
pub fn config_test(options: &Options, options_status: u8, log: Option<&Path>) -> u8 {
    let mut to: Box<dyn Write> = match log.map(open_log).transpose() {
        Ok(Some(file)) => Box::new(file),
        Ok(None) => Box::new(io::stderr()),
        Err(error) => {
            let path = log.unwrap_or(Path::new("")).display();
            print(&mut io::stderr(), &format!("Unable to open config-test log file {path}: {error}\n"));
            return exit::FATAL;
        }
    };
    let reading = read_as(options, &options.file, Level::Host);
    let terminal = log.is_none() && io::stderr().is_terminal();
    tell(&mut to, terminal, MessageFormat::Log, options, &reading);
    match reading.exit_status() {
        exit::OK | exit::PERMISSION if options_status == exit::REPORTED => exit::REPORTED,
        status => status,
    }
}

/// Checks each file by itself, offline; the highest exit status wins.
pub fn check_config(options: &Options, files: &[PathBuf]) -> u8 {
    let check = |file: &PathBuf| {
        let reading = read_as(options, file, Level::Offline);
        let terminal = io::stderr().is_terminal();
        let usual = if terminal { MessageFormat::Human } else { MessageFormat::Short };
        tell(&mut io::stderr(), terminal, usual, options, &reading);
        reading.exit_status()
    };
    files.iter().map(check).max().unwrap_or(exit::OK)
}

fn read_as(options: &Options, file: &Path, level: Level) -> Reading {
    read(&Request {
        file,
        config_id: &options.config_id,
        strict_includes: options.strict_includes,
        level,
        vrrp_only: options.vrrp_only,
        namespace: options.namespace.as_deref(),
    })
}

fn tell(to: &mut dyn Write, terminal: bool, usual: MessageFormat, options: &Options, reading: &Reading) {
    let format = options.message_format.unwrap_or(usual);
    // An empty NO_COLOR counts as unset, see no-color.org.
    let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    print(to, &message::told(&reading.problems, format, colours));
}

fn open_log(path: &Path) -> io::Result<std::fs::File> {
    OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(libc::O_NOFOLLOW).open(path)
}

/// Tells what is to be known of the options.
pub fn warn(warnings: &[String]) {
    warnings.iter().for_each(|line| print(&mut io::stderr(), &format!("{line}\n")));
}
