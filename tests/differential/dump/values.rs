//! How keepalived writes values that several kinds of objects have.

use std::time::Duration;

use vrrpd::config::model::{
    Account, Command, Model, Prefix, TrackInterface, TrackScript, Tracked, VirtualAddress,
};
use vrrpd::units::{Family, IfName};

use super::compare::Expected;

/// A field that is always there.
pub(super) fn one(value: impl ToString) -> Expected {
    Some(vec![value.to_string()])
}

/// A field that is there when there are items.
pub(super) fn list(items: impl Iterator<Item = String>) -> Expected {
    let items: Vec<String> = items.collect();
    (!items.is_empty()).then_some(items)
}

/// A line without a value that is there when it holds.
pub(super) fn flag(holds: bool) -> Expected {
    holds.then(Vec::new)
}

/// `yes` or `no`.
pub(super) fn yes(holds: bool) -> Expected {
    one(if holds { "yes" } else { "no" })
}

/// `enabled` or `disabled`.
pub(super) fn enabled(holds: bool) -> Expected {
    one(if holds { "enabled" } else { "disabled" })
}

/// `N sec`, with three places when they are needed.
pub(super) fn seconds(time: Duration) -> String {
    if time.subsec_nanos() == 0 {
        format!("{} sec", time.as_secs())
    } else {
        format!("{:.3} sec", time.as_secs_f64())
    }
}

/// Words in quotes and the account: `'/bin/x' 'y', uid:gid 0:0`.
pub(super) fn command(command: &Command, model: &Model) -> String {
    let account = command.account.as_ref().or(model.global.script_user.as_ref());
    format!("{}, uid:gid {}", words(command), account.map_or("0:0".to_owned(), ids))
}

/// Each word in quotes; the program with the path at which it is found.
pub(super) fn words(command: &Command) -> String {
    let mut argv = command.argv.clone();
    let found = std::env::var("PATH").ok().and_then(|path| {
        path.split(':')
            .map(|folder| format!("{folder}/{}", argv[0]))
            .find(|file| std::fs::metadata(file).is_ok())
    });
    if let Some(found) = found.filter(|_| !argv[0].contains('/')) {
        argv[0] = found;
    }
    argv.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
}

/// `uid:gid`.
pub(super) fn ids(account: &Account) -> String {
    let user = nix::unistd::User::from_name(&account.user).unwrap().unwrap();
    let group = account.group.as_ref().map(|name| nix::unistd::Group::from_name(name).unwrap().unwrap().gid);
    format!("{}:{}", user.uid, group.unwrap_or(user.gid))
}

/// An item of `Tracked scripts`.
pub(super) fn tracked_script(tracked: &TrackScript) -> String {
    weighted(&tracked.name, tracked.weight.get(), tracked.reverse)
}

/// An item of `Tracked interfaces`.
pub(super) fn tracked_interface(tracked: &TrackInterface) -> String {
    weighted(tracked.name.as_str(), tracked.weight.get(), tracked.reverse)
}

/// An item of `Tracked files` or `Tracked processes`.
pub(super) fn tracked_other(tracked: &Tracked) -> String {
    weighted(&format!("{},", tracked.name), tracked.weight.get(), tracked.reverse)
}

fn weighted(name: &str, weight: i16, reverse: bool) -> String {
    format!("{name} weight {weight}{}", if reverse { " reverse" } else { "" })
}

/// An item of `Virtual IP`, without what it says of the moment.
pub(super) fn address(address: &VirtualAddress, own: Option<&IfName>) -> String {
    let mut text = prefix(address.prefix);
    let mut word = |present: bool, word: String| {
        if present {
            text.push(' ');
            text.push_str(&word);
        }
    };
    word(address.broadcast.is_some(), format!("brd {}", shown(address.broadcast)));
    word(true, format!("dev {}", shown(address.dev.as_ref().or(own))));
    word(true, format!("scope {}", scope(address.scope)));
    word(address.label.is_some(), format!("label {}", shown(address.label.as_deref())));
    word(address.peer.is_some(), format!("peer {}/{}", shown(address.peer), address.prefix.length()));
    let flags = address.flags;
    word(flags.home, "home".to_owned());
    word(flags.detect_duplicates, "-nodad".to_owned());
    word(flags.mngtmpaddr, "mngtmpaddr".to_owned());
    word(flags.noprefixroute, "noprefixroute".to_owned());
    word(flags.autojoin, "autojoin".to_owned());
    word(address.no_track, "no_track".to_owned());
    word(address.prefix.family() == Family::V6, lifetime(address.preferred_lifetime));
    text
}

/// `ADDRESS/N`, or the address alone.
pub(super) fn prefix(prefix: Prefix) -> String {
    let host = matches!((prefix.family(), prefix.length()), (Family::V4, 32) | (Family::V6, 128));
    if host { prefix.address().to_string() } else { prefix.to_string() }
}

fn lifetime(seconds: u32) -> String {
    match seconds {
        0 => "deprecated".to_owned(),
        VirtualAddress::FOREVER => "preferred_lft forever".to_owned(),
        seconds => format!("preferred_lft {seconds}"),
    }
}

fn scope(number: u8) -> String {
    let names = [(0, "global"), (200, "site"), (253, "link"), (254, "host"), (255, "nowhere")];
    names
        .iter()
        .find(|(known, _)| *known == number)
        .map_or(number.to_string(), |(_, name)| (*name).to_owned())
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
