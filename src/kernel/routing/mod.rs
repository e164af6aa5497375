//! Routes and rules in the tables of this host.
//!
//! Owns a netlink request socket, the subscription to notices, and the list of what was put in place. In: routes and
//! rules to add or remove. Out: those that the kernel refused, with its reason; those that somebody else removed.
//! Never here: when something is held, waiting for the kernel (it answers within the call).

mod installed;
mod refused;
mod watch;

use std::io;

use nix::errno::Errno;
use rtnetlink::packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::link::{InfoData, InfoVrf, LinkAttribute, LinkInfo, LinkMessage};
use tracing::{debug, info, trace};

use super::netlink::{Refusal, Requests, request_links};
use super::{route, rule};
use crate::config::model::{Placing, RouteTable};
use crate::units::{Family, IfName, Instant};
use crate::vrrp::{PlacedRoute, Routing};
use installed::{Installed, Key};
use refused::Refused;
use watch::Watch;

/// Why a route or rule could not be added or removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoutingError {
    /// The kernel refused to add it.
    #[error("adding: {0}")]
    Add(#[source] Refusal),
    /// The kernel refused to remove it.
    #[error("removing: {0}")]
    Remove(#[source] Refusal),
    /// Its `vrf` is none.
    #[error("{0} is no VRF")]
    NoVrf(IfName),
}

/// Adds and removes routes and rules, and notices when somebody else removes one.
pub struct RoutingTables {
    requests: Requests,
    watch: Watch,
    installed: Installed,
    refused: Refused,
}

impl RoutingTables {
    /// # Errors
    /// The kernel's refusal of a netlink socket.
    pub fn new() -> io::Result<Self> {
        let mut requests = Requests::new()?;
        requests.filter_dumps();
        Ok(Self {
            watch: Watch::new(requests.port()),
            requests,
            installed: Installed::default(),
            refused: Refused::default(),
        })
    }

    /// Begins or ends to notice what others remove. Needs the runtime.
    ///
    /// # Errors
    /// The kernel's refusal of a netlink socket.
    pub fn watch(&mut self, on: bool) -> io::Result<()> {
        self.watch.switch(on)
    }

    /// Puts routes and rules in place, in order; what exists already is adopted.
    ///
    /// Returns the place in `wanted` of each that was refused, with the reason; those are tried again at
    /// [`Self::deadline`] until they are removed, the others are there now.
    pub fn add(&mut self, now: Instant, wanted: &[Routing]) -> Vec<(usize, RoutingError)> {
        let failed = self.try_add(wanted);
        for (place, _) in &failed {
            self.refused.push(now, wanted[*place].clone());
        }
        failed
    }

    /// Takes routes and rules away, the last first; what is absent counts as taken away.
    ///
    /// Returns the place in `unwanted` of each that was there and that the kernel refused to remove.
    pub fn remove(&mut self, unwanted: &[Routing]) -> Vec<(usize, RoutingError)> {
        let messages: Vec<_> = unwanted.iter().rev().map(|routing| self.removal(routing)).collect();
        let answers = self.requests.perform(messages.into_iter().flatten(), 0);
        let mut answers = answers.into_iter();
        let mut failed = Vec::new();
        for (place, routing) in unwanted.iter().enumerate().rev() {
            self.refused.forget(routing);
            let Some(key) = self.key(routing) else { continue };
            let was_there = self.installed.remove(key, routing);
            match answers.next() {
                Some(Err(refusal)) if was_there && !is_absence(&refusal) => {
                    failed.push((place, RoutingError::Remove(refusal)));
                }
                Some(Err(refusal)) => trace!(%routing, %refusal, "nothing to remove"),
                Some(Ok(())) | None => {}
            }
        }
        failed
    }

    /// When [`Self::retry`] wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        self.refused.deadline()
    }

    /// Tries again what was refused: a gateway may be reachable now.
    pub fn retry(&mut self, now: Instant) {
        let waiting = self.refused.take(now);
        let failed = self.try_add(&waiting);
        for (place, routing) in waiting.into_iter().enumerate() {
            match failed.iter().find(|(of, _)| *of == place) {
                Some((_, error)) => {
                    debug!(%routing, %error, "still refused");
                    self.refused.keep(routing);
                }
                None => info!("{routing} is in place now"),
            }
        }
    }

    /// Waits for something tracked to be removed by somebody else. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The kernel's refusal to tell its tables after notices were lost.
    pub async fn next(&mut self) -> io::Result<Routing> {
        loop {
            if let Some(gone) = self.watch.next(&mut self.requests, &mut self.installed)? {
                return Ok(gone);
            }
            self.watch.readable().await?;
        }
    }

    fn try_add(&mut self, wanted: &[Routing]) -> Vec<(usize, RoutingError)> {
        let messages: Vec<_> = wanted.iter().map(|routing| self.addition(routing)).collect();
        let sent = messages.iter().flatten().cloned();
        let mut answers = self.requests.perform_each(sent).into_iter();
        let mut failed = Vec::new();
        for (place, (routing, message)) in wanted.iter().zip(messages).enumerate() {
            if let Err(error) = message {
                failed.push((place, error));
                continue;
            }
            match answers.next() {
                Some(Err(refusal)) if !self.is_adopted(routing, &refusal) => {
                    failed.push((place, RoutingError::Add(refusal)));
                }
                _ => self.note(routing),
            }
        }
        failed
    }

    fn note(&mut self, routing: &Routing) {
        if let Some(key) = self.key(routing) {
            self.installed.insert(key, routing);
        }
    }

    /// Whether it was there already. `add` is refused beside any other route to the same place.
    fn is_adopted(&mut self, routing: &Routing, refusal: &Refusal) -> bool {
        let alone = matches!(routing, Routing::Route(placed) if placed.route.placing == Placing::Add);
        refusal.is(Errno::EEXIST) && (!alone || self.exists(routing))
    }

    fn exists(&mut self, routing: &Routing) -> bool {
        let Routing::Route(placed) = routing else { return false };
        let Ok(table) = self.table(placed) else { return false };
        let request = RouteNetlinkMessage::GetRoute(route::request(placed.route.family()));
        let key = route::key(&placed.route, table);
        self.requests.dump(&request).unwrap_or_default().iter().any(|entry| match entry {
            RouteNetlinkMessage::NewRoute(told) => {
                route::told_key(told) == Some(key) && route::is_about(told, placed)
            }
            _ => false,
        })
    }

    fn addition(&mut self, routing: &Routing) -> Result<(RouteNetlinkMessage, u16), RoutingError> {
        match routing {
            Routing::Route(placed) => {
                let message = route::to_add(placed, self.table(placed)?);
                Ok((RouteNetlinkMessage::NewRoute(message), route::add_flags(&placed.route)))
            }
            Routing::Rule(rule) => {
                Ok((RouteNetlinkMessage::NewRule(rule::message(rule)), NLM_F_CREATE | NLM_F_EXCL))
            }
        }
    }

    /// `None` for one whose table cannot be told, so that it cannot be there.
    fn removal(&mut self, routing: &Routing) -> Option<RouteNetlinkMessage> {
        Some(match routing {
            Routing::Route(placed) => {
                RouteNetlinkMessage::DelRoute(route::to_remove(placed, self.table(placed).ok()?))
            }
            Routing::Rule(rule) => RouteNetlinkMessage::DelRule(rule::message(rule)),
        })
    }

    fn key(&mut self, routing: &Routing) -> Option<Key> {
        Some(match routing {
            Routing::Route(placed) => Key::Route(route::key(&placed.route, self.table(placed).ok()?)),
            Routing::Rule(rule) => Key::Rule(rule::key(rule)),
        })
    }

    fn table(&mut self, placed: &PlacedRoute) -> Result<u32, RoutingError> {
        match &placed.route.table {
            RouteTable::Number(number) => Ok(*number),
            RouteTable::Vrf(name) => {
                let links = self.requests.dump(&request_links()).unwrap_or_default();
                let table = links.iter().find_map(|entry| match entry {
                    RouteNetlinkMessage::NewLink(link) => vrf_table(link, name),
                    _ => None,
                });
                table.ok_or_else(|| RoutingError::NoVrf(name.clone()))
            }
        }
    }
}

/// The table of the VRF of that name, if this is it.
fn vrf_table(link: &LinkMessage, name: &IfName) -> Option<u32> {
    let is_name =
        |attribute: &LinkAttribute| matches!(attribute, LinkAttribute::IfName(told) if told == name.as_str());
    if !link.attributes.iter().any(is_name) {
        return None;
    }
    let infos = link.attributes.iter().flat_map(|attribute| match attribute {
        LinkAttribute::LinkInfo(infos) => infos.as_slice(),
        _ => &[],
    });
    let vrf = infos.flat_map(|info| match info {
        LinkInfo::Data(InfoData::Vrf(told)) => told.as_slice(),
        _ => &[],
    });
    vrf.filter_map(|told| match told {
        InfoVrf::TableId(table) => Some(*table),
        _ => None,
    })
    .next()
}

/// No such route, no such rule, no such interface.
fn is_absence(refusal: &Refusal) -> bool {
    [Errno::ESRCH, Errno::ENOENT, Errno::ENODEV].iter().any(|errno| refusal.is(*errno))
}

/// Both families, for requests.
const FAMILIES: [Family; 2] = [Family::V4, Family::V6];
