//! Work on addresses, routes and rules that waits for its turn: thousands of them must not hold up an advert that is due.
//!
//! What was ordered first is done first, a slice at a time; between two slices the worker looks at its sockets and
//! timers.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use crate::config::model::OwnInterface;
use crate::engine::InstanceId;
use crate::vrrp::{Action, Announcement, Notice, PlacedAddress, Places, Routing, Transmission};

/// Addresses, routes or rules added or removed in a slice: some 0.1 ms each.
const CHANGES: usize = 16;
/// Addresses blocked or unblocked in a slice, which is one transaction: some 0.2 ms.
const BLOCKS: usize = 256;
/// Announcements in a slice: a few µs each.
const ANNOUNCEMENTS: usize = 64;

/// Orders that are not carried out yet.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    waiting: VecDeque<Work>,
}

/// An order and how far it has come.
#[derive(Debug)]
enum Work {
    Block(InstanceId, Arc<[PlacedAddress]>, usize),
    Unblock(InstanceId, Arc<[PlacedAddress]>, usize),
    SweepFirewall,
    Add(Arc<[PlacedAddress]>, usize),
    Remove(Arc<[PlacedAddress]>, usize),
    AddRouting(Arc<[Routing]>, usize),
    /// Counts from the last one.
    RemoveRouting(Arc<[Routing]>, usize),
    Announce {
        addresses: Arc<[Announcement]>,
        rounds: u32,
        done: usize,
    },
    RemoveInterface(Arc<OwnInterface>),
    Notify(InstanceId, Notice),
}

/// A part of an order, small enough to be done at once.
#[derive(Debug, PartialEq)]
pub(super) enum Slice {
    /// Block packets to these.
    Block(InstanceId, Arc<[PlacedAddress]>, Range<usize>),
    /// Take that back.
    Unblock(InstanceId, Arc<[PlacedAddress]>, Range<usize>),
    /// Look for firewall tables that nobody wants.
    SweepFirewall,
    /// Add these.
    Add(Arc<[PlacedAddress]>, Range<usize>),
    /// Remove these.
    Remove(Arc<[PlacedAddress]>, Range<usize>),
    /// Put these in place.
    AddRouting(Arc<[Routing]>, Range<usize>),
    /// Take these away, the last first.
    RemoveRouting(Arc<[Routing]>, Range<usize>),
    /// Announce each of these once.
    Announce(Arc<[Announcement]>, Range<usize>),
    /// Remove it; the addresses on it are gone.
    RemoveInterface(Arc<OwnInterface>),
    /// Tell the hooks, whose addresses are in place now.
    Notify(InstanceId, Notice),
}

impl Backlog {
    /// Takes an order; gives an advert back, which waits for nothing.
    pub(super) fn push(&mut self, id: InstanceId, action: Action) -> Option<Transmission> {
        self.waiting.push_back(match action {
            Action::Send(transmission) => return Some(transmission),
            Action::BlockPackets(addresses) => Work::Block(id, addresses, 0),
            Action::UnblockPackets(addresses) => Work::Unblock(id, addresses, 0),
            Action::AddAddresses(addresses) => Work::Add(addresses, 0),
            Action::RemoveAddresses(addresses) => Work::Remove(addresses, 0),
            Action::AddRouting(routing) => Work::AddRouting(routing, 0),
            Action::RemoveRouting(routing) => Work::RemoveRouting(routing, 0),
            Action::Announce { addresses, repeat } => Work::Announce { addresses, rounds: repeat, done: 0 },
            Action::Notify(notice) => Work::Notify(id, notice),
            // For the supervisor; there is nothing to do here.
            Action::Remember(..) => return None,
        });
        None
    }

    /// Takes the order to remove an interface after the addresses.
    pub(super) fn push_removal(&mut self, own: Arc<OwnInterface>) {
        self.waiting.push_back(Work::RemoveInterface(own));
    }

