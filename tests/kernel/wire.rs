//! What passes on the links of a namespace.

use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Instant;

use nix::sys::socket::{
    AddressFamily, LinkAddr, SockFlag, SockProtocol, SockType, recvfrom, setsockopt, socket, sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};

use crate::namespace::BOUND;

/// Every frame of a namespace from the moment this was made.
pub(crate) struct Wire(OwnedFd);

impl Wire {
    pub(crate) fn tap() -> Self {
        let flags = SockFlag::SOCK_CLOEXEC;
        let socket = socket(AddressFamily::Packet, SockType::Raw, flags, SockProtocol::EthAll).unwrap();
        setsockopt(&socket, sockopt::ReceiveTimeout, &TimeVal::milliseconds(100)).unwrap();
        Self(socket)
    }

    /// The next frame for which `wanted` holds, whole.
    pub(crate) fn next(&self, wanted: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let started = Instant::now();
        let mut buffer = vec![0; 70_000];
        while started.elapsed() < BOUND {
            let Ok((length, _)) = recvfrom::<LinkAddr>(self.0.as_raw_fd(), &mut buffer) else { continue };
            if wanted(&buffer[..length]) {
                return buffer[..length].to_vec();
            }
        }
        panic!("no such frame within {BOUND:?}");
    }
}

/// Whether a frame carries VRRP.
pub(crate) fn is_vrrp(frame: &[u8]) -> bool {
    match frame {
        [_, _, _, _, _, _, _, _, _, _, _, _, 0x08, 0x00, packet @ ..] => packet.get(9) == Some(&112),
        [_, _, _, _, _, _, _, _, _, _, _, _, 0x86, 0xdd, packet @ ..] => packet.get(6) == Some(&112),
        _ => false,
    }
}

/// The bytes that hexadecimal text means; blanks count for nothing.
pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
