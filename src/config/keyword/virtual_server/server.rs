//! `virtual_server`: one service with its pool.

use std::time::Duration;

use super::commands::Commands;
use super::forwarding::{USAGE, forwarding};
use super::real_server::{self, REAL_SERVER};
use super::shared::{HasDefaults, Rows, U32, port};
use crate::config::fault::Fault;
use crate::config::keyword::draft::{Draft, Placed};
use crate::config::keyword::line::{Context, Line, Rejected, Set, expected, number, plain_address};
use crate::config::keyword::table::{Keyword, Seen, Status, Table};
use crate::config::model::VirtualServer;
use crate::config::model::virtual_server::{
    Defaults, Forwarding, Protocol, RealServer, Service, SorryServer,
};
use crate::config::source::Place;
use crate::config::tree::{Statement, Word};
use crate::units::Family;

type Row = Keyword<ServerDraft>;

/// The schedulers of IPVS.
const SCHEDULERS: [&str; 14] =
    ["rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq", "twos"];
/// Persistence where none is named.
const PERSISTENCE: Duration = Duration::from_secs(360);
/// Longest name of a persistence engine in bytes.
const LONGEST_ENGINE: usize = 16;

/// The only list of this block's keywords.
pub(in crate::config::keyword) static VIRTUAL_SERVER: Table<ServerDraft> = Table::new(
    "virtual_server",
    &[
        Row::words("ip_family", "inet|inet6", ip_family),
        Row::words("protocol", "TCP|UDP|SCTP", protocol),
        // Scheduling.
        Row::words("lb_algo", "<scheduler>", scheduler),
        Row::words("lvs_sched", "<scheduler>", scheduler),
        Row::words("hashed", "", |d, l| hash_option(d, l, "sh", usize::MAX)).bare_is_fine(),
        Row::words("ops", "", |d, l| {
            d.server.one_packet = true;
            d.remember(l);
            Ok(())
        })
        .bare_is_fine(),
        Row::flag("flag-1", |d| d.server.scheduler_flags[0] = true),
        Row::flag("flag-2", |d| d.server.scheduler_flags[1] = true),
        Row::flag("flag-3", |d| d.server.scheduler_flags[2] = true),
        Row::words("sh-port", "", |d, l| hash_option(d, l, "sh", 1)).bare_is_fine(),
        Row::words("sh-fallback", "", |d, l| hash_option(d, l, "sh", 0)).bare_is_fine(),
        Row::words("mh-port", "", |d, l| hash_option(d, l, "mh", 1)).bare_is_fine(),
        Row::words("mh-fallback", "", |d, l| hash_option(d, l, "mh", 0)).bare_is_fine(),
        Row::words("lb_kind", USAGE, method),
        Row::words("lvs_method", USAGE, method),
        // Persistence.
        Row::words("persistence_engine", "<name>", engine),
        Row::words("persistence_timeout", "[<1-2678400>]", |d, l| {
            let seconds = if l.arguments().is_empty() { 360 } else { l.number(1, 2_678_400)? };
            d.server.persistence = Some(Duration::from_secs(seconds));
            Ok(())
        })
        .bare_is_fine(),
        Row::words("persistence_granularity", "<mask>|<prefix length>", granularity),
        // Checks.
        Row::flag("alpha", |d| d.server.defaults.alpha = Some(true)),
        Row::flag("omega", |d| d.server.omega = true),
        Row::flag("inhibit_on_failure", |d| d.server.defaults.inhibit = Some(true)),
        Row::words("ha_suspend", "", |d, l| {
            d.server.ha_suspend = true;
            d.remember(l);
            Ok(())
        })
        .bare_is_fine(),
        Row::words("weight", "<1-2147483647>", |d, l| {
            d.server.weight = l.number(1, i64::from(i32::MAX))?;
            Ok(())
        }),
        Row::words("quorum", "<1-4294967295>", |d, l| {
            d.server.quorum = 1;
            d.remember(l);
            d.server.quorum = l.number(1, U32)?;
            Ok(())
        }),
        Row::words("hysteresis", "<0-4294967295>", |d, l| {
            d.remember(l);
            d.server.hysteresis = l.number(0, U32)?;
            Ok(())
        }),
        Row::script("quorum_up", |d, script| d.server.quorum_up = script.map(|script| script.value)),
        Row::script("quorum_down", |d, script| {
            d.server.quorum_down = script.map(|script| script.value);
        }),
        // Servers.
        Row::words("sorry_server", "<address> [<port>]", sorry_server),
        Row::words("sorry_server_inhibit", "", |d, l| {
            sorry(d, l)?.inhibit = true;
            Ok(())
        })
        .bare_is_fine(),
        Row::words("sorry_server_lvs_method", USAGE, |d, l| {
            sorry(d, l)?;
            if l.arguments().is_empty() {
                let (keyword, what) = (l.keyword.to_owned(), "a method");
                let fault = Fault::MissingWord { keyword, what, early: false };
                return Err(Rejected { place: l.place(), fault });
            }
            let method = forwarding(l)?;
            sorry(d, l)?.forwarding = Some(method);
            Ok(())
        })
        .bare_is_fine(),
        Row::opens("real_server", "<address> [<port>] { ... }", &REAL_SERVER, real_server::open).bare_ends(),
    ],
)
.sharing(&[&Rows::<ServerDraft>::DEFAULTS])
.part_of(Status::Refused);

