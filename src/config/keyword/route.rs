//! One line of `virtual_routes` and `static_routes`, in the words of `ip route`.

use super::encap::encap;
use super::iproute::{KEEPALIVED, Named, PROTOCOLS, SCOPES, TABLES, TOS, c_number, named, realms};
use super::line::{Line, Rejected, Set, address, expected, number};
use super::number::decimal;
use super::words::Words;
use crate::config::fault::Fault;
use crate::config::source::Place;
use crate::config::tree::Word;
use crate::units::{Family, IfName};

const U32: i64 = 4_294_967_295;

/// A line on its way.
#[derive(Default)]
struct Route {
    family: Option<Family>,
    destination: bool,
    /// `dev` or `oif`.
    interface: bool,
    /// `or`, the old way to write a second gateway.
    second_gateway: bool,
    /// `protocol`, when it is not keepalived's own.
    foreign_protocol: Option<Place>,
    no_track: bool,
    track_group: Option<Place>,
}

/// A line of `virtual_routes`.
pub(super) fn virtual_route(line: &mut Line<'_, '_>) -> Set {
    route(line, false)
}

/// A line of `static_routes`, which may follow a `track_group`.
pub(super) fn static_route(line: &mut Line<'_, '_>) -> Set {
    route(line, true)
}

fn route(line: &mut Line<'_, '_>, of_static: bool) -> Set {
    let mut route = Route::default();
    let mut words = Words::new(line.all());
    while let Some(word) = words.next() {
        if &**word == "nexthop" {
            next_hops(&mut route, word, &mut words, line)?;
            break;
        }
        match &**word {
            "track_group" if of_static => track_group(&mut route.track_group, word, &mut words, line)?,
            _ => route.option(word, &mut words, line)?,
        }
    }
    if !route.destination {
        return Err(line.missing("a destination"));
    }
    if let Some(place) = route.foreign_protocol.filter(|_| !route.no_track) {
        line.adjusted(place, "are tracked with protocol 18 only, which is used; or write `no_track`");
    }
    match route.track_group.filter(|_| !route.interface) {
        Some(place) => Err(without_interface(place, "`dev` beside `track_group`")),
        None => Ok(()),
    }
}

impl Route {
    fn option(&mut self, word: &Word, words: &mut Words<'_>, line: &mut Line<'_, '_>) -> Set {
        match &**word {
            "inet" | "inet6" => {
                self.is_of(if &**word == "inet" { Family::V4 } else { Family::V6 }, word)?;
                // keepalived passes over the word after it.
                words.next();
            }
            "to" => {
                let destination = words.value(word)?;
                self.destination(destination, line)?;
            }
            "src" => {
                let source = words.value(word)?;
                self.is_of(Family::of(address(source)?), source)?;
            }
            "as" => {
                if &**words.value(word)? == "to" {
                    words.next();
                }
                line.adjusted(word.place, "take `as` for MPLS only; it is left out");
            }
            "via" => self.gateway(word, words)?,
            "gw" => {
                let fault = Fault::Deprecated { keyword: "gw", what: "write `via`" };
                line.report(word.place, fault);
                self.gateway(word, words)?;
            }
            "or" => self.second_gateway(word, words, line)?,
            "from" => self.source(words.value(word)?, line)?,
            "dev" | "oif" => {
                line.interface(words.value(word)?)?;
                self.interface = true;
            }
            "vrf" => vrf(words.value(word)?, line)?,
            "tos" | "dsfield" => named(words.value(word)?, &TOS, line).map(drop)?,
            "table" => named(words.value(word)?, &TABLES, line).map(drop)?,
            "scope" => named(words.value(word)?, &SCOPES, line).map(drop)?,
            "protocol" => {
                let value = words.value(word)?;
                let own = named(value, &PROTOCOLS, line)? == Named::Number(u32::from(KEEPALIVED));
                self.foreign_protocol = (!own).then_some(value.place);
            }
            "metric" | "priority" | "preference" => whole(words.value(word)?)?,
            "onlink" | "add" | "append" | "prepend" => {}
            "no_track" => self.no_track = true,
            "encap" => encap(words, line)?,
            "expires" => {
                whole(words.value(word)?)?;
                self.is_of(Family::V6, word)?;
            }
            "realms" => {
                let value = words.value(word)?;
                self.is_of(Family::V4, word)?;
                realms(value, line)?;
            }
            "pref" => {
                let value = words.value(word)?;
                self.is_of(Family::V6, word)?;
                if !matches!(&**value, "low" | "medium" | "high") {
                    number::<u8>(value, 0, 255)?;
                }
            }
            _ => return self.metric(word, words, line),
        }
        Ok(())
    }

