//! `vrrp_instance`: one virtual router.

use std::net::{IpAddr, Ipv6Addr};

use super::auth_hmac::AUTH_HMAC;
use super::draft::{AuthType, InstanceDraft, Placed};
use super::line::{Line, Set, address, expected, number};
use super::table::{Keyword, Table};
use super::{address, auth_hmac, route, rule, track, unicast_peer, vmac};
use crate::config::fault::Fault;
use crate::config::model::{InitialState, Password};
use crate::units::{Family, IfName, Priority, Version, Vrid};

type Row = Keyword<InstanceDraft>;

const U32: i64 = 4_294_967_295;
/// Longest delay in seconds.
const LONG: i64 = 4294;

/// The only list of this block's keywords.
pub(super) static VRRP_INSTANCE: Table<InstanceDraft> = Table::new(
    "vrrp_instance",
    &[
        // Identity and election.
        Row::words("virtual_router_id", "<1-255>", |d, l| {
            (d.vrid, d.vrid_given) = (None, true);
            let value = l.number(1, 255)?;
            d.vrid = Vrid::new(value).map(|vrid| Placed::new(vrid, l.place()));
            Ok(())
        }),
        Row::words("interface", "<interface>", interface),
        Row::words("state", "MASTER|BACKUP", state),
        Row::words("priority", "<1-255>", |d, l| {
            d.priority = Some(Placed::new(Priority::DEFAULT, l.place()));
            let value = l.number(1, 255)?;
            d.priority = Priority::new(value).map(|priority| Placed::new(priority, l.place()));
            Ok(())
        }),
        Row::words("version", "2|3", version),
        Row::words("native_ipv6", "", native_ipv6).bare_is_fine(),
        Row::words("advert_int", "<seconds>", |d, l| {
            let interval = l.seconds(6, 10_000, 255_000_000)?;
            d.advert_int = Some(Placed::new(interval, l.place()));
            Ok(())
        }),
        Row::words("down_timer_adverts", "<1-100>", |d, l| {
            d.down_timer_adverts = Some(l.number(1, 100)?);
            Ok(())
        }),
        Row::flag("preempt", |d| d.nopreempt = None),
        Row::words("nopreempt", "", |d, l| {
            d.nopreempt = Some(l.place());
            Ok(())
        })
        .bare_is_fine(),
        Row::words("preempt_delay", "<seconds>", |d, l| {
            d.preempt_delay = None;
            let delay = l.seconds(6, 0, 1_000_000_000)?;
            d.preempt_delay = Some(Placed::new(delay, l.place()));
            Ok(())
        }),
        Row::boolean("lower_prio_no_advert", |d, yes| d.lower_prio_no_advert = Some(yes)),
        Row::boolean("higher_prio_send_advert", |d, yes| d.higher_prio_send_advert = Some(yes)),
        Row::words("owner_ignore_adverts", "[<bool>]", |d, l| {
            d.owner_ignore_adverts = Some(Placed::new(l.boolean()?, l.place()));
            Ok(())
        })
        .bare_is_fine(),
        // "no" sets it too: only the word's form is looked at.
        Row::words("skip_check_adv_addr", "[<bool>]", |d, l| {
            l.boolean()?;
            d.skip_check_adv_addr = true;
            Ok(())
        })
        .bare_is_fine(),
        Row::words("timer_expired_backup", "[<1-254>]", |d, l| timer_expired(d, l)).bare_is_fine(),
        Row::words("thread_timer_expired", "[<1-254>]", |d, l| {
            let what = "write `timer_expired_backup`";
            l.report(l.place(), Fault::Deprecated { keyword: "thread_timer_expired", what });
            timer_expired(d, l)
        })
        .bare_is_error(),
        Row::words("strict_mode", "[<bool>]", |d, l| {
            let value = l.boolean()?;
            d.strict = Some(Placed::new(value, l.place()));
            Ok(())
        })
        .bare_is_fine(),
        // Where adverts come from and go to.
        Row::words("mcast_src_ip", "<address>", source),
        Row::words("unicast_src_ip", "<address>", |d, l| {
            d.unicast.get_or_insert(l.place());
            source(d, l)
        }),
        Row::flag("track_src_ip", |d| d.track_src_ip = true),
        Row::words("mcast_dst_ip", "<address>", mcast_dst_ip),
        Row::entries("unicast_peer", "{ <address> [min_ttl <n>] [max_ttl <n>] ... }", unicast_peer::peer)
            .when_opened(|d, statement, _| {
                d.unicast.get_or_insert(statement.place());
            }),
        Row::words("unicast_ttl", "<0-255>", |d, l| {
            let ttl = l.number(0, 255)?;
            d.unicast_ttl = Some(Placed::new(ttl, l.place()));
            Ok(())
        }),
        Row::words("unicast_fault_no_peer", "", |d, l| {
            d.unicast.get_or_insert(l.place());
            d.unicast_fault_no_peer = true;
            Ok(())
        })
        .bare_is_fine(),
        Row::words("check_unicast_src", "", |d, l| {
            d.unicast.get_or_insert(l.place());
            d.check_unicast_src = true;
            Ok(())
        })
        .bare_is_fine(),
        Row::words("old_unicast_checksum", "[never]", old_unicast_checksum).bare_is_fine(),
        Row::boolean("v3_checksum_as_v2", |d, yes| d.v3_checksum_as_v2 = Some(yes)),
        Row::words("kernel_rx_buf_size", "<bytes>", |d, l| {
            l.at_most(1)?;
            d.receive_buffer = Some(l.number(0, U32)?);
            Ok(())
        })
        .bare_is_error(),
        Row::block("authentication", &AUTHENTICATION),
        Row::block("auth_hmac", &AUTH_HMAC).when_opened(|d, statement, _| {
            d.hmac.get_or_insert_with(|| auth_hmac::HmacDraft::new(statement.place()));
        }),
        // Addresses.
        Row::entries("virtual_ipaddress", "{ <address>[/<prefix>] [dev <interface>] ... }", address::listed),
        Row::entries("virtual_ipaddress_excluded", "{ <address>[/<prefix>] ... }", address::excluded),
        Row::words("no_virtual_ipaddress", "", |d, l| {
            d.no_virtual_ipaddress = Some(l.place());
            Ok(())
        })
        .bare_is_fine(),
        Row::words("promote_secondaries", "", |d, l| {
            d.promote_secondaries = Some(l.place());
            Ok(())
        })
        .bare_is_fine(),
        Row::entries(
            "virtual_routes",
            "{ <prefix> [via <address>] [dev <interface>] ... }",
            route::virtual_route,
        ),
        Row::entries("virtual_rules", "{ [from <prefix>] [table <table>] ... }", rule::virtual_rule),
        Row::words("accept", "", |d, l| accept(d, l, true)).bare_is_fine(),
        Row::words("no_accept", "", |d, l| accept(d, l, false)).bare_is_fine(),
        // Interfaces of our own.
        Row::words("use_vmac", "[[name] <interface>] [<mac>] ...", vmac::use_vmac).bare_is_fine(),
        Row::flag("use_vmac_addr", |d| d.use_vmac_addr = true),
        Row::words("vmac_xmit_base", "", |d, l| {
            d.vmac_xmit_base = Some(l.place());
            Ok(())
        })
        .bare_is_fine(),
        Row::words("use_ipvlan", "[[name] <interface>] [<address>] ...", vmac::use_ipvlan)
            .bare_is_error()
            .first(),
        Row::words("vrf", "<interface>", vrf).first(),
        // Tracking.
        Row::flag("dont_track_primary", |d| d.dont_track_primary = true),
        Row::entries("track_interface", "{ <interface> [weight <n> [reverse]] ... }", |d, l| {
            track::interface(&mut d.tracks.interfaces, l)
        }),
        Row::entries("track_script", "{ <script> [weight <n> [reverse|noreverse]] ... }", |d, l| {
            track::script(&mut d.tracks.scripts, l)
        }),
        Row::entries("track_file", "{ <file> [weight <n> [reverse|noreverse]] ... }", |d, l| {
            track::file(&mut d.tracks.files, l)
        }),
        Row::entries("track_process", "{ <process> [weight <n> [reverse|noreverse]] ... }", |d, l| {
            track::process(&mut d.tracks.processes, l)
        }),
        Row::entries("track_bfd", "{ <bfd_instance> [weight <n> [reverse|noreverse]] ... }", |d, l| {
            track::bfd(&mut d.tracks.bfds, l)
        })
        .refused(),
        Row::words("linkbeat_use_polling", "", |d, l| {
            d.linkbeat_polling = true;
            let what = "use `linkbeat_interfaces`";
            l.report(l.place(), Fault::Deprecated { keyword: "linkbeat_use_polling", what });
            Ok(())
        })
        .bare_is_fine(),
        // Notification.
        Row::script("notify", |d, script| d.hooks.every = script),
        Row::script("notify_master", |d, script| d.hooks.master = script),
        Row::script("notify_backup", |d, script| d.hooks.backup = script),
        Row::script("notify_fault", |d, script| d.hooks.fault = script),
        Row::script("notify_stop", |d, script| d.hooks.stop = script),
        Row::script("notify_deleted", |d, script| {
            d.hooks.reports_deleted = true;
            d.hooks.deleted = script;
        })
        .bare_is_fine(),
        Row::script("notify_master_rx_lower_pri", |d, script| d.hooks.master_rx_lower_pri = script),
        Row::boolean("smtp_alert", |d, yes| d.hooks.smtp_alert = Some(yes)),
        Row::boolean("notify_priority_changes", |d, yes| d.hooks.priority_changes = Some(yes)),
        // Announcements.
        Row::words("garp_master_delay", "<seconds>", |d, l| {
            d.garp.delay = Some(l.number(0, LONG)?);
            Ok(())
        }),
        Row::words("garp_master_repeat", "<number>", |d, l| {
            d.garp.repeat = Some(l.number_from_one(U32)?);
            Ok(())
        }),
        Row::words("garp_master_refresh", "<seconds>", |d, l| {
            d.garp.refresh = Some(0);
            d.garp.refresh = Some(l.number(0, U32)?);
            Ok(())
        }),
        Row::words("garp_master_refresh_repeat", "<number>", |d, l| {
            d.garp.refresh_repeat = Some(l.number_from_one(U32)?);
            Ok(())
        }),
        Row::words("garp_lower_prio_delay", "<seconds>", |d, l| {
            d.garp.lower_prio_delay = Some(l.number(0, LONG)?);
            Ok(())
        }),
        Row::words("garp_lower_prio_repeat", "<number>", |d, l| {
            d.garp.lower_prio_repeat = Some(l.number(0, i64::from(i32::MAX))?);
            Ok(())
        }),
        Row::words("garp_extra_if", "[all] <seconds>", extra_interval).bare_is_error(),
        Row::words("vmac_garp_intvl", "[all] <seconds>", |d, l| {
            let what = "write `garp_extra_if`";
            l.report(l.place(), Fault::Deprecated { keyword: "vmac_garp_intvl", what });
            extra_interval(d, l)
        })
        .bare_is_error(),
        // Left over from older versions.
        Row::words("debug", "<0-4>", |_, l| l.number::<u8>(0, 4).map(drop)).no_effect(),
        Row::words("lvs_sync_daemon_interface", "<interface>", |_, l| {
            let what = "write `lvs_sync_daemon` in `global_defs`";
            l.report(l.place(), Fault::Deprecated { keyword: "lvs_sync_daemon_interface", what });
            Ok(())
        })
        .first()
        .refused(),
    ],
);

