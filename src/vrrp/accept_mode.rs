//! Accept_Mode (RFC 9568 §6.1): a master that is not to take packets to its addresses has them blocked, from before it
//! holds an address until after it has given it up.

use std::sync::Arc;

use super::instance::Instance;
use super::{Action, PlacedAddress};
use crate::config::model::VrrpInstance;

impl Instance {
    /// Takes addresses, blocked first if they are not to accept packets.
    pub(super) fn hold(&self, addresses: &Arc<[PlacedAddress]>, out: &mut Vec<Action>) {
        self.block(addresses, out);
        if !addresses.is_empty() {
            out.push(Action::AddAddresses(addresses.clone()));
        }
    }

    /// Without a word for an instance that accepts packets.
    pub(super) fn block(&self, addresses: &Arc<[PlacedAddress]>, out: &mut Vec<Action>) {
        if self.settings.blocks_packets() && !addresses.is_empty() {
            out.push(Action::BlockPackets(addresses.clone()));
        }
    }

    /// For addresses that are not held any more.
    pub(super) fn unblock(&self, addresses: &Arc<[PlacedAddress]>, out: &mut Vec<Action>) {
        if self.settings.blocks_packets() && !addresses.is_empty() {
            out.push(Action::UnblockPackets(addresses.clone()));
        }
    }

    /// The settings of the next moment may decide otherwise about addresses that are held.
    pub(super) fn change_accept_mode(&self, next: &VrrpInstance, out: &mut Vec<Action>) {
        if self.held().is_empty() {
            return;
        }
        match (self.settings.blocks_packets(), next.blocks_packets()) {
            (false, true) => out.push(Action::BlockPackets(self.held().into())),
            (true, false) => out.push(Action::UnblockPackets(self.held().into())),
            (true, true) | (false, false) => {}
        }
    }
}
