//! Adverts on the wire and in the receive sockets.

use std::net::IpAddr;
use std::time::Duration;

use vrrpd::engine::{Listen, ListenTo};
use vrrpd::kernel::{Contents, VrrpSockets};
use vrrpd::packet::{Addresses, Advert, Authentication, ChecksumForm};
use vrrpd::units::{AdvertInterval, Centiseconds, Family, IfIndex, Seconds, Vrid, WirePriority};
use vrrpd::vrrp::Transmission;

use crate::namespace::{Namespace, alone, index, ip, wait, with_link, with_peer};
use crate::wire::{Wire, bytes, is_vrrp};

const GROUP4: &str = "224.0.0.18";
const GROUP6: &str = "ff02::12";

fn transmission(device: Option<&str>, source: &str, destination: &str) -> Transmission {
    let source: IpAddr = source.parse().unwrap();
    let (vrid, interval, addresses): (u8, _, &[&str]) = match Family::of(source) {
        Family::V4 => (51, AdvertInterval::V2(Seconds::new(1).unwrap()), &["10.0.0.100"]),
        Family::V6 => (
            61,
            AdvertInterval::V3(Centiseconds::new(100).unwrap()),
            &["fe80::100", "2001:db8::100", "2001:db8::101"],
        ),
    };
    let addresses = addresses.iter().map(|text| text.parse().unwrap());
    Transmission {
        advert: Advert {
            vrid: Vrid::new(vrid).unwrap(),
            priority: WirePriority::from_byte(if source.is_ipv4() { 150 } else { 200 }),
            interval,
            addresses: Addresses::new(Family::of(source), addresses).unwrap(),
        },
        authentication: Authentication::None,
        checksum: ChecksumForm::PseudoHeader,
        source,
        destination: destination.parse().unwrap(),
        interface: device.map(index),
        hop_limit: None,
        id: 1,
    }
}

fn group(device: &str, group: &str) -> Listen {
    let group: IpAddr = group.parse().unwrap();
    Listen {
        family: Family::of(group),
        sealed: false,
        interface: Some(index(device)),
        to: ListenTo::Group(group),
    }
}

fn unicast(interface: Option<IfIndex>, address: &str) -> Listen {
    let address: IpAddr = address.parse().unwrap();
    Listen { family: Family::of(address), sealed: false, interface, to: ListenTo::Unicast(address) }
}

/// Sends once from the other end of the link.
fn send(from: &Namespace, transmission: impl FnOnce() -> Transmission + Send + 'static) {
    from.run(|| wait(async { VrrpSockets::new().unwrap().send(&transmission()).unwrap() }));
}

/// What of a received packet the tests look at.
#[derive(Debug, PartialEq)]
struct Heard {
    listen: Listen,
    source: String,
    destination: String,
    hop_limit: Option<u8>,
    claimed_len: usize,
    payload: Vec<u8>,
}

fn try_hear(sockets: &mut VrrpSockets) -> Option<Heard> {
    let received = sockets.try_receive()?;
    let datagram = received.datagram().unwrap();
    Some(Heard {
        listen: received.listen,
        source: datagram.source.to_string(),
        destination: datagram.destination.to_string(),
        hop_limit: datagram.hop_limit,
        claimed_len: datagram.claimed_len,
        payload: datagram.payload.to_vec(),
    })
}

async fn hear(sockets: &mut VrrpSockets) -> Heard {
    loop {
        if let Some(heard) = try_hear(sockets) {
            return heard;
        }
        sockets.readable().await.unwrap();
    }
}

/// How often the sockets wake a task within a time in which nothing arrives, as far as that is worth counting.
async fn wake_ups_in_vain(sockets: &mut VrrpSockets) -> u32 {
    let mut woken = 0;
    let idle = async {
        while woken < 1_000 {
            sockets.readable().await.unwrap();
            assert_eq!(try_hear(sockets), None);
            woken += 1;
        }
    };
    // A descriptor that is always ready never lets the runtime look at the time: hence the count.
    let _ = tokio::time::timeout(Duration::from_millis(50), idle).await;
    woken
}

#[test]
fn an_ipv4_advert_on_the_wire_is_keepalived_s_byte_by_byte() {
    with_peer(|peer| {
        let wire = peer.run(Wire::tap);
        wait(async {
            let advert = transmission(Some("hv0"), "10.0.0.1", GROUP4);
            VrrpSockets::new().unwrap().send(&advert).unwrap();
        });
        let captured = "01005e000012 020000000001 0800 45c0002800010000ff70d0910a000001e0000012 \
                        2133960100013e660a0000640000000000000000";
        assert_eq!(wire.next(is_vrrp), bytes(captured));
    });
}

