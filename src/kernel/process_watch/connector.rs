//! The kernel's process connector: a notice at every fork, exec, change of name and exit on the host.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, NetlinkAddr, bind, recv, send, setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};

/// `NETLINK_CONNECTOR`.
const CONNECTOR: i32 = 11;
/// `CN_IDX_PROC` and `CN_VAL_PROC`, and the multicast group of the former.
const PROCESSES: u32 = 1;
/// `PROC_CN_MCAST_LISTEN`.
const LISTEN: u32 = 1;
/// Lengths of `nlmsghdr`, `cn_msg` and of what precedes the data in `proc_event`.
const HEADERS: usize = 16 + 20;
const EVENT: usize = 16;
/// Room for the notices of a storm of forks; the kernel doubles it.
const RECEIVE_BUFFER: usize = 1 << 20;

/// What the kernel told of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    Forked {
        parent: u32,
        child: u32,
    },
    /// It runs another program, or has another name.
    Changed(u32),
    Ended(u32),
    /// The kernel had more to tell than the socket could hold.
    Lost,
    /// A thread, or something that changes neither program nor life.
    Other,
}

/// A subscription to the notices.
pub(super) struct Connector {
    socket: Socket,
    notices: VecDeque<Notice>,
}

impl Connector {
    /// Subscribes.
    ///
    /// # Errors
    /// The kernel's refusal: elsewhere than in the initial network namespace, or without CAP_NET_ADMIN.
    pub(super) fn open() -> io::Result<Self> {
        let kind = Type::DGRAM.cloexec().nonblocking();
        let socket = Socket::new(Domain::from(libc::AF_NETLINK), kind, Some(Protocol::from(CONNECTOR)))?;
        if setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER).is_err() {
            setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER)?;
        }
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, PROCESSES))?;
        send(socket.as_raw_fd(), &subscription(), MsgFlags::empty())?;
        Ok(Self { socket, notices: VecDeque::new() })
    }

    /// Waits for notices, but no longer than that.
    pub(super) fn wait(&self, limit: Duration) -> io::Result<()> {
        let limit = PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)], limit) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The next notice that is there.
    pub(super) fn receive(&mut self) -> Option<Notice> {
        if self.notices.is_empty() {
            let mut buffer = [0; 4096];
            match recv(self.socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
                Ok(length) => self.notices.push_back(notice(buffer.get(..length)?)),
                Err(Errno::ENOBUFS) => self.notices.push_back(Notice::Lost),
                Err(_) => return None,
            }
        }
        self.notices.pop_front()
    }
}

fn subscription() -> Vec<u8> {
    const DONE: u16 = 3;
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>();
    let halves = |halves: &[u16]| halves.iter().flat_map(|half| half.to_ne_bytes()).collect::<Vec<u8>>();
    let operation = words(&[LISTEN]);
    let length = HEADERS + operation.len();
    [
        words(&[u32::try_from(length).unwrap_or(0)]),
        halves(&[DONE, 0]),
        words(&[0, std::process::id()]),
        words(&[PROCESSES, PROCESSES, 0, 0]),
        halves(&[u16::try_from(operation.len()).unwrap_or(0), 0]),
        operation,
    ]
    .concat()
}

/// One datagram is one notice.
fn notice(datagram: &[u8]) -> Notice {
    const FORK: u32 = 0x1;
    const EXEC: u32 = 0x2;
    const COMM: u32 = 0x200;
    const EXIT: u32 = 0x8000_0000;
    let word = |at: usize| {
        let bytes = datagram.get(HEADERS + at..HEADERS + at + 4)?;
        Some(u32::from_ne_bytes(bytes.try_into().ok()?))
    };
    let data = |place: usize| word(EVENT + 4 * place).unwrap_or(0);
    let (thread, process) = (data(0), data(1));
    match word(0) {
        // Of a fork come the parent's thread and process, then the child's.
        Some(FORK) if data(2) == data(3) => Notice::Forked { parent: process, child: data(3) },
        Some(EXEC) => Notice::Changed(process),
        Some(COMM) if thread == process => Notice::Changed(process),
        Some(EXIT) if thread == process => Notice::Ended(process),
        Some(_) | None => Notice::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_of_processes_are_told_from_those_of_threads() {
        let datagram = |words: [u32; 5]| {
            let [what, data @ ..] = words;
            let head = [0_u8; HEADERS].to_vec();
            let event = [what, 0, 0, 0].into_iter().chain(data).flat_map(u32::to_ne_bytes);
            head.into_iter().chain(event).collect::<Vec<u8>>()
        };
        let cases = [
            ([1, 7, 7, 8, 8], Notice::Forked { parent: 7, child: 8 }),
            ([1, 9, 7, 8, 7], Notice::Other),
            ([2, 9, 9, 0, 0], Notice::Changed(9)),
            ([0x200, 9, 9, 0, 0], Notice::Changed(9)),
            ([0x200, 10, 9, 0, 0], Notice::Other),
            ([0x8000_0000, 9, 9, 0, 0], Notice::Ended(9)),
            ([0x8000_0000, 10, 9, 0, 0], Notice::Other),
            ([0, 0, 0, 0, 0], Notice::Other),
        ];
        for (words, wanted) in cases {
            assert_eq!(notice(&datagram(words)), wanted, "{words:?}");
        }
        for length in 0..HEADERS + EVENT {
            assert_eq!(notice(&vec![0xff; length]), Notice::Other, "{length} bytes");
        }
    }
}
