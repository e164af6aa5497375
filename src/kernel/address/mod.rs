//! Virtual addresses on the interfaces of this host.
//!
//! Owns one netlink request socket. In: addresses to add or remove, each with its interface and options. Out: those
//! that the kernel refused, with its reason; the addresses that exist.
//! Never here: when an address is held, waiting for the kernel (it answers within the call), announcing.

mod message;
mod own_removals;

use std::collections::HashSet;
use std::io;
use std::net::Ipv4Addr;

use nix::errno::Errno;
use rtnetlink::packet_core::NLM_F_CREATE;
use rtnetlink::packet_route::RouteNetlinkMessage;
use tracing::debug;

use super::netlink::{BATCH, Refusal, Requests, address_of, request_addresses};
use crate::config::model::{Prefix, VirtualAddress};
use crate::track::LinkAddress;
use crate::units::IfIndex;
use crate::vrrp::PlacedAddress;

pub(super) use own_removals::AddressKey;
pub use own_removals::OwnRemovals;

/// Why an address could not be added or removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The kernel refused to add it.
    #[error("adding: {0}")]
    Add(#[source] Refusal),
    /// The kernel refused to remove it.
    #[error("removing: {0}")]
    Remove(#[source] Refusal),
}

/// Adds and removes addresses.
pub struct Addresses {
    requests: Requests,
    own: OwnRemovals,
}

impl Addresses {
    /// How many addresses one message to the kernel changes: with slices of this many, other work comes between.
    pub const BATCH: usize = BATCH;

    /// `own` is told of what is removed here, for the [`super::Monitor`] that was given the same value.
    ///
    /// # Errors
    /// The kernel's refusal of a netlink socket.
    pub fn new(own: OwnRemovals) -> io::Result<Self> {
        Ok(Self { requests: Requests::new()?, own })
    }

    /// Whether addresses can be changed at all: who cannot take them must not claim them.
    ///
    /// # Errors
    /// [`io::ErrorKind::PermissionDenied`] without CAP_NET_ADMIN.
    pub fn check_permission(&mut self) -> io::Result<()> {
        let Some(interface) = IfIndex::new(i32::MAX.unsigned_abs()) else { return Ok(()) };
        let address = VirtualAddress::plain(Prefix::host(Ipv4Addr::LOCALHOST.into()));
        // The kernel asks for permission before it looks for the interface, which does not exist.
        let failed = self.add(&[PlacedAddress { interface, address }]);
        let denied = failed.iter().any(|(_, error)| match error {
            AddressError::Add(refusal) | AddressError::Remove(refusal) => refusal.is(Errno::EPERM),
        });
        if denied { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
    }

    /// Puts addresses on their interfaces, in order; one that exists already is adopted as it is.
    ///
    /// Returns the place in `addresses` of each that the kernel refused, with the reason; the others are there now.
    pub fn add(&mut self, addresses: &[PlacedAddress]) -> Vec<(usize, AddressError)> {
        let messages =
            addresses.iter().map(|placed| RouteNetlinkMessage::NewAddress(message::to_add(placed)));
        let answers = self.requests.perform(messages, NLM_F_CREATE);
        let failed = answers.into_iter().enumerate().filter_map(|(place, answer)| match answer {
            Err(refusal) if !refusal.is(Errno::EEXIST) => Some((place, AddressError::Add(refusal))),
            _ => None,
        });
        failed.collect()
    }

    /// Takes addresses off, in order; one that is absent, or whose interface is, counts as taken off.
    ///
    /// Returns the place in `addresses` of each that the kernel refused, with the reason.
    pub fn remove(&mut self, addresses: &[PlacedAddress]) -> Vec<(usize, AddressError)> {
        let messages =
            addresses.iter().map(|placed| RouteNetlinkMessage::DelAddress(message::to_remove(placed)));
        let answers = self.requests.perform(messages, 0);
        let mut failed = Vec::new();
        for (place, (answer, placed)) in answers.into_iter().zip(addresses).enumerate() {
            match answer {
                Ok(()) => self.own.note(placed.interface, placed.address.prefix),
                Err(refusal) if refusal.is(Errno::EADDRNOTAVAIL) || refusal.is(Errno::ENODEV) => {}
                Err(refusal) => failed.push((place, AddressError::Remove(refusal))),
            }
        }
        failed
    }

    /// All addresses of this host, in the kernel's order.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn dump(&mut self) -> io::Result<Vec<LinkAddress>> {
        let entries = self.requests.dump(&request_addresses())?;
        let addresses = entries.iter().filter_map(|entry| match entry {
            RouteNetlinkMessage::NewAddress(message) => address_of(message),
            _ => None,
        });
        Ok(addresses.collect())
    }

    /// Removes those of `configured` that exist: what a predecessor which died left behind.
    ///
    /// Returns what [`Self::remove`] does, by the place in `configured`.
    ///
    /// # Errors
    /// The kernel's refusal to tell its addresses; then nothing was removed.
    pub fn remove_found(&mut self, configured: &[PlacedAddress]) -> io::Result<Vec<(usize, AddressError)>> {
        let present: HashSet<_> = self
            .dump()?
            .into_iter()
            .map(|found| (found.interface, found.address, found.prefix_len))
            .collect();
        let is_present = |placed: &PlacedAddress| {
            let prefix = placed.address.prefix;
            present.contains(&(placed.interface, prefix.address(), prefix.length()))
        };
        let (places, found): (Vec<usize>, Vec<PlacedAddress>) =
            configured.iter().cloned().enumerate().filter(|(_, placed)| is_present(placed)).unzip();
        debug!(found = found.len(), configured = configured.len(), "addresses of a predecessor");
        let failed = self.remove(&found);
        Ok(failed.into_iter().map(|(place, error)| (places[place], error)).collect())
    }
}
