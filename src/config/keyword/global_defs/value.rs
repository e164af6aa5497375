//! The values of `global_defs` that need more than a number or a word.

use std::net::IpAddr;

use crate::config::fault::Fault;
use crate::config::keyword::draft::{FifoPath, GlobalDraft, Placed, ReceivePolicy};
use crate::config::keyword::line::{Line, Rejected, Set, address, expected, number};
use crate::config::keyword::vmac;
use crate::config::model::{Account, DynamicInterfaces, MailServer};
use crate::config::source::Strictness;
use crate::units::IfName;

/// Largest number of 32 bits.
pub(super) const U32: i64 = 4_294_967_295;

pub(super) fn nothing(_: &mut GlobalDraft) {}

pub(super) fn nothing_of(_: &mut GlobalDraft, _: bool) {}

pub(super) fn anything(_: &mut GlobalDraft, _: &mut Line<'_, '_>) -> Set {
    Ok(())
}

pub(super) fn whole<const LOW: i64, const HIGH: i64>(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    match line.arguments().first() {
        Some(word) => number::<i64>(word, LOW, HIGH).map(drop),
        None => Ok(()),
    }
}

pub(super) fn seconds<const PLACES: u32, const LOW: i64, const HIGH: i64>(
    _: &mut GlobalDraft,
    line: &mut Line<'_, '_>,
) -> Set {
    line.seconds(PLACES, LOW, HIGH).map(drop)
}

pub(super) fn path(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    line.at_most(1)?;
    let word = line.first()?;
    if word.is_empty() { Err(expected(word, "a path")) } else { Ok(()) }
}

/// Bytes that the kernel keeps of the name of a process.
const PROCESS_NAME: usize = 15;

pub(super) fn process_name(line: &mut Line<'_, '_>) -> Result<String, Rejected> {
    let word = line.first()?;
    let mut name = word.to_string();
    if name.len() > PROCESS_NAME {
        line.adjusted(word.place, "takes at most 15 characters; the name is cut");
        let end = (0..=PROCESS_NAME).rev().find(|end| name.is_char_boundary(*end));
        name.truncate(end.unwrap_or(0));
    }
    Ok(name)
}

pub(super) fn unused_process_name(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    process_name(line).map(drop)
}

pub(super) fn interface_name(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let name = IfName::new(word).ok_or_else(|| expected(word, "an interface name of 1 to 15 characters"))?;
    line.context.defined.default_interface = Some(name);
    Ok(())
}

pub(super) fn dynamic_interfaces(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    draft.model.dynamic_interfaces = DynamicInterfaces::Allowed;
    match line.arguments().first() {
        None => Ok(()),
        Some(word) if &**word == "allow_if_changes" => {
            draft.model.dynamic_interfaces = DynamicInterfaces::AllowChanges;
            Ok(())
        }
        Some(word) => Err(line.unknown_option(word)),
    }
}

pub(super) fn mcast_group4(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    match address(word)? {
        IpAddr::V4(group) if group.is_multicast() => draft.group4 = group,
        _ => return Err(expected(word, "an IPv4 multicast address")),
    }
    Ok(())
}

pub(super) fn mcast_group6(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let IpAddr::V6(group) = address(word)? else { return Err(expected(word, "an IPv6 multicast address")) };
    if !group.is_multicast() {
        return Err(expected(word, "an IPv6 multicast address"));
    }
    if group.segments()[0] & 0xf != 2 {
        let what = "is no group of link-local scope".to_owned();
        line.report(word.place, Fault::Doubtful { keyword: "vrrp_mcast_group6", what });
    }
    draft.group6 = group;
    Ok(())
}

pub(super) fn delay_after_boot(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let until = line.seconds(6, 1_000, U32)?;
    if let Some(uptime) = line.context.host.uptime() {
        let delay = until.saturating_sub(uptime);
        draft.model.startup_delay = draft.model.startup_delay.max(delay);
    }
    Ok(())
}

pub(super) fn rt_priority(line: &mut Line<'_, '_>) -> Result<u8, Rejected> {
    let word = line.first()?;
    let value = number::<i64>(word, i64::from(i32::MIN), i64::from(i32::MAX))?;
    let limited = value.clamp(1, 99);
    if limited != value {
        line.adjusted(word.place, format!("goes from 1 to 99; {limited} is used instead of {value}"));
    }
    Ok(u8::try_from(limited).unwrap_or(99))
}

pub(super) fn unused_rt_priority(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    rt_priority(line).map(drop)
}

pub(super) fn cpus(line: &mut Line<'_, '_>) -> Result<Vec<u32>, Rejected> {
    line.arguments().iter().map(|word| number::<u32>(word, 0, i64::from(i32::MAX))).collect()
}

pub(super) fn unused_cpus(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    cpus(line).map(drop)
}