    /// What the kernel keeps as metrics of a route; any other word is the destination.
    fn metric(&mut self, word: &Word, words: &mut Words<'_>, line: &mut Line<'_, '_>) -> Set {
        match &**word {
            "mtu" | "advmss" | "reordering" | "cwnd" | "ssthresh" => whole(lockable(word, words)?),
            "rtt" => time(lockable(word, words)?, 8, line),
            "rttvar" => time(lockable(word, words)?, 4, line),
            "rto_min" => time(lockable(word, words)?, 1, line),
            "congctl" => lockable(word, words).map(drop),
            "window" | "initcwnd" | "initrwnd" => whole(words.value(word)?),
            "hoplimit" => number::<u8>(words.value(word)?, 0, 255).map(drop),
            "quickack" | "fastopen_no_cookie" => number::<u8>(words.value(word)?, 0, 1).map(drop),
            "features" => {
                let value = words.value(word)?;
                if &**value != "ecn" {
                    line.reject(expected(value, "ecn"));
                }
                Ok(())
            }
            "ttl-propagate" => {
                let value = words.value(word)?;
                if !matches!(&**value, "enabled" | "disabled") {
                    line.reject(expected(value, "enabled or disabled"));
                }
                Ok(())
            }
            _ if is_type(word) => {
                let destination = words.value(word)?;
                self.destination(destination, line)
            }
            _ => self.destination(word, line),
        }
    }

    /// An address, or a word for all of them; those come before anything that has a family.
    fn destination(&mut self, word: &Word, line: &mut Line<'_, '_>) -> Set {
        match (&**word, self.family) {
            ("default" | "any" | "all", Some(_)) => return Err(mixed(word)),
            ("default" | "any" | "all", None) => {}
            ("default6", _) => {
                self.is_of(Family::V6, word)?;
                let what = "of `default6` is an old spelling of `::/0`".to_owned();
                line.report(word.place, Fault::Remark { keyword: line.keyword, what });
            }
            _ => {
                let (prefix, _) = super::address::prefix(word, line)?;
                self.is_of(prefix.family(), word)?;
            }
        }
        self.destination = true;
        Ok(())
    }

    fn gateway(&mut self, word: &Word, words: &mut Words<'_>) -> Set {
        let mut value = words.value(word)?;
        let family = match &**value {
            "inet" => Some(Family::V4),
            "inet6" => Some(Family::V6),
            _ => None,
        };
        if let Some(family) = family {
            value = words.value(value)?;
            self.is_of(family, value)?;
        }
        self.is_of(Family::of(address(value)?), value)
    }

    fn second_gateway(&mut self, word: &Word, words: &mut Words<'_>, line: &mut Line<'_, '_>) -> Set {
        let fault = Fault::Deprecated { keyword: "or", what: "write `nexthop`" };
        line.report(word.place, fault);
        let value = words.value(word)?;
        if std::mem::replace(&mut self.second_gateway, true) {
            return Err(Rejected { place: word.place, fault: Fault::Repeated { keyword: "or".to_owned() } });
        }
        self.is_of(Family::of(address(value)?), value)
    }

    /// `from`, which IPv4 does not have.
    fn source(&mut self, word: &Word, line: &mut Line<'_, '_>) -> Set {
        let (prefix, _) = super::address::prefix(word, line)?;
        if prefix.family() == Family::V4 {
            return Err(expected(word, "an IPv6 source prefix"));
        }
        self.is_of(Family::V6, word)
    }

    /// All addresses of a route are of one family, that of the first.
    fn is_of(&mut self, family: Family, word: &Word) -> Set {
        if *self.family.get_or_insert(family) == family { Ok(()) } else { Err(mixed(word)) }
    }
}

fn mixed(word: &Word) -> Rejected {
    expected(word, "what is of one family with the words before it")
}

/// A route type, by name or number.
fn is_type(word: &str) -> bool {
    matches!(
        word,
        "local"
            | "nat"
            | "broadcast"
            | "brd"
            | "anycast"
            | "multicast"
            | "prohibit"
            | "unreachable"
            | "blackhole"
            | "xresolve"
            | "unicast"
            | "throw"
    ) || c_number(word).is_some_and(|number| (0..=255).contains(&number))
}

