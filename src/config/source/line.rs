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
    /// Index of the file among [`Lines::files`].
    pub(super) file: u32,
    /// Counted from 1; 0 when the whole file is meant.
    pub(super) number: u32,
    /// Its first byte in the file.
    pub(super) start: u32,
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

/// What is left of a physical line after comments, conditions, definitions and substitution.
///
/// A large file has many lines, and nearly all of them are pieces of it: those take no more than their numbers.
#[derive(Clone, Copy, Debug)]
enum Rest {
    /// These bytes of the physical line.
    Piece { from: u16, length: u16 },
    /// A text of its own, by its index.
    Made(u32),
    /// Nothing for the tree; a problem about the line stands at this byte.
    Nothing { from: u32 },
}

/// A text that stands in no file as it is.
#[derive(Debug)]
struct Made {
    text: Text,
    segments: Box<[Segment]>,
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
    lines: Vec<(Origin, Rest)>,
    made: Vec<Made>,
    /// The last line in which a `global_defs` or a `net_namespace` may begin.
    last_global_defs: Option<u32>,
}

impl Lines {
    /// Takes a file whose lines will follow; answers its index.
    pub(super) fn file(&mut self, path: Arc<Path>, text: Text) -> u32 {
        self.files.push(File { path, text });
        offset(self.files.len() - 1)
    }

    /// Where the next line will stand.
    pub(super) fn next(&self) -> Place {
        Place { line: offset(self.lines.len()), offset: 0 }
    }

    /// Takes a line for the tree that was not substituted: one run of bytes, or all of them from one place.
    pub(super) fn push(&mut self, text: Text, origin: Origin, run: Segment) {
        match self.piece(&text, origin) {
            Some(piece) => self.keep(&text, origin, piece),
            None => self.push_substituted(text, origin, [run].into()),
        }
    }

    /// Takes a line for the tree that was substituted; `segments` are in the order of `at`, from 0 on.
    pub(super) fn push_substituted(&mut self, text: Text, origin: Origin, segments: Box<[Segment]>) {
        let rest = Rest::Made(offset(self.made.len()));
        self.keep(&text, origin, rest);
        self.made.push(Made { text, segments });
    }

    /// The text as a piece of its physical line, if it is one.
    fn piece(&self, text: &Text, origin: Origin) -> Option<Rest> {
        let file = self.files.get(origin.file as usize)?;
        let from =
            text.start.checked_sub(origin.start).filter(|_| Rc::ptr_eq(&file.text.whole, &text.whole))?;
        Some(Rest::Piece { from: u16::try_from(from).ok()?, length: u16::try_from(text.len()).ok()? })
    }

    fn keep(&mut self, text: &str, origin: Origin, rest: Rest) {
        const NAMES: [&str; 2] = ["global_defs", "net_namespace"];
        let start = text.trim_start_matches(|c| is_blank(c) || c == '"');
        let braces = text.contains(['{', '}']);
        if NAMES.iter().any(|name| start.starts_with(name) || (braces && text.contains(name))) {
            self.last_global_defs = Some(offset(self.lines.len()));
        }
        self.lines.push((origin, rest));
    }

    /// Takes a line that is not for the tree, but that problems are about: they stand at byte `from`.
    pub(super) fn push_nothing(&mut self, origin: Origin, from: u32) {
        self.lines.push((origin, Rest::Nothing { from }));
    }

    /// The last line in which a `global_defs` or a `net_namespace` may begin.
    pub(in crate::config) fn last_global_defs(&self) -> Option<u32> {
        self.last_global_defs
    }

    /// The line at this index, unless it is not for the tree; `None` beyond the last one.
    pub(in crate::config) fn live(&self, index: u32) -> Option<Option<Text>> {
        let (origin, rest) = self.lines.get(index as usize)?;
        let file = self.files.get(origin.file as usize);
        Some(match rest {
            Rest::Piece { from, length } => file.map(|file| {
                let start = origin.start as usize + usize::from(*from);
                file.text.slice(start..start + usize::from(*length))
            }),
            Rest::Made(index) => self.made.get(*index as usize).map(|made| made.text.clone()),
            Rest::Nothing { .. } => None,
        })
    }

    /// File, physical line and byte of a place.
    pub(in crate::config) fn physical(&self, place: Place) -> Option<Physical<'_>> {
        let (origin, rest) = self.lines.get(place.line as usize)?;
        let file = self.files.get(origin.file as usize)?;
        let rest_of_file = file.text.get(origin.start as usize..).unwrap_or_default();
        let text = rest_of_file.split('\n').next().unwrap_or_default();
        let byte = match rest {
            Rest::Piece { from, .. } => u32::from(*from).saturating_add(place.offset),
            Rest::Made(index) => {
                self.made.get(*index as usize).map_or(0, |made| physical(&made.segments, place.offset))
            }
            Rest::Nothing { from } => from.saturating_add(place.offset),
        };
        let byte = if text.is_char_boundary(byte as usize) { byte as usize } else { text.len() };
        Some(Physical { file: &file.path, number: origin.number, text, byte })
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
