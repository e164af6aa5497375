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

use crate::units::{IfIndex, MacAddr};

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
