//! Files that are on no disk, for tests and fuzz targets.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use glob::Pattern;

use super::file::{Files, MATCHING, Unreadable, text};

/// The main file, and others for it to include.
pub(in crate::config) struct Memory<'m>(Vec<(PathBuf, &'m [u8])>);

impl<'m> Memory<'m> {
    /// Name of the main file.
    pub(in crate::config) const MAIN: &'static str = "k.conf";
    /// Begins a line that ends a file; what follows on the line is the name of the next one.
    const NEXT: &'static [u8] = b"=== ";

    /// Cuts files apart, so that one input of a fuzzer can be several of them.
    pub(in crate::config) fn of(bytes: &'m [u8]) -> Self {
        let (mut files, mut name, mut rest) = (Vec::new(), PathBuf::from(Self::MAIN), bytes);
        while let Some(at) = next_file(rest) {
            let (file, after) = rest.split_at(at);
            let line = after.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let next = line.get(Self::NEXT.len()..).unwrap_or_default();
            files.push((std::mem::replace(&mut name, String::from_utf8_lossy(next).as_ref().into()), file));
            rest = after.get(line.len() + 1..).unwrap_or_default();
        }
        files.push((name, rest));
        Self(files)
    }

    fn find(&self, path: &Path) -> Option<&'m [u8]> {
        self.0.iter().find(|(name, _)| name == path).map(|(_, bytes)| *bytes)
    }
}

/// Where a line begins that ends a file.
fn next_file(bytes: &[u8]) -> Option<usize> {
    let marks = bytes.windows(Memory::NEXT.len()).enumerate();
    let begins_line = |at: usize| at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\n');
    marks.filter(|(_, window)| *window == Memory::NEXT).map(|(at, _)| at).find(|at| begins_line(*at))
}

impl Files for Memory<'_> {
    fn read(&self, path: &Path, left: u64) -> Result<Rc<str>, Unreadable> {
        let bytes = self.find(path).ok_or(Unreadable::Missing)?;
        if bytes.len() as u64 > left {
            return Err(Unreadable::TooMuch);
        }
        Ok(text(bytes.to_vec()))
    }

    fn matching(&self, pattern: &str) -> Vec<PathBuf> {
        let Ok(pattern) = Pattern::new(pattern) else { return Vec::new() };
        let names = self.0.iter().map(|(name, _)| name);
        let mut found: Vec<PathBuf> =
            names.filter(|name| pattern.matches_path_with(name, MATCHING)).cloned().collect();
        found.sort();
        found
    }

    fn exists(&self, path: &Path) -> bool {
        self.find(path).is_some()
    }
}
