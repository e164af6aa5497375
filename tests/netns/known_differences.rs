//! What keepalived 2.4.3 itself cannot do: with SUBJECT=keepalived these tests must fail.
//!
//! keepalived 2.2.7 (Debian 12) is a good other node in every test. As the subject it differs from 2.4.3 in one: its
//! `-t` ends by SIGTERM when a script would run as somebody else than root, so the check of the examples fails.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::node::Program;

/// Test and reason; see docs/differences.md for what vrrpd does instead.
const KEEPALIVED_FAILS: &[(&str, &str)] = &[
    (
        "a_killed_worker_is_replaced_before_the_peer_misses_it",
        "the new worker removes the addresses it finds and starts as BACKUP",
    ),
    ("the_successor_of_a_dead_worker_is_believed", "the new worker starts as BACKUP"),
    (
        "a_master_that_starts_again_at_once_is_believed_at_once",
        "it begins with sequence number 1, which its peer has seen",
    ),
    ("replays_are_known_after_a_reload", "a reload forgets the marks of senders"),
    (
        "junk_does_not_silence_a_v2_master",
        "every packet for its VRID restarts a master's advert timer, rejected ones too",
    ),
    (
        "junk_does_not_silence_a_v3_master",
        "every packet for its VRID restarts a master's advert timer, rejected ones too",
    ),
    (
        "an_advert_with_interval_0_makes_no_master_and_ends_none",
        "it is believed: the master steps down, and its down time is the skew of that interval, 0",
    ),
    (
        "a_file_with_a_missing_brace_changes_nothing_and_the_next_good_one_applies",
        "what it understands of the broken file is applied",
    ),
    (
        "a_hook_that_waited_when_the_worker_died_runs_once",
        "hooks wait for nothing, and the new worker starts as BACKUP",
    ),
    ("a_stop_removes_the_vmac_and_puts_every_setting_back", "arp_ignore and arp_filter of the parent stay 1"),
    (
        "the_reverse_path_filter_of_a_third_interface_stays_as_strict_as_all_was",
        "what all asked for moves to the parent alone",
    ),
    (
        "a_killed_worker_s_successor_takes_the_vmac_over_and_puts_the_settings_back",
        "the new worker removes the addresses it finds and starts as BACKUP",
    ),
    (
        "a_vmac_that_a_crashed_daemon_left_is_taken_over_up_or_down",
        "it is taken over as it is; one that is down holds the instance in FAULT",
    ),
    (
        "garp_extra_if_announces_on_the_vmacs_that_no_advert_leaves_by",
        "it takes effect only when an address is on yet another interface",
    ),
    (
        "a_renamed_vmac_gets_its_name_back_and_serves_again",
        "the new VMAC has the MAC of the renamed one and does not come up; the instance is a MASTER that nobody hears",
    ),
    ("an_emptied_file_changes_nothing", "it is a configuration without instances, which gives everything up"),
    ("a_file_that_names_no_virtual_router_id_changes_nothing", "a fatal fault in a reload ends the daemon"),
    ("a_test_of_a_file_that_is_missing_answers_4", "without -e it passes a main file that does not exist"),
    ("every_example_passes_check_config_as_it_stands", "it has no --check-config"),
    (
        "the_caller_of_a_daemon_that_goes_to_the_background_sees_why_it_cannot_start",
        "it forks before it has parsed",
    ),
    ("a_test_with_a_named_facility_passes", "a facility that is no plain number counts as an invalid one"),
    ("a_daemon_without_hooks_stops_within_half_a_second", "it waits a second for IGMP"),
    (
        "a_process_that_ends_moves_the_address_in_a_namespace_too",
        "its process connector works in the initial network namespace only, and it has no other way",
    ),
    (
        "everything_is_removed_in_the_end",
        "IPv6 routes without a metric, routes that are all no_track, and those of table 0 or by a gateway stay",
    ),
    (
        "what_keepalived_does_not_get_into_the_kernel_is_there",
        "it does not send the encap of a next hop, and sends a scope that the kernel refuses",
    ),
    (
        "a_refused_route_is_explained_and_comes_when_its_gateway_can_be_reached",
        "it gives the error's number and does not try again",
    ),
    (
        "the_successor_of_a_killed_worker_adopts_routes_and_rules",
        "the new worker removes what it finds and starts as BACKUP",
    ),
    (
        "static_routes_and_rules_are_put_back_without_a_track_group_too",
        "it looks after them in a track group only",
    ),
    (
        "a_route_that_the_kernel_dropped_with_a_link_comes_back_with_it",
        "a route without `dev` is not looked after",
    ),
    (
        "a_reload_tells_the_states_that_it_leaves_when_asked_to",
        "an instance that stays MASTER is not told again",
    ),
    ("the_script_hears_of_the_stop", "it ends the script before it writes the line"),
    (
        "a_worker_that_dies_takes_neither_fifo_nor_script_along",
        "the new worker starts as BACKUP, and the script has seen the end",
    ),
    (
        "a_reader_that_stalls_stops_no_advert_and_gets_its_lines_later",
        "a line that does not fit is lost without a word",
    ),
    ("the_mail_of_the_stop_arrives", "it closes the connection before HELO"),
    ("a_mail_that_cannot_leave_now_leaves_later", "it tries once"),
    ("one_bad_recipient_does_not_take_the_mail_from_the_others", "it gives the whole mail up"),
    (
        "a_reload_changes_whether_packets_are_taken_and_nothing_else",
        "packets are still dropped after a reload that takes `no_accept` away",
    ),
    ("another_table_on_reload_takes_the_place_of_the_first", "it refuses a reload that names another table"),
    (
        "a_firewall_that_a_dead_daemon_left_goes_although_nothing_is_blocked_any_more",
        "it looks at its table only when it needs one",
    ),
    (
        "iptables_and_ipsets_are_served_by_nftables_and_that_is_said_once",
        "it runs `iptables`, and nothing is blocked where that is not installed",
    ),
    ("refreshes_do_not_multiply_with_masterships", "each mastership starts a timer of its own and none ends"),
    ("only_a_limit_that_was_asked_for_ends_a_busy_worker", "it sets one of 10 ms"),
    ("a_missing_namespace_ends_the_start_with_a_status", "it ends with status 0"),
    ("a_hook_of_the_stop_may_take_its_time", "it kills the hook after a second"),
];

/// Runs `test`, or, when keepalived is judged, proves that it still fails where the table says so.
pub(crate) fn differs(name: &str, test: impl FnOnce()) {
    let (_, why) = KEEPALIVED_FAILS.iter().find(|(known, _)| *known == name).expect("listed in the table");
    if !Program::keepalived_is_judged() {
        return test();
    }
    let failed = catch_unwind(AssertUnwindSafe(test)).is_err();
    assert!(failed, "keepalived passes `{name}` now; the table says it cannot: {why}");
}