    /// Static entries come to stand.
    pub(super) fn keep(&mut self, places: Places) {
        self.waiting.extend([Work::Add(places.addresses, 0), Work::AddRouting(places.routing, 0)]);
    }

    /// Static entries go.
    pub(super) fn drop_all(&mut self, places: Places) {
        self.waiting.extend([Work::RemoveRouting(places.routing, 0), Work::Remove(places.addresses, 0)]);
    }

    /// When everything so far is done, firewall tables of a predecessor that nobody wants are to go.
    pub(super) fn sweep_firewall(&mut self) {
        self.waiting.push_back(Work::SweepFirewall);
    }

    /// What will be blocked.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (InstanceId, &[PlacedAddress])> {
        self.waiting.iter().filter_map(|work| match work {
            Work::Block(id, addresses, _) => Some((*id, &**addresses)),
            _ => None,
        })
    }

    /// Whether everything is done.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What to do next.
    pub(super) fn next(&mut self) -> Option<Slice> {
        let (slice, finished) = match self.waiting.front_mut()? {
            Work::Block(id, addresses, done) => {
                let range = advance(done, addresses.len(), BLOCKS);
                (Slice::Block(*id, addresses.clone(), range), *done >= addresses.len())
            }
            Work::Unblock(id, addresses, done) => {
                let range = advance(done, addresses.len(), BLOCKS);
                (Slice::Unblock(*id, addresses.clone(), range), *done >= addresses.len())
            }
            Work::SweepFirewall => (Slice::SweepFirewall, true),
            Work::Add(addresses, done) => {
                let range = advance(done, addresses.len(), CHANGES);
                (Slice::Add(addresses.clone(), range), *done >= addresses.len())
            }
            Work::Remove(addresses, done) => {
                let range = advance(done, addresses.len(), CHANGES);
                (Slice::Remove(addresses.clone(), range), *done >= addresses.len())
            }
            Work::AddRouting(routing, done) => {
                let range = advance(done, routing.len(), CHANGES);
                (Slice::AddRouting(routing.clone(), range), *done >= routing.len())
            }
            Work::RemoveRouting(routing, done) => {
                let range = advance(done, routing.len(), CHANGES);
                let from_the_end = routing.len() - range.end..routing.len() - range.start;
                (Slice::RemoveRouting(routing.clone(), from_the_end), *done >= routing.len())
            }
            Work::Announce { addresses, rounds, done } => {
                let range = advance(done, addresses.len(), ANNOUNCEMENTS);
                let round_over = *done >= addresses.len();
                if round_over {
                    *rounds = rounds.saturating_sub(1);
                    *done = 0;
                }
                (Slice::Announce(addresses.clone(), range), round_over && *rounds == 0)
            }
            Work::RemoveInterface(_) | Work::Notify(..) => return self.waiting.pop_front().and_then(whole),
        };
        if finished {
            self.waiting.pop_front();
        }
        Some(slice)
    }
}

/// Work that has no parts.
fn whole(work: Work) -> Option<Slice> {
    match work {
        Work::RemoveInterface(own) => Some(Slice::RemoveInterface(own)),
        Work::Notify(id, notice) => Some(Slice::Notify(id, notice)),
        Work::Block(..)
        | Work::Unblock(..)
        | Work::SweepFirewall
        | Work::Add(..)
        | Work::Remove(..)
        | Work::AddRouting(..)
        | Work::RemoveRouting(..)
        | Work::Announce { .. } => None,
    }
}

