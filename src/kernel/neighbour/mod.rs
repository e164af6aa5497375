//! Telling a link where an address lives now: gratuitous ARP and unsolicited neighbour advertisements.
//!
//! Owns one packet socket that receives nothing. In: addresses with their link and its hardware address. Out: frames on
//! those links, and how many could not be sent.
//! Never here: when and how often to announce, which links take no announcements.

mod forwarding;

use std::io;
use std::net::IpAddr;

use socket2::{Domain, SockAddr, Socket, Type};
use tracing::debug;

use super::sys::packet_address;
use crate::packet::neighbour::{gratuitous_arp, unsolicited_na};
use crate::units::{IfIndex, Instant, MacAddr};
use crate::vrrp::Announcement;
use forwarding::Forwarding;

/// Sends announcements.
pub struct Announcer {
    socket: Socket,
    forwarding: Forwarding,
}

impl Announcer {
    /// # Errors
    /// The kernel's refusal of a packet socket: no CAP_NET_RAW.
    pub fn new() -> io::Result<Self> {
        // Protocol 0: no frame is ever delivered to it.
        let socket = Socket::new(Domain::PACKET, Type::RAW, None)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, forwarding: Forwarding::default() })
    }

    /// Announces each address once a round, in order, `repeat` rounds, back to back.
    ///
    /// Returns how many frames could not be sent. `now` is the time of the order.
    pub fn announce(&mut self, addresses: &[Announcement], repeat: u32, now: Instant) -> usize {
        let mut failed = 0;
        for _ in 0..repeat {
            for announcement in addresses {
                if let Err(error) = self.announce_once(announcement, now) {
                    debug!(address = %announcement.address, interface = announcement.interface.get(), %error,
                        "announcement not sent");
                    failed += 1;
                }
            }
        }
        failed
    }

    fn announce_once(&mut self, announcement: &Announcement, now: Instant) -> io::Result<()> {
        let Announcement { interface, mac, address } = *announcement;
        match address {
            IpAddr::V4(address) => self.send(&gratuitous_arp(mac, address), interface, libc::ETH_P_ARP),
            IpAddr::V6(address) => {
                let router = self.forwarding.is_on(interface, now);
                self.send(&unsolicited_na(mac, address, router), interface, libc::ETH_P_IPV6)
            }
        }
    }

    fn send(&self, frame: &[u8], interface: IfIndex, ether_type: i32) -> io::Result<()> {
        let to = destination(frame, interface, ether_type);
        self.socket.send_to(frame, &to).map(|_| ())
    }
}

/// Where a frame goes: what stands in its first bytes.
fn destination(frame: &[u8], interface: IfIndex, ether_type: i32) -> SockAddr {
    let mac = frame.first_chunk().map_or(MacAddr::BROADCAST, |bytes| MacAddr(*bytes));
    packet_address(interface, u16::try_from(ether_type).unwrap_or(0), mac)
}
