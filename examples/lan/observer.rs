//! Watches one host: every frame with the kernel's own time stamp, and every address that comes or goes.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::ifaddrs::getifaddrs;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::sockopt::ReceiveTimestampns;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, bind, recvmsg,
    send, setsockopt, socket,
};
use rtnetlink::packet_core::{NetlinkMessage, NetlinkPayload};
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::address::{AddressAttribute, AddressMessage};
use rtnetlink::sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};

use super::{Host, now};

/// RTMGRP_IPV4_IFADDR of rtnetlink(7).
const IPV4_ADDRESSES: u32 = 0x10;

/// What was seen, and when (since the epoch).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Duration,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Advert {
        from: Ipv4Addr,
        priority: u8,
    },
    /// A gratuitous ARP for this address.
    Announced(Ipv4Addr),
    AddressCame(Ipv4Addr),
    AddressWent(Ipv4Addr),
}

/// Watches `eth0` of one host on a thread of its own.
pub(crate) struct Observer {
    seen: Receiver<Seen>,
    /// A socket that sends whole frames out of the same interface.
    wire: OwnedFd,
}

impl Observer {
    pub(crate) fn new(host: &Host) -> io::Result<Self> {
        let (frames, wire, addresses) = host.inside(|| {
            let mut addresses = Socket::new(NETLINK_ROUTE)?;
            addresses.bind(&SocketAddr::new(0, IPV4_ADDRESSES))?;
            Ok((packet_socket()?, packet_socket()?, addresses))
        })?;
        setsockopt(&frames, ReceiveTimestampns, &true)?;
        let (sender, seen) = channel();
        thread::spawn(move || watch(&frames, &addresses, &sender));
        Ok(Self { seen, wire })
    }

    /// Waits for the first thing that `wanted` accepts, dropping what comes before it.
    pub(crate) fn wait(&self, limit: Duration, wanted: impl Fn(&What) -> bool) -> io::Result<Seen> {
        self.collect(limit, wanted)?.pop().ok_or_else(|| io::Error::other("nothing was seen"))
    }

    /// All that is seen up to the first thing that `last` accepts.
    pub(crate) fn collect(&self, limit: Duration, last: impl Fn(&What) -> bool) -> io::Result<Vec<Seen>> {
        let (deadline, mut all) = (Instant::now() + limit, Vec::new());
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let seen = self.seen.recv_timeout(left).map_err(|error| match error {
                RecvTimeoutError::Timeout => {
                    io::Error::other(format!("not seen within {limit:?}; seen: {all:?}"))
                }
                RecvTimeoutError::Disconnected => io::Error::other("the observer ended"),
            })?;
            all.push(seen);
            if last(&seen.what) {
                return Ok(all);
            }
        }
    }

    /// Sends a whole Ethernet frame.
    pub(crate) fn send(&self, frame: &[u8]) -> io::Result<()> {
        send(self.wire.as_raw_fd(), frame, MsgFlags::empty())?;
        Ok(())
    }
}

fn watch(frames: &OwnedFd, addresses: &Socket, sender: &Sender<Seen>) {
    let mut bytes = vec![0; 65536];
    loop {
        let mut waiting =
            [frames.as_fd(), addresses.as_fd()].map(|socket| PollFd::new(socket, PollFlags::POLLIN));
        let Ok(_) = poll(&mut waiting, PollTimeout::NONE) else { return };
        let [frame, address] = waiting.map(|socket| socket.any() == Some(true));
        let mut seen = Vec::new();
        if address && let Ok((message, _)) = addresses.recv_from_full() {
            seen.extend(judge_message(&message).map(|what| Seen { at: now(), what }));
        }
        if frame && let Ok((at, length)) = receive(frames, &mut bytes) {
            seen.extend(judge_frame(&bytes[..length]).map(|what| Seen { at, what }));
        }
        if seen.into_iter().any(|seen| sender.send(seen).is_err()) {
            return;
        }
    }
}

fn receive(socket: &OwnedFd, bytes: &mut [u8]) -> io::Result<(Duration, usize)> {
    let (mut slices, mut space) = ([IoSliceMut::new(bytes)], nix::cmsg_space!(nix::sys::time::TimeSpec));
    let message = recvmsg::<LinkAddr>(socket.as_raw_fd(), &mut slices, Some(&mut space), MsgFlags::empty())?;
    let stamp = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(stamp) => Some(Duration::from(stamp)),
        _ => None,
    });
    Ok((stamp.unwrap_or_else(now), message.bytes))
}

/// Adverts and gratuitous ARPs; nothing else counts here.
fn judge_frame(frame: &[u8]) -> Option<What> {
    let address =
        |at: usize| frame.get(at..at + 4).map(|four| Ipv4Addr::new(four[0], four[1], four[2], four[3]));
    match (frame.get(12..14)?, frame.get(23)?) {
        ([0x08, 0x00], 112) => Some(What::Advert { from: address(26)?, priority: *frame.get(36)? }),
        ([0x08, 0x06], _) if address(28) == address(38) => Some(What::Announced(address(28)?)),
        _ => None,
    }
}

fn judge_message(bytes: &[u8]) -> Option<What> {
    match NetlinkMessage::<RouteNetlinkMessage>::deserialize(bytes).ok()?.payload {
        NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewAddress(message)) => {
            Some(What::AddressCame(local(&message)?))
        }
        NetlinkPayload::InnerMessage(RouteNetlinkMessage::DelAddress(message)) => {
            Some(What::AddressWent(local(&message)?))
        }
        _ => None,
    }
}

fn local(message: &AddressMessage) -> Option<Ipv4Addr> {
    message.attributes.iter().find_map(|attribute| match attribute {
        AddressAttribute::Local(IpAddr::V4(address)) => Some(*address),
        _ => None,
    })
}

/// A socket for all frames of `eth0`.
fn packet_socket() -> io::Result<OwnedFd> {
    let socket = socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::EthAll)?;
    let links =
        getifaddrs()?.filter(|found| found.interface_name == "eth0").filter_map(|found| found.address);
    let link: Option<LinkAddr> = links.filter_map(|address| address.as_link_addr().copied()).next();
    bind(socket.as_raw_fd(), &link.ok_or_else(|| io::Error::other("no eth0"))?)?;
    Ok(socket)
}
