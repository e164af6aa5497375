//! One line of `virtual_ipaddress` and `virtual_ipaddress_excluded`.

use std::net::{IpAddr, Ipv4Addr};

use super::draft::{Draft, InstanceDraft, Placed};
use super::line::{Line, Rejected, Set, expected, number};
use super::track::twice;
use crate::config::fault::Fault;
use crate::config::model::{Prefix, VirtualAddress};
use crate::config::source::Place;
use crate::config::tree::Word;
use crate::units::{Family, IfName};

/// Longest interface label in bytes (`IFNAMSIZ` without its NUL).
const LONGEST_LABEL: usize = 15;

/// A line of `virtual_ipaddress`: of the instance's family, and no address twice.
pub(super) fn listed(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let parsed = of_instance(draft, line)?;
    let address = parsed.prefix.address();
    if !draft.accepts(parsed.prefix.family()) {
        let what = "is of another family than what stands before it; the line is left out".to_owned();
        let fault = Fault::Adjusted { keyword: line.keyword, what };
        return Err(Rejected { place: line.place(), fault });
    }
    let listed = draft.listed();
    let new = listed.addresses.insert(address)
        && !listed.excluded.contains(&key(&parsed))
        && listed.on_interfaces.insert(key(&parsed));
    if !new {
        return stands_already(draft, address, line);
    }
    draft.addresses.push(Placed::new(parsed, line.place()));
    Ok(())
}

/// A line of `virtual_ipaddress_excluded`: of either family, and not twice on one interface.
pub(super) fn excluded(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let parsed = of_instance(draft, line)?;
    let listed = draft.listed();
    let new = !listed.on_interfaces.contains(&key(&parsed)) && listed.excluded.insert(key(&parsed));
    if !new {
        return stands_already(draft, parsed.prefix.address(), line);
    }
    draft.excluded.push(Placed::new(parsed, line.place()));
    Ok(())
}

fn of_instance(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Result<VirtualAddress, Rejected> {
    let Parsed { mut address, vmac, .. } = parse(line, Kind::Virtual)?;
    address.on_vmac = vmac.is_some();
    draft.address_vmacs.extend(vmac.map(|place| Placed::new(address.dev.clone(), place)));
    Ok(address)
}

/// A line of `static_ipaddress`: on an interface of its own or on `default_interface`.
pub(super) fn static_address(draft: &mut Draft, line: &mut Line<'_, '_>) -> Set {
    const DEFAULT: &str = "eth0";
    let Parsed { mut address, track_group, .. } = parse(line, Kind::Static)?;
    if let Some(name) = track_group {
        super::track_group::defined(name, line)?;
    }
    if address.dev.is_none() {
        let name = line.context.defined.default_interface.clone().or_else(|| IfName::new(DEFAULT));
        let name = name.ok_or_else(|| line.missing("an interface"))?;
        if !line.context.dynamic_interfaces && line.context.host.link(&name).is_none() {
            line.context.interface_missing = true;
            let fault = Fault::NoInterface { name: name.to_string(), ends: false };
            return Err(Rejected { place: line.place(), fault });
        }
        address.dev = Some(name);
    }
    let group = track_group.map(|name| Placed::new(name.to_string(), name.place));
    draft.statics.follow(group, address.dev.as_ref());
    draft.statics.addresses.push(address);
    Ok(())
}

/// Whose address a line gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Virtual,
    Static,
}

fn key(address: &VirtualAddress) -> (IpAddr, Option<IfName>) {
    (address.prefix.address(), address.dev.clone())
}

/// Reports an address that stands twice, with the place of the first one when it is among the first of its list.
fn stands_already(draft: &InstanceDraft, address: IpAddr, line: &mut Line<'_, '_>) -> Set {
    const LOOKED_AT: usize = 1_000;
    let lists = [&draft.addresses, &draft.excluded].into_iter();
    let mut known = lists.flat_map(|list| list.iter().take(LOOKED_AT));
    let first = known.find(|known| known.value.prefix.address() == address).map(|known| known.place);
    if let Some(word) = line.all().first() {
        twice("address", word, first, line);
    }
    Ok(())
}

/// An address, and what of its line is no matter of the address.
struct Parsed<'l> {
    address: VirtualAddress,
    /// The group that it follows.
    track_group: Option<&'l Word>,
    /// `use_vmac`.
    vmac: Option<Place>,
}

