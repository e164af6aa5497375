//! All receive sockets, waited for together and read in turn.
//!
//! They sit in one epoll descriptor of our own, which the runtime watches. A look into it needs no runtime, so that
//! what waits can be drained at any moment, before timers are judged.

use std::collections::HashMap;
use std::io;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use tracing::{debug, warn};

use super::receive_socket::{Header, ReceiveSocket, control_buffer};
use super::{Contents, Received};
use crate::engine::Listen;
use crate::kernel::sys::Watched;
use crate::packet::Datagram;

/// No IP packet is larger.
const BUFFER: usize = 64 * 1024;
/// Sockets that one look names; those that did not fit come with the next.
const LOOK: usize = 64;
/// Errors in a row after which a socket is left alone: it would keep the worker awake for ever.
const GIVE_UP_AFTER: u32 = 16;

pub(super) struct ReceiveSet {
    epoll: Watched<Epoll>,
    sockets: HashMap<u64, ReceiveSocket>,
    tokens: HashMap<Listen, u64>,
    /// Those given up that nobody has been told of.
    broken: Vec<Listen>,
    /// Never given twice, so that a late event cannot mean another socket.
    next_token: u64,
    ready: [EpollEvent; LOOK],
    /// The part of `ready` that is still to be read: from, to.
    turn: (usize, usize),
    buffer: Box<[u8]>,
    control: Vec<u8>,
}

impl ReceiveSet {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            epoll: Watched::new(Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?)?,
            sockets: HashMap::new(),
            tokens: HashMap::new(),
            broken: Vec::new(),
            next_token: 0,
            ready: [EpollEvent::empty(); LOOK],
            turn: (0, 0),
            buffer: vec![0; BUFFER].into(),
            control: control_buffer(),
        })
    }

    pub(super) fn listen(&mut self, listen: &Listen) -> io::Result<()> {
        if self.tokens.contains_key(listen) {
            return Ok(());
        }
        let socket = ReceiveSocket::open(*listen)?;
        let token = self.next_token;
        self.epoll.get().add(&socket, EpollEvent::new(EpollFlags::EPOLLIN, token))?;
        self.next_token += 1;
        self.sockets.insert(token, socket);
        self.tokens.insert(*listen, token);
        Ok(())
    }

    pub(super) fn unlisten(&mut self, listen: &Listen) {
        if let Some(token) = self.tokens.remove(listen) {
            self.close(token);
        }
    }

    pub(super) fn set_buffer(&self, listen: &Listen, bytes: u32) -> io::Result<()> {
        let socket = self.tokens.get(listen).and_then(|token| self.sockets.get(token));
        socket.map_or(Ok(()), |socket| socket.set_buffer(bytes))
    }

    pub(super) fn take_broken(&mut self) -> Option<Listen> {
        self.broken.pop()
    }

    pub(super) async fn readable(&self) -> io::Result<()> {
        self.epoll.readable().await
    }

    pub(super) fn try_receive(&mut self) -> Option<Received<'_>> {
        let (listen, length, header) = self.receive_next()?;
        let bytes = self.buffer.get(..length)?;
        let contents = match header {
            Header::Ipv4 => Contents::Ipv4(bytes),
            Header::Ipv6 { source, destination, hop_limit } => Contents::Ipv6(Datagram {
                source: source.into(),
                destination: destination.into(),
                hop_limit,
                claimed_len: length,
                payload: bytes,
                sealed: None,
            }),
        };
        Some(Received { listen, contents })
    }

    /// Reads one packet into the buffer; one of each ready socket before the second of any.
    fn receive_next(&mut self) -> Option<(Listen, usize, Header)> {
        loop {
            while let Some(token) = self.next_ready() {
                if let Some(received) = self.receive_from(token) {
                    return Some(received);
                }
            }
            if !self.look() {
                return None;
            }
        }
    }

    fn next_ready(&mut self) -> Option<u64> {
        let (from, to) = self.turn;
        let event = self.ready.get(from..to)?.first()?;
        self.turn.0 += 1;
        Some(event.data())
    }

    /// Asks which sockets are ready; when none is, the runtime may sleep until one gets ready after this moment.
    fn look(&mut self) -> bool {
        let found = loop {
            match self.epoll.get().wait(&mut self.ready, EpollTimeout::ZERO) {
                Err(Errno::EINTR) => {}
                other => break other,
            }
        };
        let found = found.unwrap_or_else(|error| {
            debug!(%error, "cannot ask which sockets are ready");
            0
        });
        self.turn = (0, found);
        if found == 0 {
            self.epoll.drained();
        }
        found > 0
    }

    /// `None` when there is nothing, which is no error, or an error, after which the next packet may still be good.
    fn receive_from(&mut self, token: u64) -> Option<(Listen, usize, Header)> {
        let socket = self.sockets.get_mut(&token)?;
        match socket.receive(&mut self.buffer, &mut self.control) {
            Ok((length, header)) => {
                socket.errors = 0;
                Some((socket.listen, length, header))
            }
            Err(Errno::EAGAIN | Errno::EINTR) => None,
            Err(error) => {
                debug!(listen = ?socket.listen, %error, "packet lost");
                socket.errors += 1;
                if socket.errors >= GIVE_UP_AFTER {
                    self.give_up(token);
                }
                None
            }
        }
    }

    fn give_up(&mut self, token: u64) {
        if let Some(socket) = self.close(token) {
            warn!(listen = ?socket.listen, "receive socket given up after errors in a row");
            self.tokens.remove(&socket.listen);
            self.broken.push(socket.listen);
        }
    }

    fn close(&mut self, token: u64) -> Option<ReceiveSocket> {
        let socket = self.sockets.remove(&token)?;
        if let Err(error) = self.epoll.get().delete(&socket) {
            debug!(listen = ?socket.listen, %error, "socket was not waited for");
        }
        Some(socket)
    }
}
