//! The lines of the `track_*` blocks.

use super::draft::{InstanceDraft, Placed};
use super::line::{Line, Rejected, Set, expected};
use super::number::whole;
use super::suggest::nearest;
use crate::config::fault::Fault;
use crate::config::model::{TrackInterface, TrackScript};
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

/// `IF [weight N [reverse]]`.
pub(super) fn interface(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let first = line.all().first().ok_or_else(|| line.missing("an interface"))?;
    let name =
        IfName::new(first).ok_or_else(|| expected(first, "an interface name of 1 to 15 characters"))?;
    line.context.check_interface(&name, first.place);
    if draft.track_interfaces.iter().any(|known| known.value.name == name) {
        return Err(twice("interface", first));
    }
    let options = options(line, &["reverse"])?;
    let weight = options.weight.unwrap_or_default();
    let reverse = options.reverse.unwrap_or(false);
    draft.track_interfaces.push(Placed::new(TrackInterface { name, weight, reverse }, first.place));
    Ok(())
}

/// `SCRIPT [weight N [reverse|noreverse]]`; the script must stand before its use.
pub(super) fn script(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let first = line.all().first().ok_or_else(|| line.missing("a script"))?;
    if !line.context.scripts.contains_key(&**first) {
        let names = line.context.scripts.keys().map(String::as_str);
        let suggestion = nearest(first, names).map(str::to_owned);
        let fault = Fault::Undefined { kind: "vrrp_script", name: first.to_string(), suggestion };
        return Err(Rejected { place: first.place, fault });
    }
    if draft.track_scripts.iter().any(|known| known.value.name == **first) {
        return Err(twice("script", first));
    }
    let options = options(line, &["reverse", "noreverse"])?;
    let script = line.context.scripts.get(&**first).copied().unwrap_or_default();
    let name = first.to_string();
    draft.track_scripts.push(Placed::new(
        TrackScript {
            name,
            weight: options.weight.unwrap_or(script.weight),
            reverse: options.reverse.unwrap_or(script.reverse),
        },
        first.place,
    ));
    Ok(())
}

/// A tracked object of a kind that has no table yet: only its name and weight are looked at.
pub(super) fn other(_: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    options(line, &["reverse", "noreverse"]).map(drop)
}

fn twice(kind: &'static str, word: &Word) -> Rejected {
    Rejected { place: word.place, fault: Fault::ListedTwice { kind, name: word.to_string() } }
}

fn options(line: &mut Line<'_, '_>, senses: &[&str]) -> Result<Options, Rejected> {
    let mut options = Options { weight: None, reverse: None };
    let mut words = line.arguments().iter();
    let Some(keyword) = words.next() else { return Ok(options) };
    if &**keyword != "weight" {
        return Err(line.unknown_option(keyword));
    }
    let value = words.next().ok_or_else(|| line.missing("a number after `weight`"))?;
    options.weight = weight(value, line);
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

fn weight(word: &Word, line: &mut Line<'_, '_>) -> Option<Weight> {
    let value =
        whole(word).and_then(|value| i16::try_from(value).ok()).filter(|value| value.abs() <= MOST + 1);
    let Some(value) = value else {
        line.reject(expected(word, "a weight of -253 to 253"));
        return None;
    };
    let limited = value.clamp(-MOST, MOST);
    if limited != value {
        line.adjusted(
            word.place,
            format!("has a weight of at most {MOST}; {limited} is used instead of {value}"),
        );
    }
    Weight::new(limited)
}
