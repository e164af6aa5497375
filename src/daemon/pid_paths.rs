//! Where the pid files are: as keepalived names them, or as `-p` and `-r` say.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use tracing::warn;

use crate::cli::Options;
use crate::config::model::GlobalDefs;

/// Folder of the files of `use_pid_dir`, `instance` and `net_namespace`.
const FOLDER: &str = "/run/keepalived";

/// Paths of the pid files, with the folders that are made for them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PidPaths {
    pub(super) daemon: PathBuf,
    pub(super) worker: PathBuf,
    /// The outermost first.
    folders: Vec<PathBuf>,
}

impl PidPaths {
    /// `daemon` and `worker` are what the command line says.
    pub(super) fn of(daemon: Option<&PathBuf>, worker: Option<&PathBuf>, global: &GlobalDefs) -> Self {
        let place = &global.place;
        let instance = place.instance.as_ref().map_or(String::new(), |name| format!("_{name}"));
        let mut folders = Vec::new();
        if global.use_pid_dir || place.instance.is_some() || place.net_namespace.is_some() {
            folders.push(PathBuf::from(FOLDER));
            folders.extend(place.net_namespace.as_ref().map(|name| Path::new(FOLDER).join(name)));
        }
        let named = |given: Option<&PathBuf>, default: &str, name: &str| {
            let ours = folders.last().map(|folder| folder.join(format!("{name}{instance}.pid")));
            given.cloned().or(ours).unwrap_or_else(|| default.into())
        };
        let daemon = named(daemon, Options::PID_FILE, "keepalived");
        let worker = named(worker, Options::VRRP_PID_FILE, "vrrp");
        let used = |folder: &PathBuf| [&daemon, &worker].iter().any(|path| path.starts_with(folder));
        folders.retain(used);
        Self { daemon, worker, folders }
    }

    /// Makes the folders that are missing; a file that cannot be made in one says why.
    pub(super) fn make_folders(&self) {
        for folder in &self.folders {
            match fs::DirBuilder::new().mode(0o755).create(folder) {
                Err(error) if !folder.is_dir() => warn!("cannot make {}: {error}", folder.display()),
                _ => {}
            }
        }
    }

    /// Removes the folders that hold nothing any more.
    pub(super) fn remove_folders(&self) {
        for folder in self.folders.iter().rev() {
            // Another daemon of this host may have files there.
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::Place;

    fn paths(global: &GlobalDefs) -> (String, String) {
        let paths = PidPaths::of(None, None, global);
        (paths.daemon.display().to_string(), paths.worker.display().to_string())
    }

    #[test]
    fn pid_files_are_named_as_keepalived_names_them() {
        let name = |text: &str| Some(text.to_owned());
        let place = |namespace: &str, instance: &str| Place {
            net_namespace: name(namespace).filter(|name| !name.is_empty()),
            instance: name(instance).filter(|name| !name.is_empty()),
            ..Place::default()
        };
        for (place, use_pid_dir, daemon, worker) in [
            (place("", ""), false, "/run/keepalived.pid", "/run/vrrp.pid"),
            (place("", ""), true, "/run/keepalived/keepalived.pid", "/run/keepalived/vrrp.pid"),
            (place("", "foo"), false, "/run/keepalived/keepalived_foo.pid", "/run/keepalived/vrrp_foo.pid"),
            (
                place("blue", ""),
                false,
                "/run/keepalived/blue/keepalived.pid",
                "/run/keepalived/blue/vrrp.pid",
            ),
            (
                place("blue", "foo"),
                true,
                "/run/keepalived/blue/keepalived_foo.pid",
                "/run/keepalived/blue/vrrp_foo.pid",
            ),
        ] {
            let global = GlobalDefs { place, use_pid_dir, ..GlobalDefs::default() };
            assert_eq!(paths(&global), (daemon.to_owned(), worker.to_owned()));
        }
    }
}
