//! The file layer: from files to logical lines.
//!
//! In: the main file's name. Out: [`Lines`] without comments, conditions, definitions and includes, each byte with
//! the place it came from.
//! Never here: what a keyword means, but for `include_check`, which changes how the lines after it are read.

mod comment;
mod condition;
mod definition;
mod file;
mod include;
mod line;
#[cfg(any(test, fuzzing))]
pub(super) mod memory;
mod nesting;
mod pattern;
mod sequence;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use self::condition::Judged;
use self::definition::{Definitions, Surroundings};
pub(super) use self::file::{Disk, Files};
pub(super) use self::include::Strictness;
pub(super) use self::line::{Lines, Physical, Place, Text, is_blank, offset};
use self::line::{Origin, Segment};
use self::nesting::Nesting;
use self::sequence::Loop;
use super::Request;
use super::fault::Fault;
use super::problem::Problems;

/// Longest physical line in bytes, without its newline.
const LONGEST: usize = 1022;
/// Includes inside includes.
const DEEPEST: usize = 64;
/// Includes, loops and multi-line values that wait for each other.
const MOST_FRAMES: usize = 256;
/// All lines together, after includes and loops, those that only define something too.
///
/// A fuzzer finds what takes longest, and must not wait for it.
const MOST_LINES: u32 = if cfg!(fuzzing) { 1_000 } else { 4_000_000 };
/// References to definitions on all lines together: one line may take a thousand, and a loop has a million lines.
const MOST_REFERENCES: u32 = if cfg!(fuzzing) { 20_000 } else { 5_000_000 };
/// All files together, each as often as it is read: an include in a loop must not fill the memory.
const MOST_BYTES: u64 = 256 << 20;

/// Reads the main file or files of `request` and all that they include.
pub(super) fn read(request: &Request<'_>, files: &dyn Files, problems: &mut Problems) -> Lines {
    let strictness = if request.strict_includes { Strictness::ALL } else { Strictness::default() };
    let mut reader = Reader {
        files,
        config_id: request.config_id,
        problems,
        lines: Lines::default(),
        definitions: Definitions::default(),
        collecting: None,
        frames: Vec::new(),
        nesting: Nesting::default(),
        strictness,
        inputs: 0,
        references: 0,
        bytes: 0,
    };
    reader.main(request.file);
    reader.lines
}

struct Reader<'r> {
    files: &'r dyn Files,
    config_id: &'r str,
    problems: &'r mut Problems,
    lines: Lines,
    definitions: Definitions,
    /// A definition whose last line ended in `\`.
    collecting: Option<(String, Vec<Rc<str>>)>,
    /// Where the next line comes from: the last of them.
    frames: Vec<Frame>,
    nesting: Nesting,
    strictness: Strictness,
    /// Lines taken so far.
    inputs: u32,
    /// References to definitions so far.
    references: u32,
    /// Bytes of the files read so far.
    bytes: u64,
}

/// Something that gives lines.
enum Frame {
    File(OpenFile),
    /// Further lines of a multi-line value, with the place of their use.
    Value {
        lines: VecDeque<Rc<str>>,
        origin: Origin,
        from: u32,
    },
    /// The rest of a line after `~SEQ` or `~LST`.
    Loop {
        rounds: Loop,
        input: Input,
    },
}

struct OpenFile {
    /// Its index in [`Lines`].
    index: u16,
    path: Arc<Path>,
    folder: PathBuf,
    text: Text,
    /// Bytes of `text` that were read.
    position: usize,
    number: u32,
    /// Holds again when the file ends.
    outer_strictness: Strictness,
}

/// A line on its way through the steps.
#[derive(Clone)]
struct Input {
    text: Text,
    origin: Origin,
    /// Where its first byte came from, and whether the others follow it.
    from: u32,
    copied: bool,
}

impl Input {
    fn skip(mut self, bytes: usize) -> Self {
        if bytes > 0 {
            self.from += if self.copied { offset(bytes) } else { 0 };
            self.text = self.text.slice(bytes..self.text.len());
        }
        self
    }

    /// The only run of a line without substitution.
    fn segment(&self) -> Segment {
        Segment { at: 0, from: self.from, copied: self.copied }
    }
}

