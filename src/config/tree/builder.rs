//! Lines to statements, and what to make of braces that are missing or too many.

use std::collections::VecDeque;

use super::{Block, Shape, Shapes, Statement, Token, Word, tokens};
use crate::config::fault::Fault;
use crate::config::problem::Problems;
use crate::config::source::{Lines, Place, Text, is_blank};

/// Blocks inside blocks; no keyword needs more than four.
const DEEPEST: usize = 64;

/// The tree of some lines, one statement of the root level after the other.
///
/// It is never there as a whole: a large file has ten times its size in words and places.
pub(in crate::config) struct Tree<'l> {
    lines: &'l Lines,
    /// Index of the next line to read.
    next: u32,
    problems: Problems,
    root: &'static dyn Shapes,
    /// Statements of the root level that are complete.
    done: VecDeque<Statement>,
    /// Blocks that wait for their `}`, outermost first.
    open: Vec<Frame>,
    /// A statement without block so far; a `{` on a later line may still give it one.
    last: Option<Statement>,
    /// The innermost block that was closed by a `}` of another column than its own line's.
    misplaced: Option<Opened>,
}

/// The statements of the root level.
impl Iterator for Tree<'_> {
    type Item = Statement;

    fn next(&mut self) -> Option<Statement> {
        while self.done.is_empty() {
            let place = Place { line: self.next, offset: 0 };
            match self.lines.live(self.next) {
                Some(Some(text)) => self.line(place, &text),
                Some(None) => {}
                None => {
                    self.finish();
                    break;
                }
            }
            self.next += 1;
        }
        self.done.pop_front()
    }
}

struct Frame {
    statement: Statement,
    statements: Vec<Statement>,
    inside: Inside,
    /// The file has this `{`, or the keyword needs one.
    expected: bool,
    /// Column of the statement, `None` when it does not begin its line.
    indent: Option<usize>,
    /// Frames below this one when it was opened.
    depth: usize,
}

#[derive(Clone, Copy)]
enum Inside {
    Keywords(&'static dyn Shapes),
    Entries,
    Skipped,
}

/// The statement that opened a block, for a problem about it.
#[derive(Clone)]
struct Opened {
    keyword: String,
    place: Place,
    depth: usize,
}

impl<'l> Tree<'l> {
    /// Begins with `lines`, whose root level knows the keywords of `root`.
    pub(in crate::config) fn new(lines: &'l Lines, root: &'static dyn Shapes) -> Self {
        Self {
            lines,
            next: 0,
            problems: Problems::default(),
            root,
            done: VecDeque::new(),
            open: Vec::new(),
            last: None,
            misplaced: None,
        }
    }

    /// What was wrong with braces and quotes.
    pub(in crate::config) fn into_problems(self) -> Problems {
        self.problems
    }

    fn line(&mut self, place: Place, line: &Text) {
        let mut words: Vec<Word> = Vec::new();
        for (at, token) in tokens(line) {
            let here = place.plus(at);
            match token {
                Token::Word(word) => {
                    if words.is_empty() {
                        // Most lines have two words; a large file has many lines.
                        words.reserve_exact(2);
                    }
                    let start = word.as_ptr() as usize - line.as_ptr() as usize;
                    words.push(Word { text: line.slice(start..start + word.len()), place: here });
                }
                Token::Unclosed(_) if self.is_script(&words) => {}
                Token::Unclosed(_) => self.problems.add(here, Fault::UnclosedQuote),
                Token::Open => {
                    self.statement(std::mem::take(&mut words), line, at);
                    self.open_brace(here, line);
                }
                Token::Close => {
                    self.statement(std::mem::take(&mut words), line, at);
                    self.settle();
                    self.close_brace(here);
                }
            }
        }
        self.statement(words, line, line.len());
    }

    /// Whether these words begin a command line: its own reader says when a quote stays open.
    fn is_script(&self, words: &[Word]) -> bool {
        words.first().is_some_and(|first| matches!(self.shape(&first.text), Some(Shape::Script)))
    }

    /// Takes the words before a brace or the end of the line.
    fn statement(&mut self, words: Vec<Word>, line: &Text, end: usize) {
        let Some(first) = words.first() else { return };
        self.settle();
        let after = words.get(1).map_or(end, |word| word.place.offset as usize).min(end);
        let rest =
            Word { text: line.slice(after..end), place: Place { offset: after as u32, ..first.place } };
        self.last = Some(Statement { words, rest, block: None });
    }

    /// The statement before this one gets no block any more.
    fn settle(&mut self) {
        let Some(last) = self.last.take() else { return };
        match self.shape(last.keyword()) {
            Some(shape @ (Shape::Entries | Shape::Block(_))) => {
                let keyword = last.keyword().to_owned();
                self.problems.add(last.place(), Fault::MissingOpen { keyword });
                self.enter(last, inside(shape), true, None);
            }
            Some(Shape::Line | Shape::Script) | None => self.push(last),
        }
    }

