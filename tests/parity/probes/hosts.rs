//! What a file names on the host: accounts, programs, hosts, lists of iproute2, kinds of interfaces, namespaces.

use super::{Probe, file, valid};

/// Lines of `global_defs`; `@S@` stands for security with a user.
#[rustfmt::skip]
const GLOBAL: &[&str] = &[
    "smtp_server 192.0.2.1",
    "smtp_server 192.0.2.1 25 x",
    "smtp_server 192.0.2.1 0",
    "smtp_server 2001:db8::1 25",
    "smtp_server localhost",
    "smtp_server 5",
    "smtp_server 192.0.2.300",
    "smtp_server 192.0.2.1/24",
    "smtp_server 192.0.2.1-5",
    "smtp_server [2001:db8::1] 25",
    "smtp_server \"\"",
    "smtp_server mail.invalid",
    "smtp_server mail-x.invalid 25",
    "smtp_server mail.invalid x",
    "startup_script /usr/bin/true",
    "startup_script /usr/bin/true root",
    "startup_script /nowhere",
    "startup_script /etc/passwd",
    "startup_script @D@/own.sh",
    "startup_script /usr/bin/true nobodyhere",
    "startup_script /nowhere nobodyhere",
    "startup_script /usr/bin/true root nogrouphere",
    "shutdown_script /usr/bin/true",
    "shutdown_script /usr/bin/true nobodyhere",
    "@S@\nstartup_script /usr/bin/true",
    "@S@\nstartup_script \"/usr/bin/true a b\"",
    "@S@\nstartup_script '/usr/bin/true a b",
    "@S@\nstartup_script true",
    "@S@\nstartup_script /nowhere",
    "@S@\nstartup_script @D@/own.sh",
    "@S@\nstartup_script /usr/bin/true\nstartup_script /usr/bin/true",
    "startup_script /usr/bin/true\n@S@",
    "startup_script /usr/bin/true\nenable_script_security",
    "enable_script_security\nstartup_script /usr/bin/true",
    "enable_script_security\nstartup_script /nowhere",
    "enable_script_security\nstartup_script /usr/bin/true root",
    "enable_script_security\nstartup_script /usr/bin/true\nshutdown_script /usr/bin/true",
    "enable_script_security\nscript_user nobodyhere\nstartup_script /usr/bin/true",
    "script_user root root root",
    "script_user root nogrouphere",
    "script_user root\nscript_user daemon",
    "notify_fifo @D@/f\nnotify_fifo_script /usr/bin/true",
    "notify_fifo_script /usr/bin/true",
    "notify_fifo_script /etc/passwd",
    "notify_fifo_script @D@/own.sh",
    "notify_fifo_script /nowhere",
    "vrrp_notify_fifo_script /usr/bin/true",
    "lvs_notify_fifo_script /usr/bin/true",
    "enable_script_security\nnotify_fifo_script /usr/bin/true",
    "enable_script_security\nnotify_fifo_script /nowhere",
    "enable_script_security\nlvs_notify_fifo_script /usr/bin/true",
    "notify_fifo_script /usr/bin/true\nenable_script_security",
    "@S@\nnotify_fifo_script /usr/bin/true nobodyhere",
    "@S@\nnotify_fifo @D@/f nobodyhere",
    "notify_fifo @D@/f\nvrrp_notify_fifo @D@/f",
];

/// Files without an instance, with one that has no interface, or with a virtual server.
#[rustfmt::skip]
const SCRIPTS: &[&str] = &[
    "global_defs {\nstartup_script /usr/bin/true\n}",
    "global_defs {\nnotify_fifo_script /usr/bin/true\n}",
    "global_defs {\nvrrp_notify_fifo_script /usr/bin/true\n}",
    "global_defs {\nnotify_fifo_script /usr/bin/true\n}\n@LVS@",
    "global_defs {\nvrrp_notify_fifo_script /usr/bin/true\n}\n@LVS@",
    "global_defs {\nlvs_notify_fifo_script /usr/bin/true\n}\n@LVS@",
    "global_defs {\nstartup_script /usr/bin/true\n}\nvrrp_instance V {\ninterface nope\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.1\n}\n}",
    "global_defs {\nvrrp_notify_fifo_script /usr/bin/true\n}\nvrrp_instance V {\ninterface nope\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.1\n}\n}",
];

const LVS: &str = "virtual_server 192.0.2.100 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\nreal_server 192.0.2.200 80 {\n}\n}";

/// What stands in `global_defs`, and a list of iproute2 with its text.
#[rustfmt::skip]
const LISTS: &[(&str, &str, &str)] = &[
    ("", "e/rt_tables", "77 blue"),
    ("iproute_etc_dir @D@/e", "e/rt_tables", "77 blue"),
    ("iproute_etc_dir @D@/e", "e/rt_tables", "77 green"),
    ("iproute_etc_dir @D@/e", "e/rt_tables.d/a.conf", "77 blue"),
    ("iproute_etc_dir @D@/e", "e/rt_tables.d/a.txt", "77 blue"),
    ("iproute_etc_dir @D@/e", "e/rt_tables.d/.a.conf", "77 blue"),
    ("iproute_usr_dir @D@/e", "e/rt_tables.d/a.conf", "77 blue"),
    ("iproute_usr_dir @D@/e", "e/rt_tables", "77 blue"),
    ("iproute_etc_dir /nowhere\niproute_usr_dir @D@/e", "e/rt_tables", "77 blue"),
    ("iproute_etc_dir /nowhere\niproute_etc_dir @D@/e", "e/rt_tables", "77 blue"),
];

