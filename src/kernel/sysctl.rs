//! Settings of the kernel under `/proc/sys`: changed, verified, and put back as they were.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A setting that was changed, with what it was before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedSetting {
    /// Path below `/proc/sys`.
    path: String,
    before: String,
    ours: String,
    /// Names of those for whom it was changed; put back when the last one is gone.
    users: BTreeSet<String>,
}

/// Why a setting is not as it should be.
#[derive(Debug, thiserror::Error)]
pub(super) enum SettingError {
    /// It can be neither read nor written, in a container for example.
    #[error("{path}: {source}")]
    Io {
        /// Below `/proc/sys`.
        path: String,
        /// The kernel's refusal.
        #[source]
        source: io::Error,
    },
    /// The kernel took the value and has another one.
    #[error("{path} is {is} after {wanted} was written")]
    Unchanged {
        /// Below `/proc/sys`.
        path: String,
        /// What was written.
        wanted: String,
        /// What was read afterwards.
        is: String,
    },
}

/// All settings that were changed, in the order in which that was done.
#[derive(Debug, Default)]
pub(super) struct Settings {
    changed: Vec<ChangedSetting>,
    /// Whether the list is another one than when it was last told.
    untold: bool,
}

impl Settings {
    /// Goes on with what a predecessor changed.
    pub(super) fn new(changed: Vec<ChangedSetting>) -> Self {
        Self { changed, untold: false }
    }

    /// Everything that is changed now, when that is news.
    pub(super) fn news(&mut self) -> Option<Vec<ChangedSetting>> {
        std::mem::take(&mut self.untold).then(|| self.changed.clone())
    }

    /// Whether anything is changed on behalf of `user`.
    pub(super) fn has_user(&self, user: &str) -> bool {
        self.changed.iter().any(|setting| setting.users.contains(user))
    }

    /// Gives a setting a value on behalf of `user`; one that has it already is left alone.
    ///
    /// # Errors
    /// Whatever leaves it at another value.
    pub(super) fn set(&mut self, path: &str, value: &str, user: &str) -> Result<(), SettingError> {
        let before = read(path)?;
        if before != value {
            write(path, value)?;
            let is = read(path)?;
            if is != value {
                return Err(SettingError::Unchanged { path: path.to_owned(), wanted: value.to_owned(), is });
            }
        }
        self.note(path, before, value, user);
        Ok(())
    }

    /// Makes `user` one more for whom the settings that satisfy `which` were changed.
    pub(super) fn share(&mut self, user: &str, which: impl Fn(&str) -> bool) {
        for setting in self.changed.iter_mut().filter(|setting| which(&setting.path)) {
            self.untold |= setting.users.insert(user.to_owned());
        }
    }

    /// Puts back what nobody but `user` needed, the last change first; what somebody else changed since, or what is
    /// gone with its interface, stays as it is.
    pub(super) fn release(&mut self, user: &str) -> Vec<SettingError> {
        let mut failed = Vec::new();
        for place in (0..self.changed.len()).rev() {
            let setting = &mut self.changed[place];
            self.untold |= setting.users.remove(user);
            if setting.users.is_empty() {
                failed.extend(put_back(&self.changed.remove(place)).err());
            }
        }
        failed
    }

    fn note(&mut self, path: &str, before: String, ours: &str, user: &str) {
        let known = self.changed.iter_mut().find(|setting| setting.path == path);
        match known {
            Some(setting) => {
                // It was changed by somebody else in between, or belongs to a new interface of that name.
                if before != setting.ours {
                    setting.before = before;
                }
                setting.ours = ours.to_owned();
                self.untold |= setting.users.insert(user.to_owned());
            }
            None if before != ours => {
                let users = BTreeSet::from([user.to_owned()]);
                let (path, ours) = (path.to_owned(), ours.to_owned());
                self.changed.push(ChangedSetting { path, before, ours, users });
                self.untold = true;
            }
            None => {}
        }
    }
}

fn put_back(setting: &ChangedSetting) -> Result<(), SettingError> {
    match read(&setting.path) {
        Ok(now) if now == setting.ours => write(&setting.path, &setting.before),
        Ok(_) => Ok(()),
        Err(SettingError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The value without the line's end.
///
/// # Errors
/// That of the file.
pub(super) fn read(path: &str) -> Result<String, SettingError> {
    let text = fs::read_to_string(file(path));
    text.map(|text| text.trim_end().to_owned())
        .map_err(|source| SettingError::Io { path: path.to_owned(), source })
}

fn write(path: &str, value: &str) -> Result<(), SettingError> {
    fs::write(file(path), value).map_err(|source| SettingError::Io { path: path.to_owned(), source })
}

fn file(path: &str) -> PathBuf {
    PathBuf::from("/proc/sys").join(path)
}
