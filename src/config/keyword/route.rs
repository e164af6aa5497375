//! One line of `virtual_routes` and `static_routes`, in the words of `ip route`.

use std::net::IpAddr;

use super::draft::{Draft, InstanceDraft, Placed};
use super::encap::encap;
use super::iproute::{PROTOCOLS, SCOPES, TABLES, TOS, c_number, named, named_byte, realms};
use super::line::{Line, Rejected, Set, address, expected, number};
use super::next_hop::next_hops;
use super::route_metric::{metric, whole};
use super::words::Words;
use crate::config::fault::Fault;
use crate::config::model::{NextHop, Placing, Prefix, Route, RouteKind, RouteTable};
use crate::config::source::Place;
use crate::config::tree::Word;
use crate::units::{Family, IfName};

/// Where `default` leads for each family.
const DEFAULT4: Prefix = Prefix::whole(Family::V4.unspecified());
const DEFAULT6: Prefix = Prefix::whole(Family::V6.unspecified());

/// A line on its way.
pub(super) struct RouteLine {
    pub(super) model: Route,
    family: Option<Family>,
    destination: bool,
    /// The destination was a word for all addresses, of whichever family.
    everywhere: bool,
    /// `or`, the old way to write a second gateway.
    pub(super) second_gateway: Option<IpAddr>,
    /// `protocol`, when it is not keepalived's own.
    foreign_protocol: Option<Place>,
    track_group: Option<Placed<String>>,
}

/// A line of `virtual_routes`.
pub(super) fn virtual_route(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let (route, _) = route(line, false)?;
    draft.routes.push(route);
    Ok(())
}

/// A line of `static_routes`, which may follow a `track_group`.
pub(super) fn static_route(draft: &mut Draft, line: &mut Line<'_, '_>) -> Set {
    let (route, group) = route(line, true)?;
    draft.statics.follow(group, route.dev.as_ref());
    draft.statics.routes.push(route);
    Ok(())
}

fn route(line: &mut Line<'_, '_>, of_static: bool) -> Result<(Route, Option<Placed<String>>), Rejected> {
    let mut route = RouteLine {
        model: Route::plain(DEFAULT4),
        family: None,
        destination: false,
        everywhere: false,
        second_gateway: None,
        foreign_protocol: None,
        track_group: None,
    };
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
    route.finish(line)
}

