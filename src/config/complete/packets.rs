//! What goes round the addresses of an advert: sizes, old checksums, room to receive.

use super::instance::{Basics, Block};
use crate::config::keyword::ReceivePolicy;
use crate::config::model::{Authentication, HmacMode, OldChecksum};
use crate::units::{Family, Priority, Version};

impl Block<'_, '_> {
    /// Bytes of an advert without its addresses: IP header, VRRP header, authentication.
    pub(super) fn overhead(basics: Basics, authentication: &Authentication) -> usize {
        const VRRP_HEADER: usize = 8;
        let ip_header = match basics.family {
            Family::V4 => 20,
            Family::V6 => 40,
        };
        // VRRPv2 sends the data even when there is none.
        let data = if basics.version == Version::V2 { 8 } else { 0 };
        let sealed = match authentication {
            Authentication::None | Authentication::Pass(_) => 0,
            Authentication::Ah(_) => 24,
            Authentication::Hmac(hmac) if hmac.mode == HmacMode::ReceiveOnly => 0,
            Authentication::Hmac(_) => 28,
        };
        ip_header + VRRP_HEADER + data + sealed
    }

    /// Bytes that a packet on the instance's interface may have.
    pub(super) fn mtu(&self) -> u32 {
        const DEFAULT: u32 = 1500;
        let link = self.draft.interface.as_ref().and_then(|name| self.context.host.link(&name.value));
        link.map_or(DEFAULT, |link| link.mtu)
    }

    /// `kernel_rx_buf_size`, else what `vrrp_rx_bufs_policy` says.
    pub(super) fn receive_buffer(&self, basics: Basics, authentication: &Authentication) -> Option<u32> {
        let own = self.draft.receive_buffer.filter(|bytes| *bytes > 0);
        if own.is_some() {
            return own;
        }
        let buffers = self.global.receive_buffers;
        let packet = match buffers.policy {
            ReceivePolicy::Kernel => return None,
            ReceivePolicy::Bytes(bytes) => return Some(bytes),
            ReceivePolicy::Mtu => self.mtu(),
            ReceivePolicy::Advert => {
                let list = self.draft.addresses.len() * basics.family.address_len();
                u32::try_from(Self::overhead(basics, authentication) + list).unwrap_or(u32::MAX)
            }
        };
        Some(packet.saturating_mul(buffers.packets))
    }

    /// `old_unicast_checksum`, which concerns VRRPv3 over IPv4 alone.
    pub(super) fn old_checksum(&self) -> OldChecksum {
        match self.draft.old_unicast_checksum {
            None => OldChecksum::Accepted(self.global.group4),
            Some(true) => OldChecksum::Sent(self.global.group4),
            Some(false) => OldChecksum::Never,
        }
    }

    /// `timer_expired_backup`: who preempts would take over again at once.
    pub(super) fn timer_expired_backup(&mut self) -> Option<Priority> {
        let best = self.draft.timer_expired_backup.take()?;
        if self.draft.nopreempt.is_none() {
            self.adjusted(best.place, "timer_expired_backup", "needs `nopreempt` and is left out");
            return None;
        }
        Some(best.value)
    }
}
