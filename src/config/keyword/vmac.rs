//! The words after `use_vmac` and `use_ipvlan`: checked, though neither is supported yet.

use std::net::IpAddr;

use super::draft::InstanceDraft;
use super::line::{Line, Rejected, Set, expected};
use crate::config::fault::Fault;
use crate::config::tree::Word;
use crate::units::{Family, IfName};

/// `use_vmac [[name] IFNAME] [MAC] [group GROUP] [netlink_notify_msg]`.
pub(super) fn use_vmac(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    draft.vmac = Some(line.place());
    let (mut name, mut mac) = (false, false);
    let mut words = line.arguments().iter();
    while let Some(word) = words.next() {
        match &**word {
            "netlink_notify_msg" => {}
            "group" => drop(words.next().ok_or_else(|| line.missing("a group after `group`"))?),
            "name" => {
                let word = words.next().ok_or_else(|| line.missing("a name after `name`"))?;
                interface(word, &mut name)?;
            }
            text if text.contains(':') => {
                once(word, &mut mac)?;
                if !is_mac(text) {
                    return Err(expected(word, "a unicast Ethernet address"));
                }
            }
            _ => interface(word, &mut name)?,
        }
    }
    Ok(())
}

/// `use_ipvlan [[name] IFNAME] [ADDR[/MASK]] [group GROUP] [bridge|private|vepa]`.
pub(super) fn use_ipvlan(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    draft.vmac = Some(line.place());
    let (mut name, mut mode, mut address) = (false, false, false);
    let mut words = line.arguments().iter();
    while let Some(word) = words.next() {
        let ip = word.split('/').next().and_then(|text| text.parse::<IpAddr>().ok());
        match (&**word, ip) {
            ("bridge" | "private" | "vepa", _) => once(word, &mut mode)?,
            ("group", _) => drop(words.next().ok_or_else(|| line.missing("a group after `group`"))?),
            ("name", _) => {
                let word = words.next().ok_or_else(|| line.missing("a name after `name`"))?;
                interface(word, &mut name)?;
            }
            (_, Some(ip)) => {
                once(word, &mut address)?;
                if !draft.accepts(Family::of(ip)) {
                    return Err(expected(word, "an address of the instance's family"));
                }
            }
            (_, None) => interface(word, &mut name)?,
        }
    }
    Ok(())
}

fn once(word: &Word, seen: &mut bool) -> Set {
    if std::mem::replace(seen, true) {
        return Err(Rejected { place: word.place, fault: Fault::Repeated { keyword: word.to_string() } });
    }
    Ok(())
}

fn interface(word: &Word, seen: &mut bool) -> Set {
    once(word, seen)?;
    IfName::new(word).map(drop).ok_or_else(|| expected(word, "an interface name of 1 to 15 characters"))
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
