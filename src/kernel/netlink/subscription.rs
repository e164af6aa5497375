//! A socket on which the kernel tells of changes.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recvfrom, setsockopt, socket, sockopt,
};

use super::super::sys::Watched;

/// Room for the notices of thousands of addresses that change at once; the kernel doubles it.
const RECEIVE_BUFFER: usize = 4 << 20;
/// Notices are far smaller than this.
const DATAGRAM: usize = 64 * 1024;
/// Datagrams thrown away at most: enough to empty a full buffer, a bound against a kernel that never stops.
const DISCARD_MOST: usize = 100_000;

/// What one look at the socket brought.
pub(in super::super) enum Notice<'a> {
    /// Messages of the kernel.
    Datagram(&'a [u8]),
    /// The kernel had more to tell than the socket could hold.
    Lost,
    /// All was read.
    Nothing,
}

/// A netlink socket that only listens, so that nothing but notices can fill it.
pub(in super::super) struct Subscription {
    socket: Watched<OwnedFd>,
    buffer: Box<[u8]>,
}

impl Subscription {
    /// Listens to these multicast groups (`RTMGRP_*`).
    pub(in super::super) fn new(groups: u32) -> io::Result<Self> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Netlink, SockType::Raw, flags, SockProtocol::NetlinkRoute)?;
        // Without CAP_NET_ADMIN over the initial namespace net.core.rmem_max is the limit.
        if setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER).is_err() {
            setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER)?;
        }
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, groups))?;
        Ok(Self { socket: Watched::new(socket)?, buffer: vec![0; DATAGRAM].into() })
    }

    pub(in super::super) async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// One look, which never waits.
    pub(in super::super) fn receive(&mut self) -> io::Result<Notice<'_>> {
        loop {
            match recvfrom::<NetlinkAddr>(self.socket.get().as_raw_fd(), &mut self.buffer) {
                // Only port 0 is the kernel.
                Ok((length, Some(sender))) if sender.pid() == 0 => {
                    return Ok(Notice::Datagram(self.buffer.get(..length).unwrap_or_default()));
                }
                Ok(_) | Err(Errno::EINTR) => {}
                Err(Errno::ENOBUFS) => return Ok(Notice::Lost),
                Err(Errno::EAGAIN) => {
                    self.socket.drained();
                    return Ok(Notice::Nothing);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Throws away what waits.
    pub(in super::super) fn discard(&mut self) -> io::Result<()> {
        for _ in 0..DISCARD_MOST {
            if let Notice::Nothing = self.receive()? {
                break;
            }
        }
        Ok(())
    }
}
