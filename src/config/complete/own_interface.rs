//! `use_vmac` and `use_ipvlan` beside the other keywords of an instance, and the interfaces that come of them.

use std::collections::HashSet;
use std::net::IpAddr;

use super::instance::Block;
use crate::config::keyword::{Context, OwnWords};
use crate::config::model::{NameWish, OwnInterface, OwnKind, VirtualAddress, VrrpInstance};
use crate::units::{Family, IfName, MacAddr, Vrid};

/// What an instance gets.
#[derive(Default)]
pub(super) struct Own {
    pub(super) of_instance: Option<OwnInterface>,
    pub(super) of_addresses: Vec<OwnInterface>,
    /// `vmac_xmit_base`, given or implied.
    pub(super) xmit_base: bool,
    /// The address of an ipvlan, which adverts leave from when nothing else is said.
    pub(super) source: Option<IpAddr>,
}

impl Block<'_, '_> {
    /// Interfaces of our own, and those that cannot be as they are asked for.
    pub(super) fn own_interface(&mut self, family: Family) -> Own {
        if let Some(place) = self.draft.vmac_mac.filter(|_| self.strict) {
            self.adjusted(place, "use_vmac", "takes no Ethernet address in strict mode");
            self.draft.own_words().mac = None;
        }
        if let Some(place) = self.draft.vmac.filter(|_| self.draft.unicast.is_some()) {
            if self.draft.interface.is_none() {
                self.adjusted(place, "use_vmac", "needs `interface` and is left out");
                self.draft.vmac = None;
            } else if self.draft.vmac_xmit_base.is_none() && self.draft.ipvlan.is_none() {
                self.adjusted(place, "use_vmac", "implies `vmac_xmit_base` beside unicast peers");
                self.draft.vmac_xmit_base = Some(place);
            }
        }
        if let Some(place) = self.draft.vmac_xmit_base.filter(|_| self.multicasts_strictly()) {
            self.adjusted(place, "vmac_xmit_base", "is left out in strict mode");
            self.draft.vmac_xmit_base = None;
        }
        let addressless = self.draft.ipvlan.as_ref().filter(|ipvlan| !ipvlan.value && family == Family::V4);
        if let Some(place) = addressless.map(|ipvlan| ipvlan.place) {
            self.adjusted(place, "use_ipvlan", "needs an address for IPv4; the instance stays in FAULT");
        }
        self.address_vmacs();
        self.assemble(family).unwrap_or_default()
    }

    /// Addresses that ask for what the instance has anyway.
    fn address_vmacs(&mut self) {
        let own = self.draft.interface.as_ref().map(|interface| interface.value.clone());
        let vmacs = std::mem::take(&mut self.draft.address_vmacs);
        let redundant = |dev: &Option<_>| dev.is_none() || *dev == own;
        for vmac in vmacs.into_iter().filter(|vmac| redundant(&vmac.value)) {
            if self.draft.vmac.is_some() && self.draft.ipvlan.is_none() {
                self.adjusted(vmac.place, "use_vmac", "is set for the whole instance already");
            }
        }
    }

    /// `None` without a VRID, which is a fault of its own.
    fn assemble(&mut self, family: Family) -> Option<Own> {
        let vrid = self.draft.vrid.as_ref()?.value;
        let prefix = self.global.vmac_prefix.clone().unwrap_or_else(|| OwnInterface::PREFIX.to_owned());
        let of_instance = self.of_instance(family, vrid, &prefix);
        let prefix = self.global.vmac_addr_prefix.clone().unwrap_or(prefix);
        let of_addresses = self.of_addresses(of_instance.as_ref(), vrid, &prefix);
        let is_vmac = of_instance.as_ref().is_some_and(|own| matches!(own.kind, OwnKind::Vmac(_)));
        let address = self.own_words().address.filter(|_| of_instance.is_some() && !is_vmac);
        Some(Own {
            of_instance,
            of_addresses,
            xmit_base: is_vmac && self.draft.vmac_xmit_base.is_some(),
            source: address.map(|address| address.address()),
        })
    }

    /// Strict mode sends from the virtual MAC address; unicast has no choice.
    fn multicasts_strictly(&self) -> bool {
        self.strict && self.draft.unicast.is_none()
    }