fn whole(word: &Word) -> Set {
    number::<u32>(word, 0, U32).map(drop)
}

/// `[lock] VALUE`.
fn lockable<'l>(word: &Word, words: &mut Words<'l>) -> Result<&'l Word, Rejected> {
    let value = words.value(word)?;
    if &**value == "lock" { words.value(value) } else { Ok(value) }
}

/// A time with a unit, or a whole number of the kernel's units, `per_ms` to a millisecond.
fn time(word: &Word, per_ms: i64, line: &mut Line<'_, '_>) -> Set {
    const SHORTEST: i64 = 200_000;
    const LONGEST: i64 = 120_000_000;
    let want = "0.2 to 120 seconds";
    let lower = word.to_ascii_lowercase();
    let units = [("ms", 1000, 3), ("secs", 1, 3), ("sec", 1, 3), ("s", 1, 3)];
    let with_unit =
        units.iter().find_map(|(unit, parts, places)| Some((lower.strip_suffix(unit)?, *parts, *places)));
    let (digits, parts, places) = with_unit.unwrap_or((&lower, 1000 * per_ms, 0));
    let read = decimal(digits, places).ok_or_else(|| expected(word, want))?;
    let micros = read.micros / parts;
    if micros > LONGEST {
        return Err(expected(word, want));
    }
    if read.rounded {
        line.adjusted(word.place, format!("take {places} decimal places here; the value is rounded"));
    }
    if micros < SHORTEST {
        line.adjusted(word.place, format!("have {want} here; 0.2 seconds are used"));
    }
    Ok(())
}

/// A VRF that does not exist costs the line only.
fn vrf(word: &Word, line: &Line<'_, '_>) -> Set {
    let name = IfName::new(word).ok_or_else(|| expected(word, "the name of a VRF"))?;
    match line.context.host.link(&name) {
        Some(_) => Ok(()),
        None => Err(expected(word, "an existing VRF")),
    }
}

/// `track_group NAME` of a static entry; the group must stand before its use.
pub(super) fn track_group(
    known: &mut Option<Place>,
    word: &Word,
    words: &mut Words<'_>,
    line: &Line<'_, '_>,
) -> Set {
    if known.is_some() {
        let fault = Fault::Repeated { keyword: "track_group".to_owned() };
        return Err(Rejected { place: word.place, fault });
    }
    let name = words.value(word)?;
    *known = Some(word.place);
    super::track_group::defined(name, line)
}

/// What needs an interface and has none.
pub(super) fn without_interface(place: Place, what: &'static str) -> Rejected {
    Rejected { place, fault: Fault::Incomplete { keyword: "track_group".to_owned(), what } }
}

/// `nexthop ...` to the end of the line; what is wrong in there costs the next hops, not the route.
fn next_hops(route: &mut Route, first: &Word, words: &mut Words<'_>, line: &mut Line<'_, '_>) -> Set {
    if route.second_gateway {
        return Err(expected(first, "no `nexthop` beside `or`"));
    }
    let mut hop = Some(first);
    while hop.is_some() {
        if let Err(rejected) = next_hop(route, words, line) {
            // A missing word ends keepalived; anything else only ends the line.
            line.reject(rejected);
            return Ok(());
        }
        hop = words.next();
        if let Some(word) = hop.filter(|word| &***word != "nexthop") {
            return Err(line.surplus(word));
        }
    }
    Ok(())
}

fn next_hop(route: &mut Route, words: &mut Words<'_>, line: &mut Line<'_, '_>) -> Set {
    while let Some(word) = words.peek().filter(|word| is_hop_option(word)) {
        words.next();
        match &**word {
            "via" => route.gateway(word, words)?,
            "dev" => drop(line.interface(words.value(word)?)?),
            "weight" => drop(number::<u16>(words.value(word)?, 1, 256)?),
            "onlink" => {}
            "encap" => encap(words, line)?,
            "realms" => {
                let value = words.value(word)?;
                route.is_of(Family::V4, word)?;
                realms(value, line)?;
            }
            _ => return Err(expected(word, "no `as`, which is not supported")),
        }
    }
    Ok(())
}

fn is_hop_option(word: &str) -> bool {
    matches!(word, "via" | "dev" | "weight" | "onlink" | "encap" | "realms" | "as")
}
