//! `nexthop`: one way of a route that has several.

use super::encap::encap;
use super::iproute::realms;
use super::line::{Line, Rejected, Set, expected, number};
use super::route::RouteLine;
use super::words::Words;
use crate::config::model::NextHop;
use crate::config::tree::Word;
use crate::units::Family;

/// `nexthop ...` to the end of the line; what is wrong in there costs the next hops after it, not the route.
pub(super) fn next_hops(
    route: &mut RouteLine,
    first: &Word,
    words: &mut Words<'_>,
    line: &mut Line<'_, '_>,
) -> Set {
    if route.second_gateway.is_some() {
        return Err(expected(first, "no `nexthop` beside `or`"));
    }
    let mut hop = Some(first);
    while hop.is_some() {
        match next_hop(route, words, line) {
            Ok(hop) => route.model.next_hops.push(hop),
            Err(rejected) => {
                // A missing word ends keepalived; anything else only ends the line.
                line.reject(rejected);
                return Ok(());
            }
        }
        hop = words.next();
        if let Some(word) = hop.filter(|word| &***word != "nexthop") {
            return Err(line.surplus(word));
        }
    }
    Ok(())
}

fn next_hop(
    route: &mut RouteLine,
    words: &mut Words<'_>,
    line: &mut Line<'_, '_>,
) -> Result<NextHop, Rejected> {
    let mut hop = NextHop::default();
    while let Some(word) = words.peek().filter(|word| is_hop_option(word)) {
        words.next();
        match &**word {
            "via" => hop.gateway = Some(route.gateway(word, words)?),
            "dev" => hop.dev = Some(line.interface(words.value(word)?)?),
            "weight" => {
                let weight: u16 = number(words.value(word)?, 1, 256)?;
                hop.weight = u8::try_from(weight - 1).unwrap_or(u8::MAX);
            }
            "onlink" => hop.onlink = true,
            "encap" => hop.encap = Some(encap(words, line)?),
            "realms" => {
                let value = words.value(word)?;
                route.is_of(Family::V4, word)?;
                hop.realms = Some(realms(value, line)?);
            }
            _ => return Err(expected(word, "no `as`, which is not supported")),
        }
    }
    Ok(hop)
}

fn is_hop_option(word: &str) -> bool {
    matches!(word, "via" | "dev" | "weight" | "onlink" | "encap" | "realms" | "as")
}
