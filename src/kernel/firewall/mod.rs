//! Keeps packets from virtual addresses whose master does not accept them (`no_accept`, `strict_mode`).
//!
//! Owns one table of nftables for each family, from the first address that is blocked to the end of the daemon; a
//! table that a predecessor left is replaced in one transaction. In: addresses to block and to unblock, each for an
//! instance. Out: the kernel's refusals.
//! Never here: who accepts packets and when, rules of anybody else.

mod attribute;
mod expression;
mod message;
mod ruleset;
mod transaction;

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nix::errno::Errno;
use tracing::{debug, info};

use self::message::Message;
use self::transaction::Transactions;
use super::netlink::Refusal;
use crate::config::model::FirewallTable;
use crate::engine::InstanceId;
use crate::units::{Family, IfIndex};
use crate::vrrp::PlacedAddress;

/// Why packets are not blocked.
#[derive(Debug, thiserror::Error)]
pub enum FirewallError {
    /// There is no socket to order it by.
    #[error("no netlink socket for nftables: {0}")]
    Socket(#[source] io::Error),
    /// The kernel refused a change of the table.
    #[error("nftables table `{table}`: {why}")]
    Refused {
        /// The table's name.
        table: String,
        /// The kernel's answer.
        #[source]
        why: Refusal,
    },
}

/// The tables and what is to be in them.
pub struct Firewall {
    settings: FirewallTable,
    kernel: Option<Transactions>,
    /// By whom each is blocked; two instances may have the same address.
    wanted: HashMap<Blocked, HashSet<InstanceId>>,
    /// The families whose table is ours and holds what is wanted.
    standing: HashSet<Family>,
}

/// What no packet may come from or go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Blocked {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
    /// The same address may serve others elsewhere.
    LinkLocal(Ipv6Addr, IfIndex),
}

const FAMILIES: [Family; 2] = [Family::V4, Family::V6];

impl Firewall {
    /// Touches nothing yet.
    pub fn new(settings: FirewallTable) -> Self {
        Self { settings, kernel: None, wanted: HashMap::new(), standing: HashSet::new() }
    }

    /// Whether a table of ours is there.
    pub fn stands(&self) -> bool {
        !self.standing.is_empty()
    }

    /// These will be blocked next: the tables begin with them, so that those of a predecessor leave no gap.
    pub fn foresee(&mut self, id: InstanceId, addresses: &[PlacedAddress]) {
        self.want(id, addresses);
    }

    /// No packets to these addresses, nor from them.
    ///
    /// # Errors
    /// The kernel's refusal; it is asked for everything again at the next order.
    pub fn block(&mut self, id: InstanceId, addresses: &[PlacedAddress]) -> Result<(), FirewallError> {
        let new = self.want(id, addresses);
        for family in FAMILIES {
            let added = of_family(&new, family);
            if !self.standing.contains(&family) {
                if self.wanted.keys().any(|blocked| blocked.family() == family) {
                    self.replace(family)?;
                }
            } else if !added.is_empty() {
                self.change(family, &ruleset::add(&self.settings, family, &added))?;
            }
        }
        Ok(())
    }

