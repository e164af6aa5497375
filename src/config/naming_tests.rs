//! What a person reads about things that a file names: on the host, and elsewhere in the file.

use super::tests::{VALID, check, on_small_host, reading_offline};

#[test]
fn scripts_of_the_daemon_are_judged_with_the_others() {
    let global = |lines: &str| format!("global_defs {{\n{lines}\n}}\n{}", VALID.replace("@@", ""));
    let (reading, problems) =
        on_small_host(&global("startup_script /bin/check\nshutdown_script /bin/check who"));
    insta::assert_snapshot!(problems, @"
    k.conf:2:16: warning: scripts are run, but `enable_script_security` is not set
    k.conf:3:17: error: script `/bin/check` runs as user `who` that does not exist; it is left out
    ");
    assert_eq!(reading.exit_status(), 6);
    let text = global("enable_script_security\nstartup_script /bin/check\nnotify_fifo_script /bin/check");
    insta::assert_snapshot!(on_small_host(&text).1, @"
    k.conf:3:16: error: `startup_script` has no user to run as and is left out: name one in `script_user`
    k.conf:4:20: error: `notify_fifo_script` has no user to run as and is left out: name one in `script_user`
    ");
    assert_eq!(reading_offline(&text).0.exit_status(), 0);
}

#[test]
fn a_mail_server_must_resolve_on_the_host_and_look_like_one_anywhere() {
    let global = |host: &str| format!("global_defs {{\nsmtp_server {host}\n}}\n");
    for (host, offline, here) in [
        ("192.0.2.1", 0, 5), // this host knows one name only
        ("mail.example", 0, 0),
        ("mail.invalid", 0, 5),
        ("192.0.2.300", 5, 5),
        ("mail.example 0", 5, 5),
    ] {
        assert_eq!(reading_offline(&global(host)).0.exit_status(), offline, "{host} offline");
        assert_eq!(on_small_host(&global(host)).0.exit_status(), here, "{host}");
    }
}

#[test]
fn a_mail_server_that_does_not_resolve_now_may_do_so_later() {
    let text = VALID.replace("@@", "");
    let (reading, _) = on_small_host(&format!("global_defs {{\nsmtp_server mail.invalid\n}}\n{text}"));
    let server = reading.for_start().unwrap().global.mail.server;
    assert_eq!(server.map(|server| server.host).as_deref(), Some("mail.invalid"));
}

#[test]
fn a_name_for_an_interface_of_our_own_must_be_free_or_of_its_kind() {
    for (line, taken) in [
        ("use_vmac mac0", false),
        ("use_vmac new0", false),
        ("use_vmac eth0", true),
        ("use_vmac ip0", true),
        ("use_ipvlan ip0 192.0.2.5", false),
        ("use_ipvlan mac0 192.0.2.5", true),
    ] {
        let (_, problems) = on_small_host(&VALID.replace("@@", line));
        assert_eq!(problems.contains("which exists and is not"), taken, "{line}: {problems}");
    }
}

#[test]
fn what_stands_on_an_interface_is_on_its_link() {
    let second = VALID.replace("VI_1", "VI_2").replace("eth0", "mac0").replace("@@", "");
    let text = VALID.replace("@@", "") + &second;
    let (reading, problems) = on_small_host(&text);
    assert_eq!(reading.for_start().map_err(|refusal| refusal.status), Err(2), "{problems}");
    let text = format!("global_defs {{\ndynamic_interfaces allow_if_changes\n}}\n{text}");
    let (reading, problems) = on_small_host(&text);
    insta::assert_snapshot!(problems, @"k.conf:14:15: warning: `vrrp_instance` `VI_2` has the virtual_router_id 51 of `VI_1` on the same link and is left out");
    assert_eq!(reading.exit_status(), 0);
    assert_eq!(reading.for_start().unwrap().instances.len(), 1);
}

#[test]
fn a_namespace_that_cannot_be_entered_hides_no_other_fault() {
    let text = format!("net_namespace nowhere\n{}", VALID.replace("@@", "bogus"));
    let (reading, problems) = on_small_host(&text);
    insta::assert_snapshot!(problems, @"
    k.conf:1:15: warning: `net_namespace` names `nowhere`, which cannot be entered; interfaces are not looked up
    k.conf:6:5: error: unknown keyword `bogus` in vrrp_instance
    ");
    assert_eq!(reading.exit_status(), 5);
}

#[test]
fn a_bfd_instance_is_known_to_those_for_whom_it_is() {
    let bfd = |inner: &str| format!("bfd_instance b {{\nneighbor_ip 192.0.2.9\n{inner}\n}}\n");
    let track = VALID.replace("@@", "track_bfd {\nb\n}");
    for (inner, known) in [("", true), ("vrrp", true), ("checker", false), ("vrrp\nchecker", true)] {
        let (reading, problems) = reading_offline(&(bfd(inner) + &track));
        assert_eq!(reading.exit_status() == 0, known, "{inner}: {problems}");
    }
    let owner = VALID.replace("@@", "priority 255\ntrack_bfd {\nb\n}");
    let (_, problems) = reading_offline(&(bfd("weight 10") + &owner));
    assert!(problems.contains("`track_bfd` has no weight at priority 255"), "{problems}");
    assert_eq!(reading_offline(&(bfd("weight 0") + &owner)).0.exit_status(), 0);
}

#[test]
fn what_is_listed_twice_shows_where_it_stands_first() {
    let inner = "track_interface {\neth1\neth1\n}\nvirtual_ipaddress_excluded {\n192.0.2.101\n192.0.2.101\n}";
    let text = VALID.replace("@@", inner).replace("192.0.2.100/24", "192.0.2.100/24\n192.0.2.100/24");
    let (reading, _) = reading_offline(&text);
    let twice: Vec<_> = reading.problems.iter().filter(|problem| problem.code == "listed-twice").collect();
    let lines: Vec<_> = twice
        .iter()
        .map(|problem| (problem.line, problem.related.as_ref().map(|first| first.line)))
        .collect();
    assert_eq!(lines, [(7, Some(6)), (11, Some(10)), (15, Some(14))]);
}

#[test]
fn a_command_of_a_virtual_server_is_told_where_it_stands() {
    let text = "virtual_server 192.0.2.1 80 {
    protocol TCP
    lb_algo rr
    lb_kind NAT
    quorum_up /gone
    real_server 192.0.2.2 80 {
        notify_up /gone
        MISC_CHECK {
            misc_path \"/lost a\"
        }
    }
}
";
    let (_, problems) = on_small_host(text);
    let lines: Vec<&str> = problems.lines().filter(|line| line.contains("script `")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    k.conf:5:15: warning: script `/gone` does not exist; it is left out
    k.conf:7:19: warning: script `/gone` does not exist; it is left out
    k.conf:9:23: warning: script `/lost` does not exist; it is left out
    ");
    assert!(!check(text).contains("script `"), "offline nothing is looked up");
}