/// The soft limit is half of it, so 1 is no limit that could be told of.
pub(super) fn rlimit_rttime(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    draft.model.process.rlimit_rttime = None;
    draft.model.process.rlimit_rttime = Some(line.number::<u32>(1, U32)?.max(2));
    Ok(())
}

/// Without a number, up to the highest; -1 and 0 are never.
pub(super) fn max_auto_priority(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    const HIGHEST: i64 = 99;
    let most = match line.arguments().first() {
        Some(word) => number::<i64>(word, -1, HIGHEST)?,
        None => HIGHEST,
    };
    draft.model.process.max_auto_priority = u8::try_from(most).ok().filter(|most| *most > 0);
    Ok(())
}

pub(super) fn script_user(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let user = line.first()?;
    let group = line.arguments().get(1);
    if !line.context.host.account(user, group.map(|word| &**word)) {
        return Err(expected(user, "a user, or user and group, of this host"));
    }
    draft.model.script_user =
        Some(Account { user: user.to_string(), group: group.map(|word| word.to_string()) });
    draft.script_user = Some(user.place);
    Ok(())
}

pub(super) fn extra_interval(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    draft.garp.extra = vmac::extra(line, 1)?;
    Ok(())
}

pub(super) fn old_extra_interval(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let what = "write `vrrp_garp_extra_if`";
    line.report(line.place(), Fault::Deprecated { keyword: "vrrp_vmac_garp_intvl", what });
    extra_interval(draft, line)
}

/// `HOST [PORT]`; keepalived looks a name up while it reads the file.
pub(super) fn smtp_server(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let host = line.first()?;
    let port = match line.arguments().get(1) {
        Some(port) => number(port, 1, 65_535)?,
        None => MailServer::PORT,
    };
    if !may_be_host(host) {
        return Err(expected(host, "an address or a host's name"));
    }
    if !line.context.host.resolves(host) {
        // Name services may only be away for the moment: it is looked up again for each mail.
        line.adjusted(host.place, format!("names `{}`, which cannot be resolved now", &**host));
    }
    draft.model.mail.server = Some(MailServer { host: host.to_string(), port });
    Ok(())
}

/// Whether a name service could know the word, by its letters alone.
fn may_be_host(word: &str) -> bool {
    let (address, scope) = word.split_once('%').unwrap_or((word, ""));
    if address.parse::<IpAddr>().is_ok() {
        return scope.is_empty() == (address == word);
    }
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') || !c.is_ascii();
    let spoilt_address = word.split('.').count() == 4 && word.chars().all(|c| c.is_ascii_digit() || c == '.');
    !word.is_empty() && word.chars().all(letters) && !spoilt_address
}

/// What stands after the first word is reported and left out.
pub(super) fn email_from(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    draft.model.mail.from = Some(line.first()?.to_string());
    line.at_most(1)
}

/// `PATH [USER [GROUP]]`; `None` without a usable path or account.
pub(super) fn fifo(line: &mut Line<'_, '_>) -> Result<Option<Placed<FifoPath>>, Rejected> {
    let path = line.first()?;
    let mut words = line.arguments().iter().skip(1).map(|word| word.to_string());
    let account = words.next().map(|user| Account { user, group: words.next() });
    let known = account
        .as_ref()
        .is_none_or(|account| line.context.host.account(&account.user, account.group.as_deref()));
    if path.is_empty() || !known {
        let what = if known {
            "has no path and is left out"
        } else {
            "names no user or group of this host and is left out"
        };
        line.report(path.place, Fault::Remark { keyword: line.keyword, what: what.to_owned() });
        return Ok(None);
    }
    Ok(Some(Placed::new((path.to_string(), account), path.place)))
}

pub(super) fn lvs_timeouts(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    for pair in line.arguments().chunks(2) {
        let [key, value] = pair else {
            return Err(line.missing("seconds after each of tcp, tcpfin and udp"));
        };
        if !matches!(&**key, "tcp" | "tcpfin" | "udp") {
            return Err(line.unknown_option(key));
        }
        number::<u32>(value, 0, 2_678_400)?;
    }
    Ok(())
}

pub(super) fn lvs_flush(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    match line.arguments().first() {
        Some(word) if &**word != "VS" => Err(line.unknown_option(word)),
        _ => Ok(()),
    }
}