#[test]
fn an_ipv6_advert_on_the_wire_is_keepalived_s_but_for_the_flow_label() {
    with_peer(|peer| {
        let wire = peer.run(Wire::tap);
        wait(async {
            let advert = transmission(Some("hv0"), "fe80::ff:fe00:1", GROUP6);
            VrrpSockets::new().unwrap().send(&advert).unwrap();
        });
        let captured = "333300000012 020000000001 86dd 6c01cbc1003870fffe80000000000000000000fffe000001 \
                        ff020000000000000000000000000012 313dc8030064ac27 fe800000000000000000000000000100 \
                        20010db8000000000000000000000100 20010db8000000000000000000000101";
        let (mut frame, mut want) = (wire.next(is_vrrp), bytes(captured));
        for label in [15, 16, 17] {
            frame[label] &= 0xf0 * u8::from(label == 15);
            want[label] &= 0xf0 * u8::from(label == 15);
        }
        assert_eq!(frame, want);
    });
}

#[test]
fn what_is_received_says_where_from_and_how_far() {
    with_peer(|peer| {
        wait(async {
            let mut sockets = VrrpSockets::new().unwrap();
            let (v4, v6) = (group("hv0", GROUP4), group("hv0", GROUP6));
            sockets.listen(&v4).unwrap();
            sockets.listen(&v6).unwrap();
            send(&peer, || transmission(Some("peer0"), "10.0.0.2", GROUP4));
            let heard = hear(&mut sockets).await;
            assert_eq!((heard.listen, &*heard.source, &*heard.destination), (v4, "10.0.0.2", GROUP4));
            assert_eq!((heard.hop_limit, heard.claimed_len, heard.payload.len()), (Some(255), 20, 20));

            send(&peer, || transmission(Some("peer0"), "fe80::2", GROUP6));
            let heard = hear(&mut sockets).await;
            assert_eq!((heard.listen, &*heard.source, &*heard.destination), (v6, "fe80::2", GROUP6));
            assert_eq!((heard.hop_limit, heard.claimed_len, heard.payload.len()), (Some(255), 56, 56));
            assert_eq!(heard.payload[..4], [0x31, 61, 200, 3]);
        });
    });
}

#[test]
fn an_ipv4_packet_is_handed_out_with_its_header() {
    with_peer(|peer| {
        wait(async {
            let mut sockets = VrrpSockets::new().unwrap();
            sockets.listen(&group("hv0", GROUP4)).unwrap();
            send(&peer, || transmission(Some("peer0"), "10.0.0.1", GROUP4));
            sockets.readable().await.unwrap();
            let received = sockets.try_receive().expect("a packet waits");
            let Contents::Ipv4(packet) = received.contents else { panic!("{received:?}") };
            let captured = "45c0002800010000ff70d0910a000001e00000122133960100013e660a0000640000000000000000";
            assert_eq!(packet, bytes(captured));
        });
    });
}

#[test]
fn packets_of_two_interfaces_are_told_apart() {
    alone(|| {
        for (device, other) in [("left0", "left1"), ("right0", "right1")] {
            ip(&format!("link add {device} type veth peer name {other}"));
            ip(&format!("link set {device} up"));
            // Its carrier is there at once, so that it sends at once.
            ip(&format!("link set {other} up"));
        }
        wait(async {
            let mut sockets = VrrpSockets::new().unwrap();
            let (left, right) = (group("left0", GROUP4), group("right0", GROUP4));
            sockets.listen(&left).unwrap();
            sockets.listen(&right).unwrap();
            for (device, want) in [("left1", left), ("right1", right), ("left1", left)] {
                sockets.send(&transmission(Some(device), "10.0.0.2", GROUP4)).unwrap();
                assert_eq!(hear(&mut sockets).await.listen, want, "sent into {device}");
                assert_eq!(try_hear(&mut sockets), None);
            }
        });
    });
}

#[test]
fn a_unicast_source_need_not_exist_yet() {
    for (address, source, length) in [("192.0.2.1", "192.0.2.2", 24), ("2001:db8::1", "2001:db8::2", 64)] {
        for bound in [true, false] {
            with_peer(move |peer| {
                wait(async {
                    let mut sockets = VrrpSockets::new().unwrap();
                    let listen = unicast(bound.then(|| index("hv0")), address);
                    sockets.listen(&listen).unwrap();
                    let nodad = if length == 64 { "nodad" } else { "" };
                    ip(&format!("addr add {address}/{length} dev hv0 {nodad}"));
                    let other = format!("addr add {source}/{length} dev peer0 {nodad}");
                    peer.run(move || ip(&other));
                    send(&peer, move || transmission(None, source, address));
                    let heard = hear(&mut sockets).await;
                    assert_eq!(heard.listen, listen);
                    assert_eq!((&*heard.source, &*heard.destination), (source, address));
                    // IPv4 unicast goes out with 255, IPv6 unicast with the system's default.
                    assert_eq!(heard.hop_limit, Some(if length == 24 { 255 } else { 64 }));

                    send(&peer, move || Transmission {
                        hop_limit: Some(17),
                        ..transmission(Some("peer0"), source, address)
                    });
                    assert_eq!(hear(&mut sockets).await.hop_limit, Some(17));
                });
            });
        }
    }
}