/// A block on its way.
#[derive(Debug)]
pub(in crate::config) struct ServerDraft {
    /// What stands in the block, but for what has a place of its own below.
    pub(in crate::config) server: VirtualServer,
    pub(in crate::config) place: Place,
    /// Where its commands stand.
    pub(in crate::config) commands: Commands,
    /// Where some keywords stand.
    places: Vec<(&'static str, Place)>,
    pub(in crate::config) sorry: Option<Placed<SorryServer>>,
    pub(in crate::config) real_servers: Vec<Placed<RealServer>>,
}

impl HasDefaults for ServerDraft {
    fn defaults(&mut self) -> &mut Defaults {
        &mut self.server.defaults
    }
}

impl ServerDraft {
    fn new(service: Service, place: Place) -> Self {
        let family = match &service {
            Service::Address { address, .. } => Some(Family::of(*address)),
            Service::Fwmark(_) | Service::Group(_) => None,
        };
        let server = VirtualServer {
            service,
            family,
            protocol: None,
            scheduler: None,
            scheduler_flags: [false; 3],
            one_packet: false,
            forwarding: None,
            persistence: None,
            granularity: None,
            engine: None,
            defaults: Defaults::default(),
            weight: 1,
            ha_suspend: false,
            omega: false,
            quorum: 1,
            hysteresis: 0,
            quorum_up: None,
            quorum_down: None,
            sorry_server: None,
            real_servers: Vec::new(),
        };
        Self {
            server,
            place,
            commands: Commands::default(),
            places: Vec::new(),
            sorry: None,
            real_servers: Vec::new(),
        }
    }

    fn remember(&mut self, line: &Line<'_, '_>) {
        self.places.push((line.keyword, line.place()));
    }

    /// Where a keyword stands, or the block.
    pub(in crate::config) fn place_of(&self, keyword: &str) -> Place {
        self.places.iter().rev().find(|(known, _)| *known == keyword).map_or(self.place, |(_, place)| *place)
    }

