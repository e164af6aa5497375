//! Whether a program may be run: it exists, the account may execute it, and nobody else can exchange it.

use std::collections::VecDeque;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Identity;

/// Why a script is disabled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// No folder of `PATH` has it.
    #[error("cannot be found in PATH")]
    NotInPath,
    /// The file system says no.
    #[error("cannot be accessed: {at}: {why}")]
    Inaccessible {
        /// The part of the path that failed.
        at: PathBuf,
        /// The system's words.
        why: String,
    },
    /// A folder, a device, a pipe.
    #[error("is not a regular file")]
    NotAFile,
    /// The account lacks the permission to search this folder or to execute this file.
    #[error("cannot be executed by its user: {0} denies it")]
    NotExecutable(PathBuf),
    /// `enable_script_security`: someone other than root could exchange what root would run.
    #[error("is insecure to run as root: {0} can be changed by another user")]
    Insecure(PathBuf),
    /// Its account is unknown.
    #[error("cannot be run: {0}")]
    Account(#[from] super::AccountError),
}

/// Most symbolic links in one path, as in the kernel.
const MAX_LINKS: usize = 40;

/// The file to execute for `word`, the first of a command line, when `identity` may run it.
///
/// A word without `/` is searched in `PATH`. With `script_security` (keyword `enable_script_security`) a script of root
/// must lie where only root can change it: every part of the path owned by root and not writable by others or by a
/// group but root's; a sticky folder is accepted. Symbolic links are followed and judged like the rest.
///
/// # Errors
/// Says what disables the script.
pub fn check(word: &str, identity: &Identity, script_security: bool) -> Result<PathBuf, Refusal> {
    let strict = script_security && identity.uid == 0;
    if word.contains('/') {
        let path = std::path::absolute(word).map_err(|error| inaccessible(Path::new(word), &error))?;
        return walk(&path, identity, strict).map(|()| path);
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    search(word, &folders, identity, strict)
}

fn search(word: &str, folders: &OsStr, identity: &Identity, strict: bool) -> Result<PathBuf, Refusal> {
    let mut refusal = Refusal::NotInPath;
    for folder in env::split_paths(folders).filter(|folder| folder.is_absolute() && !word.is_empty()) {
        let path = folder.join(word);
        match walk(&path, identity, strict) {
            Ok(()) => return Ok(path),
            Err(Refusal::Inaccessible { .. }) => {}
            Err(found) => refusal = found,
        }
    }
    Err(refusal)
}

/// Follows `path` part by part from the root, as the kernel does.
fn walk(path: &Path, identity: &Identity, strict: bool) -> Result<(), Refusal> {
    let mut parts = parts_of(path);
    let mut here = PathBuf::from("/");
    let mut links = 0;
    judge_folder(&here, &lstat(&here)?, identity, strict)?;
    while let Some(part) = parts.pop_front() {
        if part == ".." {
            here.pop();
            continue;
        }
        let next = here.join(&part);
        let found = lstat(&next)?;
        if found.is_symlink() {
            links += 1;
            parts = follow(&next, &found, strict, links, parts)?;
            if parts.front().is_some_and(|part| part == "/") {
                parts.pop_front();
                here = PathBuf::from("/");
            }
        } else if parts.is_empty() {
            return judge_file(&next, &found, identity, strict);
        } else {
            judge_folder(&next, &found, identity, strict)?;
            here = next;
        }
    }
    Err(Refusal::NotAFile)
}

/// The parts still to walk after a symbolic link; an absolute one begins with `/`.
fn follow(
    link: &Path,
    found: &Metadata,
    strict: bool,
    links: usize,
    rest: VecDeque<OsString>,
) -> Result<VecDeque<OsString>, Refusal> {
    if strict && found.uid() != 0 {
        return Err(Refusal::Insecure(link.to_owned()));
    }
    if links > MAX_LINKS {
        return Err(inaccessible(link, &io::Error::from_raw_os_error(libc::ELOOP)));
    }
    let target = fs::read_link(link).map_err(|error| inaccessible(link, &error))?;
    let root = target.is_absolute().then(|| OsString::from("/"));
    Ok(root.into_iter().chain(parts_of(&target)).chain(rest).collect())
}

fn parts_of(path: &Path) -> VecDeque<OsString> {
    let part = |component: Component<'_>| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    };
    path.components().filter_map(part).collect()
}

fn lstat(path: &Path) -> Result<Metadata, Refusal> {
    fs::symlink_metadata(path).map_err(|error| inaccessible(path, &error))
}

fn inaccessible(at: &Path, error: &io::Error) -> Refusal {
    Refusal::Inaccessible { at: at.to_owned(), why: error.to_string() }
}

fn judge_folder(path: &Path, found: &Metadata, identity: &Identity, strict: bool) -> Result<(), Refusal> {
    const STICKY: u32 = 0o1000;
    if !found.is_dir() {
        return Err(inaccessible(path, &io::Error::from_raw_os_error(libc::ENOTDIR)));
    }
    if strict && (found.uid() != 0 || (writable_by_others(found) && found.mode() & STICKY == 0)) {
        return Err(Refusal::Insecure(path.to_owned()));
    }
    may_execute(path, found, identity)
}

fn judge_file(path: &Path, found: &Metadata, identity: &Identity, strict: bool) -> Result<(), Refusal> {
    if !found.is_file() {
        return Err(Refusal::NotAFile);
    }
    if strict && (found.uid() != 0 || writable_by_others(found)) {
        return Err(Refusal::Insecure(path.to_owned()));
    }
    may_execute(path, found, identity)
}

fn writable_by_others(found: &Metadata) -> bool {
    let mode = found.mode();
    mode & 0o002 != 0 || (mode & 0o020 != 0 && found.gid() != 0)
}

/// The kernel's rule: the class that fits first decides; root may search any folder and run what anyone may run.
fn may_execute(path: &Path, found: &Metadata, identity: &Identity) -> Result<(), Refusal> {
    let in_group = identity.gid == found.gid() || identity.groups.contains(&found.gid());
    let bit = match (identity.uid == 0, identity.uid == found.uid(), in_group) {
        (true, ..) if found.is_dir() => return Ok(()),
        (true, ..) => 0o111,
        (false, true, _) => 0o100,
        (false, false, true) => 0o010,
        (false, false, false) => 0o001,
    };
    if found.mode() & bit == 0 { Err(Refusal::NotExecutable(path.to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, chown, symlink};
    use tempfile::TempDir;

    const ROOT: Identity = Identity { uid: 0, gid: 0, groups: vec![] };
    const OTHER: Identity = Identity { uid: 4711, gid: 4711, groups: vec![] };

    /// A folder of root in a sticky one, with a script that anyone may run.
    fn folder() -> (TempDir, PathBuf) {
        let folder = tempfile::Builder::new().permissions(mode(0o755)).tempdir_in("/tmp").unwrap();
        let script = folder.path().join("check.sh");
        fs::write(&script, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&script, mode(0o755)).unwrap();
        (folder, script)
    }

    fn mode(bits: u32) -> fs::Permissions {
        fs::Permissions::from_mode(bits)
    }

    fn verdict(path: &Path, identity: &Identity, script_security: bool) -> Result<PathBuf, Refusal> {
        check(path.to_str().unwrap(), identity, script_security)
    }

    #[test]
    fn what_cannot_be_executed_is_named() {
        let (folder, script) = folder();
        assert_eq!(verdict(&script, &ROOT, true), Ok(script.clone()));
        let missing = folder.path().join("missing");
        let refusal = verdict(&missing, &ROOT, false).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            format!("cannot be accessed: {}: No such file or directory (os error 2)", missing.display())
        );
        assert_eq!(verdict(folder.path(), &ROOT, false), Err(Refusal::NotAFile));
        let inside = script.join("x");
        assert!(matches!(verdict(&inside, &ROOT, false), Err(Refusal::Inaccessible { .. })));
        fs::set_permissions(&script, mode(0o644)).unwrap();
        assert_eq!(verdict(&script, &ROOT, false), Err(Refusal::NotExecutable(script)));
    }

    #[test]
    fn permissions_are_those_of_the_account() {
        let (folder, script) = folder();
        let member = Identity { groups: vec![4712], ..OTHER };
        let cases = [
            (0o755, 0, 0, &OTHER, true),
            (0o750, 0, 0, &OTHER, false),
            (0o700, 4711, 0, &OTHER, true),
            (0o055, 4711, 4711, &OTHER, false),
            (0o710, 0, 4712, &member, true),
            (0o701, 0, 4712, &member, false),
            (0o001, 4711, 4711, &ROOT, true),
        ];
        for (bits, uid, gid, identity, want) in cases {
            chown(&script, Some(uid), Some(gid)).unwrap();
            fs::set_permissions(&script, mode(bits)).unwrap();
            assert_eq!(verdict(&script, identity, false).is_ok(), want, "{bits:o} {uid}:{gid} {identity:?}");
        }
        chown(&script, Some(0), Some(0)).unwrap();
        fs::set_permissions(&script, mode(0o755)).unwrap();
        fs::set_permissions(folder.path(), mode(0o700)).unwrap();
        let closed = Err(Refusal::NotExecutable(folder.path().to_owned()));
        assert_eq!(verdict(&script, &OTHER, false), closed);
    }

    #[test]
    fn security_refuses_what_another_user_could_exchange() {
        let (folder, script) = folder();
        let dir = folder.path().to_owned();
        let cases: [(&Path, u32, u32, u32, bool); 7] = [
            (&script, 0o757, 0, 0, false),
            (&script, 0o775, 0, 0, true),
            (&script, 0o775, 0, 4711, false),
            (&script, 0o755, 4711, 0, false),
            (&dir, 0o777, 0, 0, false),
            (&dir, 0o1777, 0, 0, true),
            (&dir, 0o755, 4711, 0, false),
        ];
        for (path, bits, uid, gid, secure) in cases {
            chown(path, Some(uid), Some(gid)).unwrap();
            fs::set_permissions(path, mode(bits)).unwrap();
            let want = if secure { Ok(script.clone()) } else { Err(Refusal::Insecure(path.to_owned())) };
            assert_eq!(verdict(&script, &ROOT, true), want, "{} {bits:o} {uid}:{gid}", path.display());
            assert!(verdict(&script, &ROOT, false).is_ok(), "without security");
            assert!(verdict(&script, &OTHER, true).is_ok(), "not as root");
            chown(path, Some(0), Some(0)).unwrap();
            fs::set_permissions(path, mode(0o755)).unwrap();
        }
    }

    #[test]
    fn links_of_root_are_followed_and_their_targets_judged() {
        let (folder, script) = folder();
        let within = |name: &str| folder.path().join(name);
        fs::create_dir(within("real")).unwrap();
        fs::rename(&script, within("real/check.sh")).unwrap();
        symlink("real", within("dir")).unwrap();
        symlink(within("dir/../dir/check.sh"), within("file")).unwrap();
        symlink("loop", within("loop")).unwrap();
        assert!(verdict(&within("dir/check.sh"), &ROOT, true).is_ok(), "as /bin on a merged-usr system");
        assert!(verdict(&within("file"), &ROOT, true).is_ok());
        assert!(matches!(verdict(&within("loop"), &ROOT, false), Err(Refusal::Inaccessible { .. })));
        fs::set_permissions(within("real"), mode(0o777)).unwrap();
        assert_eq!(verdict(&within("file"), &ROOT, true), Err(Refusal::Insecure(within("real"))));
        fs::set_permissions(within("real"), mode(0o755)).unwrap();
        std::os::unix::fs::lchown(within("dir"), Some(4711), None).unwrap();
        assert_eq!(verdict(&within("dir/check.sh"), &ROOT, true), Err(Refusal::Insecure(within("dir"))));
    }

    #[test]
    fn a_bare_word_is_searched_in_path() {
        let (folder, script) = folder();
        let empty = tempfile::tempdir().unwrap();
        let folders =
            env::join_paths([Path::new("relative"), Path::new("/nonexistent"), empty.path(), folder.path()])
                .unwrap();
        assert_eq!(search("check.sh", &folders, &ROOT, false), Ok(script.clone()));
        assert_eq!(search("other.sh", &folders, &ROOT, false), Err(Refusal::NotInPath));
        assert_eq!(search("", &folders, &ROOT, false), Err(Refusal::NotInPath));
        fs::set_permissions(&script, mode(0o644)).unwrap();
        assert_eq!(search("check.sh", &folders, &ROOT, false), Err(Refusal::NotExecutable(script)));
    }
}
