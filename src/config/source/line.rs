//! One logical line: the text that is left after comments and substitution, and where each byte of it came from.

use std::ops::{Deref, Range};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// A piece of a text that is shared and never copied.
#[derive(Clone, Debug)]
pub(in crate::config) struct Text {
    whole: Rc<str>,
    start: u32,
    end: u32,
}

impl Text {
    /// The part of `self` in `range`, which must lie on character boundaries inside it.
    pub(in crate::config) fn slice(&self, range: Range<usize>) -> Self {
        let start = self.start + offset(range.start);
        Self { whole: Rc::clone(&self.whole), start, end: self.start + offset(range.end) }
    }
}

impl From<Rc<str>> for Text {
    fn from(whole: Rc<str>) -> Self {
        let end = offset(whole.len());
        Self { whole, start: 0, end }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(Rc::<str>::from(text))
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        self.whole.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Files are bounded far below 4 GiB, so an offset always fits.
pub(in crate::config) fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// A byte of a logical line; lines count in reading order, so places compare in the order of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::config) struct Place {
    /// Index into [`Lines`].
    pub(in crate::config) line: u32,
    /// Byte offset in the line's text.
    pub(in crate::config) offset: u32,
}

impl Place {
    /// The same line, `bytes` further on.
    pub(in crate::config) fn plus(self, bytes: usize) -> Self {
        Self { line: self.line, offset: self.offset.saturating_add(offset(bytes)) }
    }
}

/// Where a run of bytes of a logical line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) struct Segment {
    /// First byte in the logical line.
    pub(in crate::config) at: u32,
    /// Byte in the physical line.
    pub(in crate::config) from: u32,
    /// Whether the bytes were copied; substituted ones all stand at the `$` that they replace.
    pub(in crate::config) copied: bool,
}

/// A place as people name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) struct Spot {
    pub(in crate::config) file: Arc<Path>,
    /// From 1.
    pub(in crate::config) line: u32,
    /// From 1, in characters.
    pub(in crate::config) column: u32,
}

/// Where a physical line begins: the line of a file that a logical line was made of.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Origin {
    /// Index of the file in [`Lines`].
    pub(super) file: u16,
    /// Counted from 1; 0 when the whole file is meant.
    pub(super) number: u32,
    /// Its first byte in the file.
    pub(super) start: u32,
}

impl Origin {
    /// A line of no length that begins at byte `start` of the file.
    fn line(self, start: u32) -> Line {
        Line { start, length: 0, file: self.file, number: self.number }
    }
}

/// The byte of a physical line behind a byte of a logical line.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Physical<'l> {
    /// The file as it was named or found.
    pub(in crate::config) file: &'l Arc<Path>,
    /// Counted from 1; 0 when the whole file is meant.
    pub(in crate::config) number: u32,
    /// The physical line, without its newline.
    pub(in crate::config) text: &'l str,
    /// The byte in it; at its end when nothing stands there.
    pub(in crate::config) byte: usize,
}

impl Physical<'_> {
    /// What stands in front of the byte.
    pub(in crate::config) fn before(&self) -> &str {
        self.text.get(..self.byte).unwrap_or(self.text)
    }
}

/// A line as a piece of its file. A large file has many of them, so it has no more than its numbers.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// Its first byte in the file.
    start: u32,
    /// Bytes.
    length: u16,
    /// Index of the file.
    file: u16,
    /// Of the physical line.
    number: u32,
}

/// A line that is more or less than a piece of its file; its numbers say where it came from.
#[derive(Debug)]
enum Special {
    /// It has a text of its own.
    Made { text: Text, segments: Box<[Segment]> },
    /// Nothing of it is for the tree.
    Nothing,
}

/// A file that was read.
#[derive(Debug)]
struct File {
    path: Arc<Path>,
    text: Text,
}

/// Every line that was read, in reading order.
#[derive(Debug, Default)]
pub(in crate::config) struct Lines {
    files: Vec<File>,
    lines: Vec<Line>,
    /// By the index of the line, in rising order.
    special: Vec<(u32, Special)>,
    /// The last line in which a `global_defs` or a `net_namespace` may begin.
    last_global_defs: Option<u32>,
}

impl Lines {
    /// Takes a file whose lines will follow; answers its index, or `None` when there are too many.
    pub(super) fn file(&mut self, path: Arc<Path>, text: Text) -> Option<u16> {
        let index = u16::try_from(self.files.len()).ok()?;
        self.files.push(File { path, text });
        Some(index)
    }

    /// Where the next line will stand.
    pub(super) fn next(&self) -> Place {
        Place { line: offset(self.lines.len()), offset: 0 }
    }

