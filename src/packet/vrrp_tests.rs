//! Golden packets come from captures of keepalived 2.4.3 and FRR 8.4.4, never from our own encoder.

use proptest::prelude::*;

use super::*;
use crate::packet::ipv4_datagram;
use crate::units::Priority;

const GROUP4: &str = "224.0.0.18";
const GROUP6: &str = "ff02::12";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter_map(|c| c.to_digit(16)).map(|d| u8::try_from(d).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn v2(seconds: u8) -> AdvertInterval {
    AdvertInterval::V2(Seconds::new(seconds).unwrap())
}

fn v3(centiseconds: u16) -> AdvertInterval {
    AdvertInterval::V3(Centiseconds::new(centiseconds).unwrap())
}

fn advert(vrid: u8, priority: u8, interval: AdvertInterval, addresses: &[&str]) -> Advert {
    let family = addresses.first().map_or(Family::V4, |first| Family::of(ip(first)));
    Advert {
        vrid: Vrid::new(vrid).unwrap(),
        priority: WirePriority::from_byte(priority),
        interval,
        addresses: Addresses::new(family, addresses.iter().map(|text| ip(text))).unwrap(),
    }
}

fn demands(interval: AdvertInterval) -> Demands<'static> {
    Demands { family: Family::V4, interval, proof: Proof::None, multicast: true, old_group: None }
}

fn datagram<'a>(payload: &'a [u8], source: &str, destination: &str) -> Datagram<'a> {
    Datagram {
        source: ip(source),
        destination: ip(destination),
        hop_limit: Some(255),
        claimed_len: payload.len(),
        payload,
        sealed: None,
    }
}

fn owned(heard: &Heard<'_>, family: Family) -> Advert {
    Advert {
        vrid: heard.vrid,
        priority: heard.priority,
        interval: heard.interval,
        addresses: Addresses::new(family, heard.addresses()).unwrap(),
    }
}

struct Golden {
    what: &'static str,
    source: &'static str,
    destination: &'static str,
    authentication: Authentication,
    form: ChecksumForm,
    advert: Advert,
    hex: &'static str,
}

