//! Uses of keywords that no other probe shows to be right, or to be wrong.

use super::table::inside;
use super::{Probe, file};

#[rustfmt::skip]
const LINES: &[(&str, &str)] = &[
    ("/", "namespace_with_ipsets"),
    ("global_defs", "process_names"),
    ("global_defs", "process_name a"),
    ("global_defs", "vrrp_process_name a"),
    ("global_defs", "checker_process_name a"),
    ("global_defs", "lvs_process_name a"),
    ("global_defs", "bfd_process_name a"),
    ("global_defs", "use_symlink_paths"),
    ("global_defs", "notification_email_from a@b"),
    ("global_defs", "smtp_connect_timeout 5"),
    ("global_defs", "smtp_alert"),
    ("global_defs", "startup_script_timeout 5"),
    ("global_defs", "enable_script_security\nscript_user root\nshutdown_script /usr/bin/true"),
    ("global_defs", "shutdown_script_timeout 5"),
    ("global_defs", "min_auto_priority_delay 5"),
    ("global_defs", "smtp_alert_vrrp"),
    ("global_defs", "smtp_alert_checker"),
    ("global_defs", "checker_log_all_failures"),
    ("global_defs", "no_email_faults"),
    ("global_defs", "disable_local_igmp"),
    ("global_defs", "v3_checksum_as_v2"),
    ("global_defs", "lvs_flush"),
    ("global_defs", "lvs_flush_on_stop"),
    ("global_defs", "lvs_flush_onstop VS"),
    ("global_defs", "vrrp_garp_master_delay 5"),
    ("global_defs", "vrrp_garp_master_repeat 5"),
    ("global_defs", "vrrp_garp_master_refresh 5"),
    ("global_defs", "vrrp_garp_master_refresh_repeat 5"),
    ("global_defs", "vrrp_garp_lower_prio_delay 5"),
    ("global_defs", "vrrp_garp_lower_prio_repeat 5"),
    ("global_defs", "vrrp_down_timer_adverts 5"),
    ("global_defs", "vrrp_gna_interval 0.5"),
    ("global_defs", "vrrp_garp_extra_if 5"),
    ("global_defs", "vrrp_lower_prio_no_advert"),
    ("global_defs", "vrrp_higher_prio_send_advert"),
    ("global_defs", "vrrp_iptables xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    ("global_defs", "vrrp_ipsets xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    ("global_defs", "nftables a"),
    ("global_defs", "nftables_priority 5"),
    ("global_defs", "nftables_ifindex"),
    ("global_defs", "vrrp_skip_check_adv_addr"),
    ("global_defs", "vrrp_no_swap"),
    ("global_defs", "vrrp_rlimit_rttime 5"),
    ("global_defs", "vrrp_rlimit_rtime 5"),
    ("global_defs", "nftables_ipvs a"),
    ("global_defs", "nftables_ipvs \"\""),
    ("global_defs", "nftables_ipvs_priority 5"),
    ("global_defs", "nftables_ipvs_start_fwmark 5"),
    ("global_defs", "nftables_counters"),
    ("global_defs", "vrrp_notify_priority_changes"),
    ("global_defs", "fifo_write_vrrp_states_on_reload"),
    ("global_defs", "lvs_notify_fifo @D@/f"),
    ("global_defs", "checker_priority 5"),
    ("global_defs", "checker_no_swap"),
    ("global_defs", "checker_rt_priority 5"),
    ("global_defs", "checker_cpu_affinity 0"),
    ("global_defs", "checker_rlimit_rttime 5"),
    ("global_defs", "checker_rlimit_rtime 5"),
    ("global_defs", "bfd_priority 5"),
    ("global_defs", "bfd_no_swap"),
    ("global_defs", "bfd_rt_priority 5"),
    ("global_defs", "bfd_cpu_affinity 0"),
    ("global_defs", "bfd_rlimit_rttime 5"),
    ("global_defs", "bfd_rlimit_rtime 5"),
    ("global_defs", "snmp_socket a"),
    ("global_defs", "enable_traps"),
    ("global_defs", "enable_snmp_vrrp"),
    ("global_defs", "enable_snmp_keepalived"),
    ("global_defs", "enable_snmp_checker"),
    ("global_defs", "snmp_vs_stats_update_interval 5"),
    ("global_defs", "snmp_rs_stats_update_interval 5"),
    ("global_defs", "dbus_service_name a.b"),
    ("global_defs", "dbus_no_interface_name a"),
    ("global_defs", "vrrp_netlink_cmd_rcv_bufs 5"),
    ("global_defs", "vrrp_netlink_cmd_rcv_bufs_force"),
    ("global_defs", "vrrp_netlink_monitor_rcv_bufs 5"),
    ("global_defs", "vrrp_netlink_monitor_rcv_bufs_force"),
    ("global_defs", "process_monitor_rcv_bufs 5"),
    ("global_defs", "process_monitor_rcv_bufs_force"),
    ("global_defs", "lvs_netlink_cmd_rcv_bufs 5"),
    ("global_defs", "lvs_netlink_cmd_rcv_bufs_force"),
    ("global_defs", "lvs_netlink_monitor_rcv_bufs 5"),
    ("global_defs", "lvs_netlink_monitor_rcv_bufs_force"),
    ("global_defs", "rs_init_notifies"),
    ("global_defs", "no_checker_emails"),
    ("global_defs", "vrrp_rx_bufs_multiplier 3"),
    ("global_defs", "vrrp_owner_ignore_adverts"),
    ("global_defs", "vmac_prefix a"),
    ("global_defs", "vmac_addr_prefix a"),
    ("global_defs", "reload_time_file @D@/t"),
    ("global_defs", "reload_repeat"),
    ("global_defs", "config_save_dir @D@/saved"),
    ("global_defs", "tmp_config_directory @D@"),
    ("global_defs", "data_use_instance"),
    ("global_defs", "json_version 2"),
    ("global_defs", "state_dump_file @D@/s"),
    ("global_defs", "stats_dump_file @D@/s"),
    ("global_defs", "json_dump_file @D@/s"),
    ("vrrp_instance", "no_accept"),
    ("vrrp_instance", "preempt"),
    ("vrrp_instance", "garp_master_refresh 5"),
    ("vrrp_instance", "garp_master_repeat 5"),
    ("vrrp_instance", "garp_master_refresh_repeat 5"),
    ("vrrp_instance", "garp_lower_prio_delay 5"),
    ("vrrp_script", "fall 2"),
    ("vrrp_track_file", "weight 5"),
    ("vrrp_track_file", "init_file 5"),
    ("vrrp_track_file", "init_file x"),
    ("virtual_server/real_server/HTTP_GET/url", "regex_options bogus"),
    ("virtual_server/real_server/HTTP_GET/url", "regex_min_offset x"),
    ("virtual_server/real_server/HTTP_GET/url", "regex_max_offset x"),
    ("virtual_server/real_server/HTTP_GET/url", "regex_stack x"),
];

/// Lines of an instance or a group with two members, under `enable_script_security`.
#[rustfmt::skip]
const SECURED: &[(&str, &str)] = &[
    ("vrrp_instance", "notify_backup /usr/bin/true"),
    ("vrrp_instance", "notify_master /usr/bin/true"),
    ("vrrp_instance", "notify_fault /usr/bin/true"),
    ("vrrp_instance", "notify_stop /usr/bin/true"),
    ("vrrp_instance", "notify_master_rx_lower_pri /usr/bin/true"),
    ("vrrp_sync_group", "notify_backup /usr/bin/true"),
    ("vrrp_sync_group", "notify_fault /usr/bin/true"),
    ("vrrp_sync_group", "notify_stop /usr/bin/true"),
];

const SECURITY: &str = "global_defs {\nenable_script_security\nscript_user root\n}\n";

const SECOND: &str =
    "vrrp_instance W {\ninterface eth1\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.11\n}\n}\n";

/// All of them.
pub(super) fn probes() -> impl Iterator<Item = Probe> {
    let lines = LINES.iter().map(|(block, line)| {
        let text = inside(block, line).unwrap();
        file(&format!("one use, {block}: {line}"), &text)
    });
    let secured = SECURED.iter().map(|(block, line)| {
        let text = inside(block, line).unwrap().replace("group {\nV\n", "group {\nV\nW\n");
        file(&format!("one use, {block}: {line}"), &format!("{SECURITY}{text}{SECOND}"))
    });
    let native = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 51\nnative_ipv6\nvirtual_ipaddress {\nfe80::1\n}\n}";
    let rfc = ["enable_snmp_rfc", "enable_snmp_rfcv2", "enable_snmp_rfcv3"].map(|line| {
        let text = inside("global_defs", line).unwrap();
        file(line, &text)
            .differs("the build of 2.4.3 that is the measure has no RFC SNMP and calls it unknown")
    });
    lines.chain(secured).chain([file("native_ipv6 with IPv6", native)]).chain(rfc)
}
