//! `track_file` and its old name `vrrp_track_file`: a number in a file that moves priorities.

use std::path::Path;

use super::line::{KnownScript, Line, Set, expected};
use super::number::whole;
use super::table::{Keyword, Table};
use crate::config::fault::Fault;
use crate::config::model::{InitialContent, TrackFile};
use crate::config::source::Place;
use crate::config::tree::Word;
use crate::units::Weight;

type Row = Keyword<FileDraft>;

/// Largest weight and largest sensible number in a file.
const MOST: i64 = 254;

/// The only list of this block's keywords.
pub(super) static TRACK_FILE: Table<FileDraft> = Table::new(
    "track_file",
    &[
        Row::words("file", "<path>", file).bare_is_error().first(),
        Row::words("weight", "<-254..254> [reverse]", |d, l| weight(&mut d.weight, DEFAULT, l))
            .bare_is_error(),
        Row::words("init_file", "[<number>] [overwrite]", init_file).bare_is_fine(),
    ],
);

/// Weight of a file for which none is given.
const DEFAULT: i64 = 1;

/// A block on its way.
#[derive(Debug, Default)]
pub(super) struct FileDraft {
    path: Option<(String, Place)>,
    weight: WeightDraft,
    initial: Option<InitialContent>,
}

/// `weight`, as files and processes have it.
#[derive(Debug, Default)]
pub(super) struct WeightDraft {
    value: Option<i64>,
    reverse: bool,
}

impl WeightDraft {
    pub(super) fn finish(&self, default: i64) -> KnownScript {
        let value = self.value.unwrap_or(default).clamp(-MOST, MOST);
        let weight = i16::try_from(value).ok().and_then(Weight::new).unwrap_or_default();
        KnownScript { weight, reverse: self.reverse }
    }
}

impl FileDraft {
    /// The block and what its uses take over; when there is nothing to watch, the reason.
    pub(super) fn finish(
        self,
        name: &str,
        context: &super::line::Context<'_>,
    ) -> Result<(TrackFile, KnownScript), (Option<Place>, String)> {
        let Some((path, place)) = self.path else {
            return Err((None, "has no `file` and is left out".to_owned()));
        };
        let folder = match Path::new(&path).parent() {
            // keepalived cannot resolve what stands in the root folder itself.
            Some(root) if root == Path::new("/") => None,
            Some(here) if here.as_os_str().is_empty() => Some(Path::new(".")),
            other => other,
        };
        match folder {
            Some(folder) if context.host.folder(folder) => {
                // A daemon leaves the folder in which it was started.
                let whole = std::path::absolute(&path).ok().filter(|_| context.host.is_real());
                let whole = whole.and_then(|path| path.to_str().map(str::to_owned));
                let path = whole.unwrap_or_else(|| path.clone());
                let file = TrackFile { name: name.to_owned(), path, initial: self.initial };
                Ok((file, self.weight.finish(DEFAULT)))
            }
            _ => Err((
                Some(place),
                format!("`{path}` stands in no folder that can be watched; it is left out"),
            )),
        }
    }
}

fn file(draft: &mut FileDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    draft.path = Some((word.to_string(), word.place));
    Ok(())
}

/// `N [reverse]`; once it is not the default any more, a second one is an error.
pub(super) fn weight(weight: &mut WeightDraft, default: i64, line: &mut Line<'_, '_>) -> Set {
    if weight.value.is_some_and(|value| value != default) {
        let fault = Fault::Repeated { keyword: "weight".to_owned() };
        return Err(super::line::Rejected { place: line.place(), fault });
    }
    let word = line.first()?;
    weight.value = Some(checked(word)?);
    match line.arguments().get(1) {
        None => Ok(()),
        Some(word) if &**word == "reverse" => {
            weight.reverse = true;
            Ok(())
        }
        Some(word) => Err(line.unknown_option(word)),
    }
}

fn checked(word: &Word) -> Result<i64, super::line::Rejected> {
    super::line::number(word, -MOST, MOST)
}

/// Any number of words, each a number or `overwrite`.
fn init_file(draft: &mut FileDraft, line: &mut Line<'_, '_>) -> Set {
    let overwrite = line.arguments().iter().any(|word| &**word == "overwrite");
    let mut initial = InitialContent { value: 0, overwrite };
    for word in line.arguments().iter().filter(|word| &***word != "overwrite") {
        let Some(value) = whole(word).and_then(|value| i32::try_from(value).ok()) else {
            return Err(expected(word, "a number or overwrite"));
        };
        initial.value = value;
        if i64::from(value).abs() > MOST {
            line.adjusted(word.place, format!("is {value}, beyond what moves a priority"));
        }
    }
    draft.initial = Some(initial);
    Ok(())
}
