//! `global_defs`: what concerns the whole daemon, and the defaults of instances.

use std::net::IpAddr;
use std::time::Duration;

use super::draft::GlobalDraft;
use super::line::{Line, Set, address, expected, number};
use super::table::{Keyword, Table};
use crate::config::model::{Account, DynamicInterfaces};
use crate::config::problem::Fault;
use crate::config::source::Strictness;
use crate::units::{IfName, Version};

type Row = Keyword<GlobalDraft>;

const U32: i64 = 4_294_967_295;
/// Longest time in seconds that fits 32 bits of milliseconds, as keepalived limits it.
const LONG: i64 = 4294;

/// The only list of this block's keywords.
pub(super) static GLOBAL_DEFS: Table<GlobalDraft> = Table::new(
    "global_defs",
    &[
        // Names of things.
        Row::words("router_id", "<name>", |g, l| {
            g.model.router_id = Some(l.first()?.to_string());
            Ok(())
        })
        .bare_is_error(),
        Row::flag("process_names", nothing).no_effect(),
        Row::words("process_name", "<name>", process_name).no_effect(),
        Row::words("vrrp_process_name", "<name>", process_name).no_effect(),
        Row::words("checker_process_name", "<name>", process_name).no_effect(),
        Row::words("lvs_process_name", "<name>", process_name).no_effect(),
        Row::words("bfd_process_name", "<name>", process_name).no_effect(),
        Row::words("dynamic_interfaces", "[allow_if_changes]", dynamic_interfaces).bare_is_fine(),
        Row::words("default_interface", "<interface>", interface_name).bare_is_error().no_effect(),
        // Instances: defaults that an instance may override.
        Row::words("vrrp_version", "2|3", |g, l| {
            g.version = if l.number::<u8>(2, 3)? == 2 { Version::V2 } else { Version::V3 };
            Ok(())
        }),
        Row::words("vrrp_mcast_group4", "<address>", mcast_group4),
        Row::words("vrrp_mcast_group6", "<address>", mcast_group6),
        Row::words("vrrp_down_timer_adverts", "<1-100>", |g, l| {
            g.down_timer_adverts = l.number(1, 100)?;
            Ok(())
        }),
        Row::words("vrrp_garp_master_delay", "<seconds>", |g, l| {
            g.garp.delay = l.number(0, LONG)?;
            Ok(())
        }),
        Row::words("vrrp_garp_master_repeat", "<number>", |g, l| {
            g.garp.repeat = l.number_from_one(U32)?;
            Ok(())
        }),
        Row::words("vrrp_garp_master_refresh", "<seconds>", |g, l| {
            g.garp.refresh = 0;
            g.garp.refresh = l.number(0, U32)?;
            Ok(())
        }),
        Row::words("vrrp_garp_master_refresh_repeat", "<number>", |g, l| {
            g.garp.refresh_repeat = l.number_from_one(U32)?;
            Ok(())
        }),
        Row::words("vrrp_garp_lower_prio_delay", "<seconds>", |g, l| {
            g.garp.lower_prio_delay = Some(l.number(0, LONG)?);
            Ok(())
        }),
        Row::words("vrrp_garp_lower_prio_repeat", "<number>", |g, l| {
            g.garp.lower_prio_repeat = Some(l.number(0, i64::from(i32::MAX))?);
            Ok(())
        }),
        Row::boolean("vrrp_min_garp", |g, yes| {
            if yes {
                g.garp.minimise();
            }
        }),
        Row::words("vrrp_garp_interval", "<seconds>", seconds::<6, 1, 4_294_967_295>).no_effect(),
        Row::words("vrrp_gna_interval", "<seconds>", seconds::<6, 1, 4_294_967_295>).no_effect(),
        Row::words("vrrp_garp_extra_if", "[all] <seconds>", extra_interval).bare_is_error().no_effect(),
        Row::words("vrrp_vmac_garp_intvl", "[all] <seconds>", old_extra_interval).bare_is_error().no_effect(),
        Row::boolean("vrrp_lower_prio_no_advert", |g, yes| g.lower_prio_no_advert = yes),
        Row::boolean("vrrp_higher_prio_send_advert", |g, yes| g.higher_prio_send_advert = yes),
        Row::boolean("vrrp_owner_ignore_adverts", |g, yes| g.owner_ignore_adverts = yes),
        Row::flag("vrrp_check_unicast_src", |g| g.check_unicast_src = true),
        Row::boolean("vrrp_skip_check_adv_addr", |g, yes| g.skip_check_adv_addr = yes),
        Row::flag("v3_checksum_as_v2", |g| g.v3_checksum_as_v2 = true),
        Row::boolean("vrrp_strict", |g, yes| g.strict = yes).refused(),
        Row::flag("log_unknown_vrids", |g| g.model.log_unknown_vrids = true),
        // Start and scheduling.
        Row::words("vrrp_startup_delay", "<seconds>", |g, l| {
            let delay = l.seconds(6, 1_000, U32)?;
            g.model.startup_delay = g.model.startup_delay.max(delay);
            Ok(())
        }),
        Row::words("vrrp_delay_after_boot", "<seconds>", delay_after_boot),
        Row::words("vrrp_priority", "<-20..19>", |g, l| {
            g.model.nice = 0;
            g.model.nice = l.number(-20, 19)?;
            Ok(())
        })
        .bare_is_error(),
        Row::flag("vrrp_no_swap", |g| g.model.no_swap = true),
        Row::words("vrrp_rt_priority", "<1-99>", |g, l| {
            g.model.rt_priority = Some(rt_priority(l)?);
            Ok(())
        })
        .bare_is_error(),
        Row::words("vrrp_cpu_affinity", "<cpu> ...", cpus).bare_is_error().no_effect(),
        Row::words("vrrp_rlimit_rttime", "<microseconds>", whole::<1, U32>).no_effect(),
        Row::words("vrrp_rlimit_rtime", "<microseconds>", whole::<1, U32>).no_effect(),
        Row::words("checker_priority", "<-20..19>", whole::<-20, 19>).bare_is_error().no_effect(),
        Row::flag("checker_no_swap", nothing).no_effect(),
        Row::words("checker_rt_priority", "<1-99>", unused_rt_priority).bare_is_error().no_effect(),
        Row::words("checker_cpu_affinity", "<cpu> ...", cpus).bare_is_error().no_effect(),
        Row::words("checker_rlimit_rttime", "<microseconds>", whole::<1, U32>).no_effect(),
        Row::words("checker_rlimit_rtime", "<microseconds>", whole::<1, U32>).no_effect(),
        Row::words("bfd_priority", "<-20..19>", whole::<-20, 19>).bare_is_error().no_effect(),
        Row::flag("bfd_no_swap", nothing).no_effect(),
        Row::words("bfd_rt_priority", "<1-99>", unused_rt_priority).bare_is_error().no_effect(),
        Row::words("bfd_cpu_affinity", "<cpu> ...", cpus).bare_is_error().no_effect(),
        Row::words("bfd_rlimit_rttime", "<microseconds>", whole::<1, U32>).no_effect(),
        Row::words("bfd_rlimit_rtime", "<microseconds>", whole::<1, U32>).no_effect(),
        Row::words("max_auto_priority", "[<-1..99>]", whole::<-1, 99>).bare_is_fine().no_effect(),
        Row::words("min_auto_priority_delay", "<microseconds>", whole::<1, 10_000_000>)
            .bare_is_error()
            .no_effect(),
        // Scripts.
        Row::words("script_user", "<user> [<group>]", script_user).bare_is_error(),
        Row::flag("enable_script_security", |g| g.model.script_security = true),
        Row::boolean("use_symlink_paths", nothing_of).no_effect(),
        Row::script("startup_script", |_, _| {}).bare_is_error().no_effect(),
        Row::words("startup_script_timeout", "<seconds>", whole::<1, 1000>).bare_is_error().no_effect(),
        Row::script("shutdown_script", |_, _| {}).bare_is_error().no_effect(),
        Row::words("shutdown_script_timeout", "<seconds>", whole::<1, 1000>).bare_is_error().no_effect(),
        Row::words("notify_fifo", "<path> [<user> [<group>]]", anything).first().bare_is_error().no_effect(),
        Row::script("notify_fifo_script", |_, _| {}).bare_is_error().no_effect(),
        Row::words("vrrp_notify_fifo", "<path> [<user> [<group>]]", anything)
            .first()
            .bare_is_error()
            .no_effect(),
        Row::script("vrrp_notify_fifo_script", |_, _| {}).bare_is_error().no_effect(),
        Row::words("lvs_notify_fifo", "<path> [<user> [<group>]]", anything)
            .first()
            .bare_is_error()
            .no_effect(),
        Row::script("lvs_notify_fifo_script", |_, _| {}).bare_is_error().no_effect(),
        Row::boolean("vrrp_notify_priority_changes", nothing_of).no_effect(),
        Row::flag("fifo_write_vrrp_states_on_reload", nothing).no_effect(),
        // Mail.
        Row::words("notification_email_from", "<address>", |_, l| l.at_most(1)).bare_is_error().no_effect(),
        Row::words("smtp_server", "<host> [<port>]", smtp_server).no_effect(),
        Row::words("smtp_helo_name", "<name>", anything).bare_is_fine().no_effect(),
        Row::words("smtp_connect_timeout", "<seconds>", |_, l| l.number_from_one(LONG).map(drop)).no_effect(),
        Row::entries("notification_email", "{ <address> ... }", anything)
            .when_opened(|_, statement, context| {
                if statement.block.as_ref().is_some_and(|block| block.statements.is_empty()) {
                    let (keyword, what) = ("notification_email", "is empty".to_owned());
                    context.problems.add(statement.place(), Fault::Doubtful { keyword, what });
                }
            })
            .no_effect(),
        Row::boolean("smtp_alert", nothing_of).no_effect(),
        Row::boolean("smtp_alert_vrrp", nothing_of).no_effect(),
        Row::boolean("smtp_alert_checker", nothing_of).no_effect(),
        Row::flag("no_email_faults", nothing).no_effect(),
        Row::boolean("no_checker_emails", nothing_of).no_effect(),
        // Virtual servers.
        Row::boolean("checker_log_all_failures", nothing_of).no_effect(),
        Row::words("lvs_timeouts", "[tcp <s>] [tcpfin <s>] [udp <s>]", lvs_timeouts)
            .bare_is_error()
            .no_effect(),
        Row::flag("lvs_flush", nothing).no_effect(),
        Row::words("lvs_flush_on_stop", "[VS]", lvs_flush).bare_is_fine().no_effect(),
        Row::words("lvs_flush_onstop", "[VS]", lvs_flush).bare_is_fine().no_effect(),
        Row::words("lvs_sync_daemon", "<interface> [inst <name>] ...", lvs_sync_daemon)
            .first()
            .bare_is_error()
            .refused(),
        Row::boolean("rs_init_notifies", nothing_of).no_effect(),
        Row::words("nftables_ipvs", "[<table>]", table_name).first().bare_is_fine().no_effect(),
        Row::words("nftables_ipvs_priority", "<number>", whole::<-2_147_483_648, 2_147_483_647>).no_effect(),
        Row::words("nftables_ipvs_start_fwmark", "<number>", whole::<1, U32>).no_effect(),
        Row::words("lvs_netlink_cmd_rcv_bufs", "<bytes>", whole::<0, U32>).bare_is_error().no_effect(),
        Row::boolean("lvs_netlink_cmd_rcv_bufs_force", nothing_of).no_effect(),
        Row::words("lvs_netlink_monitor_rcv_bufs", "<bytes>", whole::<0, U32>).bare_is_error().no_effect(),
        Row::boolean("lvs_netlink_monitor_rcv_bufs_force", nothing_of).no_effect(),
        // Firewall, for `no_accept` and `use_vmac`.
        Row::words("vrrp_iptables", "[<in> [<out>]]", chain_names).first().bare_is_fine().no_effect(),
        Row::words("vrrp_ipsets", "[<set> ...]", set_names).bare_is_fine().no_effect(),
        Row::words("nftables", "[<table>]", table_name).first().bare_is_fine().no_effect(),
        Row::words("nftables_priority", "<number>", whole::<-2_147_483_648, 2_147_483_647>).no_effect(),
        Row::flag("nftables_ifindex", nothing).no_effect(),
        Row::flag("nftables_counters", nothing).no_effect(),
        Row::words("vmac_prefix", "<name>", anything).first().no_effect(),
        Row::words("vmac_addr_prefix", "<name>", anything).first().no_effect(),
        Row::flag("disable_local_igmp", nothing).no_effect(),
        // Buffers.
        Row::words("vrrp_netlink_cmd_rcv_bufs", "<bytes>", whole::<0, U32>).bare_is_error().no_effect(),
        Row::boolean("vrrp_netlink_cmd_rcv_bufs_force", nothing_of).no_effect(),
        Row::words("vrrp_netlink_monitor_rcv_bufs", "<bytes>", whole::<0, U32>).bare_is_error().no_effect(),
        Row::boolean("vrrp_netlink_monitor_rcv_bufs_force", nothing_of).no_effect(),
        Row::words("process_monitor_rcv_bufs", "<bytes>", whole::<0, U32>).bare_is_error().no_effect(),
        Row::boolean("process_monitor_rcv_bufs_force", nothing_of).no_effect(),
        Row::words("vrrp_rx_bufs_policy", "MTU|ADVERT|<bytes>", rx_bufs_policy).bare_is_error().no_effect(),
        Row::words("vrrp_rx_bufs_multiplier", "<number>", one_whole::<1, U32>).bare_is_error().no_effect(),
        // Reports.
        Row::words("snmp_socket", "<socket>", |_, l| l.at_most(1)).first().bare_is_error().no_effect(),
        Row::flag("enable_traps", nothing).no_effect(),
        Row::flag("enable_snmp_vrrp", nothing).no_effect(),
        Row::flag("enable_snmp_keepalived", nothing).no_effect(),
        Row::flag("enable_snmp_rfc", nothing).no_effect(),
        Row::flag("enable_snmp_rfcv2", nothing).no_effect(),
        Row::flag("enable_snmp_rfcv3", nothing).no_effect(),
        Row::flag("enable_snmp_checker", nothing).no_effect(),
        Row::words("snmp_vs_stats_update_interval", "<seconds>", seconds::<6, 1_000, 30_000_000>).no_effect(),
        Row::words("snmp_rs_stats_update_interval", "<seconds>", seconds::<6, 1_000, 30_000_000>).no_effect(),
        Row::flag("enable_dbus", nothing).no_effect(),
        Row::words("dbus_service_name", "<name>", anything).bare_is_error().no_effect(),
        Row::words("dbus_no_interface_name", "<name>", anything).bare_is_error().no_effect(),
        Row::boolean("data_use_instance", nothing_of).no_effect(),
        Row::words("json_version", "1|2", whole::<1, 2>).bare_is_error().no_effect(),
        Row::words("state_dump_file", "<path>", path).bare_is_error().no_effect(),
        Row::words("stats_dump_file", "<path>", path).bare_is_error().no_effect(),
        Row::words("json_dump_file", "<path>", path).bare_is_error().no_effect(),
        // The configuration itself.
        Row::words("include_check", "[[+|-]<flag> ...]", include_check).bare_is_fine(),
        Row::words("reload_check_config", "[<log file>]", |g, _| {
            g.every_fault_ends = true;
            Ok(())
        })
        .bare_is_fine(),
        Row::words("reload_time_file", "<path>", path).bare_is_error().no_effect(),
        Row::flag("reload_repeat", nothing).no_effect(),
        Row::words("reload_file", "[<path>]", anything).bare_is_fine().no_effect(),
        Row::words("config_save_dir", "<folder>", anything).no_effect(),
        Row::words("tmp_config_directory", "<folder>", anything).first().bare_is_error().no_effect(),
        Row::words("iproute_usr_dir", "<folder>", path).bare_is_error().no_effect(),
        Row::words("iproute_etc_dir", "<folder>", path).bare_is_error().no_effect(),
        Row::words("umask", "<mask>", umask).no_effect(),
        Row::words("random_seed", "<number>", whole::<0, U32>).no_effect(),
    ],
);