fn golden() -> Vec<Golden> {
    let plain = |what, source, advert, hex| Golden {
        what,
        source,
        destination: GROUP4,
        authentication: Authentication::None,
        form: ChecksumForm::PseudoHeader,
        advert,
        hex,
    };
    let vip = &["10.0.0.100"];
    let vips6 = &["fe80::100", "2001:db8::100", "2001:db8::101"];
    vec![
        plain("FRR v2", "10.0.0.1", advert(5, 200, v2(1), vip), "2105c80100010c94 0a000064 0000000000000000"),
        plain(
            "FRR v2 release",
            "10.0.0.1",
            advert(5, 0, v2(1), vip),
            "210500010001d494 0a000064 0000000000000000",
        ),
        plain("FRR v3", "10.0.0.1", advert(5, 200, v3(100), vip), "3105c801006411a1 0a000064"),
        plain("FRR v3 release", "10.0.0.1", advert(5, 0, v3(100), vip), "310500010064d9a1 0a000064"),
        Golden {
            destination: GROUP6,
            ..plain(
                "FRR v3 IPv6",
                "fe80::200:5eff:fe00:205",
                advert(5, 200, v3(100), &["2001:db8::100"]),
                "3105c801006478b8 20010db8000000000000000000000100",
            )
        },
        plain("v2", "10.0.0.1", advert(51, 150, v2(1), vip), "2133960100013e66 0a000064 0000000000000000"),
        plain(
            "v2 release",
            "10.0.0.1",
            advert(51, 0, v2(1), vip),
            "213300010001d466 0a000064 0000000000000000",
        ),
        plain(
            "v2 owner",
            "10.0.0.1",
            advert(51, 255, v2(1), vip),
            "2133ff010001d565 0a000064 0000000000000000",
        ),
        plain(
            "v2 with three addresses",
            "10.0.0.1",
            advert(51, 150, v2(1), &["10.0.0.100", "10.0.0.101", "10.0.0.102"]),
            "2133960300012999 0a000064 0a000065 0a000066 0000000000000000",
        ),
        Golden {
            authentication: Authentication::Pass(*b"1234\0\0\0\0"),
            ..plain(
                "v2 PASS",
                "10.0.0.1",
                advert(51, 200, v2(1), vip),
                "2133c8010101a6ff 0a000064 3132333400000000",
            )
        },
        plain("v3", "10.0.0.1", advert(51, 200, v3(10), vip), "3133c801000a11cd 0a000064"),
        plain("v3 release", "10.0.0.1", advert(51, 0, v3(10), vip), "31330001000ad9cd 0a000064"),
        plain("v3 from elsewhere", "10.0.0.2", advert(51, 100, v3(50), vip), "313364010032 75a4 0a000064"),
        Golden {
            form: ChecksumForm::MessageOnly,
            ..plain("v3 message only", "10.0.0.1", advert(51, 150, v3(100), vip), "3133960100642e03 0a000064")
        },
        Golden {
            destination: "10.0.0.2",
            ..plain("v3 unicast", "10.0.0.1", advert(51, 200, v3(100), vip), "3133c8010064e783 0a000064")
        },
        Golden {
            destination: GROUP6,
            ..plain(
                "v3 IPv6",
                "fe80::ff:fe00:1",
                advert(61, 200, v3(100), vips6),
                "313dc8030064ac27 fe800000000000000000000000000100 20010db8000000000000000000000100
                 20010db8000000000000000000000101",
            )
        },
        Golden {
            destination: GROUP6,
            ..plain(
                "v2 IPv6",
                "fe80::ff:fe00:1",
                advert(51, 200, v2(1), &["fe80::100"]),
                "2133c80100011a2a fe800000000000000000000000000100",
            )
        },
        Golden {
            destination: GROUP6,
            authentication: Authentication::Pass(*b"1234\0\0\0\0"),
            ..plain(
                "v2 IPv6 PASS, which has no room for the password",
                "fe80::ff:fe00:1",
                advert(51, 200, v2(1), &["fe80::100"]),
                "2133c8010101192a fe800000000000000000000000000100",
            )
        },
        Golden {
            destination: GROUP6,
            ..plain(
                "v3 IPv6 release",
                "fe80::ff:fe00:1",
                advert(61, 0, v3(100), vips6),
                "313d000300647428 fe800000000000000000000000000100 20010db8000000000000000000000100
                 20010db8000000000000000000000101",
            )
        },
    ]
}

/// What a receiver with the same configuration asks for.
fn proof_of(authentication: &Authentication) -> Proof<'static> {
    match authentication {
        Authentication::Pass(password) => Proof::Pass(*password),
        Authentication::None | Authentication::Header(_) | Authentication::Trailer(..) => Proof::None,
    }
}

fn golden_demands(golden: &Golden) -> Demands<'static> {
    Demands {
        family: golden.advert.addresses.family(),
        interval: golden.advert.interval,
        proof: proof_of(&golden.authentication),
        multicast: ip(golden.destination).is_multicast(),
        old_group: None,
    }
}

#[test]
fn we_send_what_keepalived_and_frr_send() {
    for golden in golden() {
        let mut sent = Vec::new();
        let (source, destination) = (ip(golden.source), ip(golden.destination));
        golden.advert.encode(&golden.authentication, golden.form, source, destination, &mut sent);
        assert_eq!(sent, bytes(golden.hex), "{}", golden.what);
    }
}

#[test]
fn we_understand_what_keepalived_and_frr_send() {
    for golden in golden() {
        let payload = bytes(golden.hex);
        let heard =
            decode(&datagram(&payload, golden.source, golden.destination), &golden_demands(&golden)).unwrap();
        assert_eq!(owned(&heard, golden.advert.addresses.family()), golden.advert, "{}", golden.what);
        assert_eq!(heard.form, golden.form, "{}", golden.what);
    }
}

