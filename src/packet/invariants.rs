//! What must hold whatever comes from the wire, for property tests and the fuzz target; no part of a daemon.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::neighbour::{gratuitous_arp, unsolicited_na};
use super::vrrp::{HEADER_LEN, decode, vrid};
use super::{
    Addresses, Advert, Authentication, ChecksumForm, Datagram, DecodeError, Demands, Heard, Proof,
    ipv4_datagram,
};
use crate::units::{AdvertInterval, Centiseconds, Family, MacAddr, Seconds};

const GROUP4: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 18));
const PEER4: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const GROUP6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12));
const PEER6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1));

/// The first byte says what an instance demands, the others are a packet: with its IPv4 header, and as a VRRP message.
///
/// # Panics
/// When what was heard is not what would be sent, or a packet is refused for a checksum that it has.
pub fn hold(bytes: &[u8]) {
    let Some((settings, packet)) = bytes.split_first() else { return };
    let demands = demands(*settings, packet.first().copied().unwrap_or_default());
    if let Ok(datagram) = ipv4_datagram(packet) {
        assert!(datagram.payload.len() < packet.len());
        let _ = decode(&datagram, &demands);
    }
    let _ = vrid(packet);
    message(packet.to_vec(), &demands);
    neighbours(packet);
}

fn demands(settings: u8, interval: u8) -> Demands<'static> {
    let bit = |bit: u8| settings >> bit & 1 == 1;
    let v2 = Seconds::new(interval).map(AdvertInterval::V2);
    let v3 = Centiseconds::new(u16::from(interval) * 16).map(AdvertInterval::V3);
    let standard = AdvertInterval::V2(Seconds::ONE);
    Demands {
        family: if bit(0) { Family::V6 } else { Family::V4 },
        interval: if bit(1) { v2 } else { v3 }.unwrap_or(standard),
        proof: if bit(2) { Proof::Pass([1; 8]) } else { Proof::None },
        multicast: bit(3),
        old_group: None,
    }
}

/// A message that is refused for its checksum alone is heard with the right one.
fn message(mut payload: Vec<u8>, demands: &Demands<'_>) {
    let first = decode(&datagram(&payload, demands), demands).map(|heard| same_again(&heard, demands));
    if let (Err(DecodeError::Checksum { want, .. }), true) = (first, payload.len() >= HEADER_LEN) {
        payload[6..HEADER_LEN].copy_from_slice(&want.to_be_bytes());
        match decode(&datagram(&payload, demands), demands) {
            Ok(heard) => same_again(&heard, demands),
            Err(error) => assert!(!matches!(error, DecodeError::Checksum { .. }), "{error}"),
        }
    }
}

fn datagram<'a>(payload: &'a [u8], demands: &Demands<'_>) -> Datagram<'a> {
    let (source, destination) = way(demands);
    Datagram { source, destination, hop_limit: Some(255), claimed_len: payload.len(), payload, sealed: None }
}

fn way(demands: &Demands<'_>) -> (IpAddr, IpAddr) {
    match (demands.family, demands.multicast) {
        (Family::V4, true) => (PEER4, GROUP4),
        (Family::V4, false) => (PEER4, PEER4),
        (Family::V6, true) => (PEER6, GROUP6),
        (Family::V6, false) => (PEER6, PEER6),
    }
}

/// What was heard can be sent, and is heard as the same.
fn same_again(heard: &Heard<'_>, demands: &Demands<'_>) {
    let addresses = Addresses::new(demands.family, heard.addresses()).expect("addresses of the family");
    assert_eq!(addresses.len(), heard.address_count());
    let advert = Advert { vrid: heard.vrid, priority: heard.priority, interval: heard.interval, addresses };
    let (source, destination) = way(demands);
    let mut sent = Vec::new();
    let authentication = match demands.proof {
        Proof::Pass(password) => Authentication::Pass(password),
        _ => Authentication::None,
    };
    advert.encode(&authentication, heard.form, source, destination, &mut sent);
    let again = decode(&datagram(&sent, demands), demands).expect("what we send can be heard");
    assert_eq!((again.vrid, again.priority, again.interval), (heard.vrid, heard.priority, heard.interval));
    assert!(again.addresses().eq(heard.addresses()));
    assert!(again.form == heard.form || heard.form == ChecksumForm::MessageOnly, "{again:?} {heard:?}");
}

/// Announcements of any address can be made.
fn neighbours(bytes: &[u8]) {
    let Some((chunk, _)) = bytes.split_first_chunk::<22>() else { return };
    let (mac, address) = chunk.split_at(6);
    let mac = MacAddr(mac.try_into().expect("6 bytes"));
    let address: [u8; 16] = address.try_into().expect("16 bytes");
    let short: [u8; 4] = address[..4].try_into().expect("4 bytes");
    let arp = gratuitous_arp(mac, short.into());
    assert!(arp.windows(4).filter(|window| *window == short).count() >= 2, "as sender and as target");
    let na = unsolicited_na(mac, address.into(), bytes.len().is_multiple_of(2));
    assert!(na.windows(16).filter(|window| *window == address).count() >= 2, "as source and as target");
}