fn nothing(_: &mut GlobalDraft) {}

fn nothing_of(_: &mut GlobalDraft, _: bool) {}

fn anything(_: &mut GlobalDraft, _: &mut Line<'_, '_>) -> Set {
    Ok(())
}

fn whole<const LOW: i64, const HIGH: i64>(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    match line.arguments().first() {
        Some(word) => number::<i64>(word, LOW, HIGH).map(drop),
        None => Ok(()),
    }
}

fn one_whole<const LOW: i64, const HIGH: i64>(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    line.at_most(1)?;
    whole::<LOW, HIGH>(draft, line)
}

fn seconds<const PLACES: u32, const LOW: i64, const HIGH: i64>(
    _: &mut GlobalDraft,
    line: &mut Line<'_, '_>,
) -> Set {
    line.seconds(PLACES, LOW, HIGH).map(drop)
}

fn path(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    line.at_most(1)?;
    let word = line.first()?;
    if word.is_empty() { Err(expected(word, "a path")) } else { Ok(()) }
}

fn process_name(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    if word.len() > 15 {
        line.adjusted(word.place, "takes at most 15 characters; the name is cut");
    }
    Ok(())
}

fn interface_name(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    IfName::new(word).map(drop).ok_or_else(|| expected(word, "an interface name of 1 to 15 characters"))
}