#[test]
fn every_fault_is_named() {
    let good = "2133960100013e66 0a000064 0000000000000000";
    let cases: &[(&str, &str, DecodeError)] = &[
        ("6 bytes", "213396010001", DecodeError::Truncated { got: 6, need: 8 }),
        ("VRID 0", "2100960100013e66 0a000064 0000000000000000", DecodeError::Vrid(0)),
        (
            "count 2, one address",
            "2133960200013e66 0a000064 0000000000000000",
            DecodeError::Length { got: 20, want: 24 },
        ),
        (
            "4 bytes more",
            "2133960100013e66 0a000064 0000000000000000 00000000",
            DecodeError::Length { got: 24, want: 20 },
        ),
        ("version 3", "3133c801006411730a000064", DecodeError::Version { got: 3, want: 2 }),
        ("version 4", "4133960100013e66 0a000064", DecodeError::Version { got: 4, want: 2 }),
        ("auth type 3", "2133960103013e66 0a000064 0000000000000000", DecodeError::AuthenticationType(3)),
        (
            "auth type 1",
            "2133960101013e66 0a000064 0000000000000000",
            DecodeError::AuthenticationMismatch { got: 1, want: 0 },
        ),
        (
            "interval 2",
            "2133960100023e65 0a000064 0000000000000000",
            DecodeError::Interval { got: 2, want: 1 },
        ),
        (
            "interval 0",
            "2133960100003e67 0a000064 0000000000000000",
            DecodeError::Interval { got: 0, want: 1 },
        ),
        ("type 2", "2233960100013d66 0a000064 0000000000000000", DecodeError::Type(2)),
        (
            "checksum + 1",
            "2133960100013e67 0a000064 0000000000000000",
            DecodeError::Checksum { got: 0x3e67, want: 0x3e66 },
        ),
    ];
    let own = demands(v2(1));
    assert!(decode(&datagram(&bytes(good), "10.0.0.1", GROUP4), &own).is_ok());
    for (what, hex, want) in cases {
        let payload = bytes(hex);
        assert_eq!(decode(&datagram(&payload, "10.0.0.1", GROUP4), &own), Err(*want), "{what}");
    }
}

#[test]
fn what_the_header_of_ip_says_counts_too() {
    let payload = bytes("2133960100013e66 0a000064 0000000000000000");
    let good = datagram(&payload, "10.0.0.1", GROUP4);
    let own = demands(v2(1));
    let forwarded = Datagram { hop_limit: Some(254), ..good };
    assert_eq!(decode(&forwarded, &own), Err(DecodeError::HopLimit(254)));
    let unicast = Demands { multicast: false, ..own };
    let far = Datagram { hop_limit: Some(1), destination: ip("10.0.0.2"), ..good };
    assert!(decode(&far, &unicast).is_ok(), "unicast peers may be routers away");
    assert_eq!(decode(&good, &unicast), Err(DecodeError::Destination));
    let cut = Datagram { claimed_len: 24, ..good };
    assert_eq!(decode(&cut, &own), Err(DecodeError::Claimed { claimed: 24, got: 20 }));
}

#[test]
fn the_first_fault_in_keepalived_s_order_is_the_one_named() {
    let own = demands(v2(1));
    // Wrong length, TTL, version, checksum: each time the first of them is mended.
    let mut payload = bytes("4233960100020000 0a000064 00");
    let with = |payload: &[u8], hops| {
        decode(&Datagram { hop_limit: Some(hops), ..datagram(payload, "10.0.0.1", GROUP4) }, &own)
            .unwrap_err()
    };
    assert!(matches!(with(&payload, 1), DecodeError::Length { .. }));
    payload.pop();
    assert_eq!(with(&payload, 1), DecodeError::HopLimit(1));
    assert!(matches!(with(&payload, 255), DecodeError::Version { .. }));
    payload = bytes("2233960103020000 0a000064 0000000000000000");
    assert_eq!(with(&payload, 255), DecodeError::AuthenticationType(3));
    payload[4] = 0;
    assert!(matches!(with(&payload, 255), DecodeError::Interval { .. }));
    payload[5] = 1;
    assert_eq!(with(&payload, 255), DecodeError::Type(2));
    payload[0] = 0x21;
    assert!(matches!(with(&payload, 255), DecodeError::Checksum { .. }));
}

#[test]
fn passwords_are_compared_to_the_last_byte() {
    let payload = bytes("2133c8010101a6ff 0a000064 3132333400000000");
    let own = |password: &[u8; 8]| Demands { proof: Proof::Pass(*password), ..demands(v2(1)) };
    let heard =
        |password| decode(&datagram(&payload, "10.0.0.1", GROUP4), &own(password)).map(|h| h.priority);
    assert!(heard(b"1234\0\0\0\0").is_ok());
    assert_eq!(heard(b"1234\0\0\0x"), Err(DecodeError::Password));
    assert_eq!(heard(b"12345678"), Err(DecodeError::Password));
}