fn parse<'l>(line: &mut Line<'l, '_>, kind: Kind) -> Result<Parsed<'l>, Rejected> {
    let words = line.all();
    let first = words.first().ok_or_else(|| line.missing("an address"))?;
    let (prefix, prefix_given) = prefix(first, line)?;
    let mut address = VirtualAddress::plain(prefix);
    let (mut broadcast, mut track_group, mut vmac) = (None, None, None);
    let mut rest = words.get(1..).unwrap_or_default().iter();
    while let Some(option) = rest.next() {
        let mut value = |what| rest.next().ok_or_else(|| line.missing(what));
        match &**option {
            "dev" => {
                let word = value("an interface after `dev`")?;
                if address.dev.is_some() {
                    return Err(Rejected { place: option.place, fault: again("dev") });
                }
                address.dev = Some(line.interface(word)?);
            }
            "scope" => scope(&mut address, value("a scope after `scope`")?, line),
            "brd" | "broadcast" => broadcast = Some(value("an address after `brd`")?),
            "label" => label(&mut address, value("a name after `label`")?, line)?,
            "peer" => {
                let word = value("an address after `peer`")?;
                peer(&mut address, word, prefix_given, line)?;
            }
            "home" => address.flags.home = true,
            "-nodad" => address.flags.detect_duplicates = true,
            "mngtmpaddr" => address.flags.mngtmpaddr = true,
            "noprefixroute" => address.flags.noprefixroute = true,
            "autojoin" => address.flags.autojoin = true,
            "no_track" => address.no_track = true,
            "preferred_lft" => lifetime(&mut address, value("seconds after `preferred_lft`")?, line),
            "track_group" if kind == Kind::Static => {
                let name = value("a name after `track_group`")?;
                if track_group.replace(name).is_some() {
                    return Err(Rejected { place: option.place, fault: again("track_group") });
                }
            }
            "use_vmac" if kind == Kind::Virtual => vmac = Some(option.place),
            _ => {
                let unknown = line.unknown_option(option);
                line.reject(unknown);
            }
        }
    }
    if let Some(word) = broadcast {
        set_broadcast(&mut address, word, line)?;
    }
    Ok(Parsed { address, track_group, vmac })
}

fn again(keyword: &str) -> Fault {
    Fault::Repeated { keyword: keyword.to_owned() }
}

/// The address with its prefix length, and whether a length was given.
pub(super) fn prefix(word: &Word, line: &mut Line<'_, '_>) -> Result<(Prefix, bool), Rejected> {
    let (text, length) = match word.split_once('/') {
        Some((text, length)) => (text, Some(length)),
        None => (&**word, None),
    };
    let address: IpAddr =
        text.parse().map_err(|_| expected(word, "an IP address, with or without /prefix"))?;
    let Some(length) = length else { return Ok((Prefix::host(address), false)) };
    let made = super::number::whole(length)
        .and_then(|length| u8::try_from(length).ok())
        .and_then(|length| Prefix::new(address, length));
    let prefix = made.unwrap_or_else(|| {
        let host = Prefix::host(address);
        let want = format!("a prefix length of 0 to {}", host.length());
        let fault = Fault::Expected { want, found: length.to_owned(), instead: "the full length is used" };
        line.report(word.place.plus(text.len() + 1), fault);
        host
    });
    Ok((prefix, true))
}

fn scope(address: &mut VirtualAddress, word: &Word, line: &mut Line<'_, '_>) {
    let known = match &**word {
        "global" => Some(0),
        "site" => Some(200),
        "link" => Some(253),
        "host" => Some(254),
        "nowhere" => Some(255),
        other => super::number::whole(other).and_then(|number| u8::try_from(number).ok()),
    };
    let Some(scope) = known else {
        return line.reject(expected(word, "global, site, link, host, nowhere or 0 to 255"));
    };
    if address.prefix.family() == Family::V6 {
        return line.adjusted(word.place, "has no scope word for IPv6; it is left out");
    }
    address.scope = scope;
}

fn label(address: &mut VirtualAddress, word: &Word, line: &mut Line<'_, '_>) -> Set {
    if word.len() > LONGEST_LABEL || word.is_empty() {
        return Err(expected(word, "a label of 1 to 15 characters"));
    }
    if address.prefix.family() == Family::V6 {
        line.adjusted(word.place, "has no label for IPv6; it is left out");
        return Ok(());
    }
    address.label = Some(word.to_string());
    Ok(())
}

fn peer(address: &mut VirtualAddress, word: &Word, prefix_given: bool, line: &mut Line<'_, '_>) -> Set {
    if address.peer.is_some() {
        return Err(Rejected { place: word.place, fault: again("peer") });
    }
    let peer: IpAddr = word.parse().map_err(|_| expected(word, "the peer's IP address, without /prefix"))?;
    if Family::of(peer) != address.prefix.family() {
        return Err(expected(word, "a peer of the address's family"));
    }
    if prefix_given {
        line.adjusted(line.place(), "takes no prefix length beside `peer`; the full length is used");
        address.prefix = Prefix::host(address.prefix.address());
    }
    address.peer = Some(peer);
    Ok(())
}

fn lifetime(address: &mut VirtualAddress, word: &Word, line: &mut Line<'_, '_>) {
    if &**word == "forever" {
        address.preferred_lifetime = VirtualAddress::FOREVER;
        return;
    }
    match number(word, 0, i64::from(u32::MAX)) {
        Ok(seconds) => address.preferred_lifetime = seconds,
        Err(_) => line.reject(expected(word, "seconds or forever")),
    }
}

fn set_broadcast(address: &mut VirtualAddress, word: &Word, line: &mut Line<'_, '_>) -> Set {
    let IpAddr::V4(own) = address.prefix.address() else {
        return Err(expected(word, "no broadcast address with IPv6"));
    };
    if address.peer.is_some() {
        line.adjusted(word.place, "has no broadcast address beside `peer`; it is left out");
        return Ok(());
    }
    let length = address.prefix.length();
    let hosts = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
    address.broadcast = match &**word {
        "+" | "-" if length > 30 => {
            line.adjusted(word.place, "has no broadcast address with a prefix longer than 30");
            None
        }
        "+" => Some(Ipv4Addr::from_bits(own.to_bits() | hosts)),
        "-" => Some(Ipv4Addr::from_bits(own.to_bits() & !hosts)),
        _ => Some(word.parse().map_err(|_| expected(word, "an IPv4 address, + or -"))?),
    };
    Ok(())
}
