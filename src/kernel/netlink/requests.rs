//! A netlink socket for requests. The kernel answers a route request within `send`, so nothing here ever waits.

use std::io;

use nix::errno::Errno;
use rtnetlink::packet_core::{
    ErrorMessage, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage,
    NetlinkPayload, NlasIterator,
};
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::sys::Socket;
use rtnetlink::sys::protocols::NETLINK_ROUTE;
use tracing::debug;

use super::{HEADER, messages};

/// Messages in one datagram: beyond about 100 there is no gain, and their answers must fit the receive buffer.
pub(in super::super) const BATCH: usize = 100;
/// The kernel makes no datagram of a dump larger than the buffer it is offered, nor than 32 KiB.
const BUFFER: usize = 64 * 1024;
/// How often a dump during which the kernel's tables changed is started again before it is taken as it is.
const DUMP_ATTEMPTS: u32 = 4;

/// Attribute of an error message that holds the kernel's text (`NLMSGERR_ATTR_MSG`).
const ERROR_TEXT: u16 = 1;

/// Why the kernel did not do what a message asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The kernel's error number and, when it gave one, its explanation.
    #[error("{}{}", io::Error::from_raw_os_error(*errno), text.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Errno {
        /// As in errno(3).
        errno: i32,
        /// The kernel's own words.
        text: Option<String>,
    },
    /// The answer was lost, so the outcome is unknown.
    #[error("the kernel gave no answer")]
    NoAnswer,
}

impl Refusal {
    /// Whether the kernel refused with this number.
    pub(in super::super) fn is(&self, expected: Errno) -> bool {
        matches!(self, Self::Errno { errno, .. } if *errno == expected as i32)
    }
}

/// One request socket.
pub(in super::super) struct Requests {
    socket: Socket,
    /// By which the kernel knows this socket.
    port: u32,
    sequence: u32,
    outgoing: Vec<u8>,
    incoming: Box<[u8]>,
}

impl Requests {
    /// # Errors
    /// The kernel's refusal of a socket.
    pub(in super::super) fn new() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        let port = socket.bind_auto()?.port_number();
        // Kernels before 4.12 have no texts and older ones echo the request: both only cost the explanation.
        if let Err(error) = socket.set_cap_ack(true).and_then(|()| socket.set_ext_ack(true)) {
            debug!(%error, "no error texts from netlink");
        }
        Ok(Self { socket, port, sequence: 0, outgoing: Vec::new(), incoming: vec![0; BUFFER].into() })
    }

    /// The port from which requests come: it stands in the header of every notice of what they changed.
    pub(in super::super) fn port(&self) -> u32 {
        self.port
    }

    /// Has the kernel take the headers of dumps for filters. An old one does not, and tells everything.
    pub(in super::super) fn filter_dumps(&mut self) {
        if let Err(error) = self.socket.set_netlink_get_strict_chk(true) {
            debug!(%error, "dumps are not filtered");
        }
    }

    /// Sends the messages in batches and returns the kernel's answer to each, in their order.
    pub(in super::super) fn perform(
        &mut self,
        requests: impl Iterator<Item = RouteNetlinkMessage>,
        flags: u16,
    ) -> Vec<Result<(), Refusal>> {
        self.perform_each(requests.map(|request| (request, flags)))
    }

    /// As [`Self::perform`], each message with flags of its own.
    pub(in super::super) fn perform_each(
        &mut self,
        mut requests: impl Iterator<Item = (RouteNetlinkMessage, u16)>,
    ) -> Vec<Result<(), Refusal>> {
        let mut answers = Vec::new();
        loop {
            let first = self.sequence.wrapping_add(1);
            self.outgoing.clear();
            let mut count = 0;
            for (request, flags) in requests.by_ref().take(BATCH) {
                self.append(request, NLM_F_REQUEST | NLM_F_ACK | flags);
                count += 1;
            }
            if count == 0 {
                return answers;
            }
            answers.extend(self.exchange(first, count));
        }
    }

    /// Asks for one thing.
    ///
    /// # Errors
    /// The kernel's refusal: ENODEV for an interface that does not exist.
    pub(in super::super) fn get(&mut self, request: RouteNetlinkMessage) -> io::Result<RouteNetlinkMessage> {
        self.outgoing.clear();
        self.append(request, NLM_F_REQUEST);
        let sequence = self.sequence;
        self.socket.send(&self.outgoing, 0)?;
        loop {
            let received = self.receive()?;
            for message in messages(&self.incoming[..received]) {
                match message.payload {
                    _ if message.header.sequence_number != sequence => {}
                    NetlinkPayload::InnerMessage(found) => return Ok(found),
                    NetlinkPayload::Error(error) => return Err(error.to_io()),
                    _ => {}
                }
            }
        }
    }

    /// Asks for a whole table.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub(in super::super) fn dump(
        &mut self,
        request: &RouteNetlinkMessage,
    ) -> io::Result<Vec<RouteNetlinkMessage>> {
        let mut attempt = 1;
        loop {
            let (entries, consistent) = self.dump_once(request.clone())?;
            if consistent || attempt == DUMP_ATTEMPTS {
                return Ok(entries);
            }
            attempt += 1;
        }
    }

    fn append(&mut self, request: RouteNetlinkMessage, flags: u16) {
        self.sequence = self.sequence.wrapping_add(1);
        let mut header = NetlinkHeader::default();
        header.flags = flags;
        header.sequence_number = self.sequence;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(request));
        message.finalize();
        let start = self.outgoing.len();
        self.outgoing.resize(start + message.buffer_len().next_multiple_of(4), 0);
        message.serialize(&mut self.outgoing[start..]);
    }

    /// Sends what is in `outgoing`, `count` messages from sequence number `first`, and collects the answers.
    fn exchange(&mut self, first: u32, count: usize) -> Vec<Result<(), Refusal>> {
        if let Err(error) = self.socket.send(&self.outgoing, 0) {
            return vec![Err(refusal(&error)); count];
        }
        let mut answers = vec![Err(Refusal::NoAnswer); count];
        let mut missing = count;
        while missing > 0 {
            let Ok(received) = self.receive() else { break };
            for message in messages(&self.incoming[..received]) {
                let place = message.header.sequence_number.wrapping_sub(first) as usize;
                if let (NetlinkPayload::Error(error), Some(answer)) =
                    (message.payload, answers.get_mut(place))
                {
                    *answer = outcome(&error);
                    missing = missing.saturating_sub(1);
                }
            }
        }
        answers
    }

    /// One dump, and whether the table stayed the same while it was read.
    fn dump_once(&mut self, request: RouteNetlinkMessage) -> io::Result<(Vec<RouteNetlinkMessage>, bool)> {
        self.outgoing.clear();
        self.append(request, NLM_F_REQUEST | NLM_F_DUMP);
        let sequence = self.sequence;
        self.socket.send(&self.outgoing, 0)?;
        let (mut entries, mut consistent) = (Vec::new(), true);
        loop {
            let received = self.receive()?;
            for message in messages(&self.incoming[..received]) {
                if message.header.sequence_number != sequence {
                    continue;
                }
                consistent &= message.header.flags & NLM_F_DUMP_INTR == 0;
                match message.payload {
                    NetlinkPayload::InnerMessage(entry) => entries.push(entry),
                    NetlinkPayload::Error(error) if error.code.is_some() => return Err(error.to_io()),
                    NetlinkPayload::Done(done) if done.code < 0 => {
                        return Err(io::Error::from_raw_os_error(-done.code));
                    }
                    NetlinkPayload::Done(_) => return Ok((entries, consistent)),
                    _ => {}
                }
            }
        }
    }

    /// One datagram that is there already.
    fn receive(&mut self) -> io::Result<usize> {
        loop {
            let mut space: &mut [u8] = &mut self.incoming;
            match self.socket.recv(&mut space, libc::MSG_DONTWAIT) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Some answers were lost for want of memory; those that are left still count.
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {}
                other => return other,
            }
        }
    }
}

