//! The raw sockets on which adverts come and go.
//!
//! Owns one receive socket for each [`Listen`], all of them in one epoll descriptor, and one send socket a family.
//! In: where to listen, adverts to send. Out: received packets, each with the [`Listen`] it came in by.
//! Never here: what a packet says, who it is for, timers.

mod control;
mod receive_set;
mod receive_socket;
mod send_ipv4;
mod send_ipv6;

use std::io;
use std::net::IpAddr;

use socket2::{SockFilter, Socket};

use crate::engine::Listen;
use crate::packet::{Datagram, DecodeError, authentication_header, ipv4_datagram};
use crate::vrrp::Transmission;
use receive_set::ReceiveSet;
use send_ipv4::SendIpv4;
use send_ipv6::SendIpv6;

/// IP protocol number of VRRP (RFC 9568 §5.1.1.4).
const VRRP: i32 = 112;

/// IP protocol number of the authentication header (RFC 2402 §2).
const AUTHENTICATION_HEADER: i32 = authentication_header::PROTOCOL as i32;

/// TOS and traffic class of adverts: internetwork control, as keepalived marks them.
const INTERNETWORK_CONTROL: u8 = 0xc0;

/// All sockets for adverts.
pub struct VrrpSockets {
    receive: ReceiveSet,
    ipv4: SendIpv4,
    ipv6: Option<SendIpv6>,
}

/// A packet, and where it came in.
#[derive(Debug)]
pub struct Received<'a> {
    /// The socket that it came in by.
    pub listen: Listen,
    /// What the socket delivered.
    pub contents: Contents<'a>,
}

/// What a raw socket delivers, which is not the same in the two families.
#[derive(Debug)]
pub enum Contents<'a> {
    /// The packet with its IPv4 header.
    Ipv4(&'a [u8]),
    /// The message, and what the control messages say of its header.
    Ipv6(Datagram<'a>),
}

impl<'a> Received<'a> {
    /// The VRRP message with what its IP header said.
    ///
    /// # Errors
    /// That of [`ipv4_datagram`].
    pub fn datagram(&self) -> Result<Datagram<'a>, DecodeError> {
        match self.contents {
            Contents::Ipv4(packet) => ipv4_datagram(packet),
            Contents::Ipv6(datagram) => Ok(datagram),
        }
    }
}

impl VrrpSockets {
    /// Opens the send sockets. Needs the runtime that will wait for packets.
    ///
    /// # Errors
    /// The kernel's refusal: no CAP_NET_RAW, no descriptor left. A host without IPv6 is no error.
    pub fn new() -> io::Result<Self> {
        let ipv6 = match SendIpv6::new() {
            Err(error) if error.raw_os_error() == Some(libc::EAFNOSUPPORT) => None,
            other => Some(other?),
        };
        Ok(Self { receive: ReceiveSet::new()?, ipv4: SendIpv4::new()?, ipv6 })
    }

    /// Starts to receive there; a second time changes nothing.
    ///
    /// # Errors
    /// The kernel's refusal: the interface is gone, the group cannot be joined on it, no descriptor left.
    pub fn listen(&mut self, listen: &Listen) -> io::Result<()> {
        self.receive.listen(listen)
    }

    /// Sets the room for packets that wait there; where nothing is received it changes nothing.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn set_receive_buffer(&self, listen: &Listen, bytes: u32) -> io::Result<()> {
        self.receive.set_buffer(listen, bytes)
    }

    /// Stops to receive there. Packets that wait in that socket are lost.
    pub fn unlisten(&mut self, listen: &Listen) {
        self.receive.unlisten(listen);
    }

    /// Sends one advert, without ever waiting.
    ///
    /// # Errors
    /// The kernel's refusal, [`io::ErrorKind::WouldBlock`] among them when a queue is full;
    /// [`io::ErrorKind::InvalidInput`] for addresses of two families or more than fits a packet.
    pub fn send(&mut self, transmission: &Transmission) -> io::Result<()> {
        match (transmission.source, transmission.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                self.ipv4.send(transmission, source, destination)
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => match &mut self.ipv6 {
                Some(ipv6) => ipv6.send(transmission, source, destination),
                None => Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT)),
            },
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    /// Waits until there may be a packet. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The runtime's when it shuts down.
    pub async fn readable(&self) -> io::Result<()> {
        self.receive.readable().await
    }

    /// The next packet that waits in any socket, without waiting for one. Sockets take turns.
    ///
    /// `None` means that nothing waits anywhere: everything that arrived before the call has been handed out.
    pub fn try_receive(&mut self) -> Option<Received<'_>> {
        self.receive.try_receive()
    }

    /// Somewhere where nothing is received any more although nobody asked for that; told once.
    pub fn take_broken(&mut self) -> Option<Listen> {
        self.receive.take_broken()
    }
}

/// Lets a send socket receive nothing.
fn receive_nothing(socket: &Socket) -> io::Result<()> {
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    socket.attach_filter(&[SockFilter::new(RETURN, 0, 0, 0)])
}
