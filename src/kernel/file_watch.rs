//! Numbers in files (`track_file`), read again whenever somebody is done writing, moves, makes or deletes one.
//!
//! The folders are watched, not the files, so that a file which is renamed into place or does not exist yet is seen.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};
use tokio::time::Instant;
use tracing::{info, warn};

use super::sys::Watched;
use crate::config::model::TrackFile;
use crate::track::number_in_file;

/// Bytes read of a file, as keepalived does.
const MOST: u64 = 127;
/// How long to wait before a folder that is gone or cannot be watched is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// The number in a file is no longer what was told before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFact {
    /// Path as configured.
    pub path: String,
    /// The number; 0 without a file.
    pub value: i32,
}

/// Follows the numbers in files.
pub struct FileWatch {
    /// Without it every file is read each second.
    inotify: Option<Watched<Inotify>>,
    folders: Vec<Folder>,
    files: Vec<Known>,
    facts: VecDeque<FileFact>,
    /// When folders that are not watched are tried next.
    next_try: Instant,
}

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    watch: Option<WatchDescriptor>,
}

/// A file and what was told of it.
#[derive(Debug)]
struct Known {
    path: String,
    /// Place in the list of folders.
    folder: usize,
    name: OsString,
    value: i32,
}

impl FileWatch {
    /// Watches, then reads all files; answers their numbers. Needs the runtime that will wait for facts.
    pub fn start(files: &[TrackFile]) -> (Self, Vec<FileFact>) {
        let mut watch = Self {
            inotify: if files.is_empty() { None } else { open() },
            folders: Vec::new(),
            files: Vec::new(),
            facts: VecDeque::new(),
            next_try: Instant::now() + RETRY,
        };
        files.iter().for_each(|file| watch.add(&file.path));
        watch.watch_folders();
        (0..watch.files.len()).for_each(|file| watch.read(file));
        // A 0 is a fact too: an earlier watch may have told something else.
        let all = watch.files.iter().map(|known| FileFact { path: known.path.clone(), value: known.value });
        let all = all.collect();
        watch.facts.clear();
        (watch, all)
    }

    /// Waits for the next fact. Dropping the future loses nothing.
    pub async fn next(&mut self) -> FileFact {
        loop {
            if let Some(fact) = self.facts.pop_front() {
                return fact;
            }
            let unwatched = self.folders.iter().any(|folder| folder.watch.is_none());
            tokio::select! {
                () = tokio::time::sleep_until(self.next_try), if unwatched => self.retry(),
                () = readable(self.inotify.as_ref()) => self.take_notices(),
            }
        }
    }

    fn add(&mut self, path: &str) {
        let whole = Path::new(path);
        let parent = whole.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let Some(name) = whole.file_name() else { return };
        let folder = self.folders.iter().position(|folder| folder.path == parent).unwrap_or_else(|| {
            self.folders.push(Folder { path: parent.to_owned(), watch: None });
            self.folders.len() - 1
        });
        self.files.push(Known { path: path.to_owned(), folder, name: name.to_owned(), value: 0 });
    }

    fn watch_folders(&mut self) {
        let Some(inotify) = &self.inotify else { return };
        let flags = AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_MOVE
            | AddWatchFlags::IN_DELETE_SELF
            | AddWatchFlags::IN_MOVE_SELF
            | AddWatchFlags::IN_ONLYDIR;
        for folder in self.folders.iter_mut().filter(|folder| folder.watch.is_none()) {
            folder.watch = inotify.get().add_watch(&folder.path, flags).ok();
        }
    }

    /// Folders that were gone may be back.
    fn retry(&mut self) {
        self.next_try = Instant::now() + RETRY;
        let unwatched: Vec<bool> = self.folders.iter().map(|folder| folder.watch.is_none()).collect();
        self.watch_folders();
        self.read_where(|known| unwatched.get(known.folder).copied().unwrap_or(true));
    }

    fn take_notices(&mut self) {
        loop {
            let Some(inotify) = &self.inotify else { return };
            match inotify.get().read_events() {
                Ok(events) => {
                    events.iter().for_each(|event| self.take(event.wd, event.mask, event.name.as_deref()))
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return inotify.drained(),
                Err(error) => {
                    warn!("tracked files are read each second from now on: {error}");
                    self.inotify = None;
                    self.folders.iter_mut().for_each(|folder| folder.watch = None);
                    return;
                }
            }
        }
    }

    fn take(&mut self, watch: WatchDescriptor, mask: AddWatchFlags, name: Option<&OsStr>) {
        if mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
            return self.read_where(|_| true);
        }
        let Some(folder) = self.folders.iter().position(|folder| folder.watch == Some(watch)) else { return };
        let gone = AddWatchFlags::IN_IGNORED | AddWatchFlags::IN_DELETE_SELF | AddWatchFlags::IN_MOVE_SELF;
        if mask.intersects(gone) {
            warn!("{} is gone; looking for it each second", self.folders[folder].path.display());
            self.folders[folder].watch = None;
            if let Some(inotify) = &self.inotify {
                // One that was only moved away would go on telling.
                let _gone_already = inotify.get().rm_watch(watch);
            }
            return self.read_where(|known| known.folder == folder);
        }
        // What a link leads to may be in the same folder, as where a container's configuration is mounted.
        let concerned = |known: &Known| Some(&*known.name) == name || Path::new(&known.path).is_symlink();
        self.read_where(|known| known.folder == folder && concerned(known));
    }

