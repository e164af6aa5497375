//! The words after `use_vmac` and `use_ipvlan`: checked, though neither is supported yet.

use std::net::IpAddr;

use super::draft::{InstanceDraft, Placed};
use super::iproute::{GROUPS, named};
use super::line::{Line, Rejected, Set, expected};
use super::words::Words;
use crate::config::fault::Fault;
use crate::config::model::Prefix;
use crate::config::tree::Word;
use crate::units::IfName;

/// `use_vmac [[name] IFNAME] [MAC] [group GROUP] [netlink_notify_msg]`.
pub(super) fn use_vmac(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    draft.vmac = Some(line.place());
    let (mut name, mut mac) = (false, false);
    let mut words = Words::new(line.arguments());
    while let Some(word) = words.next() {
        match &**word {
            "netlink_notify_msg" => {}
            "group" => named(words.value(word)?, &GROUPS, line).map(drop)?,
            "name" => interface(words.value(word)?, &mut name, line)?,
            text if text.contains(':') => {
                once(word, &mut mac)?;
                if !is_mac(text) {
                    return Err(expected(word, "a unicast Ethernet address"));
                }
                draft.vmac_mac = Some(word.place);
            }
            _ => interface(word, &mut name, line)?,
        }
    }
    Ok(())
}

/// `use_ipvlan [[name] IFNAME] [ADDR[/MASK]] [group GROUP] [bridge|private|vepa]`.
pub(super) fn use_ipvlan(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    draft.vmac = Some(line.place());
    draft.ipvlan = Some(Placed::new(false, line.place()));
    let (mut name, mut mode, mut address) = (false, false, false);
    let mut words = Words::new(line.arguments());
    while let Some(word) = words.next() {
        match (&**word, prefix(word)) {
            ("bridge" | "private" | "vepa", _) => once(word, &mut mode)?,
            ("group", _) => named(words.value(word)?, &GROUPS, line).map(drop)?,
            ("name", _) => interface(words.value(word)?, &mut name, line)?,
            (_, Some(prefix)) => {
                once(word, &mut address)?;
                if !draft.accepts(prefix.family()) {
                    return Err(expected(word, "an address of the instance's family"));
                }
                draft.ipvlan = Some(Placed::new(true, line.place()));
            }
            (_, None) => interface(word, &mut name, line)?,
        }
    }
    Ok(())
}

/// `ADDR[/MASK]`; anything else is a name.
fn prefix(word: &str) -> Option<Prefix> {
    let (address, length) = word.split_once('/').map_or((word, None), |(a, l)| (a, Some(l)));
    let address: IpAddr = address.parse().ok()?;
    match length {
        Some(length) => Prefix::new(address, length.parse().ok()?),
        None => Some(Prefix::host(address)),
    }
}

fn once(word: &Word, seen: &mut bool) -> Set {
    if std::mem::replace(seen, true) {
        return Err(Rejected { place: word.place, fault: Fault::Repeated { keyword: word.to_string() } });
    }
    Ok(())
}

/// A name for the interface, which no other instance gives to its own.
fn interface(word: &Word, seen: &mut bool, line: &mut Line<'_, '_>) -> Set {
    once(word, seen)?;
    let name = IfName::new(word).filter(|_| !matches!(&**word, "." | "..") && !word.contains(['/', ':']));
    let name = name.ok_or_else(|| expected(word, "an interface name of 1 to 15 characters"))?;
    if !line.context.defined.own_interfaces.contains(&name) {
        super::taken_name::refuse(word, &name, line)?;
        line.context.defined.own_interfaces.insert(name);
        return Ok(());
    }
    let fault = Fault::ListedTwice { kind: "interface", name: word.to_string() };
    Err(Rejected { place: word.place, fault })
}

/// Six bytes, or five when the last one is the VRID; not multicast, not of VRRP's own range.
fn is_mac(text: &str) -> bool {
    let bytes: Option<Vec<u8>> =
        text.trim_end_matches(':').split(':').map(|part| u8::from_str_radix(part, 16).ok()).collect();
    let Some(bytes) = bytes else { return false };
    let fits = matches!(bytes.len(), 5 | 6);
    let multicast = bytes.first().is_some_and(|first| first & 1 == 1);
    let reserved = bytes.starts_with(&[0, 0, 0x5e, 0, 1]) || bytes.starts_with(&[0, 0, 0x5e, 0, 2]);
    fits && !multicast && !reserved
}
