//! Netlink as the rooms beside it need it: requests answered at once, notices, messages out of a datagram, facts out of
//! messages.
//!
//! In: route messages to send, datagrams that were received. Out: the kernel's answers, in order; links and addresses
//! in our own types.
//! Never here: which addresses or links matter, waiting.

mod facts;
mod requests;
mod subscription;

use rtnetlink::packet_core::NetlinkMessage;
use rtnetlink::packet_route::RouteNetlinkMessage;
use tracing::debug;

pub(super) use facts::{address_of, link_of, request_addresses, request_links};
pub use requests::Refusal;
pub(super) use requests::{BATCH, Requests, outcome, refusal};
pub(super) use subscription::{Notice, Subscription};

/// Bytes of a netlink message header.
pub(super) const HEADER: usize = 16;

/// The messages of one datagram; what cannot be parsed is left out.
pub(super) fn messages(datagram: &[u8]) -> impl Iterator<Item = NetlinkMessage<RouteNetlinkMessage>> {
    raw_messages(datagram).filter_map(parse)
}

/// The bytes of each message of one datagram.
pub(super) fn raw_messages(datagram: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        let (message, after) = split_message(rest)?;
        rest = after;
        Some(message)
    })
}

/// One message; `None` for one that cannot be parsed.
pub(super) fn parse(message: &[u8]) -> Option<NetlinkMessage<RouteNetlinkMessage>> {
    NetlinkMessage::deserialize(message).inspect_err(|error| debug!(%error, "netlink message skipped")).ok()
}

/// The first message and what follows it, by the length in its header; `None` at the end or when that is nonsense.
fn split_message(datagram: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::try_from(u32::from_ne_bytes(*datagram.first_chunk()?)).ok()?;
    if length < HEADER {
        return None;
    }
    let message = datagram.get(..length)?;
    Some((message, datagram.get(length.next_multiple_of(4)..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_lengths_end_the_datagram_and_nothing_panics() {
        let header = |length: u32| [&length.to_ne_bytes()[..], &[0; 12]].concat();
        for length in [0, 15, 17, u32::MAX] {
            assert_eq!(messages(&header(length)).count(), 0, "{length}");
        }
        for cut in 0..HEADER {
            assert_eq!(messages(&vec![0xff; cut]).count(), 0, "{cut} bytes");
        }
    }

    #[test]
    fn an_unknown_message_does_not_hide_the_next() {
        let message = |kind: u16| [&16u32.to_ne_bytes()[..], &kind.to_ne_bytes(), &[0; 10]].concat();
        let noop = 1;
        assert_eq!(messages(&[message(9999), message(noop)].concat()).count(), 1);
    }
}