    /// Takes a line for the tree that was not substituted: one run of bytes, or all of them from one place.
    pub(super) fn push(&mut self, text: Text, origin: Origin, run: Segment) {
        let file = self.files.get(usize::from(origin.file));
        let piece = file.is_some_and(|file| Rc::ptr_eq(&file.text.whole, &text.whole));
        match u16::try_from(text.len()) {
            Ok(length) if piece => {
                self.note_global_defs(&text);
                self.lines.push(Line { length, ..origin.line(text.start) });
            }
            _ => self.push_substituted(text, origin, [run].into()),
        }
    }

    /// Takes a line for the tree that was substituted; `segments` are in the order of `at`, from 0 on.
    pub(super) fn push_substituted(&mut self, text: Text, origin: Origin, segments: Box<[Segment]>) {
        self.note_global_defs(&text);
        self.push_special(Special::Made { text, segments }, origin.line(origin.start));
    }

    /// Takes a line that is not for the tree, but that problems are about: they stand at byte `from` of it.
    pub(super) fn push_nothing(&mut self, origin: Origin, from: u32) {
        self.push_special(Special::Nothing, origin.line(origin.start.saturating_add(from)));
    }

    fn push_special(&mut self, special: Special, line: Line) {
        self.special.push((offset(self.lines.len()), special));
        self.lines.push(line);
    }

    fn note_global_defs(&mut self, text: &str) {
        const NAMES: [&str; 2] = ["global_defs", "net_namespace"];
        let start = text.trim_start_matches(|c| is_blank(c) || c == '"');
        let braces = text.contains(['{', '}']);
        if NAMES.iter().any(|name| start.starts_with(name) || (braces && text.contains(name))) {
            self.last_global_defs = Some(offset(self.lines.len()));
        }
    }

    /// The last line in which a `global_defs` or a `net_namespace` may begin.
    pub(in crate::config) fn last_global_defs(&self) -> Option<u32> {
        self.last_global_defs
    }

    /// The line at this index, unless it is not for the tree; `None` beyond the last one.
    pub(in crate::config) fn live(&self, index: u32) -> Option<Option<Text>> {
        let line = self.lines.get(index as usize)?;
        Some(match self.special(index) {
            Some(Special::Made { text, .. }) => Some(text.clone()),
            Some(Special::Nothing) => None,
            None => self.files.get(usize::from(line.file)).map(|file| {
                let start = line.start as usize;
                file.text.slice(start..start + usize::from(line.length))
            }),
        })
    }

    fn special(&self, index: u32) -> Option<&Special> {
        let at = self.special.binary_search_by_key(&index, |(line, _)| *line).ok()?;
        self.special.get(at).map(|(_, special)| special)
    }

    /// File, physical line and byte of a place.
    pub(in crate::config) fn physical(&self, place: Place) -> Option<Physical<'_>> {
        let line = self.lines.get(place.line as usize)?;
        let file = self.files.get(usize::from(line.file))?;
        let (before, behind) = file.text.split_at_checked(line.start as usize)?;
        let begin = before.rfind('\n').map_or(0, |newline| newline + 1);
        let end = behind.find('\n').map_or(file.text.len(), |newline| before.len() + newline);
        let byte = match self.special(place.line) {
            Some(Special::Made { segments, .. }) => physical(segments, place.offset) as usize,
            Some(Special::Nothing) | None => before.len() - begin + place.offset as usize,
        };
        let text = file.text.get(begin..end).unwrap_or_default();
        let byte = if text.is_char_boundary(byte) { byte } else { text.len() };
        Some(Physical { file: &file.path, number: line.number, text, byte })
    }

    /// File, line and column of a place.
    pub(in crate::config) fn spot(&self, place: Place) -> Option<Spot> {
        let physical = self.physical(place)?;
        let column = offset(physical.before().chars().count()) + 1;
        Some(Spot { file: Arc::clone(physical.file), line: physical.number, column })
    }
}

/// The byte of the physical line behind byte `offset` of a logical line of these segments.
fn physical(segments: &[Segment], offset: u32) -> u32 {
    let after = segments.partition_point(|segment| segment.at <= offset);
    let Some(segment) = after.checked_sub(1).and_then(|index| segments.get(index)) else { return 0 };
    if segment.copied { segment.from.saturating_add(offset - segment.at) } else { segment.from }
}

/// White space as keepalived has it; a lone CR does not end a line, a no-break space belongs to a word.
pub(in crate::config) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\x0b' | '\x0c' | '\n')
}
