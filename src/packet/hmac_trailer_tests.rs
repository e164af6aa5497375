//! Golden packets come from keepalived: the vectors of its own test, and captures of 2.4.3.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::packet::vrrp::decode;
use crate::packet::{
    Addresses, Advert, Authentication, ChecksumForm, Datagram, DecodeError, Demands, Freshness, Proof,
};
use crate::units::{AdvertInterval, Centiseconds, Family, Seconds, Vrid, WirePriority};

const WINDOW: Duration = Duration::from_secs(5);

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter_map(|c| c.to_digit(16)).map(|d| u8::try_from(d).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn keys() -> [Arc<TrailerKey>; 2] {
    let counting: Vec<u8> = (0..32).collect();
    let text = b"abcdefghijklmnopqrstuvwxyz0123456789";
    [Arc::new(TrailerKey::new(1, &counting)), Arc::new(TrailerKey::new(2, text))]
}

struct Golden {
    what: &'static str,
    key: usize,
    stamp: u64,
    interval: AdvertInterval,
    form: ChecksumForm,
    way: [&'static str; 2],
    address: &'static str,
    hex: &'static str,
}

fn golden() -> Vec<Golden> {
    let v3 = |centiseconds| AdvertInterval::V3(Centiseconds::new(centiseconds).unwrap());
    let live = Golden {
        what: "v3",
        key: 0,
        stamp: 0x6b00_e06b_8e5b_0000,
        interval: v3(100),
        form: ChecksumForm::PseudoHeader,
        way: ["10.0.0.1", "224.0.0.18"],
        address: "10.0.0.100",
        hex: "3133c801006411730a000064 010100006b00e06b8e5b0000 9461fdcb1e046b25dbe220d938ebf4da",
    };
    vec![
        Golden {
            what: "its own vector over IPv4",
            stamp: 0x6800_0000_8000_0000,
            form: ChecksumForm::MessageOnly,
            way: ["198.51.100.10", "224.0.0.18"],
            address: "192.0.2.100",
            hex: "3133c80100644402c0000264 010100006800000080000000 1b84bc4e8e43892dc6d98448f8ee2265",
            ..live
        },
        Golden {
            what: "v3, the next one",
            stamp: 0x6b00_e06c_941a_0000,
            hex: "3133c801006411730a000064 010100006b00e06c941a0000 6e89452d3dc3c1ad550b996f7fd1225f",
            ..live
        },
        Golden {
            what: "v2",
            stamp: 0x6b00_e0a3_750a_0000,
            interval: AdvertInterval::V2(Seconds::ONE),
            hex: "2133c80100010c660a0000640000000000000000 010100006b00e0a3750a0000 \
                  b3125a62c2f2b22b5324c287521b6a7e",
            ..live
        },
        Golden {
            what: "v3 unicast, a key in text",
            key: 1,
            stamp: 0x6b01_c321_32a7_0000,
            interval: v3(50),
            way: ["10.0.0.1", "10.0.0.2"],
            hex: "3133c8010032e7b50a000064 010200006b01c32132a70000 4ac05fa1e5e8c8ee4d2305ae6ff6bde9",
            ..live
        },
        live,
    ]
}

fn seconds(stamp: u64) -> Duration {
    Duration::from_secs(stamp >> 32)
}

fn datagram<'a>(payload: &'a [u8], way: [&str; 2]) -> Datagram<'a> {
    let [source, destination] = way.map(|text| text.parse().unwrap());
    let claimed_len = payload.len();
    Datagram { source, destination, hop_limit: Some(255), claimed_len, payload, sealed: None }
}

fn proof<'d>(keys: &'d [Arc<TrailerKey>], unix: Duration) -> TrailerProof<'d> {
    TrailerProof { keys, unix, window: Some(WINDOW), after: None, may_be_missing: false }
}

fn demands<'d>(golden: &Golden, proof: TrailerProof<'d>) -> Demands<'d> {
    Demands {
        family: Family::V4,
        interval: golden.interval,
        proof: Proof::Trailer(proof),
        multicast: golden.way[1] == "224.0.0.18",
        old_group: None,
    }
}

fn advert(interval: AdvertInterval, family: Family, address: &str) -> Advert {
    Advert {
        vrid: Vrid::new(51).unwrap(),
        priority: WirePriority::from_byte(200),
        interval,
        addresses: Addresses::new(family, [address.parse().unwrap()]).unwrap(),
    }
}