    fn read_where(&mut self, concerned: impl Fn(&Known) -> bool) {
        for file in 0..self.files.len() {
            if concerned(&self.files[file]) {
                self.read(file);
            }
        }
    }

    /// A file that is missing or cannot be read is 0; one beyond 32 bits says nothing.
    fn read(&mut self, file: usize) {
        let known = &mut self.files[file];
        let text = content(&known.path).unwrap_or_default();
        match number_in_file(&text) {
            Some(value) if value != known.value => {
                known.value = value;
                self.facts.push_back(FileFact { path: known.path.clone(), value });
            }
            Some(_) => {}
            None => warn!(
                "Invalid number {} read from {} - ignoring",
                String::from_utf8_lossy(&text).trim(),
                known.path
            ),
        }
    }
}

/// Writes the files that `init_file` asks for: those that are missing, and others only if they may be overwritten.
pub fn write_initial_contents(files: &[TrackFile]) {
    for file in files {
        let Some(initial) = file.initial else { continue };
        let mut options = OpenOptions::new();
        options.write(true).mode(0o600).custom_flags(libc::O_NONBLOCK);
        if initial.overwrite {
            options.create(true).truncate(true);
        } else {
            options.create_new(true);
        }
        let written = options.open(&file.path).and_then(|mut open| writeln!(open, "{}", initial.value));
        match written {
            Ok(()) => info!("initialised {} with {}", file.path, initial.value),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => warn!("cannot initialise {}: {error}", file.path),
        }
    }
}

async fn readable(inotify: Option<&Watched<Inotify>>) {
    match inotify {
        // An error is what reading will meet as well.
        Some(inotify) => drop(inotify.readable().await),
        None => std::future::pending().await,
    }
}

fn open() -> Option<Watched<Inotify>> {
    let opened = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).map_err(io::Error::from);
    match opened.and_then(Watched::new) {
        Ok(inotify) => Some(inotify),
        Err(error) => {
            warn!("tracked files are read each second, as they cannot be watched: {error}");
            None
        }
    }
}

/// Does not wait, whatever stands at that path.
fn content(path: &str) -> io::Result<Vec<u8>> {
    let file: File = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    let mut text = Vec::new();
    file.take(MOST).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;
    use crate::config::model::InitialContent;

    const LIMIT: Duration = Duration::from_secs(10);

    fn block(path: &Path, initial: Option<InitialContent>) -> TrackFile {
        TrackFile { name: "f".into(), path: path.to_str().unwrap().into(), initial }
    }

    async fn value(watch: &mut FileWatch) -> i32 {
        tokio::time::timeout(LIMIT, watch.next()).await.expect("a fact in time").value
    }

    #[tokio::test]
    async fn a_file_is_followed_however_it_comes_and_goes() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("number");
        let (mut watch, told) = FileWatch::start(&[block(&path, None)]);
        assert_eq!(told.iter().map(|fact| fact.value).collect::<Vec<_>>(), [0]);
        fs::write(&path, "5\n").unwrap();
        assert_eq!(value(&mut watch).await, 5);
        fs::write(folder.path().join("new"), "7").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        assert_eq!(value(&mut watch).await, 7);
        fs::remove_file(&path).unwrap();
        assert_eq!(value(&mut watch).await, 0);
        fs::write(folder.path().join("target"), "9").unwrap();
        symlink(folder.path().join("target"), &path).unwrap();
        assert_eq!(value(&mut watch).await, 9);
        fs::write(&path, "99999999999").unwrap();
        fs::write(&path, "10").unwrap();
        assert_eq!(value(&mut watch).await, 10, "a bad number says nothing");
    }

    #[tokio::test]
    async fn a_folder_that_goes_and_comes_back_is_followed_again() {
        let outer = TempDir::new().unwrap();
        let folder = outer.path().join("inner");
        fs::create_dir(&folder).unwrap();
        let path = folder.join("number");
        fs::write(&path, "3").unwrap();
        let (mut watch, told) = FileWatch::start(&[block(&path, None)]);
        assert_eq!(told[0].value, 3);
        fs::rename(&folder, outer.path().join("away")).unwrap();
        assert_eq!(value(&mut watch).await, 0);
        fs::create_dir(&folder).unwrap();
        fs::write(&path, "4").unwrap();
        assert_eq!(value(&mut watch).await, 4);
        fs::write(&path, "6").unwrap();
        assert_eq!(value(&mut watch).await, 6);
    }

    #[tokio::test]
    async fn a_fifo_in_place_of_a_file_holds_nobody_up() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("fifo");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let (_, told) = FileWatch::start(&[block(&path, None)]);
        assert_eq!(told[0].value, 0);
    }

    #[test]
    fn initial_contents_are_written_where_they_may_be() {
        let folder = TempDir::new().unwrap();
        let [new, kept, replaced] = ["new", "kept", "replaced"].map(|name| folder.path().join(name));
        fs::write(&kept, "8").unwrap();
        fs::write(&replaced, "800").unwrap();
        let initial = |overwrite| Some(InitialContent { value: -3, overwrite });
        let blocks =
            [block(&new, initial(false)), block(&kept, initial(false)), block(&replaced, initial(true))];
        write_initial_contents(&blocks);
        let content = |path| fs::read_to_string(path).unwrap();
        assert_eq!([content(&new), content(&kept), content(&replaced)], ["-3\n", "8", "-3\n"]);
        assert_eq!(fs::metadata(&new).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
