//! Which announcements must wait for their turn (`vrrp_garp_interval`, `vrrp_gna_interval`, `garp_group`).
//!
//! On a link with such an interval one address is announced at a time; the others wait in a row, and one that has
//! rounds left goes to its end. An address waits once, with the rounds that are still to come.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{Action, InstanceId};
use crate::config::model::{AnnounceLimits, GarpGroup};
use crate::track::Interfaces;
use crate::units::{Family, IfIndex, Instant, MacAddr};
use crate::vrrp::{self, Announcement, PlacedAddress};

/// Announcements that wait.
#[derive(Debug)]
pub(super) struct Pacing {
    limits: AnnounceLimits,
    /// Time of the event at hand.
    pub(super) now: Instant,
    rows: BTreeMap<(Family, Shared), Row>,
}

/// What shares a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    /// The announcements on an interface.
    Interface(IfIndex),
    /// Those on the interfaces of a group, by its number.
    Group(usize),
}

/// The announcements of one family that share a gap.
#[derive(Debug)]
struct Row {
    gap: Duration,
    /// When the next one may leave.
    free_at: Instant,
    order: VecDeque<Address>,
    waiting: HashMap<Address, Waiting>,
}

/// An address that an instance announces on an interface.
type Address = (InstanceId, IfIndex, IpAddr);

/// What is still to be said of an address.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    mac: MacAddr,
    rounds: u32,
}

impl Pacing {
    /// Nothing waits, and nothing has to.
    pub(super) fn new(now: Instant) -> Self {
        Self { limits: AnnounceLimits::default(), now, rows: BTreeMap::new() }
    }

    /// Other gaps from now on; what waits goes on by them.
    pub(super) fn set(&mut self, limits: &AnnounceLimits, interfaces: &Interfaces, out: &mut Vec<Action>) {
        if self.limits == *limits {
            return;
        }
        self.limits = limits.clone();
        for row in std::mem::take(&mut self.rows).into_values() {
            for address in &row.order {
                if let Some(waiting) = row.waiting.get(address) {
                    let announcement = announcement(*address, *waiting);
                    self.announce(address.0, Arc::new([announcement]), waiting.rounds, interfaces, out);
                }
            }
        }
    }

