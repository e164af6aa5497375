//! VMACs and ipvlans: interfaces that exist because an instance asks for them.
//!
//! Owns one netlink request socket and the list of kernel settings that were changed for these interfaces.
//! In: an interface to make or to make right, or to remove. Out: the interface, ready and up, or why not; for the
//! supervisor, the names that are free on this host.
//! Never here: when an interface is wanted, whether it is right (that is judged from facts), virtual addresses.
//!
//! A VMAC's IGMP and MLD reports leave with its own MAC; keepalived rewrites them by nftables rules in the table
//! `keepalived` (`vmac_map`). Such rules belong to the room's firewall, keyed by the index that [`OwnInterfaces::make`]
//! works on.

mod message;
mod names;
mod settings;

use std::io;
use std::net::IpAddr;

use nix::errno::Errno;
use rtnetlink::packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::link::{LinkAttribute, LinkMessage};
use tracing::{debug, info};

use super::address::{AddressError, Addresses};
use super::netlink::{Refusal, Requests, link_of, request_links};
use super::sysctl::{ChangedSetting, Settings};
use crate::config::model::{OwnInterface, OwnKind, Prefix, VirtualAddress};
use crate::engine::Make;
use crate::track::{Link, Over, OverKind};
use crate::vrrp::PlacedAddress;
pub use names::choose_names;

