//! What the kernel tells of interfaces and their addresses.
//!
//! Owns the subscription to link and address notices and a table of what was told. In: the kernel's notices.
//! Out: [`Fact`]s, each one a difference to what was told before; never the echo of our own removals.
//! Never here: what a fact leads to, changes of links or addresses.

mod table;

use std::collections::VecDeque;
use std::io;

use rtnetlink::packet_route::RouteNetlinkMessage;
use tracing::warn;

use super::address::OwnRemovals;
use super::netlink::{
    Notice, Requests, Subscription, address_of, link_of, messages, request_addresses, request_links,
};
use crate::track::{Link, LinkAddress};
use crate::units::IfIndex;
use table::Table;

/// Links and addresses of both families.
const GROUPS: i32 = libc::RTMGRP_LINK | libc::RTMGRP_IPV4_IFADDR | libc::RTMGRP_IPV6_IFADDR;

/// Something that is no longer as it was told before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// An interface exists or changed.
    Link(Link),
    /// An interface is gone.
    LinkGone(IfIndex),
    /// An address exists or changed.
    Address(LinkAddress),
    /// An address is gone, and not because [`super::Addresses`] removed it.
    AddressGone(LinkAddress),
}

/// Follows links and addresses.
pub struct Monitor {
    subscription: Subscription,
    requests: Requests,
    table: Table,
    own: OwnRemovals,
    facts: VecDeque<Fact>,
}

impl Monitor {
    /// Subscribes, then reads what exists: all links, then all addresses, in the kernel's order.
    ///
    /// `own` is the value that [`super::Addresses`] was given. Needs the runtime that will wait for facts.
    ///
    /// # Errors
    /// The kernel's refusal of a netlink socket or of its tables.
    pub async fn start(own: OwnRemovals) -> io::Result<(Self, Vec<Fact>)> {
        let mut monitor = Self {
            subscription: Subscription::new(GROUPS.cast_unsigned())?,
            requests: Requests::new()?,
            table: Table::default(),
            own,
            facts: VecDeque::new(),
        };
        monitor.resynchronise()?;
        let initial = monitor.facts.drain(..).collect();
        Ok((monitor, initial))
    }

    /// Waits for the next fact. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The kernel's refusal to tell its tables after notices were lost.
    pub async fn next(&mut self) -> io::Result<Fact> {
        loop {
            if let Some(fact) = self.try_next()? {
                return Ok(fact);
            }
            self.subscription.readable().await?;
        }
    }

    /// The next fact that is known already.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub fn try_next(&mut self) -> io::Result<Option<Fact>> {
        while self.facts.is_empty() {
            match self.subscription.receive()? {
                Notice::Datagram(datagram) => {
                    for message in messages(datagram) {
                        self.table.apply(message.payload, &self.own, &mut self.facts);
                    }
                }
                Notice::Lost => {
                    warn!("netlink notices were lost, reading all links and addresses again");
                    self.resynchronise()?;
                }
                Notice::Nothing => return Ok(None),
            }
        }
        Ok(self.facts.pop_front())
    }

    /// Replaces the table by what exists now and queues the differences.
    fn resynchronise(&mut self) -> io::Result<()> {
        // What waits is older than what will be read, and would be told as if it came after.
        self.subscription.discard()?;
        let links = self.requests.dump(&request_links())?;
        let links = links.iter().filter_map(|entry| match entry {
            RouteNetlinkMessage::NewLink(message) => link_of(message),
            _ => None,
        });
        let links: Vec<Link> = links.collect();
        let addresses = self.requests.dump(&request_addresses())?;
        let addresses = addresses.iter().filter_map(|entry| match entry {
            RouteNetlinkMessage::NewAddress(message) => address_of(message),
            _ => None,
        });
        self.table.replace(links, addresses.collect(), &self.own, &mut self.facts);
        self.own.forget();
        Ok(())
    }
}
