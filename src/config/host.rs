//! What a configuration says about this host: interfaces, accounts, programs.
//!
//! Only [`Level::Host`](super::Level) asks; a check offline has `Offline`, which agrees to everything.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::net::ToSocketAddrs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::iproute_names::{IprouteFolders, names_of};
use super::links::{self, Kind, Link, Links};
use crate::units::IfName;

/// Why a program cannot run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadProgram {
    #[error("does not exist")]
    Missing,
    #[error("is not executable")]
    NotExecutable,
    #[error("can be changed by others than root, and `enable_script_security` is set")]
    Insecure,
}

/// A file with a secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret {
    /// What it holds without the line's end; `None` when it cannot be read.
    pub(super) bytes: Option<Vec<u8>>,
    /// Others than its owner may read it.
    pub(super) exposed: bool,
}

/// Questions to the host.
pub(super) trait Host {
    /// `None` when there is no such interface.
    fn link(&self, name: &IfName) -> Option<Link>;
    /// Whether the account exists, by name; numbers are no names to keepalived either.
    fn account(&self, user: &str, group: Option<&str>) -> bool;
    /// Whether a program can run; with `secure` also whether only root can change it.
    fn program(&self, name: &str, secure: bool) -> Result<(), BadProgram>;
    /// Looks at the interfaces of this network namespace from now on; whether it can be entered.
    fn enter(&self, namespace: &str) -> bool;
    /// The number that a file of iproute2, in these folders, gives this name.
    fn number_of(&self, folders: &IprouteFolders, file: &'static str, name: &str) -> Option<u32>;
    /// Whether a name service knows this host; may take as long as that waits.
    fn resolves(&self, host: &str) -> bool;
    /// The number of an IP protocol of this name.
    fn ip_protocol(&self, name: &str) -> Option<u8>;
    /// Whether this folder exists.
    fn folder(&self, path: &Path) -> bool;
    /// What a file with a secret is like.
    fn secret(&self, path: &Path) -> Secret;
    /// Time since the host booted; `None` when it does not concern the check.
    fn uptime(&self) -> Option<Duration>;
    /// Whether answers are about a host at all.
    fn is_real(&self) -> bool {
        true
    }
}

/// No host: everything that is named exists.
#[derive(Debug)]
pub(super) struct Offline;

impl Host for Offline {
    fn link(&self, name: &IfName) -> Option<Link> {
        Some(unseen(name))
    }
    fn enter(&self, _: &str) -> bool {
        true
    }
    fn account(&self, _: &str, _: Option<&str>) -> bool {
        true
    }
    fn program(&self, _: &str, _: bool) -> Result<(), BadProgram> {
        Ok(())
    }
    fn number_of(&self, _: &IprouteFolders, _: &'static str, _: &str) -> Option<u32> {
        Some(ANY_NUMBER)
    }
    fn resolves(&self, _: &str) -> bool {
        true
    }
    fn ip_protocol(&self, _: &str) -> Option<u8> {
        Some(1)
    }
    fn folder(&self, _: &Path) -> bool {
        true
    }
    fn secret(&self, _: &Path) -> Secret {
        const USUAL: usize = 32;
        Secret { bytes: Some(vec![0; USUAL]), exposed: false }
    }
    fn uptime(&self) -> Option<Duration> {
        None
    }
    fn is_real(&self) -> bool {
        false
    }
}

/// What every name stands for when there is no host: a number that is right everywhere. Nobody runs what comes of it.
const ANY_NUMBER: u32 = 1;

/// An interface of which nothing is known.
fn unseen(name: &IfName) -> Link {
    const USUAL_MTU: u32 = 1500;
    let loopback = name.as_str() == "lo";
    Link { loopback, multicast: !loopback, mtu: USUAL_MTU, kind: Kind::Other, base: None }
}

/// The host this process runs on, in its network namespace or another one.
#[derive(Debug, Default)]
pub(super) struct ThisHost {
    /// All interfaces, asked for once; `None` when their namespace cannot be entered, so that all may exist.
    links: OnceCell<Option<Links>>,
    /// The names of each list of iproute2, read once.
    names: RefCell<HashMap<&'static str, HashMap<String, u32>>>,
}

impl Host for ThisHost {
    fn link(&self, name: &IfName) -> Option<Link> {
        match self.links.get_or_init(|| Some(links::here())) {
            Some(links) => links.get(name.as_str()).cloned(),
            None => Some(unseen(name)),
        }
    }

