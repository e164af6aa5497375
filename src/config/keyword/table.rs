//! What a keyword table is, and how statements go through one.

use std::sync::OnceLock;

use super::draft::Placed;
use super::line::{Context, Line, Set};
pub(super) use super::once::Seen;
use super::suggest::nearest;
use crate::config::fault::Fault;
use crate::config::model::Command;
use crate::config::tree::{Shape, Shapes, Statement};

/// Whether a keyword does what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It does.
    #[serde(rename = "works")]
    Effective,
    /// Understood and checked; using it gives a warning, once.
    NoEffectYet,
    /// Understood; a daemon does not start with it.
    Refused,
}

/// A keyword as documents list it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
    /// Path of the block, `/` for the root level.
    pub block: &'static str,
    /// The keyword.
    #[serde(rename = "keyword")]
    pub name: &'static str,
    /// What follows it.
    pub usage: &'static str,
    /// Whether it does what it says.
    pub status: Status,
    /// What would happen without it, for one that is refused.
    pub refusal: Option<&'static str>,
}

/// The keyword alone on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    /// Means something.
    Fine,
    /// Is an error, and the line does not count.
    Error,
    /// Ends keepalived with status 2.
    Ends,
}

/// What follows a keyword, and where it goes.
pub(super) enum Takes<D: 'static> {
    /// Nothing; further words are ignored.
    Flag(fn(&mut D)),
    /// A boolean; none means true.
    Bool(fn(&mut D, bool)),
    /// Words.
    Words(fn(&mut D, &mut Line<'_, '_>) -> Set),
    /// A command line with user and group.
    Script(fn(&mut D, Option<Box<Placed<Command>>>)),
    /// A block whose lines are entries.
    Entries(fn(&mut D, &mut Line<'_, '_>) -> Set),
    /// A block of keywords for the same draft.
    Block(&'static Table<D>),
    /// A block with a draft of its own: reads the whole statement.
    Opens(&'static dyn Shapes, fn(&mut D, &Statement, &mut Context<'_>)),
    /// A block whose lines are entries, with a name or a draft of its own: reads the whole statement.
    OpensEntries(fn(&mut D, &Statement, &mut Context<'_>)),
}

/// One row.
pub(super) struct Keyword<D: 'static> {
    pub(super) name: &'static str,
    usage: &'static str,
    status: Status,
    takes: Takes<D>,
    bare: Bare,
    /// A second use is an error and the first one counts.
    once: bool,
    /// What the block itself says, whatever is in it.
    opened: Option<fn(&mut D, &Statement, &mut Context<'_>)>,
}

impl<D> Keyword<D> {
    const fn new(name: &'static str, usage: &'static str, takes: Takes<D>, bare: Bare) -> Self {
        Self { name, usage, status: Status::Effective, takes, bare, once: false, opened: None }
    }

    pub(super) const fn flag(name: &'static str, set: fn(&mut D)) -> Self {
        Self::new(name, "", Takes::Flag(set), Bare::Fine)
    }

    pub(super) const fn boolean(name: &'static str, set: fn(&mut D, bool)) -> Self {
        Self::new(name, "[<bool>]", Takes::Bool(set), Bare::Fine)
    }

    /// A keyword that ends keepalived when its words are missing.
    pub(super) const fn words(
        name: &'static str,
        usage: &'static str,
        set: fn(&mut D, &mut Line<'_, '_>) -> Set,
    ) -> Self {
        Self::new(name, usage, Takes::Words(set), Bare::Ends)
    }

    /// A script that ends keepalived when it is missing, and of which the first one counts.
    pub(super) const fn script(name: &'static str, set: fn(&mut D, Option<Box<Placed<Command>>>)) -> Self {
        Self::new(name, "<script> [<user> [<group>]]", Takes::Script(set), Bare::Ends).first()
    }

    pub(super) const fn entries(
        name: &'static str,
        usage: &'static str,
        set: fn(&mut D, &mut Line<'_, '_>) -> Set,
    ) -> Self {
        Self::new(name, usage, Takes::Entries(set), Bare::Fine)
    }

    pub(super) const fn block(name: &'static str, table: &'static Table<D>) -> Self {
        Self::new(name, "{ ... }", Takes::Block(table), Bare::Fine)
    }

    pub(super) const fn opens(
        name: &'static str,
        usage: &'static str,
        shapes: &'static dyn Shapes,
        open: fn(&mut D, &Statement, &mut Context<'_>),
    ) -> Self {
        Self::new(name, usage, Takes::Opens(shapes, open), Bare::Fine)
    }

    pub(super) const fn opens_entries(
        name: &'static str,
        usage: &'static str,
        open: fn(&mut D, &Statement, &mut Context<'_>),
    ) -> Self {
        Self::new(name, usage, Takes::OpensEntries(open), Bare::Fine)
    }

    /// Alone on its line the keyword is an error.
    pub(super) const fn bare_is_error(mut self) -> Self {
        self.bare = Bare::Error;
        self
    }

    /// Alone on its line the keyword means something.
    pub(super) const fn bare_is_fine(mut self) -> Self {
        self.bare = Bare::Fine;
        self
    }

    /// Alone on its line the keyword ends keepalived.
    pub(super) const fn bare_ends(mut self) -> Self {
        self.bare = Bare::Ends;
        self
    }

    /// A second use is an error.
    pub(super) const fn first(mut self) -> Self {
        self.once = true;
        self
    }

    /// What the block itself says, whatever is in it.
    pub(super) const fn when_opened(mut self, opened: fn(&mut D, &Statement, &mut Context<'_>)) -> Self {
        self.opened = Some(opened);
        self
    }

    pub(super) const fn no_effect(mut self) -> Self {
        self.status = Status::NoEffectYet;
        self
    }

    pub(super) const fn refused(mut self) -> Self {
        self.status = Status::Refused;
        self
    }

    fn shape(&self) -> Shape {
        match &self.takes {
            Takes::Flag(_) | Takes::Bool(_) | Takes::Words(_) => Shape::Line,
            Takes::Script(_) => Shape::Script,
            Takes::Entries(_) | Takes::OpensEntries(_) => Shape::Entries,
            Takes::Block(table) => Shape::Block(*table),
            Takes::Opens(shapes, _) => Shape::Block(*shapes),
        }
    }
}

/// The keywords of one block.
pub(super) struct Table<D: 'static> {
    /// Path of the block, `/` for the root level.
    block: &'static str,
    keywords: &'static [Keyword<D>],
    /// Keywords that other blocks have too.
    shared: &'static [&'static [Keyword<D>]],
    /// What becomes of the whole block, for blocks inside of one that is refused.
    status: Status,
    /// All rows in the order of [`by_length`].
    by_name: OnceLock<Vec<&'static Keyword<D>>>,
}

impl<D> Table<D> {
    pub(super) const fn new(block: &'static str, keywords: &'static [Keyword<D>]) -> Self {
        Self { block, keywords, shared: &[], status: Status::Effective, by_name: OnceLock::new() }
    }

    /// Adds keywords that other blocks have too.
    pub(super) const fn sharing(mut self, shared: &'static [&'static [Keyword<D>]]) -> Self {
        self.shared = shared;
        self
    }

    /// The block that this one stands in, or itself, does not do what it says yet.
    pub(super) const fn part_of(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    fn rows(&self) -> impl Iterator<Item = &'static Keyword<D>> + use<D> {
        self.keywords.iter().chain(self.shared.iter().copied().flatten())
    }

    fn find(&self, name: &str) -> Option<&'static Keyword<D>> {
        let by_name = self.by_name.get_or_init(|| {
            let mut rows: Vec<&Keyword<D>> = self.rows().collect();
            rows.sort_by_key(|row| by_length(row.name));
            rows
        });
        let at = by_name.binary_search_by_key(&by_length(name), |row| by_length(row.name)).ok()?;
        by_name.get(at).copied()
    }

    pub(super) fn knows(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub(super) fn listed(&self) -> Vec<Listed> {
        let row = |row: &Keyword<D>| Listed {
            block: self.block,
            name: row.name,
            usage: row.usage,
            status: self.status_of(row),
            refusal: (self.status_of(row) == Status::Refused)
                .then(|| super::refusal::why(self.block, row.name)),
        };
        self.rows().map(row).collect()
    }

    /// A keyword of a block that is refused is refused with it.
    fn status_of(&self, row: &Keyword<D>) -> Status {
        if row.status == Status::Effective { self.status } else { row.status }
    }

    /// The block as people call it.
    fn called(&self) -> &'static str {
        if self.block == "/" { "the file's root level" } else { self.block }
    }

    /// Takes every statement of a block into `draft`.
    pub(super) fn apply(
        &'static self,
        statements: &[Statement],
        draft: &mut D,
        seen: &mut Seen,
        context: &mut Context<'_>,
    ) {
        for statement in statements {
            self.statement(statement, draft, seen, context);
        }
    }

    pub(super) fn statement(
        &'static self,
        statement: &Statement,
        draft: &mut D,
        seen: &mut Seen,
        context: &mut Context<'_>,
    ) {
        let word = statement.keyword();
        let stray = statement.block.as_ref().is_some_and(|block| !block.expected) && word.is_empty();
        if stray {
            return;
        }
        let Some(row) = self.find(word) else {
            return context.problems.add(statement.place(), self.unknown(word));
        };
        if row.once {
            let place = statement.place();
            let first = seen.first(row.name, place);
            if first != place {
                let fault = Fault::Repeated { keyword: word.to_owned() };
                return context.problems.add_related(place, fault, Some((first, "this one counts")));
            }
        }
        self.row(row, statement, draft, seen, context);
    }

    fn unknown(&self, word: &str) -> Fault {
        let block = self.called();
        if let Some(right) = super::root::home(word).filter(|right| *right != block) {
            return Fault::Misplaced { word: word.to_owned(), block, right };
        }
        let suggestion = nearest(word, self.rows().map(|row| row.name));
        Fault::UnknownKeyword { word: word.to_owned(), block, suggestion }
    }

    fn row(
        &self,
        row: &'static Keyword<D>,
        statement: &Statement,
        draft: &mut D,
        seen: &mut Seen,
        context: &mut Context<'_>,
    ) {
        if statement.words.len() == 1 && !self.bare(row, statement, context) {
            return;
        }
        if let Some(opened) = row.opened {
            opened(draft, statement, context);
        }
        let mut line = Line::new(statement, row.name, context);
        let set = match &row.takes {
            Takes::Flag(set) => {
                set(draft);
                Ok(())
            }
            Takes::Bool(set) => line.boolean().map(|value| {
                line.idle |= !value;
                set(draft, value);
            }),
            Takes::Words(set) => set(draft, &mut line),
            Takes::Script(set) => line.script().map(|command| set(draft, command.map(Box::new))),
            Takes::Entries(set) => entries(*set, statement, draft, &mut line),
            Takes::Block(table) => {
                let statements = statement.block.as_ref().map(|block| &block.statements[..]);
                table.apply(statements.unwrap_or_default(), draft, seen, line.context);
                Ok(())
            }
            Takes::Opens(_, open) | Takes::OpensEntries(open) => {
                open(draft, statement, line.context);
                Ok(())
            }
        };
        match set {
            Ok(()) if !line.idle => self.tell_status(row, statement, context),
            Ok(()) => {}
            Err(rejected) => context.problems.add(rejected.place, rejected.fault),
        }
    }

    /// Reports a keyword that stands alone; whether it counts all the same.
    fn bare(&self, row: &Keyword<D>, statement: &Statement, context: &mut Context<'_>) -> bool {
        let keyword = row.name.to_owned();
        let what = if row.usage.starts_with('<') { row.usage } else { "a value" };
        let early = matches!(self.block, "/" | "global_defs");
        match row.bare {
            Bare::Fine => return true,
            Bare::Error => context.problems.add(statement.place(), Fault::Incomplete { keyword, what }),
            Bare::Ends => {
                context.problems.add(statement.place(), Fault::MissingWord { keyword, what, early })
            }
        }
        false
    }

    fn tell_status(&self, row: &'static Keyword<D>, statement: &Statement, context: &mut Context<'_>) {
        let keyword = row.name;
        let fault = match row.status {
            Status::Effective => return,
            Status::NoEffectYet => Fault::NoEffectYet { keyword },
            Status::Refused => Fault::Refused { keyword },
        };
        context.problems.once(statement.place(), self.block, keyword, fault);
    }
}

/// An order of words in which most comparisons are of two numbers.
fn by_length(word: &str) -> (usize, &str) {
    (word.len(), word)
}

/// Each line of a block is one entry; a bad one does not concern the others.
fn entries<D>(
    set: fn(&mut D, &mut Line<'_, '_>) -> Set,
    statement: &Statement,
    draft: &mut D,
    line: &mut Line<'_, '_>,
) -> Set {
    if let Some(surplus) = statement.words.get(1) {
        let fault = Fault::SurplusWord { keyword: statement.keyword().to_owned(), word: surplus.to_string() };
        line.context.problems.add(surplus.place, fault);
    }
    let Some(block) = &statement.block else { return Ok(()) };
    for entry in &block.statements {
        if entry.keyword().is_empty() {
            continue;
        }
        let mut line = Line::new(entry, line.keyword, line.context);
        if let Err(rejected) = set(draft, &mut line) {
            line.context.problems.add(rejected.place, rejected.fault);
        }
    }
    Ok(())
}

impl<D> Shapes for Table<D> {
    fn shape(&self, keyword: &str) -> Option<Shape> {
        self.find(keyword).map(Keyword::shape)
    }
}
