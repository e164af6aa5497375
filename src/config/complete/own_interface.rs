//! `use_vmac` and `use_ipvlan` beside the other keywords of an instance.

use super::instance::Block;
use crate::units::Family;

impl Block<'_, '_> {
    /// Interfaces of our own that cannot be as they are asked for.
    pub(super) fn own_interface(&mut self, family: Family) {
        if let Some(place) = self.draft.vmac_mac.filter(|_| self.strict) {
            self.adjusted(place, "use_vmac", "takes no Ethernet address in strict mode");
        }
        if let Some(place) = self.draft.vmac.filter(|_| self.draft.unicast.is_some()) {
            if self.draft.interface.is_none() {
                self.adjusted(place, "use_vmac", "needs `interface` and is left out");
                self.draft.vmac = None;
            } else if self.draft.vmac_xmit_base.is_none() && self.draft.ipvlan.is_none() {
                self.adjusted(place, "use_vmac", "implies `vmac_xmit_base` beside unicast peers");
            }
        }
        let addressless = self.draft.ipvlan.as_ref().filter(|ipvlan| !ipvlan.value && family == Family::V4);
        if let Some(place) = addressless.map(|ipvlan| ipvlan.place) {
            self.adjusted(place, "use_ipvlan", "needs an address for IPv4; the instance stays in FAULT");
        }
        self.address_vmacs();
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
}