/// Why an interface is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum OwnInterfaceError {
    /// The kernel refused to make it.
    #[error("making it: {0}")]
    Make(#[source] Refusal),
    /// The kernel refused to change it.
    #[error("changing it: {0}")]
    Change(#[source] Refusal),
    /// Something else has the name.
    #[error("its name is that of another interface")]
    NameTaken,
    /// The kernel does not tell of interfaces.
    #[error("asking the kernel: {0}")]
    Ask(#[from] io::Error),
    /// An address that it needs.
    #[error("its address: {0}")]
    Address(#[source] AddressError),
    /// It vanished while it was made.
    #[error("it is gone again")]
    Gone,
}

impl OwnInterfaceError {
    /// What it lies over was gone before we heard of it.
    pub fn is_for_want_of_a_parent(&self) -> bool {
        matches!(self, Self::Make(refusal) if refusal.is(Errno::ENODEV))
    }
}

/// Makes and removes them.
pub struct OwnInterfaces {
    requests: Requests,
    settings: Settings,
}

impl OwnInterfaces {
    /// `changed` is what a predecessor changed and has not put back.
    ///
    /// # Errors
    /// The kernel's refusal of a netlink socket.
    pub fn new(changed: Vec<ChangedSetting>) -> io::Result<Self> {
        Ok(Self { requests: Requests::new()?, settings: Settings::new(changed) })
    }

    /// The settings that are changed now, when that is news: whoever comes after us must put them back.
    pub fn changed_settings(&mut self) -> Option<Vec<ChangedSetting>> {
        self.settings.news()
    }

    /// Makes it, or makes right what is there: one over the same parent with the same MAC is taken over, under whatever
    /// name; another macvlan or ipvlan of the name gives way.
    ///
    /// # Errors
    /// What is left undone; a later attempt starts from what is there then.
    pub fn make(&mut self, make: &Make, addresses: &mut Addresses) -> Result<(), OwnInterfaceError> {
        let own = &make.interface;
        let found = match self.usable(make)? {
            Some(link) => Some(link),
            None => self.renamed(make)?,
        };
        let link = match found {
            Some(link) => link,
            None => self.create(make)?,
        };
        if link.vrf != make.vrf {
            self.change(message::set_vrf(link.index, make.vrf))?;
        }
        settings::apply(own, &mut self.settings);
        if !link.up {
            self.change(message::set_up(link.index, true))?;
        }
        let wanted = needed_addresses(make).map(|address| PlacedAddress { interface: link.index, address });
        let wanted: Vec<PlacedAddress> = wanted.collect();
        match addresses.add(&wanted).into_iter().next() {
            Some((_, error)) => Err(OwnInterfaceError::Address(error)),
            None => Ok(()),
        }
    }

    /// Removes it if it is still what was made, and puts the settings back that nobody else needs.
    ///
    /// # Errors
    /// The kernel's refusal; the settings are put back all the same.
    pub fn remove(&mut self, own: &OwnInterface) -> Result<(), OwnInterfaceError> {
        let removed = self.remove_link(own);
        settings::release(own, &mut self.settings);
        removed
    }

    fn remove_link(&mut self, own: &OwnInterface) -> Result<(), OwnInterfaceError> {
        let Some(link) = self.named(own)? else { return Ok(()) };
        let over = link.over.and_then(|over| over.parent);
        let parent = self.get(over.map(message::ask_by_index))?.and_then(|found| link_of(&found));
        let of_parent = parent.is_none_or(|parent| parent.name == own.parent);
        if is_kind(own, &link) && of_parent {
            self.change(message::remove(link.index))?;
            info!("Removed interface {}", own.name);
        }
        Ok(())
    }

    /// What exists and can be used, under its name.
    fn usable(&mut self, make: &Make) -> Result<Option<Link>, OwnInterfaceError> {
        let own = &make.interface;
        let fits = |link: &Link| {
            is_kind(own, link) && link.over.is_some_and(|over| over.parent == Some(make.parent))
        };
        let Some(link) = self.named(own)? else { return Ok(None) };
        if fits(&link) {
            return Ok(Some(link));
        }
        let Some(over) = link.over else { return Err(OwnInterfaceError::NameTaken) };
        if let OwnKind::Vmac(mac) = own.kind
            && over == (Over { parent: Some(make.parent), kind: OverKind::PrivateMacvlan })
            && self.settings.has_user(own.name.as_str())
        {
            info!("Interface {} was given another MAC address; giving it its own back", own.name);
            self.change(message::set_mac(link.index, mac))?;
            return Ok(Some(link));
        }
        debug!(interface = %own.name, "another macvlan or ipvlan has the name; removing it");
        self.change(message::remove(link.index))?;
        Ok(None)
    }

    fn create(&mut self, make: &Make) -> Result<Link, OwnInterfaceError> {
        let group = self.group(make)?;
        let message = message::create(make, group);
        let answer = self.requests.perform(std::iter::once(message), NLM_F_CREATE | NLM_F_EXCL).pop();
        answer.unwrap_or(Err(Refusal::NoAnswer)).map_err(OwnInterfaceError::Make)?;
        info!("Created interface {} over {}", make.interface.name, make.interface.parent);
        self.named(&make.interface)?.ok_or(OwnInterfaceError::Gone)
    }

    /// The group that was asked for, else the parent's.
    fn group(&mut self, make: &Make) -> io::Result<u32> {
        if let Some(group) = make.interface.group {
            return Ok(group);
        }
        let parent = self.get(message::ask_by_index(make.parent))?;
        let attributes = parent.into_iter().flat_map(|message| message.attributes);
        Ok(attributes.into_iter().find_map(group_of).unwrap_or(0))
    }

    /// Ours under another name, when we made it before: it gets its name back.
    fn renamed(&mut self, make: &Make) -> Result<Option<Link>, OwnInterfaceError> {
        let own = &make.interface;
        if !self.settings.has_user(own.name.as_str()) {
            return Ok(None);
        }
        let over = Over { parent: Some(make.parent), kind: OverKind::PrivateMacvlan };
        let mut links = all(&mut self.requests)?.into_iter();
        let Some(link) = links.find(|link| link.over == Some(over) && is_kind(own, link)) else {
            return Ok(None);
        };
        info!("Interface {} was renamed to {}; giving it its name back", own.name, link.name);
        // Older kernels rename only what is down.
        self.change(message::set_up(link.index, false))?;
        self.change(message::rename(link.index, &own.name))?;
        Ok(Some(Link { up: false, ..link }))
    }

    fn change(&mut self, message: RouteNetlinkMessage) -> Result<(), OwnInterfaceError> {
        let answer = self.requests.perform(std::iter::once(message), 0).pop();
        answer.unwrap_or(Err(Refusal::NoAnswer)).map_err(OwnInterfaceError::Change)
    }

    fn named(&mut self, own: &OwnInterface) -> io::Result<Option<Link>> {
        Ok(self.get(message::ask_by_name(&own.name))?.and_then(|found| link_of(&found)))
    }

    fn get(&mut self, question: impl Into<Option<RouteNetlinkMessage>>) -> io::Result<Option<LinkMessage>> {
        let Some(question) = question.into() else { return Ok(None) };
        match self.requests.get(question) {
            Ok(RouteNetlinkMessage::NewLink(found)) => Ok(Some(found)),
            Ok(_) => Ok(None),
            Err(error) if error.raw_os_error() == Some(libc::ENODEV) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Every interface of this network namespace.
fn all(requests: &mut Requests) -> io::Result<Vec<Link>> {
    let links = requests.dump(&request_links())?;
    let links = links.iter().filter_map(|entry| match entry {
        RouteNetlinkMessage::NewLink(message) => link_of(message),
        _ => None,
    });
    Ok(links.collect())
}

/// Whether it is of the kind that was asked for, with its MAC; over whatever parent.
fn is_kind(own: &OwnInterface, link: &Link) -> bool {
    let kind = link.over.map(|over| over.kind);
    match own.kind {
        OwnKind::Vmac(mac) => kind == Some(OverKind::PrivateMacvlan) && link.mac == Some(mac),
        OwnKind::Ipvlan { .. } => kind == Some(OverKind::IpvlanL2),
    }
}

fn group_of(attribute: LinkAttribute) -> Option<u32> {
    match attribute {
        LinkAttribute::Group(group) => Some(group),
        _ => None,
    }
}

/// The address of an ipvlan, or the parent's link-local address, never to be chosen as a source by others.
fn needed_addresses(make: &Make) -> impl Iterator<Item = VirtualAddress> {
    /// As the parent has it.
    const LINK_LOCAL_LENGTH: u8 = 64;
    const LINK_SCOPE: u8 = 253;
    let copy = make.link_local.and_then(|address| Prefix::new(IpAddr::V6(address), LINK_LOCAL_LENGTH));
    let copy = copy.map(|prefix| VirtualAddress {
        preferred_lifetime: 0,
        scope: LINK_SCOPE,
        ..VirtualAddress::plain(prefix)
    });
    let own = match make.interface.kind {
        OwnKind::Ipvlan { address, .. } => address.map(VirtualAddress::plain),
        OwnKind::Vmac(_) => None,
    };
    copy.into_iter().chain(own)
}