#[test]
fn either_checksum_form_is_accepted_for_ipv4_v3_and_nothing_else() {
    let own = demands(v3(100));
    for (hex, want) in [
        ("3133c80100641173 0a000064", Ok(ChecksumForm::PseudoHeader)),
        ("3133960100642e03 0a000064", Ok(ChecksumForm::MessageOnly)),
        ("3133960100642e04 0a000064", Err(())),
    ] {
        let payload = bytes(hex);
        let heard = decode(&datagram(&payload, "10.0.0.1", GROUP4), &own);
        assert_eq!(heard.map(|heard| heard.form).map_err(|_| ()), want, "{hex}");
    }
}

#[test]
fn v3_ignores_the_reserved_nibble_and_refuses_interval_0() {
    let own = demands(v3(100));
    let mut sent = Vec::new();
    let peer = advert(51, 200, v3(50), &["10.0.0.100"]);
    peer.encode(&Authentication::None, ChecksumForm::MessageOnly, ip("10.0.0.1"), ip(GROUP4), &mut sent);
    sent[4] |= 0xf0;
    let sum = u16::from_be_bytes([sent[6], sent[7]]).wrapping_sub(0xf000);
    sent[6..8].copy_from_slice(&sum.to_be_bytes());
    let heard = decode(&datagram(&sent, "10.0.0.1", GROUP4), &own).unwrap();
    assert_eq!(heard.interval, v3(50));
    let zero = bytes("3133c80100000000 0a000064");
    assert_eq!(
        decode(&datagram(&zero, "10.0.0.1", GROUP4), &own),
        Err(DecodeError::Interval { got: 0, want: 100 })
    );
}

#[test]
fn padding_of_2_bytes_is_no_fault_and_no_part_of_the_checksum() {
    let payload = bytes("2133960100013e66 0a000064 0000000000000000 ffff");
    assert!(decode(&datagram(&payload, "10.0.0.1", GROUP4), &demands(v2(1))).is_ok());
}

#[test]
fn a_list_of_no_address_is_heard() {
    let mut sent = Vec::new();
    advert(51, 200, v2(1), &[]).encode(
        &Authentication::None,
        ChecksumForm::PseudoHeader,
        ip("10.0.0.1"),
        ip(GROUP4),
        &mut sent,
    );
    let heard = decode(&datagram(&sent, "10.0.0.1", GROUP4), &demands(v2(1))).unwrap();
    assert_eq!(heard.address_count(), 0);
}

#[test]
fn a_list_is_of_one_family_and_at_most_255() {
    assert!(Addresses::new(Family::V4, [ip("10.0.0.1"), ip("fe80::1")]).is_none());
    assert!(Addresses::new(Family::V4, vec![ip("10.0.0.1"); 255]).is_some());
    assert!(Addresses::new(Family::V4, vec![ip("10.0.0.1"); 256]).is_none());
}

#[test]
fn a_captured_ipv4_packet_is_understood_whole() {
    let packet = bytes("45c0002000010000ff70a6aa0a0000010a0000023133c8010064e7830a000064");
    let unicast = Demands { multicast: false, ..demands(v3(100)) };
    let heard = decode(&ipv4_datagram(&packet).unwrap(), &unicast).unwrap();
    assert_eq!(owned(&heard, Family::V4), advert(51, 200, v3(100), &["10.0.0.100"]));
}

fn any_interval() -> impl Strategy<Value = AdvertInterval> {
    prop_oneof![(1..=255u8).prop_map(v2), (1..=4095u16).prop_map(v3)]
}

fn any_addresses() -> impl Strategy<Value = (Family, Vec<IpAddr>)> {
    prop_oneof![
        prop::collection::vec(any::<[u8; 4]>().prop_map(IpAddr::from), 0..=255).prop_map(|l| (Family::V4, l)),
        prop::collection::vec(any::<[u8; 16]>().prop_map(IpAddr::from), 0..=80).prop_map(|l| (Family::V6, l)),
    ]
}

