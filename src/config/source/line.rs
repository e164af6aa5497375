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

/// A line as the file has it, with its number.
#[derive(Clone, Debug)]
pub(in crate::config) struct Origin {
    /// The file.
    pub(in crate::config) file: Arc<Path>,
    /// Counted from 1.
    pub(in crate::config) number: u32,
    /// The physical line.
    pub(in crate::config) physical: Text,
}

/// One line after comments, conditions, definitions and substitution.
#[derive(Clone, Debug)]
pub(in crate::config) struct Line {
    pub(in crate::config) text: Text,
    pub(in crate::config) origin: Origin,
    /// In the order of `at`; the first is at 0.
    pub(in crate::config) segments: Segments,
    /// Whether the tree gets it; other lines are kept for the places of their problems.
    pub(in crate::config) live: bool,
}

/// Most lines are one run; only a substitution needs a list.
#[derive(Clone, Debug)]
pub(in crate::config) enum Segments {
    /// Copied from this byte of the physical line on.
    Copied(u32),
    /// Several runs.
    Mixed(Box<[Segment]>),
}

impl Segments {
    /// The byte of the physical line behind byte `offset` of the logical one.
    pub(in crate::config) fn physical(&self, offset: u32) -> u32 {
        match self {
            Self::Copied(from) => from.saturating_add(offset),
            Self::Mixed(list) => {
                let after = list.partition_point(|segment| segment.at <= offset);
                let Some(segment) = after.checked_sub(1).and_then(|index| list.get(index)) else { return 0 };
                if segment.copied { segment.from + (offset - segment.at) } else { segment.from }
            }
        }
    }
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

/// Every line that was read, in reading order.
#[derive(Debug, Default)]
pub(in crate::config) struct Lines(Vec<Line>);

impl Lines {
    /// Where the next line will stand.
    pub(in crate::config) fn next(&self) -> Place {
        Place { line: offset(self.0.len()), offset: 0 }
    }

    pub(in crate::config) fn push(&mut self, line: Line) {
        self.0.push(line);
    }

    pub(in crate::config) fn iter(&self) -> impl Iterator<Item = (Place, &Line)> {
        self.0.iter().enumerate().map(|(index, line)| (Place { line: offset(index), offset: 0 }, line))
    }

    pub(in crate::config) fn get(&self, place: Place) -> Option<&Line> {
        self.0.get(place.line as usize)
    }

    /// File, line and column of a place.
    pub(in crate::config) fn spot(&self, place: Place) -> Option<Spot> {
        let line = self.get(place)?;
        let byte = line.segments.physical(place.offset) as usize;
        let before = line.origin.physical.get(..byte).unwrap_or(&line.origin.physical);
        Some(Spot {
            file: Arc::clone(&line.origin.file),
            line: line.origin.number,
            column: offset(before.chars().count()) + 1,
        })
    }
}

/// White space as keepalived has it; a lone CR does not end a line, a no-break space belongs to a word.
pub(in crate::config) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\x0b' | '\x0c' | '\n')
}