#[test]
fn an_advert_leaves_from_an_address_that_the_host_does_not_have() {
    for (foreign, receiver, length) in [("192.0.2.9", "192.0.2.1", 24), ("2001:db8::9", "2001:db8::1", 64)] {
        with_peer(move |peer| {
            wait(async {
                let mut sockets = VrrpSockets::new().unwrap();
                let listen = unicast(Some(index("hv0")), receiver);
                sockets.listen(&listen).unwrap();
                let nodad = if length == 64 { "nodad" } else { "" };
                ip(&format!("addr add {receiver}/{length} dev hv0 {nodad}"));
                let route = format!("route add {receiver} dev peer0");
                peer.run(move || ip(&route));
                send(&peer, move || transmission(Some("peer0"), foreign, receiver));
                assert_eq!(hear(&mut sockets).await.source, foreign);
            });
        });
    }
}

#[test]
fn our_own_multicast_is_not_heard() {
    with_peer(|peer| {
        wait(async {
            let mut sockets = VrrpSockets::new().unwrap();
            for (group_address, own, other) in
                [(GROUP4, "10.0.0.1", "10.0.0.2"), (GROUP6, "fe80::1", "fe80::2")]
            {
                sockets.listen(&group("hv0", group_address)).unwrap();
                sockets.send(&transmission(Some("hv0"), own, group_address)).unwrap();
                send(&peer, move || transmission(Some("peer0"), other, group_address));
                assert_eq!(hear(&mut sockets).await.source, other);
            }
        });
    });
}

#[test]
fn all_that_waits_is_handed_out_without_the_runtime_and_the_next_packet_wakes_it() {
    with_peer(|peer| {
        wait(async {
            let mut sockets = VrrpSockets::new().unwrap();
            sockets.listen(&group("hv0", GROUP4)).unwrap();
            for round in 0..3 {
                let wire = Wire::tap();
                for _ in 0..5 {
                    send(&peer, || transmission(Some("peer0"), "10.0.0.2", GROUP4));
                    wire.next(is_vrrp);
                }
                // No await between the arrival of the packets and here.
                let handed_out = std::iter::from_fn(|| try_hear(&mut sockets)).count();
                assert_eq!(handed_out, 5, "round {round}");
                send(&peer, || transmission(Some("peer0"), "10.0.0.3", GROUP4));
                sockets.readable().await.unwrap();
                assert_eq!(try_hear(&mut sockets).map(|heard| heard.source).as_deref(), Some("10.0.0.3"));
                assert_eq!(try_hear(&mut sockets), None);
                let woken = wake_ups_in_vain(&mut sockets).await;
                assert!(woken < 5, "round {round}: woken {woken} times for nothing");
            }
        });
    });
}

#[test]
fn after_unlisten_nothing_is_heard_and_listening_again_works() {
    with_peer(|peer| {
        wait(async {
            let mut sockets = VrrpSockets::new().unwrap();
            let listen = group("hv0", GROUP4);
            sockets.listen(&listen).unwrap();
            sockets.listen(&listen).unwrap();
            sockets.unlisten(&listen);
            sockets.unlisten(&listen);
            let wire = Wire::tap();
            send(&peer, || transmission(Some("peer0"), "10.0.0.2", GROUP4));
            wire.next(is_vrrp);
            assert_eq!(try_hear(&mut sockets), None);
            sockets.listen(&listen).unwrap();
            send(&peer, || transmission(Some("peer0"), "10.0.0.3", GROUP4));
            assert_eq!(hear(&mut sockets).await.source, "10.0.0.3");
        });
    });
}

#[test]
fn a_link_that_vanishes_keeps_nobody_awake_and_cannot_be_listened_to() {
    with_link(|| {
        wait(async {
            let mut sockets = VrrpSockets::new().unwrap();
            let listen =
                [group("hv0", GROUP4), group("hv0", GROUP6), unicast(Some(index("hv0")), "192.0.2.1")];
            for listen in &listen {
                sockets.listen(listen).unwrap();
            }
            ip("link del hv0");
            let woken = wake_ups_in_vain(&mut sockets).await;
            assert!(woken < 100, "woken {woken} times for nothing");
            for listen in &listen {
                sockets.unlisten(listen);
                assert!(sockets.listen(listen).is_err(), "{listen:?}");
            }
        });
    });
}

#[test]
fn what_cannot_be_sent_is_an_error_and_not_a_wait() {
    with_link(|| {
        wait(async {
            let mut sockets = VrrpSockets::new().unwrap();
            let gone = IfIndex::new(4_000_000);
            for (source, destination) in [("10.0.0.1", GROUP4), ("fe80::1", GROUP6)] {
                let to_nowhere = Transmission { interface: gone, ..transmission(None, source, destination) };
                assert!(sockets.send(&to_nowhere).is_err(), "{destination}");
            }
            let unreachable = transmission(None, "10.0.0.1", "203.0.113.1");
            assert_eq!(
                sockets.send(&unreachable).unwrap_err().kind(),
                std::io::ErrorKind::NetworkUnreachable
            );
            let mixed = Transmission {
                destination: GROUP6.parse().unwrap(),
                ..transmission(Some("hv0"), "10.0.0.1", GROUP4)
            };
            assert_eq!(sockets.send(&mixed).unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
        });
    });
}
