//! Whole Ethernet frames, sent as they are.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, bind, send, socket,
};

use crate::namespace::Namespace;

/// Sends frames out of one interface.
pub(crate) struct Wire(OwnedFd);

impl Wire {
    pub(crate) fn new(namespace: &Namespace, interface: &str) -> Self {
        namespace.inside(|| {
            let family = AddressFamily::Packet;
            let socket = socket(family, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::EthAll).unwrap();
            bind(socket.as_raw_fd(), &link_address(interface)).unwrap();
            Self(socket)
        })
    }

    pub(crate) fn send(&self, frame: &[u8]) {
        send(self.0.as_raw_fd(), frame, MsgFlags::empty()).map_err(io::Error::from).unwrap();
    }
}

pub(crate) fn link_address(interface: &str) -> LinkAddr {
    let all = getifaddrs().unwrap();
    let mut of_it = all.filter(|found| found.interface_name == interface).filter_map(|found| found.address);
    *of_it.find_map(|address| address.as_link_addr().copied()).as_ref().expect("the interface exists")
}