    fn of_instance(&self, family: Family, vrid: Vrid, prefix: &str) -> Option<OwnInterface> {
        self.draft.vmac?;
        let parent = self.draft.interface.as_ref()?.value.clone();
        let OwnWords { name, mac, group, mode, address } = self.own_words();
        let keeps_ipv6 =
            self.holds_ipv6(|address| address.dev.is_none() || address.dev.as_ref() == Some(&parent));
        let is_vmac = self.draft.ipvlan.is_none();
        let kind = match is_vmac {
            true => OwnKind::Vmac(mac_address(mac, family, vrid)),
            false => OwnKind::Ipvlan { mode, address },
        };
        let wish = NameWish { given: name, prefix: prefix.to_owned(), vrid };
        let copies_link_local = is_vmac && family == Family::V6 && self.draft.vmac_xmit_base.is_none();
        Some(OwnInterface {
            name: parent.clone(),
            parent,
            kind,
            family,
            keeps_ipv6,
            copies_link_local,
            group,
            wish,
        })
    }

    /// What `use_vmac` or `use_ipvlan` says.
    fn own_words(&self) -> OwnWords {
        self.draft.own.as_deref().cloned().unwrap_or_default()
    }

    fn holds_ipv6(&self, here: impl Fn(&VirtualAddress) -> bool) -> bool {
        let all = self.draft.addresses.iter().chain(&self.draft.excluded);
        all.map(|placed| &placed.value).any(|address| address.prefix.family() == Family::V6 && here(address))
    }

    /// One for each interface and family on which an address asks for it and the instance has none.
    fn of_addresses(&self, own: Option<&OwnInterface>, vrid: Vrid, prefix: &str) -> Vec<OwnInterface> {
        let base = self.draft.interface.as_ref().map(|interface| interface.value.clone());
        let all = self.draft.addresses.iter().chain(&self.draft.excluded);
        let asking = all.map(|placed| &placed.value).filter(|a| a.on_vmac || self.draft.use_vmac_addr);
        let places =
            asking.filter_map(|a| Some((a.dev.clone().or_else(|| base.clone())?, a.prefix.family())));
        let mut seen: HashSet<(IfName, Family)> = own
            .filter(|own| matches!(own.kind, OwnKind::Vmac(_)))
            .map(|own| (own.parent.clone(), own.family))
            .into_iter()
            .collect();
        let wanted: Vec<_> = places.filter(|place| seen.insert(place.clone())).collect();
        let make = |(parent, family): (IfName, Family)| OwnInterface {
            name: parent.clone(),
            parent,
            kind: OwnKind::Vmac(OwnInterface::virtual_mac(family, vrid)),
            family,
            keeps_ipv6: false,
            copies_link_local: family == Family::V6,
            group: None,
            wish: NameWish { given: None, prefix: prefix.to_owned(), vrid },
        };
        wanted.into_iter().map(make).collect()
    }
}

/// Gives each its name: the first one that is free in this file; the host has a say later.
pub(super) fn name_all(instances: &mut [VrrpInstance], context: &Context<'_>) {
    let mut taken = context.defined.own_interfaces.clone();
    let mut named: Vec<OwnInterface> = Vec::new();
    for own in instances.iter_mut().flat_map(VrrpInstance::own_interfaces_mut) {
        let shared = named.iter().find(|other| other.is_same_as(own)).map(|other| other.name.clone());
        let free = |name: &IfName| own.wish.given.as_ref() == Some(name) || !taken.contains(name);
        if let Some(name) = shared.or_else(|| own.candidates().find(free)) {
            own.name = name;
        }
        taken.insert(own.name.clone());
        named.push(own.clone());
    }
}

/// As given, with the VRID for a missing sixth byte; else the virtual router's (RFC 9568 §7.3).
fn mac_address(given: Option<Vec<u8>>, family: Family, vrid: Vrid) -> MacAddr {
    let given = given.map(|mut bytes| {
        bytes.resize(6, vrid.get());
        bytes
    });
    let given = given.and_then(|bytes| <[u8; 6]>::try_from(bytes).ok());
    given.map_or_else(|| OwnInterface::virtual_mac(family, vrid), MacAddr)
}

#[cfg(test)]
#[path = "own_interface_tests.rs"]
mod tests;