#[test]
fn a_signed_advert_is_keepalived_s_byte_by_byte() {
    for golden in golden() {
        let mut sent = Vec::new();
        let authentication = Authentication::Trailer(keys()[golden.key].clone(), Stamp(golden.stamp));
        let [source, destination] = golden.way.map(|text| text.parse().unwrap());
        let advert = advert(golden.interval, Family::V4, golden.address);
        advert.encode(&authentication, golden.form, source, destination, &mut sent);
        assert_eq!(sent, bytes(golden.hex), "{}", golden.what);
    }
}

#[test]
fn over_ipv6_the_hash_is_that_of_keepalived_s_vector_and_the_checksum_covers_the_trailer() {
    let mut sent = Vec::new();
    let authentication = Authentication::Trailer(keys()[0].clone(), Stamp(0x6800_0000_8000_0000));
    let interval = AdvertInterval::V3(Centiseconds::new(100).unwrap());
    let (source, destination) = ("fe80::10".parse().unwrap(), "fe80::20".parse().unwrap());
    let advert = advert(interval, Family::V6, "fe80::100");
    advert.encode(&authentication, ChecksumForm::PseudoHeader, source, destination, &mut sent);
    let vector = "010100006800000080000000 c8c56146ebfd66ee10ec4d8186461b78";
    assert_eq!(sent[24..], bytes(vector));
    let keys = keys();
    let own = Demands {
        family: Family::V6,
        interval,
        proof: Proof::Trailer(proof(&keys, seconds(0x6800_0000_8000_0000))),
        multicast: false,
        old_group: None,
    };
    let heard =
        |bytes: &[u8]| decode(&datagram(bytes, ["fe80::10", "fe80::20"]), &own).map(|heard| heard.freshness);
    assert_eq!(heard(&sent), Ok(Freshness::Stamp(Stamp(0x6800_0000_8000_0000))));
    let message_alone = {
        let mut plain = Vec::new();
        advert.encode(&Authentication::None, ChecksumForm::PseudoHeader, source, destination, &mut plain);
        sent[6..8].copy_from_slice(&plain[6..8]);
        sent
    };
    assert!(matches!(heard(&message_alone), Err(DecodeError::Checksum { .. })));
}

#[test]
fn what_keepalived_signs_is_believed_once() {
    let keys = keys();
    for golden in golden() {
        let payload = bytes(golden.hex);
        let proof = proof(&keys, seconds(golden.stamp));
        let heard = |after| {
            let own = demands(&golden, TrailerProof { after, ..proof });
            decode(&datagram(&payload, golden.way), &own).map(|heard| heard.freshness)
        };
        let stamp = Stamp(golden.stamp);
        assert_eq!(heard(None), Ok(Freshness::Stamp(stamp)), "{}", golden.what);
        assert_eq!(heard(Some(Stamp(golden.stamp - 1))), Ok(Freshness::Stamp(stamp)), "{}", golden.what);
        let replayed = Err(DecodeError::Trailer(TrailerError::Replayed));
        assert_eq!(heard(Some(stamp)), replayed, "{}", golden.what);
        assert_eq!(heard(Some(stamp.next())), replayed, "{}", golden.what);
    }
}

#[test]
fn each_thing_that_is_wrong_is_named_in_keepalived_s_order() {
    let (keys, golden) = (keys(), golden());
    let live = golden.last().unwrap();
    let now = seconds(live.stamp);
    let heard = |change: &dyn Fn(&mut Vec<u8>), unix| {
        let mut payload = bytes(live.hex);
        change(&mut payload);
        let own = demands(live, proof(&keys, unix));
        decode(&datagram(&payload, live.way), &own).map(|heard| heard.freshness)
    };
    let trailer = |error| Err(DecodeError::Trailer(error));
    let flip = |at: usize| move |payload: &mut Vec<u8>| payload[at] ^= 8;
    assert_eq!(heard(&|payload| payload.truncate(12), now), trailer(TrailerError::Missing));
    assert_eq!(heard(&flip(12), now), trailer(TrailerError::Malformed), "type");
    assert_eq!(heard(&flip(14), now), trailer(TrailerError::Malformed), "reserved");
    let (second, before) = (Duration::from_secs(1), now - WINDOW);
    assert!(heard(&|_| {}, now + WINDOW).is_ok() && heard(&|_| {}, before).is_ok());
    assert_eq!(heard(&flip(13), now + WINDOW + second), trailer(TrailerError::Stale(6)));
    assert_eq!(heard(&flip(13), before - second), trailer(TrailerError::Stale(-6)));
    assert_eq!(heard(&flip(13), now), trailer(TrailerError::UnknownKey(9)));
    for at in [1, 2, 8, 20, 24, 39] {
        assert_eq!(heard(&flip(at), now), trailer(TrailerError::Hash), "byte {at}");
    }
    assert!(matches!(heard(&flip(6), now), Err(DecodeError::Checksum { .. })), "the hash leaves it out");
    let elsewhere = bytes(live.hex);
    let own = demands(live, proof(&keys, now));
    let foreign = decode(&datagram(&elsewhere, ["10.0.0.9", "224.0.0.18"]), &own);
    assert_eq!(foreign.map(|heard| heard.freshness), trailer(TrailerError::Hash));
}

