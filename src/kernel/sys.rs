//! The one file of this room with `unsafe`: what no crate wraps.

#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

use nix::sys::epoll::Epoll;
use nix::sys::inotify::Inotify;
use nix::sys::timerfd::TimerFd;
use socket2::{SockAddr, SockAddrStorage};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::units::{IfIndex, IfName, MacAddr};

/// An owner of one open descriptor which stays the same until the owner is dropped.
///
/// # Safety
/// `descriptor` returns an open descriptor, the same at every call, which nothing closes while `self` exists.
pub(super) unsafe trait Owner {
    fn descriptor(&self) -> RawFd;
}

// SAFETY: an `OwnedFd` is open until it is dropped and has no way to be changed through `&self`.
unsafe impl Owner for OwnedFd {
    fn descriptor(&self) -> RawFd {
        self.as_raw_fd()
    }
}

// SAFETY: holds one private `OwnedFd`, which `as_fd` returns.
unsafe impl Owner for TimerFd {
    fn descriptor(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

// SAFETY: holds one `OwnedFd`; it is public, but `Watched` lends out shared references only.
unsafe impl Owner for Epoll {
    fn descriptor(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

// SAFETY: holds one private `OwnedFd`, which `as_fd` returns.
unsafe impl Owner for Inotify {
    fn descriptor(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

/// What tokio registers: nothing but the descriptor of an [`Owner`].
struct Registered<T>(T);

impl<T: Owner> AsRawFd for Registered<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.0.descriptor()
    }
}

/// A descriptor whose readability can be awaited.
///
/// Readiness is edge-triggered: after [`Self::readable`] read until nothing is left, then call [`Self::drained`].
pub(super) struct Watched<T: Owner>(AsyncFd<Registered<T>>);

impl<T: Owner> Watched<T> {
    /// Registers with the runtime of this thread.
    ///
    /// # Errors
    /// The kernel's refusal.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O enabled: a fault of the program, not of its input.
    pub(super) fn new(owner: T) -> io::Result<Self> {
        // SAFETY: `Owner` promises an open, unchanging descriptor for as long as `owner` exists, and the `AsyncFd`
        // owns it.
        let registered = unsafe { AsyncFd::register_with_interest(Registered(owner), Interest::READABLE) };
        Ok(Self(registered?))
    }

    /// What is watched.
    pub(super) fn get(&self) -> &T {
        &self.0.get_ref().0
    }

    /// Waits until there may be something to read. Dropping the future loses nothing.
    pub(super) async fn readable(&self) -> io::Result<()> {
        self.0.readable().await?.retain_ready();
        Ok(())
    }

    /// Says that a read just found nothing, so that [`Self::readable`] waits for what comes next.
    pub(super) fn drained(&self) {
        // Not being marked ready is what is wanted, so the outcome tells nothing.
        let _ = self.0.try_io(Interest::READABLE, |_| Err::<(), _>(io::ErrorKind::WouldBlock.into()));
    }
}

/// Where a packet socket sends a whole frame: `interface`, with the frame's protocol and destination.
pub(super) fn packet_address(interface: IfIndex, ether_type: u16, destination: MacAddr) -> SockAddr {
    let mut storage = SockAddrStorage::zeroed();
    // SAFETY: the storage is large and aligned enough for every socket address, and `sockaddr_ll` is plain integers,
    // for which all zeros are valid.
    let address = unsafe { storage.view_as::<libc::sockaddr_ll>() };
    address.sll_family = libc::AF_PACKET as libc::sa_family_t;
    address.sll_protocol = ether_type.to_be();
    address.sll_ifindex = i32::try_from(interface.get()).unwrap_or(0);
    address.sll_halen = 6;
    address.sll_addr[..6].copy_from_slice(&destination.0);
    // SAFETY: the storage was just filled as an AF_PACKET address of this length.
    unsafe { SockAddr::new(storage, size_of::<libc::sockaddr_ll>() as libc::socklen_t) }
}

/// `IFF_UP` and `IFF_RUNNING`.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinkAnswer {
    pub(super) up: bool,
    pub(super) running: bool,
}

/// What `SIOCGIFFLAGS` says of an interface.
pub(super) fn link_flags(socket: &OwnedFd, name: &IfName) -> io::Result<LinkAnswer> {
    let mut request = interface_request(name);
    ask_interface(socket, libc::SIOCGIFFLAGS, &mut request)?;
    // SAFETY: the kernel has just filled in the flags, and any bytes are a number.
    let flags = i32::from(unsafe { request.ifr_ifru.ifru_flags });
    Ok(LinkAnswer { up: flags & libc::IFF_UP != 0, running: flags & libc::IFF_RUNNING != 0 })
}

/// Whether the driver says that there is a link (`ETHTOOL_GLINK`).
pub(super) fn ethtool_link(socket: &OwnedFd, name: &IfName) -> io::Result<bool> {
    const SIOCETHTOOL: libc::c_ulong = 0x8946;
    const GET_LINK: u32 = 0xa;
    // `struct ethtool_value`: a command and its answer.
    let mut value = [GET_LINK, 0];
    let mut request = interface_request(name);
    request.ifr_ifru.ifru_data = value.as_mut_ptr().cast();
    ask_interface(socket, SIOCETHTOOL, &mut request)?;
    Ok(value[1] != 0)
}

/// Whether the status register of the PHY says that there is a link.
pub(super) fn mii_link(socket: &OwnedFd, name: &IfName) -> io::Result<bool> {
    const GET_PHY: libc::c_ulong = 0x8947;
    const GET_REGISTER: libc::c_ulong = 0x8948;
    const STATUS: u16 = 1;
    const LINK: u16 = 0x4;
    let mut request = interface_request(name);
    ask_interface(socket, GET_PHY, &mut request)?;
    let mut link = false;
    // A loss is held until it is read, so only the second answer is of now.
    for _ in 0..2 {
        // SAFETY: `struct mii_ioctl_data` (PHY, register, value in, value out: 16 bits each) lies within the union,
        // whose alignment is that of a pointer, and any bytes are numbers.
        let data = unsafe { &mut *(&raw mut request.ifr_ifru).cast::<[u16; 4]>() };
        data[1] = STATUS;
        ask_interface(socket, GET_REGISTER, &mut request)?;
        // SAFETY: as above.
        let data = unsafe { &*(&raw const request.ifr_ifru).cast::<[u16; 4]>() };
        link = data[3] & LINK != 0;
    }
    Ok(link)
}

fn interface_request(name: &IfName) -> libc::ifreq {
    // SAFETY: plain integers, arrays of them and pointers, for all of which zeros are valid.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    // A name is at most 15 bytes long, so a zero follows it.
    for (to, from) in request.ifr_name.iter_mut().zip(name.as_str().bytes()) {
        *to = from.cast_signed() as libc::c_char;
    }
    request
}

fn ask_interface(socket: &OwnedFd, what: libc::c_ulong, request: &mut libc::ifreq) -> io::Result<()> {
    // SAFETY: `request` is an interface request for each command that is used here, and what it points to outlives
    // the call.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), what as libc::Ioctl, request) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
