//! Sending over IPv6: the kernel builds the header from control messages.

use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv6Addr, SocketAddrV6};

use socket2::{Domain, MsgHdr, Protocol, SockAddr, Socket, Type};

use super::control::Control;
use super::{INTERNETWORK_CONTROL, VRRP, receive_nothing};
use crate::units::IfIndex;
use crate::vrrp::Transmission;

/// Hop limit of multicast unless told otherwise (RFC 9568 §5.1.2.3).
const MULTICAST_HOPS: u32 = 255;

/// The IPv6 send socket; it serves every interface.
pub(super) struct SendIpv6 {
    socket: Socket,
    message: Vec<u8>,
}

impl SendIpv6 {
    pub(super) fn new() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV6, Type::RAW, Some(Protocol::from(VRRP)))?;
        socket.set_nonblocking(true)?;
        receive_nothing(&socket)?;
        socket.set_tclass_v6(INTERNETWORK_CONTROL.into())?;
        socket.set_multicast_hops_v6(MULTICAST_HOPS)?;
        socket.set_multicast_loop_v6(false)?;
        // As over IPv4, the source need not be an address of this host.
        socket.set_freebind_v6(true)?;
        Ok(Self { socket, message: Vec::new() })
    }

    pub(super) fn send(
        &mut self,
        transmission: &Transmission,
        source: Ipv6Addr,
        destination: Ipv6Addr,
    ) -> io::Result<()> {
        self.message.clear();
        // The checksum is there already: IPV6_CHECKSUM stays unset.
        transmission.advert.encode(
            &transmission.authentication,
            transmission.checksum,
            IpAddr::V6(source),
            IpAddr::V6(destination),
            &mut self.message,
        );
        let mut control = Control::new();
        control.push(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &packet_info(source, transmission.interface));
        if let Some(hop_limit) = transmission.hop_limit {
            let hop_limit = i32::from(hop_limit).to_ne_bytes();
            control.push(libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT, &hop_limit);
        }
        let flags = if destination.is_multicast() { libc::MSG_DONTROUTE } else { 0 };
        let to =
            SockAddr::from(SocketAddrV6::new(destination, 0, 0, scope(destination, transmission.interface)));
        let parts = [IoSlice::new(&self.message)];
        let message = MsgHdr::new().with_addr(&to).with_buffers(&parts).with_control(control.bytes());
        self.socket.sendmsg(&message, flags).map(|_| ())
    }
}

/// `struct in6_pktinfo`: the source and the interface to leave by.
fn packet_info(source: Ipv6Addr, interface: Option<IfIndex>) -> [u8; 20] {
    let mut info = [0; 20];
    info[..16].copy_from_slice(&source.octets());
    info[16..].copy_from_slice(&interface.map_or(0, IfIndex::get).to_ne_bytes());
    info
}

/// The zone of an address that is only unique on its link.
pub(super) fn scope(address: Ipv6Addr, interface: Option<IfIndex>) -> u32 {
    let on_link = address.is_multicast() || address.is_unicast_link_local();
    interface.filter(|_| on_link).map_or(0, IfIndex::get)
}
