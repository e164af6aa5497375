//! Whole frames as they pass the bridge, while a test runs.

use std::cell::RefCell;
use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, bind, recv, socket};

use crate::lab::Lab;
use crate::wire::link_address;

/// Keeps every frame that the bridge takes in.
pub(crate) struct Tap {
    socket: OwnedFd,
    frames: RefCell<Vec<Vec<u8>>>,
}

impl Tap {
    pub(crate) fn new(lab: &Lab) -> Self {
        // Else only what is meant for the bridge itself would be seen.
        lab.bridge.ip("link set br0 promisc on");
        let socket = lab.bridge.inside(|| {
            let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
            let socket = socket(AddressFamily::Packet, SockType::Raw, flags, SockProtocol::EthAll).unwrap();
            bind(socket.as_raw_fd(), &link_address("br0")).unwrap();
            socket
        });
        Self { socket, frames: RefCell::default() }
    }

    /// The IPv4 frames so far, in order.
    pub(crate) fn frames(&self) -> Vec<Vec<u8>> {
        let mut buffer = [0; 2048];
        loop {
            match recv(self.socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
                Ok(len) if len > 42 && buffer[12..14] == [8, 0] => {
                    self.frames.borrow_mut().push(buffer[..len].to_vec());
                }
                Ok(_) | Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return self.frames.borrow().clone(),
                Err(error) => panic!("tap: {error}"),
            }
        }
    }
}