/// Lines of an instance, beside `mv0`, a private macvlan on `eth0`, and `mvb0`, one of mode bridge.
#[rustfmt::skip]
const KINDS: &[&str] = &[
    "use_vmac eth1",
    "use_vmac eth0",
    "use_vmac lo",
    "use_vmac mv0",
    "use_vmac mvb0",
    "use_ipvlan eth1 192.0.2.5",
    "use_ipvlan mv0 192.0.2.5",
];

/// Whole files.
#[rustfmt::skip]
const WHOLE: &[&str] = &[
    "@V@vrrp_instance W {\ninterface mv0\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.11\n}\n}",
    "@V@vrrp_instance W {\ninterface mvb0\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.11\n}\n}",
    "@V@vrrp_instance W {\ninterface mv0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.11\n}\n}",
    "global_defs {\ndynamic_interfaces\n}\n@V@vrrp_instance W {\ninterface mv0\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.11\n}\n}",
    "global_defs {\ndynamic_interfaces allow_if_changes\n}\n@V@vrrp_instance W {\ninterface mv0\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.11\n}\n}",
    "global_defs {\ndynamic_interfaces allow_if_changes\n}\n@V@vrrp_instance W {\ninterface eth0\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.11\n}\n}",
    "vrrp_instance V {\nvrf eth1\nunicast_src_ip 192.0.2.1\nunicast_peer {\n192.0.2.2\n}\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10 dev eth0\n}\n}",
    "vrrp_instance V {\nvrf lo\nunicast_src_ip 192.0.2.1\nunicast_peer {\n192.0.2.2\n}\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10 dev eth0\n}\n}",
    "bfd_instance b {\nneighbor_ip 192.0.2.9\nchecker\n}\n@BFD@",
    "bfd_instance b {\nneighbor_ip 192.0.2.9\nvrrp\n}\n@BFD@",
    "bfd_instance b {\nneighbor_ip 192.0.2.9\nvrrp\nchecker\n}\n@BFD@",
    "bfd_instance b {\n}\n@BFD@",
    "@BFD@\nbfd_instance b {\nneighbor_ip 192.0.2.9\n}",
    "bfd_instance b {\nneighbor_ip 192.0.2.9\nweight 10\n}\n@OWNER@",
    "bfd_instance b {\nneighbor_ip 192.0.2.9\n}\n@OWNER@",
    "net_namespace vrrpd-nowhere\n@V@",
    "net_namespace\n@V@",
    "net_namespace vrrpd-nowhere\nglobal_defs {\nprocess_name\n}",
    "net_namespace vrrpd-nowhere\nincludem none\n@V@",
    "net_namespace_ipvs vrrpd-nowhere\n@V@",
    "instance \"\"\n@V@",
    "instance a/b\n@V@",
    "use_pid_dir x\n@V@",
    "$X=a\nvrrp_instance V {\nstate ${_ENV A B}\n}",
    "@other bogus \"x\n@V@",
    "@^node1 bogus \"x\n@V@",
    "@other bogus \"x\"\n@V@",
    "@other bogus # \"x\n@V@",
    "@other state a\\\"b\n@V@",
    "@other $X=\"x\n@V@",
    "$X=\"x\n@V@",
    "$X=a \\\n\"b\n@V@",
    "global_defs {\nenable_script_security\nscript_user root\n}\nvrrp_instance V {\ninterface eth0\nvirtual_router_id 51\nnotify \"/usr/bin/true \\\"x\"\nvirtual_ipaddress {\n192.0.2.10\n}\n}",
];

/// Faults behind a namespace that cannot be entered.
const HIDDEN: &[&str] =
    &["bogus 1\n@V@", "net_namespace other\n@V@", "vrrp_instance V {\npriority\n}", "vrrp_instance V {\n}"];

const OWN: &str = "#!/bin/sh\n";

/// Everything that concerns the host.
pub(super) fn probes() -> Vec<Probe> {
    let global = GLOBAL.iter().map(|line| {
        let text = line.replace("@S@", "enable_script_security\nscript_user root");
        file(&format!("on this host: {line}"), &format!("global_defs {{\n{text}\n}}\n@V@"))
            .with("own.sh", OWN)
    });
    let scripts = SCRIPTS.iter().map(|text| file(text, &text.replace("@LVS@", LVS)));
    let lists = LISTS.iter().map(|(dirs, path, text)| {
        let routes = valid("virtual_routes {\n192.0.2.128/25 dev eth0 table blue\n}", "192.0.2.10");
        file(&format!("{text} in {path}: {dirs}"), &format!("global_defs {{\n{dirs}\n}}\n{routes}"))
            .with(path, text)
    });
    let kinds = KINDS.iter().map(|line| file(&format!("kinds: {line}"), &valid(line, "192.0.2.10")));
    let track = valid("track_bfd {\nb\n}", "192.0.2.10");
    let owner = valid("priority 255\ntrack_bfd {\nb\n}", "192.0.2.10");
    let whole =
        WHOLE.iter().map(move |text| file(text, &text.replace("@BFD@", &track).replace("@OWNER@", &owner)));
    let hidden = HIDDEN.iter().map(|text| {
        file(&format!("behind a missing namespace: {text}"), &format!("net_namespace vrrpd-nowhere\n{text}"))
            .differs("faults are told whether the namespace exists or not")
    });
    global.chain(scripts).chain(lists).chain(kinds).chain(whole).chain(hidden).collect()
}