/// What a socket that refuses a message means.
pub(in super::super) fn refusal(error: &io::Error) -> Refusal {
    error.raw_os_error().map_or(Refusal::NoAnswer, |errno| Refusal::Errno { errno, text: None })
}

/// What an acknowledgement says.
///
/// # Errors
/// The kernel's refusal.
pub(in super::super) fn outcome(message: &ErrorMessage) -> Result<(), Refusal> {
    match message.raw_code() {
        0 => Ok(()),
        code => Err(Refusal::Errno { errno: code.saturating_abs(), text: error_text(&message.header) }),
    }
}

/// The kernel's words among the attributes behind the header of the refused request.
fn error_text(request: &[u8]) -> Option<String> {
    let text = NlasIterator::new(request.get(HEADER..)?)
        .map_while(Result::ok)
        .find(|attribute| attribute.kind() == ERROR_TEXT)?;
    Some(String::from_utf8_lossy(text.value()).trim_end_matches('\0').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_reads_as_the_kernel_said_it() {
        let text = Some("ipv4: Invalid scope value".to_owned());
        let cases = [
            (Refusal::Errno { errno: 22, text }, "Invalid argument (os error 22): ipv4: Invalid scope value"),
            (Refusal::Errno { errno: 1, text: None }, "Operation not permitted (os error 1)"),
            (Refusal::NoAnswer, "the kernel gave no answer"),
        ];
        for (refusal, want) in cases {
            assert_eq!(refusal.to_string(), want);
        }
    }

    #[test]
    fn attributes_that_are_cut_off_give_no_text() {
        let mut request = vec![0; HEADER];
        request.extend([9, 0, 1, 0, b'n', b'o', b'p', b'e', 0, 0, 0, 0]);
        assert_eq!(error_text(&request).as_deref(), Some("nope"));
        for cut in 0..request.len() - 3 {
            assert_eq!(error_text(&request[..cut]), None, "{cut} bytes");
        }
    }
}
