//! Which notices of removed addresses are the echo of our own orders.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

use crate::config::model::Prefix;
use crate::track::LinkAddress;
use crate::units::IfIndex;

/// What tells addresses apart: interface, address, prefix length.
pub(in super::super) type AddressKey = (IfIndex, IpAddr, u8);

/// Counts removals that the kernel has yet to tell of. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct OwnRemovals(Rc<RefCell<HashMap<AddressKey, u32>>>);

impl OwnRemovals {
    /// One removal was carried out; the kernel tells of it exactly once.
    pub(super) fn note(&self, interface: IfIndex, prefix: Prefix) {
        *self.0.borrow_mut().entry((interface, prefix.address(), prefix.length())).or_default() += 1;
    }

    /// Whether the kernel's notice of this address being gone is the echo of a removal noted before; uses it up.
    pub(in super::super) fn take(&self, gone: &LinkAddress) -> bool {
        let mut pending = self.0.borrow_mut();
        let key = (gone.interface, gone.address, gone.prefix_len);
        let Some(count) = pending.get_mut(&key) else { return false };
        *count -= 1;
        if *count == 0 {
            pending.remove(&key);
        }
        true
    }

    /// The notices were lost, or all have been seen.
    pub(in super::super) fn forget(&self) {
        self.0.borrow_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_notices_are_ours_as_there_were_removals() {
        let own = OwnRemovals::default();
        let (interface, address) = (IfIndex::new(3).unwrap(), IpAddr::from([192, 0, 2, 1]));
        let prefix = Prefix::new(address, 24).unwrap();
        let gone = LinkAddress { interface, address, prefix_len: 24, secondary: false, tentative: false };
        assert!(!own.take(&gone));
        own.clone().note(interface, prefix);
        own.note(interface, prefix);
        assert!(!own.take(&LinkAddress { prefix_len: 32, ..gone }));
        assert_eq!([own.take(&gone), own.take(&gone), own.take(&gone)], [true, true, false]);
        own.note(interface, prefix);
        own.forget();
        assert!(!own.take(&gone));
    }
}