/// The only list of this block's keywords.
pub(super) static AUTHENTICATION: Table<InstanceDraft> = Table::new(
    "vrrp_instance/authentication",
    &[Row::words("auth_type", "PASS|AH", auth_type), Row::words("auth_pass", "<1-8 characters>", auth_pass)],
);

fn accept(draft: &mut InstanceDraft, line: &mut Line<'_, '_>, accepts: bool) -> Set {
    draft.accept = Some(Placed::new(accepts, line.place()));
    Ok(())
}

fn interface(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let name = IfName::new(word).ok_or_else(|| expected(word, "an interface name of 1 to 15 characters"))?;
    line.context.check_interface(&name, word.place);
    if line.context.host.link(&name).is_some_and(|link| link.loopback) {
        return Err(expected(word, "an interface that is not the loopback"));
    }
    draft.interface = Some(Placed::new(name, word.place));
    Ok(())
}

fn state(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let master = draft.state.as_ref().is_some_and(|state| state.value == InitialState::Master);
    match &**word {
        "MASTER" => draft.state = Some(Placed::new(InitialState::Master, word.place)),
        "BACKUP" if master => line.adjusted(word.place, "is MASTER already; BACKUP is left out"),
        "BACKUP" => draft.state = Some(Placed::new(InitialState::Backup, word.place)),
        other => {
            draft.state = Some(Placed::new(InitialState::Backup, word.place));
            let (want, found) = ("MASTER or BACKUP".to_owned(), other.to_owned());
            line.report(word.place, Fault::Expected { want, found, instead: "BACKUP is used" });
        }
    }
    Ok(())
}

