//! `encap`: the lightweight tunnel of a route or of one of its next hops.

use std::net::IpAddr;

use super::iproute::{TOS, c_number, named_byte};
use super::line::{Line, Rejected, address, expected, number};
use super::words::Words;
use crate::config::fault::Fault;
use crate::config::model::{Encap, Tunnel};
use crate::config::tree::Word;
use crate::units::Family;

/// Largest MPLS label.
const LABEL: i128 = 1_048_575;
/// Labels that a route has room for.
const MOST_LABELS: usize = 16;
/// Groups of an ILA locator.
const LOCATOR: usize = 4;

/// `encap TYPE ...`, up to the first word that is none of its options.
pub(super) fn encap(words: &mut Words<'_>, line: &Line<'_, '_>) -> Result<Encap, Rejected> {
    let kind = words.needed("a type after `encap`", line)?;
    match &**kind {
        "ip" => tunnel(kind, Family::V4, words, line).map(Encap::Ip),
        "ip6" => tunnel(kind, Family::V6, words, line).map(Encap::Ip6),
        "mpls" => labels(words.needed("labels after `mpls`", line)?).map(Encap::Mpls),
        "ila" => locator(words.needed("a locator after `ila`", line)?).map(Encap::Ila),
        _ => Err(expected(kind, "ip, ip6, mpls or ila")),
    }
}

/// The options of `encap ip` and `encap ip6`; one of them must say where the tunnel goes.
fn tunnel(
    kind: &Word,
    family: Family,
    words: &mut Words<'_>,
    line: &Line<'_, '_>,
) -> Result<Tunnel, Rejected> {
    let mut tunnel = Tunnel::default();
    while let Some(option) = words.peek().filter(|word| is_option(word, family)) {
        words.next();
        let value = words.needed("a value after its last option", line)?;
        match &**option {
            "id" => {
                let plain = value.parse::<u64>().ok().filter(|_| !value.starts_with('+'));
                tunnel.id = Some(plain.ok_or_else(|| expected(value, "a tunnel key of up to 64 bits"))?);
            }
            "dst" => tunnel.destination = Some(end(value, family)?),
            "src" => tunnel.source = Some(end(value, family)?),
            "tos" | "tc" => tunnel.tos = Some(named_byte(value, &TOS, line)?),
            "flags" => tunnel.flags = Some(number(value, 0, 65_535)?),
            _ => tunnel.ttl = Some(number(value, 0, 255)?),
        }
    }
    if tunnel.id.is_some() || tunnel.destination.is_some() {
        return Ok(tunnel);
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

fn end(word: &Word, family: Family) -> Result<IpAddr, Rejected> {
    let end = address(word)?;
    if Family::of(end) == family { Ok(end) } else { Err(expected(word, "an address of the tunnel's family")) }
}

fn labels(word: &Word) -> Result<Vec<u32>, Rejected> {
    let label = |text: &str| {
        let label = c_number(text).filter(|label| (0..=LABEL).contains(label))?;
        u32::try_from(label).ok()
    };
    let labels: Option<Vec<u32>> = word.split('/').map(label).collect();
    let fits = labels.filter(|labels| labels.len() <= MOST_LABELS);
    fits.ok_or_else(|| expected(word, "MPLS labels of 0 to 1048575, with / between them"))
}

fn locator(word: &Word) -> Result<u64, Rejected> {
    let group = |text: &str| u16::from_str_radix(text, 16).ok().filter(|_| !text.is_empty());
    let groups: Option<Vec<u16>> = word.split(':').map(group).collect();
    let groups = groups.filter(|groups| groups.len() == LOCATOR);
    let groups =
        groups.ok_or_else(|| expected(word, "four groups of hexadecimal digits with : between them"))?;
    Ok(groups.iter().fold(0, |locator, group| locator << 16 | u64::from(*group)))
}