proptest! {
    #[test]
    fn what_is_sent_is_what_is_heard(
        vrid in 1..=255u8, priority in any::<u8>(), interval in any_interval(),
        (family, list) in any_addresses(), password in any::<Option<[u8; 8]>>(), message_only in any::<bool>(),
    ) {
        let sent = Advert {
            vrid: Vrid::new(vrid).unwrap(),
            priority: WirePriority::from_byte(priority),
            interval,
            addresses: Addresses::new(family, list).unwrap(),
        };
        let authenticated = family == Family::V4 && interval.version() == Version::V2;
        let authentication = match password {
            Some(password) if authenticated => Authentication::Pass(password),
            Some(_) | None => Authentication::None,
        };
        let form = if message_only { ChecksumForm::MessageOnly } else { ChecksumForm::PseudoHeader };
        let (source, destination) = match family {
            Family::V4 => (ip("192.0.2.1"), ip(GROUP4)),
            Family::V6 => (ip("fe80::1"), ip(GROUP6)),
        };
        let mut wire = Vec::new();
        sent.encode(&authentication, form, source, destination, &mut wire);
        let datagram = Datagram { source, destination, hop_limit: Some(255), claimed_len: wire.len(), payload: &wire, sealed: None };
        let demands = Demands { family, interval, proof: proof_of(&authentication), multicast: true, old_group: None };
        prop_assert_eq!(Priority::new(priority).is_none(), sent.priority == WirePriority::Release);
        prop_assert_eq!(owned(&decode(&datagram, &demands).unwrap(), family), sent);
    }

    #[test]
    fn no_bytes_make_decoding_panic(
        payload in prop::collection::vec(any::<u8>(), 0..200), interval in any_interval(), v6 in any::<bool>(),
    ) {
        let family = if v6 { Family::V6 } else { Family::V4 };
        let demands = Demands { family, interval, proof: Proof::Pass([1; 8]), multicast: true, old_group: None };
        if let Ok(datagram) = ipv4_datagram(&payload) {
            let _ = decode(&datagram, &Demands { proof: Proof::Header { password: [1; 8], after: 0 }, ..demands });
        }
        let _ = vrid(&payload);
        let _ = decode(&datagram(&payload, "10.0.0.1", GROUP4), &demands);
        let _ = decode(&datagram(&payload, "fe80::1", GROUP6), &demands);
        crate::packet::invariants::hold(&payload);
    }

    #[test]
    fn a_flipped_bit_never_changes_what_is_heard(at in 0..96usize) {
        let good = bytes("3133c80100641173 0a000064");
        let mut bad = good.clone();
        bad[at / 8] ^= 1 << (at % 8);
        let own = demands(v3(100));
        prop_assert!(decode(&datagram(&bad, "10.0.0.1", GROUP4), &own).is_err());
    }
}

#[test]
fn a_password_over_ipv6_is_said_as_it_is_demanded() {
    // A fuzzer's: the type of the authentication was demanded over IPv6 too, but not sent.
    let found = "07 2133960101213e660a00000f0000000000000064 0101010101010101 010101010101 01";
    crate::packet::invariants::hold(&bytes(found));
}

#[test]
fn the_unicast_checksum_of_keepalived_1_3_6_is_accepted_beside_the_right_one_unless_never() {
    // Its pseudo-header holds the group instead of the peer.
    let (old, right) = (bytes("3133c80100641173 0a000064"), bytes("3133c8010064e783 0a000064"));
    let group = Ipv4Addr::new(224, 0, 0, 18);
    let never = Demands { multicast: false, ..demands(v3(100)) };
    let accepted = Demands { old_group: Some(group), ..never };
    let form = |payload: &[u8], demands| {
        decode(&datagram(payload, "10.0.0.1", "10.0.0.2"), demands).map(|heard| heard.form)
    };
    assert_eq!(form(&old, &accepted), Ok(ChecksumForm::GroupHeader(group)));
    assert_eq!(form(&right, &accepted), Ok(ChecksumForm::PseudoHeader));
    assert_eq!(form(&right, &never), Ok(ChecksumForm::PseudoHeader));
    assert_eq!(form(&old, &never), Err(DecodeError::Checksum { got: 0x1173, want: 0xe783 }));
    let mut sent = Vec::new();
    advert(51, 200, v3(100), &["10.0.0.100"]).encode(
        &Authentication::None,
        ChecksumForm::GroupHeader(group),
        ip("10.0.0.1"),
        ip("10.0.0.2"),
        &mut sent,
    );
    assert_eq!(sent, old);
}
