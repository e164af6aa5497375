//! `encap`: the lightweight tunnel of a route or of one of its next hops.

use super::iproute::{TOS, c_number, named};
use super::line::{Line, Rejected, Set, address, expected, number};
use super::words::Words;
use crate::config::fault::Fault;
use crate::config::tree::Word;
use crate::units::Family;

/// Largest MPLS label.
const LABEL: i128 = 1_048_575;
/// Labels that a route has room for.
const MOST_LABELS: usize = 16;
/// Groups of an ILA locator.
const LOCATOR: usize = 4;

/// `encap TYPE ...`, up to the first word that is none of its options.
pub(super) fn encap(words: &mut Words<'_>, line: &Line<'_, '_>) -> Set {
    let kind = words.needed("a type after `encap`", line)?;
    match &**kind {
        "ip" => tunnel(kind, Family::V4, words, line),
        "ip6" => tunnel(kind, Family::V6, words, line),
        "mpls" => labels(words.needed("labels after `mpls`", line)?),
        "ila" => locator(words.needed("a locator after `ila`", line)?),
        _ => Err(expected(kind, "ip, ip6, mpls or ila")),
    }
}

/// The options of `encap ip` and `encap ip6`; one of them must say where the tunnel goes.
fn tunnel(kind: &Word, family: Family, words: &mut Words<'_>, line: &Line<'_, '_>) -> Set {
    let mut leads_somewhere = false;
    while let Some(option) = words.peek().filter(|word| is_option(word, family)) {
        words.next();
        let value = words.needed("a value after its last option", line)?;
        match &**option {
            "id" => {
                let plain = value.parse::<u64>().ok().filter(|_| !value.starts_with('+'));
                plain.ok_or_else(|| expected(value, "a tunnel key of up to 64 bits"))?;
                leads_somewhere = true;
            }
            "dst" => {
                end(value, family)?;
                leads_somewhere = true;
            }
            "src" => end(value, family)?,
            "tos" | "tc" => named(value, &TOS, line).map(drop)?,
            "flags" => number::<u32>(value, 0, 65_535).map(drop)?,
            _ => number::<u8>(value, 0, 255).map(drop)?,
        }
    }
    if leads_somewhere {
        return Ok(());
    }
    let (keyword, what) = (format!("encap {}", &**kind), "`id` or `dst`");
    Err(Rejected { place: kind.place, fault: Fault::Incomplete { keyword, what } })
}

fn is_option(word: &str, family: Family) -> bool {
    match word {
        "id" | "dst" | "src" | "flags" => true,
        "tos" | "ttl" => family == Family::V4,
        "tc" | "hoplimit" => family == Family::V6,
        _ => false,
    }
}

fn end(word: &Word, family: Family) -> Set {
    if Family::of(address(word)?) == family {
        return Ok(());
    }
    Err(expected(word, "an address of the tunnel's family"))
}

fn labels(word: &Word) -> Set {
    let fits = |label: &str| c_number(label).is_some_and(|label| (0..=LABEL).contains(&label));
    if word.split('/').count() <= MOST_LABELS && word.split('/').all(fits) {
        return Ok(());
    }
    Err(expected(word, "MPLS labels of 0 to 1048575, with / between them"))
}

fn locator(word: &Word) -> Set {
    let group = |text: &str| !text.is_empty() && u16::from_str_radix(text, 16).is_ok();
    if word.split(':').count() == LOCATOR && word.split(':').all(group) {
        return Ok(());
    }
    Err(expected(word, "four groups of hexadecimal digits with : between them"))
}