fn version(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let version = if number::<u8>(word, 2, 3)? == 2 { Version::V2 } else { Version::V3 };
    let implied = (draft.family == Some(Family::V6)).then_some(Version::V3);
    let known = draft.version.as_ref().map(|known| known.value).or(implied);
    match known {
        Some(known) if known != version => {
            line.adjusted(
                word.place,
                format!("is {} already; {} is left out", known.number(), version.number()),
            );
        }
        _ => draft.version = Some(Placed::new(version, word.place)),
    }
    Ok(())
}

fn native_ipv6(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    if !draft.accepts(Family::V6) {
        line.adjusted(line.place(), "comes after IPv4 addresses and is left out");
    }
    Ok(())
}

fn timer_expired(draft: &mut InstanceDraft, line: &Line<'_, '_>) -> Set {
    const BEST_BUT_THE_OWNER: u8 = 254;
    let place = line.place();
    let best = match line.arguments().first() {
        Some(word) => number(word, 1, i64::from(BEST_BUT_THE_OWNER))?,
        None => BEST_BUT_THE_OWNER,
    };
    draft.timer_expired_backup = Priority::new(best).map(|best| Placed::new(best, place));
    Ok(())
}

fn source(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let source = address(word)?;
    if !draft.accepts(Family::of(source)) {
        return Err(expected(word, "an address of the instance's family"));
    }
    draft.source = Some(Placed::new(source, word.place));
    Ok(())
}