    /// Takes [`Self::block`] of this instance back.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn unblock(&mut self, id: InstanceId, addresses: &[PlacedAddress]) -> Result<(), FirewallError> {
        let mut gone = Vec::new();
        for blocked in addresses.iter().map(Blocked::from) {
            let Some(by) = self.wanted.get_mut(&blocked) else { continue };
            by.remove(&id);
            if by.is_empty() {
                self.wanted.remove(&blocked);
                gone.push(blocked);
            }
        }
        for family in FAMILIES {
            let gone = of_family(&gone, family);
            if self.standing.contains(&family) && !gone.is_empty() {
                self.change(family, &ruleset::remove(&self.settings, family, &gone))?;
            }
        }
        Ok(())
    }

    /// From now on the tables are these.
    ///
    /// # Errors
    /// The kernel's refusal of one with the new settings; the old one is there then.
    pub fn reconfigure(&mut self, settings: &FirewallTable) -> Result<(), FirewallError> {
        if *settings == self.settings {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.settings, settings.clone());
        for family in FAMILIES {
            if self.standing.remove(&family) {
                let wanted = self.wanted(family);
                let mut messages = vec![ruleset::delete(&before, family)];
                messages.extend(ruleset::replace(&self.settings, family, &wanted));
                // Somebody may have deleted the old one.
                self.commit(&messages).or_else(|_| self.replace(family))?;
                self.standing.insert(family);
            }
        }
        Ok(())
    }

    /// Deletes tables of ours that a predecessor left and that are not wanted.
    pub fn sweep(&mut self) {
        for family in
            FAMILIES.into_iter().filter(|family| !self.standing.contains(family)).collect::<Vec<_>>()
        {
            // There is none, as a rule; a transaction would make every start wait to find that out.
            let found = self.ask(&ruleset::get(&self.settings, family));
            match found.and_then(|()| self.commit(&[ruleset::delete(&self.settings, family)])) {
                Err(FirewallError::Refused { why, .. }) if why.is(Errno::ENOENT) => {}
                // This kernel knows no nftables; nobody asked for it.
                Err(error) => debug!(%error, "no firewall table of a predecessor"),
                Ok(()) => {
                    info!(table = %self.settings.name, "removed the {family} firewall of a predecessor")
                }
            }
        }
    }

    /// Deletes the tables: the addresses are gone.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn remove(&mut self) -> Result<(), FirewallError> {
        self.wanted.clear();
        for family in std::mem::take(&mut self.standing) {
            match self.commit(&[ruleset::delete(&self.settings, family)]) {
                Err(FirewallError::Refused { why, .. }) if why.is(Errno::ENOENT) => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// Answers those that nobody had blocked before.
    fn want(&mut self, id: InstanceId, addresses: &[PlacedAddress]) -> Vec<Blocked> {
        let mut new = Vec::new();
        for blocked in addresses.iter().map(Blocked::from) {
            let by = self.wanted.entry(blocked).or_default();
            if by.is_empty() {
                new.push(blocked);
            }
            by.insert(id);
        }
        new
    }

    fn wanted(&self, family: Family) -> Vec<Blocked> {
        self.wanted.keys().filter(|blocked| blocked.family() == family).copied().collect()
    }

    /// A change that fails means that somebody else was at the table: it is made anew.
    fn change(&mut self, family: Family, messages: &[Message]) -> Result<(), FirewallError> {
        self.commit(messages).or_else(|error| {
            debug!(%error, "the firewall table is not what it was");
            self.replace(family)
        })
    }

    fn replace(&mut self, family: Family) -> Result<(), FirewallError> {
        self.standing.remove(&family);
        let wanted = self.wanted(family);
        self.commit(&ruleset::replace(&self.settings, family, &wanted))?;
        self.standing.insert(family);
        info!(table = %self.settings.name, "{family} packets to addresses that are not accepted are dropped by nftables");
        Ok(())
    }

    fn commit(&mut self, messages: &[Message]) -> Result<(), FirewallError> {
        self.kernel()?.commit(messages).map_err(|why| self.refused(why))
    }

    fn ask(&mut self, question: &Message) -> Result<(), FirewallError> {
        self.kernel()?.ask(question).map_err(|why| self.refused(why))
    }

    fn kernel(&mut self) -> Result<&mut Transactions, FirewallError> {
        Ok(match &mut self.kernel {
            Some(kernel) => kernel,
            none => none.insert(Transactions::new().map_err(FirewallError::Socket)?),
        })
    }

    fn refused(&self, why: Refusal) -> FirewallError {
        FirewallError::Refused { table: self.settings.name.clone(), why }
    }
}

impl Blocked {
    fn family(&self) -> Family {
        match self {
            Self::V4(_) => Family::V4,
            Self::V6(_) | Self::LinkLocal(..) => Family::V6,
        }
    }
}

impl From<&PlacedAddress> for Blocked {
    fn from(placed: &PlacedAddress) -> Self {
        match placed.address.prefix.address() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) if address.is_unicast_link_local() => {
                Self::LinkLocal(address, placed.interface)
            }
            IpAddr::V6(address) => Self::V6(address),
        }
    }
}

fn of_family(blocked: &[Blocked], family: Family) -> Vec<Blocked> {
    blocked.iter().filter(|blocked| blocked.family() == family).copied().collect()
}
