//! The tables that vrrpd puts into nftables: those of keepalived, by name and effect.
//!
//! Neighbour discovery is let through, so that others can find the addresses (RFC 9568 §6.4.3); ARP is not seen by
//! these tables at all.

use super::Blocked;
use super::expression::{Expressions, Header, Meta, Verdict};
use super::message::{Hook, Message, SetOf, Table};
use crate::config::model::FirewallTable;
use crate::units::Family;

/// The sets of addresses, and that of neighbour solicitation and advertisement.
const ADDRESSES: &str = "vips";
const LINK_LOCAL: &str = "vips_link_local";
const DISCOVERY: &str = "neighbor-discovery";
/// The chains. The last two see packets from and to link-local addresses only.
const IN: &str = "in";
const OUT: &str = "out";
const IN_LINK_LOCAL: &str = "in_link_local";
const OUT_LINK_LOCAL: &str = "out_link_local";

/// ICMPv6 types that find out who has an address (RFC 4861 §4.3, §4.4).
const SOLICITATION: u8 = 135;
const ADVERTISEMENT: u8 = 136;
const ICMPV6: u8 = 58;

/// How nft prints them: numbers of its own.
const IPV4_ADDRESS: SetOf = SetOf { bytes: 4, printed_as: 7 };
const IPV6_ADDRESS: SetOf = SetOf { bytes: 16, printed_as: 8 };
const ICMPV6_TYPE: SetOf = SetOf { bytes: 1, printed_as: 29 };
/// `ipv6_addr . iface_index`.
const IPV6_ADDRESS_AND_INTERFACE: SetOf = SetOf { bytes: 20, printed_as: 8 << 6 | 20 };

/// Everything of one family, in place of what is there under that name.
pub(super) fn replace(settings: &FirewallTable, family: Family, blocked: &[Blocked]) -> Vec<Message> {
    let table = Table { family, name: &settings.name };
    // Deleting what is not there would be an error.
    let mut messages = vec![table.create(), table.delete(), table.create()];
    match family {
        Family::V4 => ipv4(table, settings, &mut messages),
        Family::V6 => ipv6(table, settings, &mut messages),
    }
    messages.extend(add(settings, family, blocked));
    messages
}

/// Whether there is a table for one family.
pub(super) fn get(settings: &FirewallTable, family: Family) -> Message {
    Table { family, name: &settings.name }.get()
}

/// Nothing of one family.
pub(super) fn delete(settings: &FirewallTable, family: Family) -> Message {
    Table { family, name: &settings.name }.delete()
}

/// More addresses of one family.
pub(super) fn add(settings: &FirewallTable, family: Family, blocked: &[Blocked]) -> Vec<Message> {
    let table = Table { family, name: &settings.name };
    let sets = split(blocked);
    sets.iter().flat_map(|(set, members)| table.add(set, members)).collect()
}

/// Fewer addresses of one family.
pub(super) fn remove(settings: &FirewallTable, family: Family, blocked: &[Blocked]) -> Vec<Message> {
    let table = Table { family, name: &settings.name };
    let sets = split(blocked);
    sets.iter().flat_map(|(set, members)| table.remove(set, members)).collect()
}

/// Which set an address goes into, and as which bytes.
fn split(blocked: &[Blocked]) -> [(&'static str, Vec<Vec<u8>>); 2] {
    let (mut addresses, mut link_local) = (Vec::new(), Vec::new());
    for blocked in blocked {
        match blocked {
            Blocked::V4(address) => addresses.push(address.octets().to_vec()),
            Blocked::V6(address) => addresses.push(address.octets().to_vec()),
            Blocked::LinkLocal(address, interface) => {
                link_local.push([&address.octets()[..], &interface.get().to_ne_bytes()].concat());
            }
        }
    }
    [(ADDRESSES, addresses), (LINK_LOCAL, link_local)]
}

fn ipv4(table: Table<'_>, settings: &FirewallTable, messages: &mut Vec<Message>) {
    let end = |rule: Expressions| ending(settings, rule, Verdict::Drop);
    let [source, destination] = [12, 16];
    let address = |offset| Expressions::default().load(Header::Network, offset, 4).looked_up_in(ADDRESSES);
    messages.extend([
        table.set(1, ADDRESSES, IPV4_ADDRESS),
        table.hooked_chain(IN, Hook::Input, settings.priority),
        table.hooked_chain(OUT, Hook::Output, settings.priority),
        table.rule(IN, &end(address(destination))),
        table.rule(OUT, &end(address(source))),
    ]);
}

fn ipv6(table: Table<'_>, settings: &FirewallTable, messages: &mut Vec<Message>) {
    messages.extend([
        table.set(1, ADDRESSES, IPV6_ADDRESS),
        table.set(2, LINK_LOCAL, IPV6_ADDRESS_AND_INTERFACE),
        table.constant_set(3, DISCOVERY, ICMPV6_TYPE),
    ]);
    messages.extend(table.add(DISCOVERY, &[vec![SOLICITATION], vec![ADVERTISEMENT]]));
    let [source, destination] = [8, 24];
    let sides = [
        (IN, Hook::Input, IN_LINK_LOCAL, destination, Meta::InInterface),
        (OUT, Hook::Output, OUT_LINK_LOCAL, source, Meta::OutInterface),
    ];
    for (chain, hook, link_local, offset, interface) in sides {
        let address = || Expressions::default().load(Header::Network, offset, 16);
        let here = address().append_meta(interface).looked_up_in(LINK_LOCAL);
        let is_link_local = address().mask(&prefix(&[0xff, 0xc0])).is(&prefix(&[0xfe, 0x80]));
        let everywhere = address().looked_up_in(ADDRESSES);
        messages.extend([
            table.hooked_chain(chain, hook, settings.priority),
            table.chain(link_local),
            table.rule(chain, &ending(settings, discovery(), Verdict::Accept)),
            table.rule(chain, &ending(settings, is_link_local, Verdict::Goto(link_local))),
            table.rule(chain, &ending(settings, everywhere, Verdict::Drop)),
            table.rule(link_local, &ending(settings, here, Verdict::Drop)),
        ]);
    }
}

fn discovery() -> Expressions {
    let icmp = Expressions::default().load_meta(Meta::Protocol).is(&[ICMPV6]);
    icmp.load(Header::Transport, 0, 1).looked_up_in(DISCOVERY)
}

fn ending(settings: &FirewallTable, rule: Expressions, verdict: Verdict) -> Expressions {
    if settings.counters { rule.counter().verdict(verdict) } else { rule.verdict(verdict) }
}

/// An IPv6 address that begins so.
fn prefix(begin: &[u8; 2]) -> [u8; 16] {
    let mut address = [0; 16];
    address[..2].copy_from_slice(begin);
    address
}
