//! The files that both programs read: our own, and keepalived's samples.

use std::fs;
use std::path::{Path, PathBuf};

/// Where keepalived's package puts its samples.
const SAMPLES: &str = "/usr/share/doc/keepalived/samples";

/// A configuration file.
pub(crate) struct File {
    /// `theme/name`, or `samples/name`.
    pub(crate) id: String,
    /// Folder below the lab's, from which relative includes are looked up.
    pub(crate) folder: String,
    pub(crate) text: String,
}

/// The folder of our own files, with the parts and scripts that they name.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/files")
}

/// Our own files, in the order of their ids.
pub(crate) fn own() -> Vec<File> {
    let mut files = Vec::new();
    for theme in entries(&folder()).into_iter().filter(|path| path.is_dir()) {
        let configurations =
            entries(&theme).into_iter().filter(|path| path.extension().is_some_and(|e| e == "conf"));
        files.extend(configurations.map(|path| file(&name(&theme), &path, path.file_stem())));
    }
    files
}

/// keepalived's samples.
pub(crate) fn samples() -> Vec<File> {
    let samples =
        entries(Path::new(SAMPLES)).into_iter().filter(|path| name(path).starts_with("keepalived.conf"));
    samples.map(|path| file("samples", &path, path.file_name())).collect()
}

fn file(folder: &str, path: &Path, shown: Option<&std::ffi::OsStr>) -> File {
    let text = fs::read(path).unwrap();
    File {
        id: format!("{folder}/{}", shown.unwrap().to_string_lossy()),
        folder: folder.to_owned(),
        text: String::from_utf8(text).unwrap(),
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}