impl Reader<'_> {
    fn main(&mut self, file: &Path) {
        let name = file.to_string_lossy();
        let wildcard = name.contains(['*', '?', '[']) && !self.files.exists(file);
        let paths = if wildcard {
            pattern::find(&name, Path::new(""), self.files)
                .into_iter()
                .flat_map(|found| found.paths)
                .collect()
        } else {
            vec![file.to_owned()]
        };
        if paths.is_empty() {
            self.about_file(file, Fault::NoMainFile { why: "no file matches".into() });
        }
        if paths.len() > 1 {
            self.about_file(file, Fault::SeveralMainFiles { count: paths.len() });
        }
        for path in paths {
            match self.open(&path) {
                Ok(()) => self.run(),
                Err(why) => self.about_file(&path, Fault::NoMainFile { why: why.to_string() }),
            }
        }
        self.finish_definition();
    }

    fn run(&mut self) {
        while let Some(input) = self.next_input() {
            self.inputs += 1;
            if self.inputs > MOST_LINES {
                self.report(&input, Fault::TooManyLines { most: MOST_LINES });
                self.frames.clear();
                return;
            }
            self.input(input);
        }
    }

    fn open(&mut self, path: &Path) -> Result<(), file::Unreadable> {
        let text = Text::from(self.files.read(path, MOST_BYTES.saturating_sub(self.bytes))?);
        self.bytes += text.len() as u64;
        let path: Arc<Path> = path.into();
        let index = self.lines.file(Arc::clone(&path), text.clone()).ok_or(file::Unreadable::TooMuch)?;
        self.frames.push(Frame::File(OpenFile {
            index,
            folder: path.parent().map(Path::to_owned).unwrap_or_default(),
            path,
            text,
            position: 0,
            number: 0,
            outer_strictness: self.strictness,
        }));
        Ok(())
    }

    /// The next line of the innermost frame; ends frames that have none left.
    fn next_input(&mut self) -> Option<Input> {
        loop {
            let next = match self.frames.last_mut()? {
                Frame::File(file) => file.next_line(),
                Frame::Value { lines, origin, from } => lines.pop_front().map(|line| Input {
                    text: line.into(),
                    origin: *origin,
                    from: *from,
                    copied: false,
                }),
                Frame::Loop { rounds, input } => rounds.next().map(|values| {
                    for (name, value) in values {
                        self.definitions.set(&name, vec![value.into()]);
                    }
                    input.clone()
                }),
            };
            if next.is_some() {
                return next;
            }
            if let Some(Frame::File(file)) = self.frames.pop() {
                self.strictness = file.outer_strictness;
            }
        }
    }

    /// All steps of one line, in keepalived's order.
    fn input(&mut self, input: Input) {
        if input.text.len() > LONGEST && input.copied && input.from == 0 {
            return self.report(&input, Fault::LineTooLong { most: LONGEST });
        }
        if input.text.contains('\0') {
            return self.report(&input, Fault::NulByte);
        }
        let escaped_start = input.text.trim_start_matches(is_blank).starts_with(['\\']);
        let mut input = input;
        let stripped = self.without_comment(&input.text);
        // keepalived uses such lines as its own marks and crashes; here they are words like any other.
        if !(escaped_start && stripped.is_empty()) {
            input.text = stripped;
        }
        if self.continues_definition(&input.text) {
            return self.quotes(&input);
        }
        let Judged::Kept(start) = condition::judge(&input.text, self.config_id) else {
            return self.quotes(&input);
        };
        let whole = input.clone();
        let input = input.skip(start);
        if input.text.is_empty() || self.defines(&input.text) {
            return self.quotes(&whole);
        }
        match sequence::parse(&input.text, &self.definitions) {
            None => self.substitute(input),
            Some(Err(bad)) => self.report(&input, Fault::BadLoop { why: bad.to_string() }),
            Some(Ok((rounds, start))) => {
                let input = input.skip(start);
                self.push(Frame::Loop { rounds, input: input.clone() }, &input);
            }
        }
    }

    /// A line that goes no further is looked at for its quotes all the same, as in keepalived.
    fn quotes(&mut self, input: &Input) {
        let physical = input.copied && input.from == 0;
        if let Some(at) = comment::open_quote(&input.text).filter(|_| physical) {
            self.problems.add(self.lines.next(), Fault::UnclosedQuote);
            self.lines.push_nothing(input.origin, offset(at));
        }
    }

    fn without_comment(&self, line: &Text) -> Text {
        match comment::strip(line, self.nesting.in_global_defs()) {
            std::borrow::Cow::Borrowed(text) => line.slice(0..text.len()),
            std::borrow::Cow::Owned(text) => text.into(),
        }
    }

    /// Whether the line went into a multi-line definition.
    fn continues_definition(&mut self, line: &str) -> bool {
        let Some((_, lines)) = &mut self.collecting else { return false };
        if line.is_empty() {
            self.finish_definition();
            return true;
        }
        match line.strip_suffix('\\') {
            Some(part) => lines.push(part.into()),
            None => {
                lines.push(line.into());
                self.finish_definition();
            }
        }
        true
    }

    fn finish_definition(&mut self) {
        if let Some((name, lines)) = self.collecting.take() {
            self.definitions.set(&name, lines);
        }
    }

    fn defines(&mut self, line: &str) -> bool {
        let Some((name, value)) = definition::definition(line) else { return false };
        match value.strip_suffix('\\') {
            Some("") => self.collecting = Some((name.to_owned(), Vec::new())),
            Some(part) => self.collecting = Some((name.to_owned(), vec![part.into()])),
            None => self.definitions.set(name, vec![value.into()]),
        }
        true
    }

    fn substitute(&mut self, input: Input) {
        if !input.text.contains('$') {
            return self.finished(input, None);
        }
        let folder = self.folder().to_string_lossy().into_owned();
        let around = Surroundings { folder: &folder, config_id: self.config_id };
        let done = self.definitions.substitute(&input.text, input.from, &around);
        self.references = self.references.saturating_add(done.steps);
        if self.references > MOST_REFERENCES {
            self.report(&input, Fault::TooManyReferences { most: MOST_REFERENCES });
            return self.frames.clear();
        }
        for (_, trouble) in &done.trouble {
            self.report(&input, Fault::Substitution { why: trouble.to_string() });
        }
        let segments = if input.copied { done.segments } else { vec![input.segment()] };
        let text = comment::strip(&done.text, self.nesting.in_global_defs()).into_owned();
        if !done.further.is_empty() {
            let (origin, from) = (input.origin, input.from);
            self.push(Frame::Value { lines: done.further.into(), origin, from }, &input);
        }
        self.finished(Input { text: text.into(), ..input }, Some(segments.into()));
    }

    /// An include, or a line for the tree; with its segments when it was substituted.
    fn finished(&mut self, input: Input, segments: Option<Box<[Segment]>>) {
        if let Some((strictness, pattern)) =
            include::parse(input.text.trim_start_matches(is_blank), self.strictness)
        {
            let (place, pattern) = (self.lines.next(), pattern.to_owned());
            self.lines.push_nothing(input.origin, input.from);
            return self.include(place, strictness, &pattern);
        }
        if let Some(strictness) = self.nesting.read(&input.text, self.strictness) {
            self.strictness = strictness;
        }
        match segments {
            Some(segments) => self.lines.push_substituted(input.text, input.origin, segments),
            None => {
                let run = input.segment();
                self.lines.push(input.text, input.origin, run);
            }
        }
    }

    fn include(&mut self, place: Place, strictness: Strictness, pattern: &str) {
        let depth = self.frames.iter().filter(|frame| matches!(frame, Frame::File(_))).count();
        if depth >= DEEPEST {
            return self.problems.add(place, Fault::IncludeTooDeep { most: DEEPEST });
        }
        let folder = self.folder().to_owned();
        let alternatives = pattern::find(pattern, &folder, self.files);
        let several = alternatives.len() > 1;
        let mut opened = Vec::new();
        for found in &alternatives {
            if found.paths.is_empty() {
                let strict = if several { strictness.brace } else { strictness.wildcard };
                if strict || (several && !found.wildcard) {
                    let pattern = found.pattern.clone();
                    self.problems.add(place, Fault::IncludeWithoutMatch { pattern, strict });
                }
            }
            for path in &found.paths {
                if self.is_open(path) {
                    let path = path.display().to_string();
                    self.problems.add(place, Fault::IncludeLoop { path });
                } else if let Err(why) = self.open(path) {
                    let strict = match why {
                        file::Unreadable::Missing if several => strictness.brace,
                        file::Unreadable::Missing => strictness.matched,
                        _ => strictness.read,
                    };
                    let path = path.display().to_string();
                    self.problems.add(place, Fault::IncludeUnread { path, why: why.to_string(), strict });
                } else {
                    opened.extend(self.frames.pop());
                }
            }
        }
        // The last frame is read first.
        self.frames.extend(opened.into_iter().rev());
    }

    /// Whether the file is being read already.
    fn is_open(&self, path: &Path) -> bool {
        self.frames.iter().any(|frame| matches!(frame, Frame::File(file) if *file.path == *path))
    }

    fn folder(&self) -> &Path {
        let file = self.frames.iter().rev().find_map(|frame| match frame {
            Frame::File(file) => Some(file),
            Frame::Value { .. } | Frame::Loop { .. } => None,
        });
        file.map_or(Path::new(""), |file| &file.folder)
    }

    fn push(&mut self, frame: Frame, input: &Input) {
        if self.frames.len() >= MOST_FRAMES {
            return self.report(input, Fault::NestedTooDeep { most: MOST_FRAMES });
        }
        self.frames.push(frame);
    }

    /// Reports about a line that goes no further.
    fn report(&mut self, input: &Input, fault: Fault) {
        self.problems.add(self.lines.next(), fault);
        self.lines.push_nothing(input.origin, input.from);
    }

    fn about_file(&mut self, path: &Path, fault: Fault) {
        let Some(file) = self.lines.file(path.into(), String::new().into()) else { return };
        self.problems.add(self.lines.next(), fault);
        self.lines.push_nothing(Origin { file, number: 0, start: 0 }, 0);
    }
}

impl OpenFile {
    fn next_line(&mut self) -> Option<Input> {
        let rest = self.text.get(self.position..).filter(|rest| !rest.is_empty())?;
        let (start, length) = (offset(self.position), rest.find('\n').unwrap_or(rest.len()));
        let line = self.text.slice(self.position..self.position + length);
        self.position += length + 1;
        self.number = self.number.saturating_add(1);
        let origin = Origin { file: self.index, number: self.number, start };
        Some(Input { text: line, origin, from: 0, copied: true })
    }
}
