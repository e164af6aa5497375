//! The addresses of an instance: how many an advert has room for, and where they go.

use std::net::IpAddr;

use super::instance::{Basics, Block};
use crate::config::fault::Fault;
use crate::config::model::{Authentication, Transport, VirtualAddress};
use crate::units::Version;

impl Block<'_, '_> {
    /// What an advert lists first, and at most.
    pub(super) fn addresses(
        &mut self,
        basics: Basics,
        transport: &Transport,
        authentication: &Authentication,
    ) {
        let multicast = matches!(transport, Transport::Multicast { .. });
        let first = self.draft.addresses.first().map(|first| (first.value.prefix.address(), first.place));
        if let (Some((IpAddr::V6(address), place)), true) = (first, multicast)
            && !address.is_unicast_link_local()
        {
            let what = "should begin with a link-local address (RFC 9568 section 5.2.9)".to_owned();
            let keyword = "virtual_ipaddress";
            self.context.problems.add(
                place,
                if self.strict { Fault::Adjusted { keyword, what } } else { Fault::Remark { keyword, what } },
            );
        }
        let most = self.most_addresses(basics, authentication);
        if self.draft.addresses.len() > most {
            let surplus = self.draft.addresses.split_off(most);
            if let Some(place) = surplus.first().map(|address| address.place) {
                let what =
                    format!("has room for {most} addresses; the others are held but not listed in adverts");
                self.adjusted(place, "virtual_ipaddress", what);
            }
            self.draft.excluded.splice(0..0, surplus);
        }
    }

    /// Addresses that fit into an advert on this interface.
    fn most_addresses(&self, basics: Basics, authentication: &Authentication) -> usize {
        const COUNT_BYTE: usize = 255;
        const ETHERNET_HEADER: usize = 14;
        let taken = ETHERNET_HEADER + Self::overhead(basics, authentication);
        let room = (self.mtu() as usize).saturating_sub(taken) / basics.family.address_len();
        room.min(COUNT_BYTE)
    }

    /// Drops addresses without an interface; whether what is left can run.
    pub(super) fn addresses_left(&mut self, version: Version) -> bool {
        if self.draft.interface.is_none() && self.draft.unicast.is_some() {
            let homeless = |address: &VirtualAddress| address.dev.is_none();
            let mut dropped = Vec::new();
            for list in [&mut self.draft.addresses, &mut self.draft.excluded] {
                dropped.extend(
                    list.iter().filter(|address| homeless(&address.value)).map(|address| address.place),
                );
                list.retain(|address| !homeless(&address.value));
            }
            for place in dropped {
                self.adjusted(
                    place,
                    "virtual_ipaddress",
                    "needs `dev` without `interface`; the line is left out",
                );
            }
        }
        let mut may_be_empty = self.draft.no_virtual_ipaddress;
        if let Some(place) = may_be_empty.filter(|_| self.strict) {
            let (keyword, what) = ("no_virtual_ipaddress", "is left out in strict mode".to_owned());
            self.context.problems.add(place, Fault::Doubtful { keyword, what });
            may_be_empty = None;
        }
        if !self.draft.addresses.is_empty() || may_be_empty.is_some() {
            return true;
        }
        if version == Version::V3 || self.strict {
            return self.unusable("has no `virtual_ipaddress`");
        }
        let (keyword, what) =
            ("vrrp_instance", format!("`{}` has no `virtual_ipaddress`", self.draft.name.value));
        self.context.problems.add(self.draft.name.place, Fault::Doubtful { keyword, what });
        true
    }
}
