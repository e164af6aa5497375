//! `global_defs`: what concerns the whole daemon, and the defaults of instances.
//!
//! In: the statements of the block. Out: a draft, and problems.
//! Never here: keywords of other blocks, what a value leads to.

mod firewall;
mod scripts;
mod value;

use self::scripts::remember;
pub(in crate::config) use self::scripts::{GlobalScript, Runner};
use self::value::{
    U32, anything, cpus, delay_after_boot, dynamic_interfaces, email_from, extra_interval, fifo,
    include_check, interface_name, lvs_flush, lvs_sync_daemon, lvs_timeouts, max_auto_priority, mcast_group4,
    mcast_group6, nothing, nothing_of, old_extra_interval, path, process_name, rlimit_rttime, rt_priority,
    rx_bufs_policy, script_user, seconds, smtp_server, table_name, umask, unused_cpus, unused_process_name,
    unused_rt_priority, whole,
};
use std::time::Duration;

use super::draft::GlobalDraft;
use super::table::{Keyword, Table};
use crate::config::fault::Fault;
use crate::units::Version;

type Row = Keyword<GlobalDraft>;

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
        Row::flag("process_names", |g| g.model.process.worker_name = Some("keepalived_vrrp".to_owned())),
        Row::words("process_name", "<name>", |g, l| {
            g.model.process.name = Some(process_name(l)?);
            Ok(())
        }),
        Row::words("vrrp_process_name", "<name>", |g, l| {
            g.model.process.worker_name = Some(process_name(l)?);
            Ok(())
        }),
        Row::words("checker_process_name", "<name>", unused_process_name).no_effect(),
        Row::words("lvs_process_name", "<name>", unused_process_name).no_effect(),
        Row::words("bfd_process_name", "<name>", unused_process_name).no_effect(),
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
        Row::words("vrrp_garp_interval", "<seconds>", |g, l| {
            g.announce_gaps.arp = l.seconds(6, 1, U32)?;
            Ok(())
        }),
        Row::words("vrrp_gna_interval", "<seconds>", |g, l| {
            g.announce_gaps.na = l.seconds(6, 1, U32)?;
            Ok(())
        }),
        Row::words("vrrp_garp_extra_if", "[all] <seconds>", extra_interval).bare_is_error(),
        Row::words("vrrp_vmac_garp_intvl", "[all] <seconds>", old_extra_interval).bare_is_error(),
        Row::boolean("vrrp_lower_prio_no_advert", |g, yes| g.lower_prio_no_advert = yes),
        Row::boolean("vrrp_higher_prio_send_advert", |g, yes| g.higher_prio_send_advert = yes),
        Row::boolean("vrrp_owner_ignore_adverts", |g, yes| g.owner_ignore_adverts = yes),
        Row::flag("vrrp_check_unicast_src", |g| g.check_unicast_src = true),
        Row::boolean("vrrp_skip_check_adv_addr", |g, yes| g.skip_check_adv_addr = yes),
        Row::flag("v3_checksum_as_v2", |g| g.v3_checksum_as_v2 = true),
        Row::boolean("vrrp_strict", |g, yes| g.strict = yes),
        Row::flag("log_unknown_vrids", |g| g.model.log_unknown_vrids = true),
        // Start and scheduling.
        Row::words("vrrp_startup_delay", "<seconds>", |g, l| {
            let delay = l.seconds(6, 1_000, U32)?;
            g.model.startup_delay = g.model.startup_delay.max(delay);
            Ok(())
        }),
        Row::words("vrrp_delay_after_boot", "<seconds>", delay_after_boot),
        Row::words("vrrp_priority", "<-20..19>", |g, l| {
            g.model.process.nice = 0;
            g.model.process.nice = l.number(-20, 19)?;
            Ok(())
        })
        .bare_is_error(),
        Row::flag("vrrp_no_swap", |g| g.model.process.no_swap = true),
        Row::words("vrrp_rt_priority", "<1-99>", |g, l| {
            g.model.process.rt_priority = Some(rt_priority(l)?);
            Ok(())
        })
        .bare_is_error(),
        Row::words("vrrp_cpu_affinity", "<cpu> ...", |g, l| {
            g.model.process.cpus = cpus(l)?;
            Ok(())
        })
        .bare_is_error(),
        Row::words("vrrp_rlimit_rttime", "<microseconds>", rlimit_rttime),
        Row::words("vrrp_rlimit_rtime", "<microseconds>", rlimit_rttime),
        Row::words("checker_priority", "<-20..19>", whole::<-20, 19>).bare_is_error().no_effect(),
        Row::flag("checker_no_swap", nothing).no_effect(),
        Row::words("checker_rt_priority", "<1-99>", unused_rt_priority).bare_is_error().no_effect(),
        Row::words("checker_cpu_affinity", "<cpu> ...", unused_cpus).bare_is_error().no_effect(),
        Row::words("checker_rlimit_rttime", "<microseconds>", whole::<1, U32>).no_effect(),
        Row::words("checker_rlimit_rtime", "<microseconds>", whole::<1, U32>).no_effect(),
        Row::words("bfd_priority", "<-20..19>", whole::<-20, 19>).bare_is_error().no_effect(),
        Row::flag("bfd_no_swap", nothing).no_effect(),
        Row::words("bfd_rt_priority", "<1-99>", unused_rt_priority).bare_is_error().no_effect(),
        Row::words("bfd_cpu_affinity", "<cpu> ...", unused_cpus).bare_is_error().no_effect(),
        Row::words("bfd_rlimit_rttime", "<microseconds>", whole::<1, U32>).no_effect(),
        Row::words("bfd_rlimit_rtime", "<microseconds>", whole::<1, U32>).no_effect(),
        Row::words("max_auto_priority", "[<-1..99>]", max_auto_priority).bare_is_fine(),
        Row::words("min_auto_priority_delay", "<microseconds>", |g, l| {
            let delay = Duration::from_micros(l.number::<u64>(1, 10_000_000)?);
            g.model.process.min_auto_priority_delay = Some(delay);
            Ok(())
        })
        .bare_is_error(),
        // Scripts.
        Row::words("script_user", "<user> [<group>]", script_user).bare_is_error(),
        Row::flag("enable_script_security", |g| g.model.script_security = true),
        Row::boolean("use_symlink_paths", nothing_of).no_effect(),
        Row::script("startup_script", |g, script| remember(g, "startup_script", script)).bare_is_error(),
        Row::words("startup_script_timeout", "<seconds>", |g, l| {
            g.startup_timeout = Duration::from_secs(l.number::<u64>(1, 1000)?);
            Ok(())
        })
        .bare_is_error(),
        Row::script("shutdown_script", |g, script| remember(g, "shutdown_script", script)).bare_is_error(),
        Row::words("shutdown_script_timeout", "<seconds>", |g, l| {
            g.shutdown_timeout = Duration::from_secs(l.number::<u64>(1, 1000)?);
            Ok(())
        })
        .bare_is_error(),
        Row::words("notify_fifo", "<path> [<user> [<group>]]", |g, l| {
            g.notify.fifo.path = fifo(l)?;
            Ok(())
        })
        .first()
        .bare_is_error(),
        Row::script("notify_fifo_script", |g, script| {
            remember(g, "notify_fifo_script", script.clone());
            g.notify.fifo.reader = script;
        })
        .bare_is_error(),
        Row::words("vrrp_notify_fifo", "<path> [<user> [<group>]]", |g, l| {
            g.notify.vrrp_fifo.path = fifo(l)?;
            Ok(())
        })
        .first()
        .bare_is_error(),
        Row::script("vrrp_notify_fifo_script", |g, script| {
            remember(g, "vrrp_notify_fifo_script", script.clone());
            g.notify.vrrp_fifo.reader = script;
        })
        .bare_is_error(),
        Row::words("lvs_notify_fifo", "<path> [<user> [<group>]]", anything)
            .first()
            .bare_is_error()
            .no_effect(),
        Row::script("lvs_notify_fifo_script", |g, script| remember(g, "lvs_notify_fifo_script", script))
            .bare_is_error()
            .no_effect(),
        Row::boolean("vrrp_notify_priority_changes", |g, yes| g.notify.priority_changes = yes),
        Row::flag("fifo_write_vrrp_states_on_reload", |g| g.model.fifo_states_on_reload = true),
        // Mail.
        Row::words("notification_email_from", "<address>", email_from).bare_is_error(),
        Row::words("smtp_server", "<host> [<port>]", smtp_server),
        Row::words("smtp_helo_name", "<name>", |g, l| {
            g.model.mail.helo_name = l.arguments().first().map(|word| word.to_string());
            Ok(())
        })
        .bare_is_fine(),
        Row::words("smtp_connect_timeout", "<seconds>", |g, l| {
            g.model.mail.timeout = Duration::from_secs(l.number_from_one(LONG)?.into());
            Ok(())
        }),
        Row::entries("notification_email", "{ <address> ... }", |g, l| {
            g.model.mail.recipients.extend(l.all().iter().map(|word| word.to_string()));
            Ok(())
        })
        .when_opened(|_, statement, context| {
            if statement.block.as_ref().is_some_and(|block| block.statements.is_empty()) {
                let (keyword, what) = ("notification_email", "is empty".to_owned());
                context.problems.add(statement.place(), Fault::Doubtful { keyword, what });
            }
        }),
        Row::boolean("smtp_alert", |g, yes| g.notify.smtp_alert = yes),
        Row::boolean("smtp_alert_vrrp", |g, yes| g.notify.smtp_alert_vrrp = Some(yes)),
        Row::boolean("smtp_alert_checker", nothing_of).no_effect(),
        Row::flag("no_email_faults", |g| g.model.mail.faults = false),
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
        Row::words("vrrp_iptables", "[<in> [<out>]]", firewall::iptables).first().bare_is_fine(),
        Row::words("vrrp_ipsets", "[<set> ...]", firewall::ipsets).bare_is_fine(),
        Row::words("nftables", "[<table>]", firewall::table).first().bare_is_fine(),
        Row::words("nftables_priority", "<number>", |g, l| {
            g.model.firewall.priority = l.number(-2_147_483_648, 2_147_483_647)?;
            Ok(())
        }),
        // Names of interfaces change, numbers do not: they are always used.
        Row::flag("nftables_ifindex", nothing),
        Row::flag("nftables_counters", |g| g.model.firewall.counters = true),
        Row::words("vmac_prefix", "<name>", |g, l| {
            g.vmac_prefix = Some(l.first()?.to_string());
            Ok(())
        })
        .first(),
        Row::words("vmac_addr_prefix", "<name>", |g, l| {
            g.vmac_addr_prefix = Some(l.first()?.to_string());
            Ok(())
        })
        .first(),
        Row::flag("disable_local_igmp", |g| g.model.place.disable_local_igmp = true),
        // Buffers.
        Row::words("vrrp_netlink_cmd_rcv_bufs", "<bytes>", whole::<0, U32>).bare_is_error().no_effect(),
        Row::boolean("vrrp_netlink_cmd_rcv_bufs_force", nothing_of).no_effect(),
        Row::words("vrrp_netlink_monitor_rcv_bufs", "<bytes>", whole::<0, U32>).bare_is_error().no_effect(),
        Row::boolean("vrrp_netlink_monitor_rcv_bufs_force", nothing_of).no_effect(),
        Row::words("process_monitor_rcv_bufs", "<bytes>", whole::<0, U32>).bare_is_error().no_effect(),
        Row::boolean("process_monitor_rcv_bufs_force", nothing_of).no_effect(),
        Row::words("vrrp_rx_bufs_policy", "MTU|ADVERT|<bytes>", rx_bufs_policy).bare_is_error(),
        Row::words("vrrp_rx_bufs_multiplier", "<number>", |g, l| {
            l.at_most(1)?;
            g.receive_buffers.packets = l.number(1, U32)?;
            Ok(())
        })
        .bare_is_error(),
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
        Row::words("iproute_usr_dir", "<folder>", |g, l| {
            path(g, l)?;
            l.context.defined.iproute.usr = l.first()?.to_string().into();
            Ok(())
        })
        .bare_is_error(),
        Row::words("iproute_etc_dir", "<folder>", |g, l| {
            path(g, l)?;
            l.context.defined.iproute.etc = l.first()?.to_string().into();
            Ok(())
        })
        .bare_is_error(),
        Row::words("umask", "<mask>", umask),
        Row::words("random_seed", "<number>", whole::<0, U32>).no_effect(),
    ],
);