fn dynamic_interfaces(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
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

fn mcast_group4(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    match address(word)? {
        IpAddr::V4(group) if group.is_multicast() => draft.group4 = group,
        _ => return Err(expected(word, "an IPv4 multicast address")),
    }
    Ok(())
}

fn mcast_group6(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
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

fn delay_after_boot(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let until = line.seconds(6, 1_000, U32)?;
    if let Some(uptime) = line.context.host.uptime() {
        let delay = until.saturating_sub(uptime);
        draft.model.startup_delay = draft.model.startup_delay.max(Duration::from_micros(micros(delay)));
    }
    Ok(())
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn rt_priority(line: &mut Line<'_, '_>) -> Result<u8, super::line::Rejected> {
    let word = line.first()?;
    let value = number::<i64>(word, i64::from(i32::MIN), i64::from(i32::MAX))?;
    let limited = value.clamp(1, 99);
    if limited != value {
        line.adjusted(word.place, format!("goes from 1 to 99; {limited} is used instead of {value}"));
    }
    Ok(u8::try_from(limited).unwrap_or(99))
}

fn unused_rt_priority(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    rt_priority(line).map(drop)
}

fn cpus(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    line.arguments().iter().try_for_each(|word| number::<u32>(word, 0, i64::from(i32::MAX)).map(drop))
}

fn script_user(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
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

fn extra_interval(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let words = line.arguments();
    let word = words.iter().find(|word| &***word != "all").ok_or_else(|| line.missing("seconds"))?;
    number::<u32>(word, 1, 86_400).map(drop)
}

fn old_extra_interval(draft: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let what = "write `vrrp_garp_extra_if`";
    line.report(line.place(), Fault::Deprecated { keyword: "vrrp_vmac_garp_intvl", what });
    extra_interval(draft, line)
}

fn smtp_server(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    match line.arguments().get(1) {
        Some(port) => number::<u16>(port, 1, 65_535).map(drop),
        None => Ok(()),
    }
}

fn lvs_timeouts(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
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

fn lvs_flush(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    match line.arguments().first() {
        Some(word) if &**word != "VS" => Err(line.unknown_option(word)),
        _ => Ok(()),
    }
}

fn lvs_sync_daemon(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
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
    for pair in options.chunks(2) {
        let (Some(name), value) = (pair.first(), pair.get(1)) else { continue };
        let Some(value) = value else {
            let (keyword, what) = (format!("lvs_sync_daemon {}", &**name), "a value");
            line.report(name.place, Fault::MissingWord { keyword, what, early: true });
            continue;
        };
        match (&**name, range(name)) {
            (_, Some((low, high))) => number::<u32>(value, low, high).map(drop)?,
            ("inst", None) => {}
            ("group", None) if address(value)?.is_multicast() => {}
            ("group", None) => return Err(expected(value, "a multicast address")),
            _ => return Err(line.unknown_option(name)),
        }
    }
    Ok(())
}

fn table_name(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    names(line, 254)
}

fn chain_names(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    names(line, 27)
}

fn set_names(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    names(line, 30)
}

fn names(line: &Line<'_, '_>, longest: usize) -> Set {
    match line.arguments().iter().find(|word| word.is_empty() || word.len() > longest) {
        Some(word) => Err(expected(word, format!("a name of 1 to {longest} characters"))),
        None => Ok(()),
    }
}

fn rx_bufs_policy(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let words = line.arguments();
    for (index, word) in words.iter().enumerate() {
        if word.eq_ignore_ascii_case("MTU") || word.eq_ignore_ascii_case("ADVERT") {
            continue;
        }
        if index > 0 {
            return Err(line.unknown_option(word));
        }
        number::<u32>(word, 0, U32)?;
    }
    match words {
        [_, second, ..] => Err(line.surplus(second)),
        _ => Ok(()),
    }
}

fn include_check(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    let words = line.arguments();
    let checked = Strictness::default().checked(words.iter().map(|word| &**word)).map(drop);
    checked.map_err(|wrong| match words.iter().find(|word| &***word == wrong) {
        Some(word) => line.unknown_option(word),
        None => line.missing("known flags"),
    })
}

fn umask(_: &mut GlobalDraft, line: &mut Line<'_, '_>) -> Set {
    const BITS: [&str; 12] = [
        "IRUSR", "IWUSR", "IXUSR", "IRWXU", "IRGRP", "IWGRP", "IXGRP", "IRWXG", "IROTH", "IWOTH", "IXOTH",
        "IRWXO",
    ];
    let word = line.first()?;
    let bad = || expected(word, "a mask from 0 to 0777, or bits such as IRWXG|IRWXO");
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let value = match (word.strip_prefix("0x"), word.strip_prefix('0')) {
            (Some(digits), _) => u32::from_str_radix(digits, 16),
            (None, Some("")) => Ok(0),
            (None, Some(digits)) => u32::from_str_radix(digits, 8),
            (None, None) => word.parse(),
        };
        return value.ok().filter(|mask| *mask <= 0o777).map(drop).ok_or_else(bad);
    }
    let text: String = line.arguments().iter().map(|word| &**word).collect();
    if text.split('|').all(|bit| BITS.contains(&bit)) { Ok(()) } else { Err(bad()) }
}
