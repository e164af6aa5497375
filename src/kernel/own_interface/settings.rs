//! The settings that a VMAC needs: addresses with one MAC each on a link that another interface shares.

use std::fs;

use tracing::{info, warn};

use crate::config::model::{OwnInterface, OwnKind};
use crate::kernel::sysctl::{self, SettingError, Settings};
use crate::units::{Family, IfName};

/// Before it is set up. Whatever fails is told and the rest is done: a VMAC that answers too often is better than none.
pub(super) fn apply(own: &OwnInterface, settings: &mut Settings) {
    let wanted = of_interface(own).into_iter().chain(of_parent(own));
    for (path, value) in wanted {
        complain(settings.set(&path, value, own.name.as_str()));
    }
    if is_vmac(own, Family::V4) {
        loosen_reverse_path_filter(own.name.as_str(), settings);
        complain(settings.set(&ipv4(&own.name, "rp_filter"), "0", own.name.as_str()));
    }
}

/// Puts back what only this interface needed.
pub(super) fn release(own: &OwnInterface, settings: &mut Settings) {
    for error in settings.release(own.name.as_str()) {
        warn!("a setting stays changed: {error}");
    }
}

fn of_interface(own: &OwnInterface) -> Vec<(String, &'static str)> {
    let v4 = |key| ipv4(&own.name, key);
    let v6 = |key| format!("net/ipv6/conf/{}/{key}", own.name);
    let mut wanted = Vec::new();
    if let OwnKind::Vmac(_) = own.kind {
        // No link-local address of its own: it would be the same on every router with this VRID.
        wanted.extend([(v6("addr_gen_mode"), "1"), (v4("arp_ignore"), "1")]);
    }
    if is_vmac(own, Family::V4) {
        // Adverts that we sent ourselves come back with a local source address when another VMAC hears them.
        wanted.extend([(v4("accept_local"), "1"), (v4("promote_secondaries"), "1")]);
    }
    if own.family == Family::V4 && !own.keeps_ipv6 {
        wanted.push((v6("disable_ipv6"), "1"));
    }
    wanted
}

/// The parent must not answer for addresses of the VMAC with its own MAC.
fn of_parent(own: &OwnInterface) -> Vec<(String, &'static str)> {
    if !is_vmac(own, Family::V4) {
        return Vec::new();
    }
    ["arp_ignore", "arp_filter"].map(|key| (ipv4(&own.parent, key), "1")).to_vec()
}

fn is_vmac(own: &OwnInterface, family: Family) -> bool {
    matches!(own.kind, OwnKind::Vmac(_)) && own.family == family
}

/// `all/rp_filter` counts for every interface when it is larger than its own. A VMAC needs 0, so what `all` asked for
/// becomes a setting of each of the others.
fn loosen_reverse_path_filter(user: &str, settings: &mut Settings) {
    settings.share(user, is_filter_of_others);
    let all = match sysctl::read("net/ipv4/conf/all/rp_filter") {
        Ok(all) if all != "0" => all,
        Ok(_) => return,
        Err(error) => return complain(Err(error)),
    };
    let level = |text: &str| text.parse::<u8>().unwrap_or(0);
    let others = others();
    info!("moving net.ipv4.conf.all.rp_filter = {all} to each interface");
    for name in &others {
        let path = format!("net/ipv4/conf/{name}/rp_filter");
        if sysctl::read(&path).is_ok_and(|own| level(&own) < level(&all)) {
            complain(settings.set(&path, &all, user));
        }
    }
    complain(settings.set("net/ipv4/conf/all/rp_filter", "0", user));
}

fn is_filter_of_others(path: &str) -> bool {
    path.ends_with("/rp_filter")
}

/// Every interface that there is, and the `default` of those that will be.
fn others() -> Vec<String> {
    let folder = fs::read_dir("/proc/sys/net/ipv4/conf").into_iter().flatten().flatten();
    folder.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| name != "all").collect()
}

fn ipv4(name: &IfName, key: &str) -> String {
    format!("net/ipv4/conf/{name}/{key}")
}

fn complain(outcome: Result<(), SettingError>) {
    match outcome {
        Ok(()) => {}
        // A kernel without IPv6 has no such setting and needs none.
        Err(SettingError::Io { path, source })
            if path.starts_with("net/ipv6") && source.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => warn!("a setting of the kernel could not be made: {error}"),
    }
}