    fn open_brace(&mut self, here: Place, line: &Text) {
        let Some(last) = self.last.take() else {
            self.problems.add(here, Fault::UnexpectedOpen { keyword: None });
            let word = Word { text: line.slice(0..0), place: here };
            let statement = Statement { words: vec![word.clone()], rest: word, block: None };
            return self.enter(statement, Inside::Skipped, false, None);
        };
        self.recover(&last);
        let keyword = last.keyword().to_owned();
        let indent = (here.line == last.place().line).then(|| self.indent(last.place())).flatten();
        match self.shape(&keyword) {
            Some(Shape::Line) => {
                self.problems.add(here, Fault::UnexpectedOpen { keyword: Some(keyword) });
                self.enter(last, Inside::Skipped, false, indent);
            }
            Some(shape) => self.enter(last, inside(shape), true, indent),
            None => self.enter(last, Inside::Skipped, matches!(self.inside(), Inside::Skipped), indent),
        }
    }

    /// A block that belongs further out shows that a `}` is missing before it.
    fn recover(&mut self, statement: &Statement) {
        let keyword = statement.keyword();
        let bounded = (1..=DEEPEST).contains(&self.open.len());
        if !bounded || self.shape(keyword).is_some_and(|shape| !matches!(shape, Shape::Line)) {
            return;
        }
        let level = (0..self.open.len()).rev().find(|level| {
            let known = match level.checked_sub(1).and_then(|outer| self.open.get(outer)) {
                None => self.root.shape(keyword),
                Some(Frame { inside: Inside::Keywords(shapes), .. }) => shapes.shape(keyword),
                Some(_) => None,
            };
            known.is_some_and(|shape| !matches!(shape, Shape::Line))
        });
        // `track_file` stands in blocks of either kind that are skipped.
        let ambiguous = matches!(self.inside(), Inside::Skipped) && keyword.starts_with("track_");
        let Some(level) = level.filter(|_| !ambiguous) else { return };
        self.unclosed(level, Some(statement.place()));
        while self.open.len() > level {
            self.leave();
        }
    }

    fn enter(&mut self, statement: Statement, inside: Inside, expected: bool, indent: Option<usize>) {
        let depth = self.open.len();
        if depth == DEEPEST {
            self.problems.add(statement.place(), Fault::NestedTooDeep { most: DEEPEST });
        }
        self.open.push(Frame { statement, statements: Vec::new(), inside, expected, indent, depth });
    }

    fn close_brace(&mut self, here: Place) {
        let Some(frame) = self.open.last() else {
            return self.problems.add(here, Fault::UnexpectedClose);
        };
        let matches = match (frame.indent, self.indent(here)) {
            (Some(opened), Some(closed)) => opened == closed,
            _ => true,
        };
        let deeper = self.misplaced.as_ref().is_none_or(|known| known.depth < frame.depth);
        if !matches && deeper {
            let (keyword, place) = (frame.statement.keyword().to_owned(), frame.statement.place());
            self.misplaced = Some(Opened { keyword, place, depth: frame.depth });
        }
        self.leave();
        if self.open.is_empty() {
            self.misplaced = None;
        }
    }

    /// Ends the innermost block.
    fn leave(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        let mut statement = frame.statement;
        statement.block = Some(Block { statements: frame.statements, expected: frame.expected });
        self.push(statement);
    }

    fn push(&mut self, statement: Statement) {
        match self.open.last_mut() {
            Some(frame) if frame.depth < DEEPEST => frame.statements.push(statement),
            Some(_) => {}
            None => self.done.push_back(statement),
        }
    }

    /// One problem for all blocks from `level` inwards that are open where they cannot be: at `noticed`, or at the end.
    fn unclosed(&mut self, level: usize, noticed: Option<Place>) {
        let suspect = self.misplaced.take().filter(|opened| opened.depth >= level);
        let innermost = self.open.last().map(|frame| Opened {
            keyword: frame.statement.keyword().to_owned(),
            place: frame.statement.place(),
            depth: frame.depth,
        });
        if let Some(Opened { keyword, place, .. }) = suspect.or(innermost) {
            let noticed = noticed.map(|place| (place, "this cannot stand inside of it"));
            self.problems.add_related(place, Fault::Unclosed { keyword }, noticed);
        }
    }

    fn finish(&mut self) {
        self.settle();
        if !self.open.is_empty() {
            self.unclosed(0, None);
        }
        while !self.open.is_empty() {
            self.leave();
        }
    }

    /// Bytes before `place` in its physical line, when only white space stands there.
    fn indent(&self, place: Place) -> Option<usize> {
        let physical = self.lines.physical(place)?;
        physical.before().chars().all(is_blank).then_some(physical.byte)
    }

    fn inside(&self) -> Inside {
        self.open.last().map_or(Inside::Keywords(self.root), |frame| frame.inside)
    }

    fn shape(&self, keyword: &str) -> Option<Shape> {
        match self.inside() {
            Inside::Keywords(shapes) => shapes.shape(keyword),
            Inside::Entries | Inside::Skipped => None,
        }
    }
}

fn inside(shape: Shape) -> Inside {
    match shape {
        Shape::Block(shapes) => Inside::Keywords(shapes),
        Shape::Entries => Inside::Entries,
        Shape::Line | Shape::Script => Inside::Skipped,
    }
}
