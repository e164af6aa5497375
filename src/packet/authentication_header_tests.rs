//! Golden packets come from captures of keepalived 2.4.3.

use std::net::IpAddr;

use proptest::prelude::*;

use super::*;
use crate::packet::vrrp::decode;
use crate::packet::{DecodeError, Demands, Freshness, Proof, ipv4_datagram};
use crate::units::{AdvertInterval, Family, Seconds};

const PASSWORD: [u8; 8] = *b"secret\0\0";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter_map(|c| c.to_digit(16)).map(|d| u8::try_from(d).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn multicast() -> Vec<u8> {
    bytes(
        "45c0004000010000ff33d0b60a000001e0000012 700400000a00000100000001c1de5b9e6efbbc3a98e5d5c2 \
         2133c80102010a660a0000640000000000000000",
    )
}

/// Without the check value, for three adverts in a row whose identification and sequence number are the same.
fn unicast(number: u8, checksum: &str, check: &str) -> Vec<u8> {
    bytes(&format!(
        "45c00040{number:04x}0000ff33{checksum}0a0000010a000002 700400000a000001{number:08x}{check} \
         2133960102013c660a0000640000000000000000"
    ))
}

fn golden() -> [(u32, Vec<u8>); 4] {
    [
        (1, multicast()),
        (1, unicast(1, "a6c7", "4d96efe158e9ffe458578c14")),
        (2, unicast(2, "a6c6", "f793b43e01cd25ed211cb436")),
        (3, unicast(3, "a6c5", "87d2891b2d6bf0be838cd277")),
    ]
}

fn demands(after: u32, multicast: bool) -> Demands<'static> {
    Demands {
        family: Family::V4,
        interval: AdvertInterval::V2(Seconds::ONE),
        proof: Proof::Header { password: PASSWORD, after },
        multicast,
        old_group: None,
    }
}

fn heard(packet: &[u8], after: u32) -> Result<Freshness, DecodeError> {
    let datagram = ipv4_datagram(packet)?;
    decode(&datagram, &demands(after, datagram.destination.is_multicast())).map(|heard| heard.freshness)
}

#[test]
fn the_header_is_keepalived_s_byte_by_byte() {
    for (sequence, packet) in golden() {
        let mut ours = packet.clone();
        ours[20..44].fill(0);
        // The kernel fills the checksum in after us.
        ours[10..12].fill(0);
        HeaderSeal { password: PASSWORD, sequence }.fill(&mut ours);
        assert_eq!(ours[20..44], packet[20..44], "{sequence}");
    }
}

#[test]
fn what_keepalived_sends_is_believed_once() {
    for (sequence, packet) in golden() {
        assert_eq!(heard(&packet, sequence - 1), Ok(Freshness::Sequence(sequence)));
        let replayed = HeaderError::Replayed { got: sequence, last: sequence };
        assert_eq!(heard(&packet, sequence), Err(DecodeError::Header(replayed)));
    }
}

#[test]
fn each_thing_that_is_wrong_is_named() {
    let spoilt = |at: usize, with: u8| {
        let mut packet = multicast();
        packet[at] ^= with;
        heard(&packet, 0)
    };
    let header = |error| Err(DecodeError::Header(error));
    // What routers may change, and the checksum that they then renew, is not covered.
    for at in [1, 6, 7, 10, 11] {
        assert_eq!(spoilt(at, 0x10), Ok(Freshness::Sequence(1)), "byte {at}");
    }
    for at in [4, 12, 26, 28, 31, 32, 43, 52] {
        assert_eq!(spoilt(at, 0x10), header(HeaderError::CheckValue), "byte {at}");
    }
    assert_eq!(spoilt(20, 1), header(HeaderError::Malformed), "no VRRP follows");
    assert_eq!(spoilt(21, 1), header(HeaderError::Malformed), "another length");
    assert_eq!(spoilt(8, 1), Err(DecodeError::HopLimit(254)));
    assert_eq!(spoilt(48, 3), Err(DecodeError::AuthenticationMismatch { got: 1, want: 2 }));
}

#[test]
fn an_index_that_is_not_the_source_is_refused_although_the_check_value_is_right() {
    let mut packet = multicast();
    packet[24] = 11;
    let (ip, rest) = packet.split_first_chunk::<20>().unwrap();
    let mut header: [u8; LEN] = *rest.first_chunk().unwrap();
    header[CHECK_AT..].fill(0);
    let check = check_value(&PASSWORD, ip, &[], &header, &rest[LEN..]);
    packet[32..44].copy_from_slice(&check);
    assert_eq!(heard(&packet, 0), Err(DecodeError::Header(HeaderError::Index)));
}

#[test]
fn a_header_is_there_exactly_when_it_is_asked_for() {
    let presence = Err(DecodeError::Header(HeaderError::Presence));
    let packet = multicast();
    let datagram = ipv4_datagram(&packet).unwrap();
    let open = Demands { proof: Proof::None, ..demands(0, true) };
    assert_eq!(decode(&datagram, &open).map(|_| ()), presence);
    let bare = crate::packet::Datagram { sealed: None, ..datagram };
    assert_eq!(decode(&bare, &demands(0, true)).map(|_| ()), presence);
}

#[test]
fn a_packet_cut_short_anywhere_is_refused() {
    let packet = multicast();
    for len in 0..packet.len() {
        assert!(heard(&packet[..len], 0).is_err(), "{len}");
        let mut claims_less = packet[..len].to_vec();
        if let Some(total) = claims_less.get_mut(2..4) {
            total.copy_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
        }
        assert!(heard(&claims_less, 0).is_err(), "{len}");
    }
}

#[test]
fn the_password_does_not_show() {
    let seal = HeaderSeal { password: PASSWORD, sequence: 7 };
    assert_eq!(format!("{seal:?}"), "Header(.., sequence 7)");
    assert_eq!(format!("{:?}", demands(7, true).proof), "Header(.., after 7)");
}

proptest! {
    #[test]
    fn what_is_sealed_is_believed_and_no_flipped_bit_of_the_message_is(
        password: [u8; 8], sequence in 1..=u32::MAX, at in 0..8 * 44usize, source: [u8; 4], unicast: bool,
    ) {
        let mut packet = multicast();
        packet[12..16].copy_from_slice(&source);
        if unicast {
            packet[16..20].copy_from_slice(&[10, 0, 0, 2]);
        }
        HeaderSeal { password, sequence }.fill(&mut packet);
        let proof = Proof::Header { password, after: sequence - 1 };
        let own = Demands { proof, ..demands(0, !unicast) };
        let decoded = |packet: &[u8]| decode(&ipv4_datagram(packet)?, &own).map(|heard| heard.freshness);
        prop_assert_eq!(decoded(&packet), Ok(Freshness::Sequence(sequence)));
        prop_assert_eq!(ipv4_datagram(&packet).unwrap().source, IpAddr::from(source));
        packet[20 + at / 8] ^= 1 << (at % 8);
        prop_assert!(decoded(&packet).is_err());
    }
}
