//! Control messages for `sendmsg`, laid out in a buffer of fixed size so that sending allocates nothing.

/// `struct cmsghdr` as the kernel has it: a length of the machine's word, level, type.
const HEADER: usize = size_of::<usize>() + 2 * size_of::<i32>();
/// Room for the packet information of IPv6 and one number.
const ROOM: usize = 2 * HEADER + 24 + 8;

/// Control messages of one packet.
pub(super) struct Control {
    bytes: [u8; ROOM],
    used: usize,
}

impl Control {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; ROOM], used: 0 }
    }

    /// Appends a message; one that does not fit is a fault of this room and left out.
    pub(super) fn push(&mut self, level: i32, kind: i32, data: &[u8]) {
        let length = HEADER + data.len();
        let space = length.next_multiple_of(size_of::<usize>());
        debug_assert!(self.used + space <= ROOM, "control messages exceed their room");
        let Some(message) = self.bytes.get_mut(self.used..self.used + space) else { return };
        let (header, body) = message.split_at_mut(HEADER);
        let (size, rest) = header.split_at_mut(size_of::<usize>());
        size.copy_from_slice(&length.to_ne_bytes());
        rest[..4].copy_from_slice(&level.to_ne_bytes());
        rest[4..].copy_from_slice(&kind.to_ne_bytes());
        body[..data.len()].copy_from_slice(data);
        self.used += space;
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.used]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_lie_as_the_c_macros_lay_them() {
        let mut control = Control::new();
        control.push(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &[7; 20]);
        control.push(libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT, &64i32.to_ne_bytes());
        let spaces =
            [nix::sys::socket::cmsg_space::<libc::in6_pktinfo>(), nix::sys::socket::cmsg_space::<i32>()];
        assert_eq!(control.bytes().len(), spaces.iter().sum::<usize>());
        let second = &control.bytes()[spaces[0]..];
        assert_eq!(second[..size_of::<usize>()], (HEADER + 4).to_ne_bytes());
        assert_eq!(second[HEADER..HEADER + 4], 64i32.to_ne_bytes());
        assert_eq!(control.bytes()[HEADER..HEADER + 20], [7; 20]);
    }
}
