//! What the keywords about the daemon as a whole come to in the Model.

use std::time::Duration;

use super::model::{Gaps, GlobalDefs, Model};
use super::tests::{VALID, reading_offline};

fn model(root: &str, global: &str) -> Model {
    let instance = VALID.replace("@@", "");
    let (reading, problems) = reading_offline(&format!("{root}\nglobal_defs {{\n{global}\n}}\n{instance}"));
    reading.for_start().unwrap_or_else(|_| panic!("{problems}"))
}

fn global(lines: &str) -> GlobalDefs {
    model("", lines).global
}

fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

#[test]
fn the_place_of_a_daemon_is_what_the_file_names_first() {
    let place =
        model("net_namespace blue\nnet_namespace green\ninstance one\nnet_namespace_ipvs", "").global.place;
    assert_eq!((place.net_namespace.as_deref(), place.instance.as_deref()), (Some("blue"), Some("one")));
    assert_eq!(place.net_namespace_ipvs.as_deref(), Some(""));
    assert_eq!(place.suffix(), "_blue_one");
    assert_eq!(model("use_pid_dir", "").global.place.suffix(), "");
}

#[test]
fn limits_of_processes_are_kept_as_keepalived_keeps_them() {
    for (line, want) in
        [("max_auto_priority", Some(99)), ("max_auto_priority 0", None), ("max_auto_priority -1", None)]
    {
        assert_eq!(global(line).process.max_auto_priority, want, "{line}");
    }
    for (line, want) in
        [("", None), ("vrrp_rlimit_rttime 1", Some(2)), ("vrrp_rlimit_rttime 9000", Some(9000))]
    {
        assert_eq!(global(line).process.rlimit_rttime, want, "{line}");
    }
    assert_eq!(global("vrrp_cpu_affinity 3 0").process.cpus, [3, 0]);
    assert_eq!(global("min_auto_priority_delay 400").process.min_auto_priority_delay, Some(micros(400)));
}

#[test]
fn names_are_cut_where_the_kernel_cuts_them() {
    let process = global("process_names\nprocess_name abcdefghijklmnopq\n").process;
    assert_eq!(process.worker_name.as_deref(), Some("keepalived_vrrp"));
    assert_eq!(process.name.as_deref(), Some("abcdefghijklmno"));
}

#[test]
fn a_mask_is_a_number_or_bits() {
    for (words, want) in
        [("022", 0o22), ("0x1f", 0x1f), ("18", 18), ("IRWXG|IRWXO", 0o77), ("IWGRP | IWOTH", 0o22)]
    {
        assert_eq!(global(&format!("umask {words}")).process.umask, Some(want), "{words}");
    }
}

#[test]
fn scripts_of_the_daemon_take_10_s_or_what_is_given() {
    let process = global("script_user root\nstartup_script \"/bin/true a\"\nshutdown_script /bin/false\nshutdown_script_timeout 3").process;
    let (startup, shutdown) = (process.startup.unwrap(), process.shutdown.unwrap());
    assert_eq!(
        (startup.command.argv, startup.timeout.as_secs()),
        (vec!["/bin/true".to_owned(), "a".into()], 10)
    );
    assert_eq!((shutdown.command.argv, shutdown.timeout.as_secs()), (vec!["/bin/false".to_owned()], 3));
}

#[test]
fn gaps_between_announcements_are_global_or_of_a_group() {
    let group =
        "garp_group {\ngarp_interval 0.3\ninterfaces {\neth0 eth1\n}\n}\ngarp_group {\ninterface eth2\n}";
    let limits = model(group, "vrrp_garp_interval 0.1\nvrrp_gna_interval 2").announce_limits;
    assert_eq!(limits.alone, Gaps { arp: micros(100_000), na: micros(2_000_000) });
    let [group] = &limits.groups[..] else { panic!("a group without gaps is left out: {limits:?}") };
    assert_eq!(group.gaps, Gaps { arp: micros(300_000), na: Duration::ZERO });
    assert_eq!(group.interfaces.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["eth0", "eth1"]);
}
