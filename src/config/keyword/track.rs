//! The lines of the `track_*` blocks.

use std::collections::HashMap;

use super::draft::Placed;
use super::line::{KnownScript, Line, Rejected, Set, expected};
use super::number::whole;
use super::suggest::nearest;
use crate::config::fault::Fault;
use crate::config::model::{TrackInterface, TrackScript, Tracked};
use crate::config::source::Place;
use crate::config::tree::Word;
use crate::units::{IfName, Weight};

/// Largest weight that does not overflow a priority.
const MOST: i16 = 253;

/// What follows the name of a tracked object.
struct Options {
    /// `None` when it is not given, or wrong.
    weight: Option<Weight>,
    reverse: Option<bool>,
}

/// The `track_*` blocks of an instance or a sync group.
#[derive(Debug, Default)]
pub(in crate::config) struct TrackDrafts {
    pub(in crate::config) interfaces: Vec<Placed<TrackInterface>>,
    pub(in crate::config) scripts: Vec<Placed<TrackScript>>,
    pub(in crate::config) files: Vec<Placed<Tracked>>,
    pub(in crate::config) processes: Vec<Placed<Tracked>>,
    pub(in crate::config) bfds: Vec<Placed<Tracked>>,
}

/// `IF [weight N [reverse]]`.
pub(super) fn interface(known: &mut Vec<Placed<TrackInterface>>, line: &mut Line<'_, '_>) -> Set {
    let first = line.all().first().ok_or_else(|| line.missing("an interface"))?;
    let name =
        IfName::new(first).ok_or_else(|| expected(first, "an interface name of 1 to 15 characters"))?;
    line.context.check_interface(&name, first.place);
    if let Some(known) = known.iter().find(|known| known.value.name == name) {
        twice("interface", first, Some(known.place), line);
        return Ok(());
    }
    let options = options(line, &["reverse"], MOST)?;
    let weight = options.weight.unwrap_or_default();
    let reverse = options.reverse.unwrap_or(false);
    known.push(Placed::new(TrackInterface { name, weight, reverse }, first.place));
    Ok(())
}

/// `SCRIPT [weight N [reverse|noreverse]]`; the script must stand before its use.
pub(super) fn script(known: &mut Vec<Placed<TrackScript>>, line: &mut Line<'_, '_>) -> Set {
    let first = line.all().first().ok_or_else(|| line.missing("a script"))?;
    let script = defined("vrrp_script", first, &line.context.scripts)?;
    if let Some(known) = known.iter().find(|known| known.value.name == **first) {
        twice("script", first, Some(known.place), line);
        return Ok(());
    }
    let options = options(line, &["reverse", "noreverse"], MOST)?;
    let name = first.to_string();
    let weight = options.weight.unwrap_or(script.weight);
    let reverse = options.reverse.unwrap_or(script.reverse);
    known.push(Placed::new(TrackScript { name, weight, reverse }, first.place));
    Ok(())
}

/// `FILE [weight N [reverse|noreverse]]`; the file must stand before its use.
pub(super) fn file(known: &mut Vec<Placed<Tracked>>, line: &mut Line<'_, '_>) -> Set {
    let first = line.all().first().ok_or_else(|| line.missing("a file"))?;
    let file = defined("track_file", first, &line.context.defined.files)?;
    other(known, "file", first, file, MOST + 1, line)
}

/// `PROCESS [weight N [reverse|noreverse]]`; the process must stand before its use.
pub(super) fn process(known: &mut Vec<Placed<Tracked>>, line: &mut Line<'_, '_>) -> Set {
    let first = line.all().first().ok_or_else(|| line.missing("a process"))?;
    let process = defined("vrrp_track_process", first, &line.context.defined.processes)?;
    other(known, "process", first, process, MOST + 1, line)
}

/// `BFD [weight N [reverse|noreverse]]`; the session must stand before its use.
pub(super) fn bfd(known: &mut Vec<Placed<Tracked>>, line: &mut Line<'_, '_>) -> Set {
    let first = line.all().first().ok_or_else(|| line.missing("a bfd_instance"))?;
    let all = &line.context.defined.bfd_instances;
    let Some(bfd) = all.get(&**first).filter(|bfd| bfd.for_vrrp) else {
        let ours = all.iter().filter(|(_, bfd)| bfd.for_vrrp).map(|(name, _)| name.as_str());
        return Err(undefined("bfd_instance", first, ours));
    };
    other(known, "bfd_instance", first, bfd.weight, MOST, line)
}

fn other(
    known: &mut Vec<Placed<Tracked>>,
    kind: &'static str,
    first: &Word,
    defined: KnownScript,
    most: i16,
    line: &mut Line<'_, '_>,
) -> Set {
    if let Some(known) = known.iter().find(|known| known.value.name == **first) {
        twice(kind, first, Some(known.place), line);
        return Ok(());
    }
    let options = options(line, &["reverse", "noreverse"], most)?;
    let weight = options.weight.unwrap_or(defined.weight);
    let reverse = options.reverse.unwrap_or(defined.reverse);
    known.push(Placed::new(Tracked { name: first.to_string(), weight, reverse }, first.place));
    Ok(())
}

/// What the blocks before this line say of a name.
fn defined(
    kind: &'static str,
    name: &Word,
    known: &HashMap<String, KnownScript>,
) -> Result<KnownScript, Rejected> {
    known.get(&**name).copied().ok_or_else(|| undefined(kind, name, known.keys().map(String::as_str)))
}

fn undefined<'n>(kind: &'static str, name: &Word, known: impl Iterator<Item = &'n str>) -> Rejected {
    let suggestion = nearest(name, known).map(str::to_owned);
    let fault = Fault::Undefined { kind, name: name.to_string(), suggestion };
    Rejected { place: name.place, fault }
}

/// Reports an entry that stands twice, with the place of the first one if it is known.
pub(super) fn twice(kind: &'static str, word: &Word, first: Option<Place>, line: &mut Line<'_, '_>) {
    let fault = Fault::ListedTwice { kind, name: word.to_string() };
    line.context.problems.add_related(word.place, fault, first.map(|first| (first, "this one counts")));
}

fn options(line: &mut Line<'_, '_>, senses: &[&str], most: i16) -> Result<Options, Rejected> {
    let mut options = Options { weight: None, reverse: None };
    let mut words = line.arguments().iter();
    let Some(keyword) = words.next() else { return Ok(options) };
    if &**keyword != "weight" {
        return Err(line.unknown_option(keyword));
    }
    let value = words.next().ok_or_else(|| line.missing("a number after `weight`"))?;
    options.weight = weight(value, most, line);
    if let Some(sense) = words.next() {
        if senses.contains(&&**sense) {
            options.reverse = Some(&**sense == "reverse");
        } else {
            let unknown = line.unknown_option(sense);
            line.reject(unknown);
        }
    }
    Ok(options)
}

/// A weight of at most 253; one more is mended for interfaces and scripts, and taken from `most` 254 without a word.
fn weight(word: &Word, most: i16, line: &mut Line<'_, '_>) -> Option<Weight> {
    let mends = line.keyword != "track_bfd";
    let highest = if mends { MOST + 1 } else { MOST };
    let value =
        whole(word).and_then(|value| i16::try_from(value).ok()).filter(|value| value.abs() <= highest);
    let Some(value) = value else {
        line.reject(expected(word, "a weight of -253 to 253"));
        return None;
    };
    let limited = value.clamp(-most, most);
    if value.abs() > most {
        line.adjusted(
            word.place,
            format!("has a weight of at most {most}; {limited} is used instead of {value}"),
        );
    }
    Weight::new(limited)
}