/// The next at most `most` places after `done`, which moves on.
fn advance(done: &mut usize, len: usize, most: usize) -> Range<usize> {
    let from = *done;
    *done = len.min(from + most);
    from..*done
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use crate::config::model::{Prefix, Rule, RuleAction, VirtualAddress};
    use crate::units::{Family, IfIndex, MacAddr};

    const ID: InstanceId = InstanceId(0);

    fn addresses(count: u32) -> Arc<[PlacedAddress]> {
        let interface = IfIndex::new(1).unwrap();
        let address = |n| VirtualAddress::plain(Prefix::host(IpAddr::V4(Ipv4Addr::from_bits(n))));
        (0..count).map(|n| PlacedAddress { interface, address: address(n) }).collect()
    }

    fn announcements(count: u32) -> Arc<[Announcement]> {
        let announce = |placed: &PlacedAddress| Announcement {
            interface: placed.interface,
            mac: MacAddr::BROADCAST,
            address: placed.address.prefix.address(),
        };
        addresses(count).iter().map(announce).collect()
    }

    fn ranges(backlog: &mut Backlog) -> Vec<(&'static str, Range<usize>)> {
        std::iter::from_fn(|| {
            Some(match backlog.next()? {
                Slice::Block(_, _, range) => ("block", range),
                Slice::Unblock(_, _, range) => ("unblock", range),
                Slice::SweepFirewall => ("sweep", 0..0),
                Slice::Add(_, range) => ("add", range),
                Slice::Remove(_, range) => ("remove", range),
                Slice::AddRouting(_, range) => ("route", range),
                Slice::RemoveRouting(_, range) => ("unroute", range),
                Slice::Announce(_, range) => ("announce", range),
                Slice::RemoveInterface(_) | Slice::Notify(..) => ("whole", 0..0),
            })
        })
        .collect()
    }

    #[test]
    fn orders_are_done_in_order_and_in_slices() {
        let mut backlog = Backlog::default();
        backlog.push(ID, Action::RemoveAddresses(addresses(1)));
        backlog.push(ID, Action::AddAddresses(addresses(33)));
        backlog.push(ID, Action::Announce { addresses: announcements(65), repeat: 2 });
        let done = ranges(&mut backlog);
        let expected = [
            ("remove", 0..1),
            ("add", 0..16),
            ("add", 16..32),
            ("add", 32..33),
            ("announce", 0..64),
            ("announce", 64..65),
            ("announce", 0..64),
            ("announce", 64..65),
        ];
        assert_eq!(done, expected);
        assert!(backlog.is_empty());
    }

    #[test]
    fn routes_and_rules_come_after_their_addresses_and_go_before_them_the_last_first() {
        let rule = Routing::Rule(Box::new(Rule::plain(Family::V4, 5, RuleAction::Nop)));
        let places = Places { addresses: addresses(1), routing: vec![rule; 20].into() };
        let mut backlog = Backlog::default();
        backlog.keep(places.clone());
        backlog.drop_all(places);
        let expected = [
            ("add", 0..1),
            ("route", 0..16),
            ("route", 16..20),
            ("unroute", 4..20),
            ("unroute", 0..4),
            ("remove", 0..1),
        ];
        assert_eq!(ranges(&mut backlog), expected);
    }

    #[test]
    fn what_will_be_blocked_is_known_before_its_turn() {
        let mut backlog = Backlog::default();
        backlog.push(ID, Action::BlockPackets(addresses(257)));
        backlog.push(ID, Action::AddAddresses(addresses(1)));
        backlog.push(InstanceId(1), Action::BlockPackets(addresses(2)));
        backlog.sweep_firewall();
        let ahead: Vec<_> = backlog.blocks().map(|(id, addresses)| (id, addresses.len())).collect();
        assert_eq!(ahead, [(ID, 257), (InstanceId(1), 2)]);
        let expected =
            [("block", 0..256), ("block", 256..257), ("add", 0..1), ("block", 0..2), ("sweep", 0..0)];
        assert_eq!(ranges(&mut backlog), expected);
    }

    #[test]
    fn every_round_of_an_announcement_covers_every_address() {
        for (count, repeat) in [(1, 1), (1, 5), (64, 5), (128, 3)] {
            let mut backlog = Backlog::default();
            backlog.push(ID, Action::Announce { addresses: announcements(count), repeat });
            let announced: usize = ranges(&mut backlog).iter().map(|(_, range)| range.len()).sum();
            assert_eq!(announced, (count * repeat) as usize, "{count} x {repeat}");
        }
    }
}
