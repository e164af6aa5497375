//! `virtual_server_group`: each line is an address, a range, a network, or a mark.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::shared::{U32, port};
use crate::config::fault::Fault;
use crate::config::keyword::draft::{Draft, Placed};
use crate::config::keyword::line::{Context, Line, Rejected, address, expected, number, plain_address};
use crate::config::model::VirtualServerGroup;
use crate::config::model::virtual_server::GroupEntry;
use crate::config::tree::{Statement, Word};
use crate::units::Family;

/// Reads a block; lines that cannot be are reported and left out.
pub(in crate::config::keyword) fn group(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    let keyword = "virtual_server_group";
    let (Some(name), None) = (statement.words.get(1), statement.words.get(2)) else {
        let what = "one name and nothing else";
        let fault = Fault::MissingWord { keyword: keyword.to_owned(), what, early: false };
        return context.problems.add(statement.place(), fault);
    };
    let lines = statement.block.as_ref().map(|block| &block.statements[..]).unwrap_or_default();
    let mut entries = Vec::new();
    for line in lines.iter().filter(|line| !line.keyword().is_empty()) {
        if line.block.is_some() {
            let fault = Fault::UnexpectedOpen { keyword: Some(line.keyword().to_owned()) };
            context.problems.add(line.place(), fault);
        }
        match entry(&Line::new(line, keyword, context)) {
            Ok(entry) => entries.push(entry),
            Err(rejected) => context.problems.add(rejected.place, rejected.fault),
        }
    }
    if let Some(what) = unusable(&entries) {
        let what = format!("`{}` {what} and is left out", &**name);
        return context.problems.add(name.place, Fault::Adjusted { keyword, what });
    }
    let made = VirtualServerGroup { name: name.to_string(), entries };
    draft.virtual_server_groups.push(Placed::new(made, name.place));
}

fn unusable(entries: &[GroupEntry]) -> Option<&'static str> {
    let has = |family: Option<Family>| entries.iter().any(|entry| entry.family() == family);
    if entries.is_empty() {
        return Some("has no entries");
    }
    let mixed = has(Some(Family::V4)) && has(Some(Family::V6)) && has(None);
    mixed.then_some("has IPv4, IPv6 and marks without a family")
}

fn entry(line: &Line<'_, '_>) -> Result<GroupEntry, Rejected> {
    let first = line.all().first().ok_or_else(|| line.missing("an address"))?;
    if &**first == "fwmark" {
        return fwmark(line, first);
    }
    let (from, to) = match (first.split_once('/'), first.split_once('-')) {
        (Some((base, length)), _) => network(first, base, length)?,
        (None, Some((_, end))) => range(first, end)?,
        (None, None) => {
            let single = address(first)?;
            (single, single)
        }
    };
    Ok(GroupEntry::Range { first: from, last: to, port: port(line.all().get(1))? })
}

fn fwmark(line: &Line<'_, '_>, first: &Word) -> Result<GroupEntry, Rejected> {
    let Some(mark) = line.all().get(1) else {
        let (keyword, what) = ("fwmark".to_owned(), "a number");
        return Err(Rejected {
            place: first.place,
            fault: Fault::MissingWord { keyword, what, early: false },
        });
    };
    let mark = number(mark, 0, U32)?;
    let family = match line.all().get(2).map(|word| (&**word, word)) {
        None => None,
        Some(("inet", _)) => Some(Family::V4),
        Some(("inet6", _)) => Some(Family::V6),
        Some((_, word)) => return Err(line.unknown_option(word)),
    };
    Ok(GroupEntry::Fwmark { mark, family })
}

/// `BASE/LENGTH`, the bits after the prefix all 0.
fn network(word: &Word, base: &str, length: &str) -> Result<(IpAddr, IpAddr), Rejected> {
    let bad = || expected(word, "a network whose address has no bits behind its prefix");
    let length: u32 = length.parse().map_err(|_| bad())?;
    match base.parse().map_err(|_| bad())? {
        IpAddr::V4(base) if (1..=32).contains(&length) => {
            let host = u32::MAX.checked_shr(length).unwrap_or(0);
            let first = base.to_bits();
            let last = IpAddr::V4(Ipv4Addr::from_bits(first | host));
            if first & host == 0 { Ok((base.into(), last)) } else { Err(bad()) }
        }
        IpAddr::V6(base) if (1..=128).contains(&length) => {
            let host = u128::MAX.checked_shr(length).unwrap_or(0);
            let first = base.to_bits();
            let last = IpAddr::V6(Ipv6Addr::from_bits(first | host));
            if first & host == 0 { Ok((base.into(), last)) } else { Err(bad()) }
        }
        _ => Err(bad()),
    }
}

/// `FIRST-LAST`, where the last one is an address or what stands in place of the last octet or group.
fn range(word: &Word, end: &str) -> Result<(IpAddr, IpAddr), Rejected> {
    let bad = || expected(word, "a range whose end is behind its begin");
    let first = plain_address(word)?;
    if end.contains(['.', ':']) {
        let end = end.split('-').next().unwrap_or_default();
        let last: IpAddr = end.parse().map_err(|_| bad())?;
        let ordered = Family::of(first) == Family::of(last) && first <= last;
        return if ordered { Ok((first, last)) } else { Err(bad()) };
    }
    match first {
        IpAddr::V4(from) => {
            let last: u8 = end.parse().map_err(|_| bad())?;
            let [a, b, c, d] = from.octets();
            if last > d { Ok((first, Ipv4Addr::new(a, b, c, last).into())) } else { Err(bad()) }
        }
        IpAddr::V6(from) => {
            let last = u16::from_str_radix(end, 16).map_err(|_| bad())?;
            let mut groups = from.segments();
            let ordered = groups.last().is_some_and(|begin| last > *begin);
            groups[7] = last;
            if ordered { Ok((first, Ipv6Addr::from(groups).into())) } else { Err(bad()) }
        }
    }
}