    /// When to call [`Self::due`]; `None` means never.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.rows.values().filter(|row| !row.order.is_empty()).map(|row| row.free_at).min()
    }

    /// Orders what need not wait of a burst, and keeps the rest.
    pub(super) fn announce(
        &mut self,
        id: InstanceId,
        addresses: Arc<[Announcement]>,
        repeat: u32,
        interfaces: &Interfaces,
        out: &mut Vec<Action>,
    ) {
        let now = self.now;
        let order = |addresses, repeat| Action::Vrrp(id, vrrp::Action::Announce { addresses, repeat });
        if self.limits.are_none() {
            out.push(order(addresses, repeat));
            return;
        }
        let mut bursts = Bursts::default();
        for announcement in addresses.iter() {
            match self.row(announcement, interfaces) {
                None => bursts.free.push(*announcement),
                Some(row) if row.order.is_empty() && row.free_at <= now => {
                    row.free_at = now + row.gap;
                    bursts.first.push(*announcement);
                }
                Some(row) => row.add(id, announcement, repeat),
            }
        }
        // Behind the others: each of them comes once before it comes again.
        for announcement in bursts.first.iter().filter(|_| repeat > 1) {
            if let Some(row) = self.row(announcement, interfaces) {
                row.add(id, announcement, repeat - 1);
            }
        }
        out.extend((!bursts.first.is_empty()).then(|| order(bursts.first.into(), 1)));
        out.extend((!bursts.free.is_empty()).then(|| order(bursts.free.into(), repeat)));
    }

    /// Orders the announcements whose turn it is. An instance that must not speak loses what waits: it will announce
    /// everything when it may.
    pub(super) fn due(
        &mut self,
        now: Instant,
        may_speak: impl Fn(InstanceId) -> bool,
        out: &mut Vec<Action>,
    ) {
        for row in self.rows.values_mut().filter(|row| row.free_at <= now) {
            row.forget(|(id, ..)| !may_speak(*id));
            if let Some((address, waiting)) = row.next() {
                row.free_at = now + row.gap;
                let addresses = Arc::new([announcement(address, waiting)]);
                out.push(Action::Vrrp(address.0, vrrp::Action::Announce { addresses, repeat: 1 }));
            }
        }
        self.rows.retain(|_, row| !row.order.is_empty() || row.free_at > now);
    }

    /// The instance gives these addresses up: nobody is told of them any more.
    pub(super) fn forget(&mut self, id: InstanceId, gone: &[PlacedAddress]) {
        if self.rows.is_empty() {
            return;
        }
        let gone: HashSet<Address> =
            gone.iter().map(|placed| (id, placed.interface, placed.address.prefix.address())).collect();
        self.rows.values_mut().for_each(|row| row.forget(|address| gone.contains(address)));
    }

    /// The interface is gone.
    pub(super) fn forget_interface(&mut self, gone: IfIndex) {
        self.rows.values_mut().for_each(|row| row.forget(|(_, interface, _)| *interface == gone));
    }

    /// Where the announcement must wait; `None` when it need not.
    fn row(&mut self, announcement: &Announcement, interfaces: &Interfaces) -> Option<&mut Row> {
        let link = interfaces.numbered(announcement.interface);
        // What a VMAC says goes over the link that it lies on.
        let parent = link.and_then(|link| link.over?.parent);
        let below = parent.and_then(|parent| interfaces.numbered(parent));
        let in_it = |group: &GarpGroup| {
            link.into_iter().chain(below).any(|link| group.interfaces.contains(&link.name))
        };
        let (shared, gaps) = match self.limits.groups.iter().position(in_it) {
            Some(group) => (Shared::Group(group), self.limits.groups[group].gaps),
            None => (Shared::Interface(parent.unwrap_or(announcement.interface)), self.limits.alone),
        };
        let (family, gap) = match announcement.address {
            IpAddr::V4(_) => (Family::V4, gaps.arp),
            IpAddr::V6(_) => (Family::V6, gaps.na),
        };
        let free_at = self.now;
        (!gap.is_zero()).then(|| self.rows.entry((family, shared)).or_insert_with(|| Row::new(gap, free_at)))
    }
}

/// A burst, taken apart.
#[derive(Default)]
struct Bursts {
    /// To be announced once, now.
    first: Vec<Announcement>,
    /// Where no gap is asked for.
    free: Vec<Announcement>,
}

impl Row {
    fn new(gap: Duration, free_at: Instant) -> Self {
        Self { gap, free_at, order: VecDeque::new(), waiting: HashMap::new() }
    }

    /// An address that waits already keeps its place; of the two counts of rounds the greater one holds.
    fn add(&mut self, id: InstanceId, announcement: &Announcement, rounds: u32) {
        let Announcement { interface, mac, address } = *announcement;
        let address = (id, interface, address);
        match self.waiting.get_mut(&address) {
            Some(waiting) => *waiting = Waiting { mac, rounds: waiting.rounds.max(rounds) },
            None => {
                self.order.push_back(address);
                self.waiting.insert(address, Waiting { mac, rounds });
            }
        }
    }

    /// Takes the first one; it goes to the end when it has rounds left.
    fn next(&mut self) -> Option<(Address, Waiting)> {
        let address = self.order.pop_front()?;
        let waiting = self.waiting.get_mut(&address)?;
        waiting.rounds = waiting.rounds.saturating_sub(1);
        let now = *waiting;
        if now.rounds > 0 {
            self.order.push_back(address);
        } else {
            self.waiting.remove(&address);
        }
        Some((address, now))
    }

    fn forget(&mut self, gone: impl Fn(&Address) -> bool) {
        let before = self.waiting.len();
        self.waiting.retain(|address, _| !gone(address));
        if self.waiting.len() < before {
            self.order.retain(|address| self.waiting.contains_key(address));
        }
    }
}

fn announcement((_, interface, address): Address, waiting: Waiting) -> Announcement {
    Announcement { interface, mac: waiting.mac, address }
}

#[cfg(test)]
#[path = "pacing_tests.rs"]
mod tests;
