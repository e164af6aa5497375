//! What was put in place, found by what the kernel tells of it.

use std::collections::HashMap;

use rtnetlink::packet_route::RouteNetlinkMessage;

use super::super::route::{self, RouteKey};
use super::super::rule::{self, RuleKey};
use crate::vrrp::Routing;

/// What the kernel tells routes or rules apart by; several may have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Route(RouteKey),
    Rule(RuleKey),
}

/// Everything that is there because of us.
#[derive(Debug, Default)]
pub(super) struct Installed {
    by_key: HashMap<Key, Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    routing: Routing,
    /// Found in the tables that are being read.
    seen: bool,
}

impl Installed {
    pub(super) fn insert(&mut self, key: Key, routing: &Routing) {
        let entries = self.by_key.entry(key).or_default();
        if !entries.iter().any(|entry| entry.routing == *routing) {
            entries.push(Entry { routing: routing.clone(), seen: false });
        }
    }

    /// Answers whether it was there.
    pub(super) fn remove(&mut self, key: Key, routing: &Routing) -> bool {
        let Some(entries) = self.by_key.get_mut(&key) else { return false };
        let before = entries.len();
        entries.retain(|entry| entry.routing != *routing);
        let removed = entries.len() < before;
        if entries.is_empty() {
            self.by_key.remove(&key);
        }
        removed
    }

    /// The kernel says that something is gone: what of ours that was, if anything.
    pub(super) fn take(&mut self, told: &RouteNetlinkMessage) -> Option<Routing> {
        let key = told_key(told)?;
        let entries = self.by_key.get_mut(&key)?;
        let place = entries.iter().position(|entry| is_about(told, &entry.routing))?;
        let gone = entries.remove(place).routing;
        if entries.is_empty() {
            self.by_key.remove(&key);
        }
        Some(gone)
    }

    /// The kernel says that something exists.
    pub(super) fn see(&mut self, told: &RouteNetlinkMessage) {
        let Some(entries) = told_key(told).and_then(|key| self.by_key.get_mut(&key)) else { return };
        for entry in entries.iter_mut().filter(|entry| is_about(told, &entry.routing)) {
            entry.seen = true;
        }
    }

    /// All tables have been read: takes out what was not seen in them.
    pub(super) fn take_unseen(&mut self) -> Vec<Routing> {
        let mut gone = Vec::new();
        self.by_key.retain(|_, entries| {
            gone.extend(entries.extract_if(.., |entry| !entry.seen).map(|entry| entry.routing));
            entries.iter_mut().for_each(|entry| entry.seen = false);
            !entries.is_empty()
        });
        gone
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}

fn told_key(told: &RouteNetlinkMessage) -> Option<Key> {
    match told {
        RouteNetlinkMessage::NewRoute(told) | RouteNetlinkMessage::DelRoute(told) => {
            route::told_key(told).map(Key::Route)
        }
        RouteNetlinkMessage::NewRule(told) | RouteNetlinkMessage::DelRule(told) => {
            rule::told_key(told).map(Key::Rule)
        }
        _ => None,
    }
}

fn is_about(told: &RouteNetlinkMessage, routing: &Routing) -> bool {
    match (told, routing) {
        (
            RouteNetlinkMessage::NewRoute(told) | RouteNetlinkMessage::DelRoute(told),
            Routing::Route(placed),
        ) => route::is_about(told, placed),
        (RouteNetlinkMessage::NewRule(told) | RouteNetlinkMessage::DelRule(told), Routing::Rule(rule)) => {
            rule::is_about(told, rule)
        }
        _ => false,
    }
}
