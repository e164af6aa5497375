//! Sending over IPv4, with a header of our own so that the source need not be an address of this host.

use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use socket2::{Domain, MsgHdr, Protocol, SockAddr, Socket, Type};

use super::control::Control;
use super::{INTERNETWORK_CONTROL, VRRP, receive_nothing};
use crate::packet::{Authentication, authentication_header};
use crate::units::IfIndex;
use crate::vrrp::Transmission;

/// Bytes of a header without options.
const HEADER: usize = 20;
/// TTL unless told otherwise (RFC 9568 §5.1.1.3).
const TTL: u8 = 255;

/// The IPv4 send socket; it serves every interface.
pub(super) struct SendIpv4 {
    socket: Socket,
    packet: Vec<u8>,
}

impl SendIpv4 {
    pub(super) fn new() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::from(libc::IPPROTO_RAW)))?;
        socket.set_nonblocking(true)?;
        socket.set_header_included_v4(true)?;
        socket.set_multicast_loop_v4(false)?;
        receive_nothing(&socket)?;
        Ok(Self { socket, packet: Vec::new() })
    }

    pub(super) fn send(
        &mut self,
        transmission: &Transmission,
        source: Ipv4Addr,
        destination: Ipv4Addr,
    ) -> io::Result<()> {
        self.build(transmission, source, destination)?;
        let mut control = Control::new();
        if let Some(interface) = transmission.interface {
            control.push(libc::IPPROTO_IP, libc::IP_PKTINFO, &packet_info(interface));
        }
        // A multicast goes to the link itself, whatever the routes say; a unicast peer may be behind a router.
        let flags = if destination.is_multicast() { libc::MSG_DONTROUTE } else { 0 };
        let to = SockAddr::from(SocketAddrV4::new(destination, 0));
        let parts = [IoSlice::new(&self.packet)];
        let message = MsgHdr::new().with_addr(&to).with_buffers(&parts).with_control(control.bytes());
        self.socket.sendmsg(&message, flags).map(|_| ())
    }

    /// Header and message in `packet`.
    fn build(
        &mut self,
        transmission: &Transmission,
        source: Ipv4Addr,
        destination: Ipv4Addr,
    ) -> io::Result<()> {
        self.packet.clear();
        let seal = match &transmission.authentication {
            Authentication::Header(seal) => Some(*seal),
            Authentication::None | Authentication::Pass(_) | Authentication::Trailer(..) => None,
        };
        let (protocol, headers) = match seal {
            Some(_) => (authentication_header::PROTOCOL, HEADER + authentication_header::LEN),
            None => (VRRP as u8, HEADER),
        };
        self.packet.resize(headers, 0);
        transmission.advert.encode(
            &transmission.authentication,
            transmission.checksum,
            IpAddr::V4(source),
            IpAddr::V4(destination),
            &mut self.packet,
        );
        let total = u16::try_from(self.packet.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let ttl = transmission.hop_limit.unwrap_or(TTL);
        let header = header(total, transmission.id, ttl, protocol, source, destination);
        self.packet[..HEADER].copy_from_slice(&header);
        if let Some(seal) = seal {
            seal.fill(&mut self.packet);
        }
        Ok(())
    }
}

/// The header as keepalived sends it: no fragmentation flags; the kernel fills in the checksum.
fn header(
    total: u16,
    id: u16,
    ttl: u8,
    protocol: u8,
    source: Ipv4Addr,
    destination: Ipv4Addr,
) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[0] = 0x45;
    header[1] = INTERNETWORK_CONTROL;
    header[2..4].copy_from_slice(&total.to_be_bytes());
    header[4..6].copy_from_slice(&id.to_be_bytes());
    header[8] = ttl;
    header[9] = protocol;
    header[12..16].copy_from_slice(&source.octets());
    header[16..20].copy_from_slice(&destination.octets());
    header
}

/// `struct in_pktinfo`: the interface to leave by, and no address.
fn packet_info(interface: IfIndex) -> [u8; 12] {
    let mut info = [0; 12];
    info[..4].copy_from_slice(&interface.get().to_ne_bytes());
    info
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_keepalived_s_but_for_the_checksum() {
        let got = header(40, 1, TTL, VRRP as u8, Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(224, 0, 0, 18));
        let captured =
            [0x45, 0xc0, 0, 0x28, 0, 1, 0, 0, 0xff, 0x70, 0xd0, 0x91, 10, 0, 0, 1, 0xe0, 0, 0, 0x12];
        assert_eq!(got[..10], captured[..10]);
        assert_eq!(got[10..12], [0, 0]);
        assert_eq!(got[12..], captured[12..]);
    }
}
