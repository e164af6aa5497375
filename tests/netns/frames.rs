//! Frames that no honest router sends, written byte by byte: nothing of the daemon's own encoder is used here.

use crate::protocol::Protocol;

/// The sender that the frames claim: a better router than any in the tests.
const INTRUDER: [u8; 4] = [10, 0, 0, 77];
const GROUP: [u8; 4] = [224, 0, 0, 18];
const VIP: [u8; 4] = [10, 0, 0, 100];
const PRIORITY: u8 = 250;

/// Frames for the interface of `node`, each wrong in one way, with what is wrong.
pub(crate) fn junk(protocol: Protocol, node: u8) -> Vec<(&'static str, Vec<u8>)> {
    let payloads = match protocol {
        Protocol::V2Pass => v2_pass(),
        Protocol::V3 => v3(),
        _ => {
            unreachable!("no test asks for it")
        }
    };
    payloads.into_iter().map(|(what, ttl, payload)| (what, frame(node, ttl, &payload))).collect()
}

fn v3() -> Vec<(&'static str, u8, Vec<u8>)> {
    let interval = Protocol::V3.interval().as_millis() as u16 / 10;
    let good = |version_and_type, vrid, count, centiseconds: u16| {
        let [high, low] = centiseconds.to_be_bytes();
        let mut message = vec![version_and_type, vrid, PRIORITY, count, high, low, 0, 0];
        message.extend(VIP);
        fill_checksum(message, true)
    };
    let advert = good(0x31, 51, 1, interval);
    let mut wrong_checksum = advert.clone();
    wrong_checksum[7] ^= 0x55;
    vec![
        ("nothing at all", 255, vec![]),
        ("four bytes", 255, advert[..4].to_vec()),
        ("a header without its address", 255, fill_checksum(advert[..8].to_vec(), true)),
        ("a count of 5 with one address", 255, good(0x31, 51, 5, interval)),
        ("twelve bytes too many", 255, fill_checksum([&advert[..], &[0; 12]].concat(), true)),
        ("fourteen hundred bytes", 255, fill_checksum([&advert[..], &[0xa5; 1400]].concat(), true)),
        ("version 2", 255, good(0x21, 51, 1, interval)),
        ("version 4", 255, good(0x41, 51, 1, interval)),
        ("version 0", 255, good(0x01, 51, 1, interval)),
        ("type 2", 255, good(0x32, 51, 1, interval)),
        ("TTL 254", 254, advert.clone()),
        ("TTL 1", 1, advert),
        ("a wrong checksum", 255, wrong_checksum),
        ("another virtual router", 255, good(0x31, 52, 1, interval)),
        ("virtual router 0", 255, good(0x31, 0, 1, interval)),
    ]
}

/// A v3 advert that is right but for its interval of 0 (RFC 9568 §5.2.7, erratum 8301), for the interface of `node`.
pub(crate) fn advert_with_interval_0(node: u8) -> Vec<u8> {
    let mut message = vec![0x31, 51, PRIORITY, 1, 0, 0, 0, 0];
    message.extend(VIP);
    frame(node, 255, &fill_checksum(message, true))
}

/// A v3 advert that is right but of a router that is worse than any in the tests.
pub(crate) fn losing_advert(node: u8) -> Vec<u8> {
    let [high, low] = (Protocol::V3.interval().as_millis() as u16 / 10).to_be_bytes();
    let mut message = vec![0x31, 51, 1, 1, high, low, 0, 0];
    message.extend(VIP);
    frame(node, 255, &fill_checksum(message, true))
}

fn v2_pass() -> Vec<(&'static str, u8, Vec<u8>)> {
    let good = |auth_type, interval, password: &[u8; 8]| {
        let mut message = vec![0x21, 51, PRIORITY, 1, auth_type, interval, 0, 0];
        message.extend(VIP);
        message.extend(password);
        fill_checksum(message, false)
    };
    let advert = good(1, 1, b"secret1\0");
    let mut wrong_checksum = advert.clone();
    wrong_checksum[6] ^= 0x55;
    vec![
        ("another password", 255, good(1, 1, b"secret2\0")),
        ("the password and a letter", 255, good(1, 1, b"secret1x")),
        ("no authentication", 255, good(0, 1, &[0; 8])),
        ("an unknown authentication", 255, good(9, 1, b"secret1\0")),
        ("AH in words only", 255, good(2, 1, b"secret1\0")),
        ("another interval", 255, good(1, 3, b"secret1\0")),
        ("no password bytes", 255, fill_checksum(advert[..12].to_vec(), false)),
        ("TTL 64", 64, advert),
        ("a wrong checksum", 255, wrong_checksum),
    ]
}

/// An Ethernet frame to `node` alone, so that the other node hears nothing of it.
fn frame(node: u8, ttl: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
    let mut header = vec![0x45, 0xc0, length[0], length[1], 0, 1, 0, 0, ttl, 112, 0, 0];
    header.extend(INTRUDER);
    header.extend(GROUP);
    let sum = checksum(&header).to_be_bytes();
    header[10..12].copy_from_slice(&sum);
    let mut frame = vec![0x02, 0, 0, 0, 0, node, 0x02, 0, 0, 0, 0, 0xfe, 0x08, 0x00];
    frame.extend(header);
    frame.extend(payload);
    frame
}

/// Writes the checksum into bytes 6 and 7 of a VRRP message.
fn fill_checksum(mut message: Vec<u8>, with_pseudo_header: bool) -> Vec<u8> {
    message[6..8].fill(0);
    let mut covered = Vec::new();
    if with_pseudo_header {
        covered.extend(INTRUDER);
        covered.extend(GROUP);
        covered.extend([0, 112]);
        covered.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
    }
    covered.extend(&message);
    let sum = checksum(&covered).to_be_bytes();
    message[6..8].copy_from_slice(&sum);
    message
}

/// RFC 1071.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| u64::from(pair[0]) << 8 | u64::from(*pair.get(1).unwrap_or(&0)));
    let mut sum: u64 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[test]
fn the_checksums_of_these_frames_are_those_of_a_capture() {
    // A v3 advert of keepalived from 10.0.0.1: priority 200, 1 s, 10.0.0.100.
    let captured = [10, 0, 0, 1, 224, 0, 0, 18, 0, 112, 0, 12, 0x31, 51, 200, 1, 0, 100, 0, 0, 10, 0, 0, 100];
    assert_eq!(checksum(&captured), 0x1173);
}
