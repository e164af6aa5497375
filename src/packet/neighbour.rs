//! Gratuitous ARP requests and unsolicited neighbour advertisements (RFC 9568 §8.1.2, §8.2.2).
//!
//! Whole Ethernet frames, without padding: what a packet socket takes.

use std::net::{Ipv4Addr, Ipv6Addr};

use pnet::packet::arp::{ArpHardwareTypes, ArpOperations, MutableArpPacket};
use pnet::packet::ethernet::{EtherType, EtherTypes, MutableEthernetPacket};
use pnet::packet::icmpv6::ndp::{
    MutableNdpOptionPacket, MutableNeighborAdvertPacket, NdpOptionTypes, NeighborAdvertFlags,
};
use pnet::packet::icmpv6::{self, Icmpv6Packet, Icmpv6Types};
use pnet::packet::ip::IpNextHeaderProtocols;
use pnet::packet::ipv6::MutableIpv6Packet;
use pnet::util::MacAddr as PnetMac;

use crate::units::MacAddr;

/// Bytes of a gratuitous ARP frame: Ethernet 14, ARP 28.
pub const ARP_FRAME: usize = ETHERNET + 28;
/// Bytes of an unsolicited NA frame: Ethernet 14, IPv6 40, advertisement 24, one option 8.
pub const NA_FRAME: usize = ETHERNET + IPV6 + ADVERTISEMENT + OPTION;

const ETHERNET: usize = 14;
const IPV6: usize = 40;
const ADVERTISEMENT: usize = 24;
const OPTION: usize = 8;

/// ff02::1, which every host listens to, and its Ethernet form.
const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
const ALL_NODES_MAC: MacAddr = MacAddr([0x33, 0x33, 0, 0, 0, 1]);

/// A broadcast ARP request in which sender and target are both `address`.
///
/// keepalived sends the request form, with the broadcast address as target hardware address.
pub fn gratuitous_arp(mac: MacAddr, address: Ipv4Addr) -> [u8; ARP_FRAME] {
    let mut frame = [0; ARP_FRAME];
    let (ethernet, body) = frame.split_at_mut(ETHERNET);
    fill_ethernet(ethernet, MacAddr::BROADCAST, mac, EtherTypes::Arp);
    let mut arp = MutableArpPacket::new(body).expect("28 bytes are left for ARP");
    arp.set_hardware_type(ArpHardwareTypes::Ethernet);
    arp.set_protocol_type(EtherTypes::Ipv4);
    arp.set_hw_addr_len(6);
    arp.set_proto_addr_len(4);
    arp.set_operation(ArpOperations::Request);
    arp.set_sender_hw_addr(pnet_mac(mac));
    arp.set_sender_proto_addr(address);
    arp.set_target_hw_addr(PnetMac::broadcast());
    arp.set_target_proto_addr(address);
    frame
}

/// An advertisement to all nodes that `address` is at `mac`, with the Override flag.
///
/// `router` sets the Router flag: whether this host forwards on the interface (RFC 4861 §4.4).
pub fn unsolicited_na(mac: MacAddr, address: Ipv6Addr, router: bool) -> [u8; NA_FRAME] {
    let mut frame = [0; NA_FRAME];
    let (ethernet, rest) = frame.split_at_mut(ETHERNET);
    let (header, message) = rest.split_at_mut(IPV6);
    fill_ethernet(ethernet, ALL_NODES_MAC, mac, EtherTypes::Ipv6);
    fill_ipv6(header, address);
    fill_advertisement(message, mac, address, router);
    frame
}

fn fill_ethernet(bytes: &mut [u8], destination: MacAddr, source: MacAddr, ether_type: EtherType) {
    let mut ethernet = MutableEthernetPacket::new(bytes).expect("14 bytes are given for Ethernet");
    ethernet.set_destination(pnet_mac(destination));
    ethernet.set_source(pnet_mac(source));
    ethernet.set_ethertype(ether_type);
}

fn fill_ipv6(bytes: &mut [u8], source: Ipv6Addr) {
    let mut ipv6 = MutableIpv6Packet::new(bytes).expect("40 bytes are given for IPv6");
    ipv6.set_version(6);
    ipv6.set_payload_length((ADVERTISEMENT + OPTION) as u16);
    ipv6.set_next_header(IpNextHeaderProtocols::Icmpv6);
    ipv6.set_hop_limit(255);
    ipv6.set_source(source);
    ipv6.set_destination(ALL_NODES);
}

fn fill_advertisement(message: &mut [u8], mac: MacAddr, address: Ipv6Addr, router: bool) {
    let (_, option) = message.split_at_mut(ADVERTISEMENT);
    let mut link_layer = MutableNdpOptionPacket::new(option).expect("8 bytes are left for the option");
    link_layer.set_option_type(NdpOptionTypes::TargetLLAddr);
    link_layer.set_length(1);
    link_layer.set_data(&mac.0);

    let router = if router { NeighborAdvertFlags::Router } else { 0 };
    let mut advertisement =
        MutableNeighborAdvertPacket::new(message).expect("32 bytes are given for the advertisement");
    advertisement.set_icmpv6_type(Icmpv6Types::NeighborAdvert);
    advertisement.set_flags(NeighborAdvertFlags::Override | router);
    advertisement.set_target_addr(address);

    let sum = Icmpv6Packet::new(message).map_or(0, |icmp| icmpv6::checksum(&icmp, &address, &ALL_NODES));
    let mut advertisement =
        MutableNeighborAdvertPacket::new(message).expect("32 bytes are given for the advertisement");
    advertisement.set_checksum(sum);
}

fn pnet_mac(mac: MacAddr) -> PnetMac {
    PnetMac::from(mac.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
    const VMAC: MacAddr = MacAddr([0, 0, 0x5e, 0, 2, 0x33]);

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    #[test]
    fn a_gratuitous_arp_is_keepalived_s_byte_by_byte() {
        let captured = "ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a000064 ffffffffffff \
                        0a000064";
        assert_eq!(gratuitous_arp(MAC, Ipv4Addr::new(10, 0, 0, 100)).to_vec(), bytes(captured));
    }

    #[test]
    fn an_unsolicited_advertisement_is_keepalived_s_byte_by_byte() {
        let captured = "333300000001 020000000001 86dd 6000000000203aff fe800000000000000000000000000100 \
                        ff020000000000000000000000000001 8800559d20000000 fe800000000000000000000000000100 \
                        0201020000000001";
        let address = "fe80::100".parse().unwrap();
        assert_eq!(unsolicited_na(MAC, address, false).to_vec(), bytes(captured));
    }

    #[test]
    fn the_router_flag_and_the_addresses_enter_the_checksum() {
        let cases = [
            ("fe80::100", MAC, false, "8800559d20000000"),
            ("fe80::100", MAC, true, "8800d59ca0000000"),
            ("2001:db8::100", MAC, false, "8800f72c20000000"),
            ("2001:db8::100", MAC, true, "8800772ca0000000"),
            ("fe80::100", VMAC, false, "8800f76a20000000"),
        ];
        for (address, mac, router, captured) in cases {
            let frame = unsolicited_na(mac, address.parse().unwrap(), router);
            assert_eq!(frame[54..62].to_vec(), bytes(captured), "{address} {mac} router {router}");
        }
    }
}