#[test]
fn without_a_window_only_the_order_counts_and_a_mark_never_grows_old() {
    let (keys, golden) = (keys(), golden());
    let live = golden.last().unwrap();
    let payload = bytes(live.hex);
    let heard = |window, after, unix| {
        let own = demands(live, TrailerProof { window, after, ..proof(&keys, unix) });
        decode(&datagram(&payload, live.way), &own).map(|heard| heard.freshness)
    };
    let (now, year) = (seconds(live.stamp), Duration::from_secs(31_536_000));
    let later = Stamp::at(now + Duration::from_secs(60));
    assert!(heard(None, None, now + year).is_ok());
    assert_eq!(heard(None, Some(later), now), Err(DecodeError::Trailer(TrailerError::Replayed)));
    assert!(heard(Some(WINDOW), Some(later), now).is_ok(), "the sender's clock was put back");
}

#[test]
fn a_trailer_may_be_missing_where_that_is_allowed_but_must_be_right_where_there_is_one() {
    let (keys, golden) = (keys(), golden());
    let live = golden.last().unwrap();
    let own = demands(live, TrailerProof { may_be_missing: true, ..proof(&keys, seconds(live.stamp)) });
    let mut payload = bytes(live.hex);
    let bare = decode(&datagram(&payload[..12], live.way), &own).map(|heard| heard.freshness);
    assert_eq!(bare, Ok(Freshness::None));
    payload[39] ^= 1;
    let wrong = decode(&datagram(&payload, live.way), &own).map(|heard| heard.freshness);
    assert_eq!(wrong, Err(DecodeError::Trailer(TrailerError::Hash)));
    // A node without the keyword drops it for its length.
    let plain = Demands { proof: Proof::None, ..own };
    let long = decode(&datagram(&payload, live.way), &plain).map(|heard| heard.freshness);
    assert_eq!(long, Err(DecodeError::Length { got: 40, want: 12 }));
}

#[test]
fn stamps_are_unix_time_and_count_on_across_the_end_of_32_bits() {
    assert_eq!(Stamp::at(Duration::new(1, 500_000_000)), Stamp(1 << 32 | 0x8000 << 16));
    assert_eq!(Stamp::at(Duration::new(1, 999_999_999)), Stamp(1 << 32 | 0xffff << 16));
    let last = Duration::from_secs(u64::from(u32::MAX));
    let first = last + Duration::from_secs(1);
    assert!(Stamp::at(first).is_after(Stamp::at(last)) && !Stamp::at(last).is_after(Stamp::at(first)));
    assert_eq!((Stamp::at(first).age(last), Stamp::at(last).age(first)), (-1, 1));
    assert!(!Stamp(7).is_after(Stamp(7)) && Stamp(7).next().is_after(Stamp(7)));
}

#[test]
fn a_key_does_not_show() {
    assert_eq!(format!("{:?}", keys()[1]), "TrailerKey(2, ..)");
}

proptest! {
    #[test]
    fn no_trailer_makes_the_check_panic(message: Vec<u8>, trailer: Vec<u8>, stamp: u64) {
        let keys = keys();
        let proof = TrailerProof { after: Some(Stamp(stamp)), ..proof(&keys, Duration::ZERO) };
        prop_assert!(proof.check(IpAddr::from([10, 0, 0, 1]), &message, &trailer).is_err());
    }
}
