//! Changes of nftables that the kernel makes all at once or not at all.

use std::io;

use nix::sys::socket::{setsockopt, sockopt::SndBufForce};
use rtnetlink::packet_core::{NLM_F_ACK, NLM_F_REQUEST, NetlinkPayload};
use rtnetlink::sys::Socket;
use rtnetlink::sys::protocols::NETLINK_NETFILTER;
use tracing::debug;

use super::super::netlink::{HEADER, Refusal, messages, outcome, refusal};
use super::message::Message;

/// The kernel's room of nftables (`NFNL_SUBSYS_NFTABLES`).
const NFTABLES: u16 = 10;
/// `NFNL_MSG_BATCH_BEGIN` and `NFNL_MSG_BATCH_END`.
const BEGIN: u16 = 16;
const END: u16 = 17;
/// Bytes of the header that follows netlink's.
const FAMILY_HEADER: usize = 4;
/// A transaction is one datagram: 10,000 addresses have 400 kB.
const SEND_BUFFER: usize = 8 << 20;
/// An answer has no more than a header, a number and the kernel's words.
const BUFFER: usize = 64 * 1024;

/// A socket for transactions.
pub(super) struct Transactions {
    socket: Socket,
    sequence: u32,
    outgoing: Vec<u8>,
    incoming: Box<[u8]>,
}

impl Transactions {
    /// # Errors
    /// The kernel's refusal of a socket: it may know no netfilter.
    pub(super) fn new() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_NETFILTER)?;
        socket.bind_auto()?;
        if let Err(error) = socket.set_cap_ack(true).and_then(|()| socket.set_ext_ack(true)) {
            debug!(%error, "no error texts from netlink");
        }
        if let Err(error) = setsockopt(&socket, SndBufForce, &SEND_BUFFER) {
            debug!(%error, "transactions must be small");
        }
        Ok(Self { socket, sequence: 0, outgoing: Vec::new(), incoming: vec![0; BUFFER].into() })
    }

    /// Makes these changes, in order, all of them or none.
    ///
    /// # Errors
    /// The kernel's first refusal.
    pub(super) fn commit(&mut self, changes: &[Message]) -> Result<(), Refusal> {
        let Some((last, others)) = changes.split_last() else { return Ok(()) };
        self.outgoing.clear();
        self.append(BEGIN, 0, 0, NFTABLES, &[]);
        others.iter().for_each(|change| self.change(change, 0));
        // The kernel tells of every failure; of a success it says only what it is asked to.
        self.change(last, NLM_F_ACK);
        let acknowledged = self.sequence;
        self.append(END, 0, 0, NFTABLES, &[]);
        self.socket.send(&self.outgoing, 0).map_err(|error| refusal(&error))?;
        self.answer(acknowledged)
    }

    /// Asks, which takes microseconds where a transaction takes milliseconds.
    ///
    /// # Errors
    /// The kernel's refusal: what was asked for is not there.
    pub(super) fn ask(&mut self, question: &Message) -> Result<(), Refusal> {
        self.outgoing.clear();
        self.change(question, NLM_F_ACK);
        self.socket.send(&self.outgoing, 0).map_err(|error| refusal(&error))?;
        self.answer(self.sequence)
    }

    fn change(&mut self, change: &Message, flags: u16) {
        let kind = NFTABLES << 8 | change.kind;
        self.append(kind, change.flags | flags, change.family, 0, change.attributes.as_bytes());
    }

    fn append(&mut self, kind: u16, flags: u16, family: u8, resource: u16, attributes: &[u8]) {
        self.sequence = self.sequence.wrapping_add(1);
        let length = u32::try_from(HEADER + FAMILY_HEADER + attributes.len()).unwrap_or(u32::MAX);
        let sender = 0_u32;
        let version = 0;
        self.outgoing.extend(length.to_ne_bytes());
        self.outgoing.extend(kind.to_ne_bytes());
        self.outgoing.extend((flags | NLM_F_REQUEST).to_ne_bytes());
        self.outgoing.extend(self.sequence.to_ne_bytes());
        self.outgoing.extend(sender.to_ne_bytes());
        self.outgoing.extend([family, version]);
        self.outgoing.extend(resource.to_be_bytes());
        self.outgoing.extend(attributes);
    }

    /// What the kernel has said while it took the transaction: its first refusal counts.
    fn answer(&mut self, acknowledged: u32) -> Result<(), Refusal> {
        let mut answer = Err(Refusal::NoAnswer);
        while let Some(received) = self.receive() {
            for message in messages(&self.incoming[..received]) {
                let NetlinkPayload::Error(error) = message.payload else { continue };
                match outcome(&error) {
                    Err(why) if matches!(answer, Ok(()) | Err(Refusal::NoAnswer)) => answer = Err(why),
                    Err(_) => {}
                    Ok(()) if message.header.sequence_number == acknowledged => {
                        answer =
                            answer.or_else(|why| if why == Refusal::NoAnswer { Ok(()) } else { Err(why) });
                    }
                    Ok(()) => {}
                }
            }
        }
        answer
    }

    /// One datagram that is there already.
    fn receive(&mut self) -> Option<usize> {
        loop {
            let mut space: &mut [u8] = &mut self.incoming;
            match self.socket.recv(&mut space, libc::MSG_DONTWAIT) {
                Ok(received) => return Some(received),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {}
                Err(_) => return None,
            }
        }
    }
}