fn mcast_dst_ip(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let group = address(word)?;
    let link_local = |group: Ipv6Addr| group.is_multicast() && group.segments()[0] & 0xf == 2;
    let fits = match group {
        IpAddr::V4(group) => group.is_multicast(),
        IpAddr::V6(group) => link_local(group),
    };
    if !fits {
        return Err(expected(word, "an IPv4 multicast address or an IPv6 one of link-local scope"));
    }
    if !draft.accepts(Family::of(group)) {
        return Err(expected(word, "a group of the instance's family"));
    }
    draft.mcast_dst_ip = Some(Placed::new(group, word.place));
    Ok(())
}

fn old_unicast_checksum(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    draft.unicast.get_or_insert(line.place());
    match line.arguments().first() {
        Some(word) if &**word == "never" => draft.old_unicast_checksum = Some(false),
        Some(word) => return Err(line.unknown_option(word)),
        None => draft.old_unicast_checksum = Some(true),
    }
    Ok(())
}

fn vrf(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let name = line.interface(word)?;
    if line.context.host.link(&name).is_some_and(|link| link.loopback) {
        return Err(expected(word, "an interface that is not the loopback"));
    }
    if draft.interface.is_some() {
        line.idle = true;
        line.adjusted(word.place, "cannot stand beside `interface` and is left out");
        return Ok(());
    }
    draft.vrf = Some(Placed::new(name, word.place));
    Ok(())
}

fn extra_interval(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    draft.garp.extra = Some(vmac::extra(line, 0)?);
    Ok(())
}

fn auth_type(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    let kind = match &**word {
        "PASS" => AuthType::Pass,
        "AH" => AuthType::Ah,
        _ => return Err(expected(word, "PASS or AH")),
    };
    draft.auth_type = Some(Placed::new(kind, word.place));
    Ok(())
}

fn auth_pass(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    const LONGEST: usize = 8;
    let word = line.first()?;
    // The text of the secret must not show up in a problem.
    if word.contains(char::REPLACEMENT_CHARACTER) {
        let what = "is not UTF-8 text, which is not supported".to_owned();
        line.report(word.place, Fault::Refused { keyword: "auth_pass" });
        line.report(word.place, Fault::Remark { keyword: "auth_pass", what });
    }
    if word.len() > LONGEST {
        line.adjusted(word.place, format!("takes at most {LONGEST} characters; the others are left out"));
    }
    draft.auth_pass = Password::new(word.as_bytes()).map(|password| Placed::new(password, word.place));
    Ok(())
}
