//! One receive socket: what is bound, and what one packet of it is.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrIn6, recv, recvmsg, setsockopt, sockopt};
use socket2::{Domain, InterfaceIndexOrAddress, Protocol, Socket, Type};

use super::send_ipv6::scope;
use super::{AUTHENTICATION_HEADER, VRRP};
use crate::engine::{Listen, ListenTo};
use crate::kernel::device;
use crate::units::{Family, IfIndex};

/// Packets thrown away at most before a new socket is bound.
const STRAYS_MOST: usize = 1000;

/// A raw socket that hears what one [`Listen`] describes.
pub(super) struct ReceiveSocket {
    socket: Socket,
    pub(super) listen: Listen,
    /// Errors in a row, for [`super::receive_set`] to give up on it.
    pub(super) errors: u32,
}

/// What was received, apart from its bytes.
#[derive(Clone, Copy)]
pub(super) enum Header {
    /// The bytes hold it.
    Ipv4,
    /// From the control messages.
    Ipv6 { source: Ipv6Addr, destination: Ipv6Addr, hop_limit: Option<u8> },
}

impl ReceiveSocket {
    pub(super) fn open(listen: Listen) -> io::Result<Self> {
        let address = match listen.to {
            ListenTo::Group(address) | ListenTo::Unicast(address) => address,
        };
        let protocol = Protocol::from(if listen.sealed { AUTHENTICATION_HEADER } else { VRRP });
        let socket = match address {
            IpAddr::V4(_) => Socket::new(Domain::IPV4, Type::RAW, Some(protocol))?,
            IpAddr::V6(_) => Socket::new(Domain::IPV6, Type::RAW, Some(protocol))?,
        };
        socket.set_nonblocking(true)?;
        match address {
            IpAddr::V4(_) => prepare_v4(&socket)?,
            IpAddr::V6(_) => prepare_v6(&socket)?,
        }
        bind(&socket, address, listen.interface)?;
        let socket = Self { socket, listen, errors: 0 };
        socket.discard_strays();
        socket.join()?;
        Ok(socket)
    }

    /// One packet, if there is one.
    pub(super) fn receive(&self, buffer: &mut [u8], control: &mut [u8]) -> nix::Result<(usize, Header)> {
        let descriptor = self.socket.as_raw_fd();
        match self.listen.family {
            Family::V4 => Ok((recv(descriptor, buffer, MsgFlags::MSG_DONTWAIT)?, Header::Ipv4)),
            Family::V6 => receive_v6(descriptor, buffer, control),
        }
    }

    /// Room for what waits; the kernel has its own idea of the least, and doubles it for its bookkeeping.
    pub(super) fn set_buffer(&self, bytes: u32) -> io::Result<()> {
        self.socket.set_recv_buffer_size(usize::try_from(bytes).unwrap_or(usize::MAX))
    }

    /// What came before the socket was bound belongs to nobody.
    fn discard_strays(&self) {
        for _ in 0..STRAYS_MOST {
            if recv(self.socket.as_raw_fd(), &mut [0; 1], MsgFlags::MSG_DONTWAIT) == Err(Errno::EAGAIN) {
                break;
            }
        }
    }

    fn join(&self) -> io::Result<()> {
        let index = self.listen.interface.map_or(0, IfIndex::get);
        match self.listen.to {
            ListenTo::Group(IpAddr::V4(group)) => {
                self.socket.join_multicast_v4_n(&group, &InterfaceIndexOrAddress::Index(index))
            }
            ListenTo::Group(IpAddr::V6(group)) => self.socket.join_multicast_v6(&group, index),
            ListenTo::Unicast(_) => Ok(()),
        }
    }
}

impl AsFd for ReceiveSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Room for the control messages that `prepare_v6` asks for.
pub(super) fn control_buffer() -> Vec<u8> {
    nix::cmsg_space!(libc::in6_pktinfo, libc::c_int)
}

fn prepare_v4(socket: &Socket) -> io::Result<()> {
    // Else it would hear groups that other sockets joined.
    socket.set_multicast_all_v4(false)?;
    socket.set_freebind_v4(true)
}

fn prepare_v6(socket: &Socket) -> io::Result<()> {
    socket.set_multicast_all_v6(false)?;
    socket.set_freebind_v6(true)?;
    socket.set_recv_hoplimit_v6(true)?;
    setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)?;
    Ok(())
}

fn bind(socket: &Socket, address: IpAddr, interface: Option<IfIndex>) -> io::Result<()> {
    if let Some(interface) = interface {
        bind_device(socket, interface)?;
    }
    let address = match address {
        IpAddr::V4(_) => SocketAddr::new(address, 0),
        IpAddr::V6(address) => SocketAddrV6::new(address, 0, 0, scope(address, interface)).into(),
    };
    socket.bind(&address.into())
}

/// The kernel binds by name, and names can change hands: binds until the name is the same afterwards.
fn bind_device(socket: &Socket, interface: IfIndex) -> io::Result<()> {
    let mut name = device::name(interface)?;
    loop {
        socket.bind_device(Some(name.as_bytes()))?;
        let after = device::name(interface)?;
        if after == name {
            return Ok(());
        }
        name = after;
    }
}

fn receive_v6(descriptor: i32, buffer: &mut [u8], control: &mut [u8]) -> nix::Result<(usize, Header)> {
    let mut parts = [IoSliceMut::new(buffer)];
    let message = recvmsg::<SockaddrIn6>(descriptor, &mut parts, Some(control), MsgFlags::MSG_DONTWAIT)?;
    let source = message.address.map_or(Ipv6Addr::UNSPECIFIED, |address| address.ip());
    let (mut destination, mut hop_limit) = (Ipv6Addr::UNSPECIFIED, None);
    for control in message.cmsgs()? {
        match control {
            ControlMessageOwned::Ipv6PacketInfo(info) => destination = Ipv6Addr::from(info.ipi6_addr.s6_addr),
            ControlMessageOwned::Ipv6HopLimit(limit) => hop_limit = u8::try_from(limit).ok(),
            _ => {}
        }
    }
    Ok((message.bytes, Header::Ipv6 { source, destination, hop_limit }))
}