impl RouteLine {
    fn finish(mut self, line: &mut Line<'_, '_>) -> Result<(Route, Option<Placed<String>>), Rejected> {
        if !self.destination {
            return Err(line.missing("a destination"));
        }
        if self.everywhere && self.family == Some(Family::V6) {
            self.model.destination = DEFAULT6;
        }
        if let Some(place) = self.foreign_protocol.filter(|_| !self.model.no_track) {
            line.adjusted(place, "are tracked with protocol 18 only, which is used; or write `no_track`");
            self.model.protocol = Route::KEEPALIVED;
        }
        if let Some(second) = self.second_gateway {
            // As keepalived sends it: both are next hops.
            let first = NextHop { gateway: self.model.gateway.take(), ..NextHop::default() };
            self.model.next_hops = vec![first, NextHop { gateway: Some(second), ..NextHop::default() }];
        }
        match &self.track_group {
            Some(group) if self.model.dev.is_none() => {
                Err(without_interface(group.place, "`dev` beside `track_group`"))
            }
            _ => Ok((self.model, self.track_group)),
        }
    }

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
                self.model.source = Some(address(source)?);
                self.is_of(Family::of(address(source)?), source)?;
            }
            "as" => {
                if &**words.value(word)? == "to" {
                    words.next();
                }
                line.adjusted(word.place, "take `as` for MPLS only; it is left out");
            }
            "via" => self.model.gateway = Some(self.gateway(word, words)?),
            "gw" => {
                let fault = Fault::Deprecated { keyword: "gw", what: "write `via`" };
                line.report(word.place, fault);
                self.model.gateway = Some(self.gateway(word, words)?);
            }
            "or" => self.second_gateway(word, words, line)?,
            "from" => self.source(words.value(word)?, line)?,
            "dev" | "oif" => self.model.dev = Some(line.interface(words.value(word)?)?),
            "vrf" => self.model.table = RouteTable::Vrf(vrf(words.value(word)?, line)?),
            "tos" | "dsfield" => self.model.tos = named_byte(words.value(word)?, &TOS, line)?,
            "table" => self.model.table = RouteTable::Number(named(words.value(word)?, &TABLES, line)?),
            "scope" => self.model.scope = Some(named_byte(words.value(word)?, &SCOPES, line)?),
            "protocol" => {
                let value = words.value(word)?;
                self.model.protocol = named_byte(value, &PROTOCOLS, line)?;
                let own = self.model.protocol == Route::KEEPALIVED;
                self.foreign_protocol = (!own).then_some(value.place);
            }
            "metric" | "priority" | "preference" => self.model.metric = Some(whole(words.value(word)?)?),
            "onlink" => self.model.onlink = true,
            "add" => self.model.placing = Placing::Add,
            "append" => self.model.placing = Placing::Append,
            "prepend" => self.model.placing = Placing::Prepend,
            "no_track" => self.model.no_track = true,
            "encap" => self.model.encap = Some(encap(words, line)?),
            "expires" => {
                self.model.expires = Some(whole(words.value(word)?)?);
                self.is_of(Family::V6, word)?;
            }
            "realms" => {
                let value = words.value(word)?;
                self.is_of(Family::V4, word)?;
                self.model.realms = Some(realms(value, line)?);
            }
            "pref" => {
                let value = words.value(word)?;
                self.is_of(Family::V6, word)?;
                self.model.preference = Some(preference(value)?);
            }
            "ttl-propagate" => self.ttl_propagate(words.value(word)?, line),
            _ => return self.other(word, words, line),
        }
        Ok(())
    }

    /// A metric, a type before the destination, or the destination.
    fn other(&mut self, word: &Word, words: &mut Words<'_>, line: &mut Line<'_, '_>) -> Set {
        if let Some(set) = metric(&mut self.model, word, words, line) {
            return set;
        }
        let Some(kind) = kind(word) else { return self.destination(word, line) };
        self.model.kind = kind;
        let destination = words.value(word)?;
        self.destination(destination, line)
    }

    /// An address, or a word for all of them; those come before anything that has a family.
    fn destination(&mut self, word: &Word, line: &mut Line<'_, '_>) -> Set {
        match (&**word, self.family) {
            ("default" | "any" | "all", Some(_)) => return Err(mixed(word)),
            ("default" | "any" | "all", None) => self.everywhere = true,
            ("default6", _) => {
                self.is_of(Family::V6, word)?;
                self.everywhere = true;
                let what = "of `default6` is an old spelling of `::/0`".to_owned();
                line.report(word.place, Fault::Remark { keyword: line.keyword, what });
            }
            _ => {
                let (prefix, _) = super::address::prefix(word, line)?;
                self.is_of(prefix.family(), word)?;
                (self.model.destination, self.everywhere) = (prefix, false);
            }
        }
        self.destination = true;
        Ok(())
    }

    /// `[inet|inet6] ADDRESS`.
    pub(super) fn gateway(&mut self, word: &Word, words: &mut Words<'_>) -> Result<IpAddr, Rejected> {
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
        let gateway = address(value)?;
        self.is_of(Family::of(gateway), value)?;
        Ok(gateway)
    }

    fn second_gateway(&mut self, word: &Word, words: &mut Words<'_>, line: &mut Line<'_, '_>) -> Set {
        let fault = Fault::Deprecated { keyword: "or", what: "write `nexthop`" };
        line.report(word.place, fault);
        let value = words.value(word)?;
        if self.second_gateway.is_some() {
            return Err(Rejected { place: word.place, fault: Fault::Repeated { keyword: "or".to_owned() } });
        }
        self.second_gateway = Some(address(value)?);
        self.is_of(Family::of(address(value)?), value)
    }

    /// `from`, which IPv4 does not have.
    fn source(&mut self, word: &Word, line: &mut Line<'_, '_>) -> Set {
        let (prefix, _) = super::address::prefix(word, line)?;
        if prefix.family() == Family::V4 {
            return Err(expected(word, "an IPv6 source prefix"));
        }
        self.model.from = Some(prefix);
        self.is_of(Family::V6, word)
    }

    fn ttl_propagate(&mut self, word: &Word, line: &mut Line<'_, '_>) {
        match &**word {
            "enabled" => self.model.ttl_propagate = Some(true),
            "disabled" => self.model.ttl_propagate = Some(false),
            _ => line.reject(expected(word, "enabled or disabled")),
        }
    }

    /// All addresses of a route are of one family, that of the first.
    pub(super) fn is_of(&mut self, family: Family, word: &Word) -> Set {
        if *self.family.get_or_insert(family) == family { Ok(()) } else { Err(mixed(word)) }
    }
}

fn mixed(word: &Word) -> Rejected {
    expected(word, "what is of one family with the words before it")
}

/// A route type, by name or number.
fn kind(word: &str) -> Option<RouteKind> {
    Some(RouteKind(match word {
        "unicast" => 1,
        "local" => 2,
        "broadcast" | "brd" => 3,
        "anycast" => 4,
        "multicast" => 5,
        "blackhole" => 6,
        "unreachable" => 7,
        "prohibit" => 8,
        "throw" => 9,
        "nat" => 10,
        "xresolve" => 11,
        _ => return c_number(word).and_then(|number| u8::try_from(number).ok()).map(RouteKind),
    }))
}

/// Router preference as RFC 4191 numbers it.
fn preference(word: &Word) -> Result<u8, Rejected> {
    match &**word {
        "low" => Ok(3),
        "medium" => Ok(0),
        "high" => Ok(1),
        _ => number(word, 0, 255),
    }
}

/// A VRF that does not exist costs the line only.
fn vrf(word: &Word, line: &Line<'_, '_>) -> Result<IfName, Rejected> {
    let name = IfName::new(word).ok_or_else(|| expected(word, "the name of a VRF"))?;
    match line.context.host.link(&name) {
        Some(_) => Ok(name),
        None => Err(expected(word, "an existing VRF")),
    }
}

/// `track_group NAME` of a static entry; the group must stand before its use.
pub(super) fn track_group(
    known: &mut Option<Placed<String>>,
    word: &Word,
    words: &mut Words<'_>,
    line: &Line<'_, '_>,
) -> Set {
    if known.is_some() {
        let fault = Fault::Repeated { keyword: "track_group".to_owned() };
        return Err(Rejected { place: word.place, fault });
    }
    let name = words.value(word)?;
    *known = Some(Placed::new(name.to_string(), word.place));
    super::track_group::defined(name, line)
}

/// What needs an interface and has none.
pub(super) fn without_interface(place: Place, what: &'static str) -> Rejected {
    Rejected { place, fault: Fault::Incomplete { keyword: "track_group".to_owned(), what } }
}
