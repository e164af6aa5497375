//! The words after `use_vmac`, `use_ipvlan` and `garp_extra_if`.

use std::net::IpAddr;
use std::time::Duration;

use super::draft::{InstanceDraft, Placed};
use super::iproute::{GROUPS, named};
use super::line::{Line, Rejected, Set, expected, number};
use super::words::Words;
use crate::config::fault::Fault;
use crate::config::model::{ExtraAnnouncements, IpvlanMode, Prefix};
use crate::config::tree::Word;
use crate::units::IfName;

/// What `use_vmac` or `use_ipvlan` asks for.
#[derive(Clone, Debug, Default)]
pub(in crate::config) struct OwnWords {
    pub(in crate::config) name: Option<IfName>,
    /// Five or six bytes.
    pub(in crate::config) mac: Option<Vec<u8>>,
    pub(in crate::config) group: Option<u32>,
    pub(in crate::config) mode: IpvlanMode,
    /// Of an ipvlan.
    pub(in crate::config) address: Option<Prefix>,
}

/// `use_vmac [[name] IFNAME] [MAC] [group GROUP] [netlink_notify_msg]`.
pub(super) fn use_vmac(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    draft.vmac = Some(line.place());
    let (mut name, mut mac) = (false, false);
    let mut words = Words::new(line.arguments());
    while let Some(word) = words.next() {
        match &**word {
            // The kernel tells of both interfaces whenever one of them changes.
            "netlink_notify_msg" => {}
            "group" => draft.own_words().group = Some(named(words.value(word)?, &GROUPS, line)?),
            "name" => draft.own_words().name = Some(interface(words.value(word)?, &mut name, line)?),
            text if text.contains(':') => {
                once(word, &mut mac)?;
                draft.own_words().mac =
                    Some(bytes(text).ok_or_else(|| expected(word, "a unicast Ethernet address"))?);
                draft.vmac_mac = Some(word.place);
            }
            _ => draft.own_words().name = Some(interface(word, &mut name, line)?),
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
            ("bridge", _) => once(word, &mut mode)?,
            ("private", _) => {
                once(word, &mut mode)?;
                draft.own_words().mode = IpvlanMode::Private;
            }
            ("vepa", _) => {
                once(word, &mut mode)?;
                draft.own_words().mode = IpvlanMode::Vepa;
            }
            ("group", _) => draft.own_words().group = Some(named(words.value(word)?, &GROUPS, line)?),
            ("name", _) => draft.own_words().name = Some(interface(words.value(word)?, &mut name, line)?),
            (_, Some(prefix)) => {
                once(word, &mut address)?;
                if !draft.accepts(prefix.family()) {
                    return Err(expected(word, "an address of the instance's family"));
                }
                draft.own_words().address = Some(prefix);
                draft.ipvlan = Some(Placed::new(true, line.place()));
            }
            (_, None) => draft.own_words().name = Some(interface(word, &mut name, line)?),
        }
    }
    Ok(())
}

/// `garp_extra_if [all] SECONDS`, at least `least` seconds; `None` for 0.
pub(super) fn extra(line: &mut Line<'_, '_>, least: i64) -> Result<Option<ExtraAnnouncements>, Rejected> {
    const DAY: i64 = 86_400;
    let words = line.arguments();
    let word = words.iter().find(|word| &***word != "all").ok_or_else(|| line.missing("seconds"))?;
    let every = Duration::from_secs(number(word, least, DAY)?);
    let all = words.iter().any(|word| &**word == "all");
    Ok((!every.is_zero()).then_some(ExtraAnnouncements { every, all }))
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
fn interface(word: &Word, seen: &mut bool, line: &mut Line<'_, '_>) -> Result<IfName, Rejected> {
    once(word, seen)?;
    let name = IfName::new(word).filter(|_| !matches!(&**word, "." | "..") && !word.contains(['/', ':']));
    let name = name.ok_or_else(|| expected(word, "an interface name of 1 to 15 characters"))?;
    if !line.context.defined.own_interfaces.contains(&name) {
        super::taken_name::refuse(word, &name, line)?;
        line.context.defined.own_interfaces.insert(name.clone());
        return Ok(name);
    }
    let fault = Fault::ListedTwice { kind: "interface", name: word.to_string() };
    Err(Rejected { place: word.place, fault })
}

/// Six bytes, or five when the last one is the VRID; not multicast, not of VRRP's own range.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let parts = text.trim_end_matches(':').split(':');
    let bytes: Vec<u8> = parts.map(|part| u8::from_str_radix(part, 16).ok()).collect::<Option<_>>()?;
    let fits = matches!(bytes.len(), 5 | 6);
    let multicast = bytes.first().is_some_and(|first| first & 1 == 1);
    let reserved = bytes.starts_with(&[0, 0, 0x5e, 0, 1]) || bytes.starts_with(&[0, 0, 0x5e, 0, 2]);
    (fits && !multicast && !reserved).then_some(bytes)
}