    /// Whether a server with this method and family fits; one without a tunnel fixes the family.
    pub(super) fn accepts(&mut self, method: Option<Forwarding>, family: Family) -> bool {
        matches!(method, Some(Forwarding::Tunnel(_))) || *self.server.family.get_or_insert(family) == family
    }
}

/// Reads a block; what cannot be is reported and left out.
pub(in crate::config::keyword) fn open(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    let service = match service(&Line::new(statement, "virtual_server", context)) {
        Ok(service) => service,
        Err(rejected) => return context.problems.add(rejected.place, rejected.fault),
    };
    let mut block = ServerDraft::new(service, statement.place());
    let statements = statement.block.as_ref().map(|block| &block.statements[..]).unwrap_or_default();
    block.commands = Commands::of(statements);
    VIRTUAL_SERVER.apply(statements, &mut block, &mut Seen::new(), context);
    if block.real_servers.is_empty() {
        let what = "has no real server and is left out".to_owned();
        return context.problems.add(statement.place(), Fault::Adjusted { keyword: "virtual_server", what });
    }
    let misfit = block.sorry.as_ref().is_some_and(|sorry| {
        let tunnel = matches!(sorry.value.forwarding, Some(Forwarding::Tunnel(_)));
        let family = Family::of(sorry.value.address);
        !tunnel && block.server.family.is_some_and(|own| own != family)
    });
    if let Some(sorry) = block.sorry.take_if(|_| misfit) {
        let what = "is not of the virtual server's family and is left out".to_owned();
        context.problems.add(sorry.place, Fault::Adjusted { keyword: "sorry_server", what });
    }
    draft.virtual_servers.push(block);
}

fn service(line: &Line<'_, '_>) -> Result<Service, Rejected> {
    let first = line.first()?;
    let second = line.arguments().get(1);
    // keepalived crashes without the second word.
    let needed = |what| {
        let fault =
            Fault::MissingWord { keyword: format!("virtual_server {}", &**first), what, early: false };
        second.ok_or(Rejected { place: first.place, fault })
    };
    match &**first {
        "fwmark" => Ok(Service::Fwmark(number(needed("a number")?, 0, U32)?)),
        "group" => Ok(Service::Group(needed("a name")?.to_string())),
        _ => Ok(Service::Address { address: plain_address(first)?, port: port(second)? }),
    }
}

fn ip_family(draft: &mut ServerDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let family = match &**word {
        "inet" => Family::V4,
        "inet6" => Family::V6,
        _ => return Err(expected(word, "inet or inet6")),
    };
    if *draft.server.family.get_or_insert(family) != family {
        line.adjusted(word.place, "is not the family of the virtual server and is left out");
    }
    Ok(())
}

fn protocol(draft: &mut ServerDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let known = [("TCP", Protocol::Tcp), ("UDP", Protocol::Udp), ("SCTP", Protocol::Sctp)];
    let found = known.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
    let (_, protocol) = found.ok_or_else(|| expected(word, "TCP, UDP or SCTP"))?;
    draft.server.protocol = Some(protocol);
    draft.remember(line);
    Ok(())
}

fn scheduler(draft: &mut ServerDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    if !SCHEDULERS.contains(&&**word) {
        return Err(expected(word, SCHEDULERS.join(", ")));
    }
    draft.server.scheduler = Some(word.to_string());
    Ok(())
}

fn method(draft: &mut ServerDraft, line: &mut Line<'_, '_>) -> Set {
    draft.server.forwarding = Some(forwarding(line)?);
    Ok(())
}

/// A flag of a hashing scheduler, which must be named before it; the other one of the two is forgiven.
fn hash_option(draft: &mut ServerDraft, line: &mut Line<'_, '_>, own: &str, flag: usize) -> Set {
    let named = draft.server.scheduler.as_deref();
    if !matches!(named, Some("sh" | "mh")) {
        line.adjusted(line.place(), format!("needs `lb_algo {own}` before it and is left out"));
    } else if let Some(flag) = draft.server.scheduler_flags.get_mut(flag).filter(|_| named == Some(own)) {
        *flag = true;
    }
    Ok(())
}

fn engine(draft: &mut ServerDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    if word.len() > LONGEST_ENGINE {
        let what = format!("takes at most {LONGEST_ENGINE} characters; the name is cut");
        line.adjusted(word.place, what);
    }
    let fits = |(at, c): &(usize, char)| at + c.len_utf8() <= LONGEST_ENGINE;
    draft.server.engine = Some(word.char_indices().take_while(fits).map(|(_, c)| c).collect());
    Ok(())
}

fn granularity(draft: &mut ServerDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let guess = if word.contains('.') { Family::V4 } else { Family::V6 };
    let family = draft.server.family.unwrap_or(guess);
    let value = match family {
        Family::V4 => mask(word).ok_or_else(|| expected(word, "an IPv4 netmask"))?,
        Family::V6 => number(word, 1, 128)?,
    };
    draft.server.family = Some(family);
    draft.server.granularity = Some(value);
    draft.server.persistence.get_or_insert(PERSISTENCE);
    Ok(())
}

/// One to four numbers, decimal, octal or hexadecimal, the last of which fills the rest, as old programs read masks.
fn mask(word: &Word) -> Option<u32> {
    let parts: Vec<u32> = word.split('.').map(part).collect::<Option<_>>()?;
    let (last, octets) = parts.split_last()?;
    let room = 4_usize.checked_sub(octets.len()).filter(|room| *room > 0)?;
    let fits = u64::from(*last) < 1 << (8 * room) && octets.iter().all(|octet| *octet < 256);
    let leading = octets.iter().zip([24, 16, 8]).fold(0, |mask, (octet, shift)| mask | octet << shift);
    fits.then_some(leading | last)
}

fn part(text: &str) -> Option<u32> {
    let (digits, radix) = match (text.strip_prefix("0x"), text.strip_prefix('0')) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) if !digits.is_empty() => (digits, 8),
        _ => (text, 10),
    };
    let plain = digits.chars().all(|digit| digit.is_digit(radix));
    u32::from_str_radix(digits, radix).ok().filter(|_| plain)
}

fn sorry_server(draft: &mut ServerDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let (address, port) = (plain_address(word)?, port(line.arguments().get(1))?);
    let forwarding = draft.server.forwarding;
    draft.sorry = Some(Placed::new(SorryServer { address, port, forwarding, inhibit: false }, line.place()));
    Ok(())
}

fn sorry<'d>(draft: &'d mut ServerDraft, line: &Line<'_, '_>) -> Result<&'d mut SorryServer, Rejected> {
    let what = "needs `sorry_server` before it and is left out".to_owned();
    let rejected = Rejected { place: line.place(), fault: Fault::Adjusted { keyword: line.keyword, what } };
    draft.sorry.as_mut().map(|sorry| &mut sorry.value).ok_or(rejected)
}
