//! What a configuration says about this host: interfaces, accounts, programs.
//!
//! Only [`Level::Host`](super::Level) asks; a check offline has `Offline`, which agrees to everything.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::net::if_::InterfaceFlags;

use crate::units::IfName;

/// An interface as far as the configuration must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) loopback: bool,
    pub(super) multicast: bool,
    /// Bytes.
    pub(super) mtu: u32,
}

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
    /// Whether a file of iproute2 gives this name a number.
    fn knows_name(&self, file: &'static str, name: &str) -> bool;
    /// Whether this is the name of an IP protocol.
    fn knows_protocol(&self, name: &str) -> bool;
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
        Some(Link { loopback: name.as_str() == "lo", multicast: true, mtu: 1500 })
    }
    fn account(&self, _: &str, _: Option<&str>) -> bool {
        true
    }
    fn program(&self, _: &str, _: bool) -> Result<(), BadProgram> {
        Ok(())
    }
    fn knows_name(&self, _: &'static str, _: &str) -> bool {
        true
    }
    fn knows_protocol(&self, _: &str) -> bool {
        true
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

/// The host this process runs on, in its network namespace.
#[derive(Debug, Default)]
pub(super) struct ThisHost {
    /// All interfaces with their flags, asked for once.
    links: OnceCell<HashMap<String, InterfaceFlags>>,
    /// The names of each list of iproute2, read once.
    names: RefCell<HashMap<&'static str, HashSet<String>>>,
}

impl ThisHost {
    fn links(&self) -> &HashMap<String, InterfaceFlags> {
        self.links.get_or_init(|| match nix::ifaddrs::getifaddrs() {
            Ok(all) => all.map(|entry| (entry.interface_name, entry.flags)).collect(),
            Err(_) => HashMap::new(),
        })
    }
}

impl Host for ThisHost {
    fn link(&self, name: &IfName) -> Option<Link> {
        let flags = self.links().get(name.as_str())?;
        Some(Link {
            loopback: flags.contains(InterfaceFlags::IFF_LOOPBACK),
            multicast: flags.contains(InterfaceFlags::IFF_MULTICAST),
            mtu: mtu(name),
        })
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

    fn knows_name(&self, file: &'static str, name: &str) -> bool {
        self.names.borrow_mut().entry(file).or_insert_with(|| iproute_names(file)).contains(name)
    }

    fn knows_protocol(&self, name: &str) -> bool {
        names_of(Path::new("/etc/protocols"), |line| line.split_ascii_whitespace().collect()).contains(name)
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

/// Bytes; 1500 when nothing tells.
///
/// `/proc/sys/net` is always that of our network namespace. `/sys` may still be another one's, so it is asked only for
/// interfaces without IPv6 and believed only when it has the same interface.
fn mtu(name: &IfName) -> u32 {
    const DEFAULT: u32 = 1500;
    let number = |path: PathBuf| std::fs::read_to_string(path).ok()?.trim().parse::<u32>().ok();
    let ours = Path::new("/proc/sys/net/ipv6/conf").join(name.as_str()).join("mtu");
    let folder = Path::new("/sys/class/net").join(name.as_str());
    let same = || number(folder.join("ifindex")) == nix::net::if_::if_nametoindex(name.as_str()).ok();
    number(ours).or_else(|| if same() { number(folder.join("mtu")) } else { None }).unwrap_or(DEFAULT)
}

/// Bytes of a secret's file that are read at most.
const LONGEST_SECRET: u64 = 256;

/// The names in a list of iproute2: its own file, the administrator's, and the folders of additions.
fn iproute_names(file: &str) -> HashSet<String> {
    let mut names = HashSet::new();
    for folder in ["/usr/share/iproute2", "/etc/iproute2"].map(Path::new) {
        names.extend(names_of(&folder.join(file), numbered));
        let more = std::fs::read_dir(folder.join(format!("{file}.d"))).into_iter().flatten().flatten();
        for path in
            more.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "conf"))
        {
            names.extend(names_of(&path, numbered));
        }
    }
    names
}

/// The name in a line `NUMBER NAME`.
fn numbered(line: &str) -> Vec<&str> {
    line.split_ascii_whitespace().skip(1).take(1).collect()
}

/// The names of a file with one thing a line and comments after `#`; none when it cannot be read.
fn names_of(path: &Path, names: fn(&str) -> Vec<&str>) -> HashSet<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    lines.flat_map(names).map(str::to_owned).collect()
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
