//! Gratuitous ARP and neighbour advertisements as the other end of the link sees them.

use std::time::Duration;

use vrrpd::kernel::{Announcer, now};
use vrrpd::units::{IfIndex, MacAddr};
use vrrpd::vrrp::Announcement;

use crate::namespace::{index, with_peer, write};
use crate::wire::{Wire, bytes};

const ARP: &str =
    "ffffffffffff 020000000001 0806 0001080006040001 020000000001 0a000064 ffffffffffff 0a000064";
const NA: &str = "333300000001 020000000001 86dd 6000000000203aff fe800000000000000000000000000100 \
                  ff020000000000000000000000000001 8800559d20000000 fe800000000000000000000000000100 \
                  0201020000000001";
/// Where the checksum and the flags of the advertisement stand, and what they are when the host forwards.
const FORWARDING: (usize, [u8; 8]) = (54, [0x88, 0x00, 0xd5, 0x9c, 0xa0, 0x00, 0x00, 0x00]);

fn announcement(address: &str) -> Announcement {
    let mac = MacAddr([2, 0, 0, 0, 0, 1]);
    Announcement { interface: index("hv0"), mac, address: address.parse().unwrap() }
}

fn is_announcement(frame: &[u8]) -> bool {
    frame.get(12..14) == Some(&[0x08, 0x06]) || frame.get(54) == Some(&0x88)
}

#[test]
fn rounds_of_announcements_reach_the_link_byte_by_byte_and_in_order() {
    with_peer(|peer| {
        let wire = peer.run(Wire::tap);
        let list = [announcement("fe80::100"), announcement("10.0.0.100")];
        assert_eq!(Announcer::new().unwrap().announce(&list, 2, now()), 0);
        for want in [NA, ARP, NA, ARP] {
            assert_eq!(wire.next(is_announcement), bytes(want));
        }
    });
}

#[test]
fn a_host_that_forwards_says_so_within_five_seconds() {
    with_peer(|peer| {
        let wire = peer.run(Wire::tap);
        let (mut announcer, list, start) = (Announcer::new().unwrap(), [announcement("fe80::100")], now());
        let mut announced = |at| {
            assert_eq!(announcer.announce(&list, 1, at), 0);
            wire.next(is_announcement)
        };
        assert_eq!(announced(start), bytes(NA));
        write("/proc/sys/net/ipv6/conf/hv0/forwarding", "1");
        assert_eq!(announced(start + Duration::from_millis(4_999)), bytes(NA));
        let mut want = bytes(NA);
        want[FORWARDING.0..FORWARDING.0 + 8].copy_from_slice(&FORWARDING.1);
        assert_eq!(announced(start + Duration::from_secs(5)), want);
    });
}

#[test]
fn each_frame_for_a_link_that_is_gone_is_a_failure() {
    with_peer(|_peer| {
        let gone = IfIndex::new(4_000_000).unwrap();
        let mut list = [announcement("10.0.0.100"), announcement("10.0.0.101"), announcement("fe80::100")];
        list[0].interface = gone;
        list[2].interface = gone;
        assert_eq!(Announcer::new().unwrap().announce(&list, 3, now()), 6);
    });
}