pub(super) fn lvs_sync_daemon(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let [interface, options @ ..] = line.arguments() else { return Err(line.missing("an interface")) };
    if IfName::new(interface).is_none() {
        return Err(expected(interface, "an interface name of 1 to 15 characters"));
    }
    let range = |name: &str| match name {
        "id" => Some((0, 255)),
        "maxlen" => Some((1, 65_507)),
        "port" => Some((1, 65_535)),
        "ttl" => Some((1, 255)),
        _ => None,
    };
    if options.first().is_some_and(|word| range(word).is_none() && !matches!(&**word, "inst" | "group")) {
        if let Some(id) = options.get(1) {
            line.adjusted(id.place, "takes its id after the word `id`");
        }
        return Ok(());
    }
    let mut instance = false;
    for pair in options.chunks(2) {
        let (Some(name), value) = (pair.first(), pair.get(1)) else { continue };
        let Some(value) = value else {
            let (keyword, what) = (format!("lvs_sync_daemon {}", &**name), "a value");
            let fault = match &**name {
                "inst" => Fault::MissingWord { keyword, what, early: true },
                _ => Fault::Incomplete { keyword, what },
            };
            line.report(name.place, fault);
            continue;
        };
        match (&**name, range(name)) {
            (_, Some((low, high))) => number::<u32>(value, low, high).map(drop)?,
            ("inst", None) if !std::mem::replace(&mut instance, true) => {}
            ("inst", None) => {
                let fault = Fault::Repeated { keyword: "inst".to_owned() };
                return Err(Rejected { place: name.place, fault });
            }
            ("group", None) if address(value)?.is_multicast() => {}
            ("group", None) => return Err(expected(value, "a multicast address")),
            _ => return Err(line.unknown_option(name)),
        }
    }
    Ok(())
}

pub(super) fn table_name(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    names(line, 254)
}

pub(super) fn names(line: &Line<'_, '_>, longest: usize) -> Set {
    match line.arguments().iter().find(|word| word.is_empty() || word.len() > longest) {
        Some(word) => Err(expected(word, format!("a name of 1 to {longest} characters"))),
        None => Ok(()),
    }
}

pub(super) fn rx_bufs_policy(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let words = line.arguments();
    for (index, word) in words.iter().enumerate() {
        let policy = match &**word {
            word if word.eq_ignore_ascii_case("MTU") => ReceivePolicy::Mtu,
            word if word.eq_ignore_ascii_case("ADVERT") => ReceivePolicy::Advert,
            _ if index > 0 => return Err(line.unknown_option(word)),
            _ => ReceivePolicy::Bytes(number(word, 0, U32)?),
        };
        draft.receive_buffers.policy = policy.max(draft.receive_buffers.policy);
    }
    match words {
        [_, second, ..] => Err(line.surplus(second)),
        _ => Ok(()),
    }
}

pub(super) fn include_check(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let words = line.arguments();
    let checked = Strictness::default().checked(words.iter().map(|word| &**word)).map(drop);
    checked.map_err(|wrong| match words.iter().find(|word| &***word == wrong) {
        Some(word) => line.unknown_option(word),
        None => line.missing("known flags"),
    })
}

pub(super) fn umask(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    draft.model.process.umask = Some(mask(line)?);
    Ok(())
}

fn mask(line: &Line<'_, '_>) -> Result<u16, Rejected> {
    const BITS: [(&str, u16); 12] = [
        ("IRUSR", 0o400),
        ("IWUSR", 0o200),
        ("IXUSR", 0o100),
        ("IRWXU", 0o700),
        ("IRGRP", 0o040),
        ("IWGRP", 0o020),
        ("IXGRP", 0o010),
        ("IRWXG", 0o070),
        ("IROTH", 0o004),
        ("IWOTH", 0o002),
        ("IXOTH", 0o001),
        ("IRWXO", 0o007),
    ];
    let word = line.first()?;
    let bad = || expected(word, "a mask from 0 to 0777, or bits such as IRWXG|IRWXO");
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let value = match (word.strip_prefix("0x"), word.strip_prefix('0')) {
            (Some(digits), _) => u16::from_str_radix(digits, 16),
            (None, Some("")) => Ok(0),
            (None, Some(digits)) => u16::from_str_radix(digits, 8),
            (None, None) => word.parse(),
        };
        return value.ok().filter(|mask| *mask <= 0o777).ok_or_else(bad);
    }
    let text: String = line.arguments().iter().map(|word| &**word).collect();
    let bit = |name| BITS.iter().find(|(known, _)| *known == name).map(|(_, bits)| *bits);
    text.split('|').try_fold(0, |mask, name| Some(mask | bit(name)?)).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::may_be_host;

    #[test]
    fn a_host_is_an_address_or_a_word_of_letters_that_names_have() {
        for host in
            ["192.0.2.1", "2001:db8::1", "fe80::1%eth0", "mail.example.com", "mail-1", "localhost", "5"]
        {
            assert!(may_be_host(host), "{host}");
        }
        for word in ["", "192.0.2.300", "192.0.2.1/24", "[2001:db8::1]", "2001:db8::x", "a b", "fe80::1%"] {
            assert!(!may_be_host(word), "{word}");
        }
    }
}