    fn enter(&self, namespace: &str) -> bool {
        self.links.get_or_init(|| links::inside(namespace)).is_some()
    }

    fn account(&self, user: &str, group: Option<&str>) -> bool {
        let user_exists = matches!(nix::unistd::User::from_name(user), Ok(Some(_)));
        let group_exists = |name| matches!(nix::unistd::Group::from_name(name), Ok(Some(_)));
        user_exists && group.is_none_or(group_exists)
    }

    fn program(&self, name: &str, secure: bool) -> Result<(), BadProgram> {
        let path = if name.contains('/') { Some(PathBuf::from(name)) } else { in_path(name) };
        let path = path.ok_or(BadProgram::Missing)?;
        let file = std::fs::metadata(&path).map_err(|_| BadProgram::Missing)?;
        if !file.is_file() || file.permissions().mode() & 0o111 == 0 {
            return Err(BadProgram::NotExecutable);
        }
        if secure && nix::unistd::geteuid().is_root() && !only_roots(&path) {
            return Err(BadProgram::Insecure);
        }
        Ok(())
    }

    fn number_of(&self, folders: &IprouteFolders, file: &'static str, name: &str) -> Option<u32> {
        self.names.borrow_mut().entry(file).or_insert_with(|| folders.names(file)).get(name).copied()
    }

    fn resolves(&self, host: &str) -> bool {
        const ANY_PORT: u16 = 25;
        (host, ANY_PORT).to_socket_addrs().is_ok_and(|mut found| found.next().is_some())
    }

    fn ip_protocol(&self, name: &str) -> Option<u8> {
        let number = names_of(Path::new("/etc/protocols"), named_protocol).get(name).copied();
        number.and_then(|number| u8::try_from(number).ok())
    }

    fn folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn secret(&self, path: &Path) -> Secret {
        let Ok(file) = std::fs::metadata(path) else { return Secret { bytes: None, exposed: false } };
        let read =
            || (file.is_file() && file.len() <= LONGEST_SECRET).then(|| std::fs::read(path).ok()).flatten();
        let bytes = read().map(|mut bytes| {
            let ends = bytes.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            bytes.truncate(bytes.len() - ends);
            bytes
        });
        Secret { bytes, exposed: file.permissions().mode() & 0o077 != 0 }
    }

    fn uptime(&self) -> Option<Duration> {
        let text = std::fs::read_to_string("/proc/uptime").ok()?;
        let seconds: f64 = text.split_ascii_whitespace().next()?.parse().ok()?;
        Duration::try_from_secs_f64(seconds).ok()
    }
}

/// Bytes of a secret's file that are read at most.
const LONGEST_SECRET: u64 = 256;

/// The names in a line `NAME NUMBER ALIAS...`.
fn named_protocol(line: &str) -> Vec<(&str, u32)> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let Some(number) = words.get(1).and_then(|number| number.parse().ok()) else { return Vec::new() };
    let names = words.iter().enumerate().filter(|(place, _)| *place != 1);
    names.map(|(_, name)| (*name, number)).collect()
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Whether the file and every folder above it belong to root and can be written by root alone.
fn only_roots(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Ok(real) = std::fs::canonicalize(path) else { return false };
    real.ancestors().all(|part| {
        std::fs::metadata(part).is_ok_and(|file| {
            let mode = file.mode();
            let writable = mode & 0o002 != 0 || (mode & 0o020 != 0 && file.gid() != 0);
            let sticky_folder = file.is_dir() && mode & 0o1000 != 0;
            file.uid() == 0 && (!writable || sticky_folder)
        })
    })
}
