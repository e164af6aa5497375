//! What a person reads, and what reaches the Model: whole files through [`super::read`].

use std::net::IpAddr;
use std::time::Duration;

use super::host::{BadProgram, Host, Secret};
use super::iproute_names::IprouteFolders;
use super::links::{Kind, Link};
use super::model::{
    Account, Authentication, InitialState, Preemption, Transport, UnicastPeer, VirtualAddress,
};
use super::*;
use crate::units::{Family, IfName, Priority, Version};

pub(super) const VALID: &str = "
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    @@
    virtual_ipaddress {
        192.0.2.100/24
    }
}
";

pub(super) fn request(file: &Path) -> Request<'_> {
    Request {
        file,
        config_id: "node1",
        strict_includes: false,
        level: Level::Offline,
        vrrp_only: false,
        namespace: None,
    }
}

/// Reads files from a folder of their own; the first one is the main file.
pub(super) fn reading(files: &[(&str, &str)]) -> (Reading, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let reading = read(&request(&folder.path().join(files[0].0)));
    let root = format!("{}/", folder.path().display());
    let text: Vec<String> =
        reading.problems.iter().map(|problem| problem.to_string().replace(&root, "")).collect();
    (reading, text.join("\n"))
}

/// What a person reads about one file, and the exit status.
pub(super) fn check(text: &str) -> String {
    let (reading, problems) = reading(&[("keepalived.conf", text)]);
    format!("{problems}\nexit {}", reading.exit_status())
}

fn instance(inner: &str) -> model::VrrpInstance {
    let (reading, problems) = reading(&[("k.conf", &VALID.replace("@@", inner))]);
    let mut model = reading.model.unwrap();
    assert_eq!(model.instances.len(), 1, "{problems}");
    model.instances.remove(0)
}

#[test]
fn misspelt_keywords_name_what_may_have_been_meant() {
    insta::assert_snapshot!(check("vrrp_instance VI_1 {
    interface eth0
    virtual_routerid 51
    virtual_router_id 51
    prioritiy 100
    advert_int 1
    virtual_ipaddress {
        192.0.2.100
    }
}
"), @"
    keepalived.conf:3:5: error: unknown keyword `virtual_routerid` in vrrp_instance; did you mean `virtual_router_id`?
    keepalived.conf:5:5: error: unknown keyword `prioritiy` in vrrp_instance; did you mean `priority`?
    exit 5
    ");
}

#[test]
fn a_missing_brace_names_the_line_of_its_block() {
    insta::assert_snapshot!(check("vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.100
}
vrrp_instance VI_2 {
    interface eth0
    virtual_router_id 52
    virtual_ipaddress {
        192.0.2.101
    }
}
"), @"
    keepalived.conf:4:5: error: the block `virtual_ipaddress` opened here is never closed
    exit 5
    ");
    insta::assert_snapshot!(check("vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.100
    }
"), @"
    keepalived.conf:1:1: error: the block `vrrp_instance` opened here is never closed
    exit 5
    ");
}

#[test]
fn braces_that_are_missing_or_too_many_are_one_problem_each() {
    insta::assert_snapshot!(check("vrrp_instance VI_1
    interface eth0
    virtual_router_id 51
    virtual_ipaddress
        192.0.2.100
    }
}
}
global_defs {
    router_id a {
        x y
    }
}
{
}
"), @"
    keepalived.conf:1:1: error: `vrrp_instance` needs a block, but no `{` follows
    keepalived.conf:4:5: error: `virtual_ipaddress` needs a block, but no `{` follows
    keepalived.conf:8:1: error: this `}` closes nothing
    keepalived.conf:10:17: error: `router_id` takes no block; what stands in it is left out
    keepalived.conf:14:1: error: no keyword stands before this `{`; what stands in it is left out
    exit 5
    ");
}

#[test]
fn a_word_where_a_number_belongs() {
    insta::assert_snapshot!(check(&VALID.replace("@@", "priority high\n    advert_int 5s")), @"
    keepalived.conf:5:14: error: expected 1 to 255, found `high`
    keepalived.conf:6:16: error: expected 0.01 to 255 seconds, found `5s`
    exit 5
    ");
}

#[test]
fn a_vrid_out_of_range_leaves_an_instance_that_cannot_run() {
    let text = VALID.replace("router_id 51", "router_id 256");
    insta::assert_snapshot!(check(&text), @"
    keepalived.conf:2:15: error: vrrp_instance `VI_1` has no valid `virtual_router_id`
    keepalived.conf:4:23: error: expected 1 to 255, found `256`
    exit 5
    ");
    let (reading, _) = reading(&[("k.conf", &text)]);
    assert_eq!(reading.for_start().map_err(|refusal| refusal.status), Err(2));
}

#[test]
fn keywords_without_effect_are_told_once_and_refused_ones_stop_the_start() {
    let text = "global_defs {
    enable_dbus
    smtp_alert
    smtp_alert off
}
static_routes {
    default via 192.0.2.254
    192.0.3.0/24 via 192.0.2.253
    192.0.4.0/24 via 192.0.2.252
}
virtual_server 192.0.2.100 80 {
    protocol TCP
    lb_algo rr
    lb_kind NAT
    real_server 192.0.2.1 80 {
    }
}
";
    let whole = text.to_owned() + &VALID.replace("@@", "smtp_alert\n    strict_mode off");
    insta::assert_snapshot!(check(&whole), @"
    keepalived.conf:2:5: warning: `enable_dbus` is understood, no effect yet
    keepalived.conf:11:1: error: `virtual_server` is not supported yet
    exit 0
    ");
    let (read, _) = reading(&[("k.conf", &whole)]);
    let refusal = read.clone().for_start().unwrap_err();
    assert_eq!((refusal.status, refusal.problems.len()), (2, 1));
    assert_eq!(read.for_reload().unwrap_err().problems.len(), 1);
}

#[test]
fn the_insides_of_virtual_servers_and_bfd_are_judged() {
    let text = "bfd_instance b {
    neighbor_ip 192.0.2.9
    max_hop 3
}
virtual_server 192.0.2.100 80 {
    protocol TCP
    lb_kind DR
    quorum 3
    real_server 192.0.2.1 81 {
        HTTP_GET {
            url {
                status_code 2000
            }
        }
        BFD_CHECK {
            name bb
        }
    }
}
";
    insta::assert_snapshot!(check(text), @"
    keepalived.conf:1:1: error: `bfd_instance` is not supported yet
    keepalived.conf:3:5: error: unknown keyword `max_hop` in bfd_instance; did you mean `max_hops`?
    keepalived.conf:5:1: error: `virtual_server` is not supported yet
    keepalived.conf:5:1: error: `virtual_server` has no `lb_algo`; wlc is used
    keepalived.conf:8:5: error: `quorum` is more than all real servers weigh; 1 is used
    keepalived.conf:9:5: error: `real_server` has the port of the virtual server without NAT; its own is left out
    keepalived.conf:10:9: error: `HTTP_GET` has no url that can be asked for and is left out
    keepalived.conf:11:13: error: `url` has no `path` and is left out
    keepalived.conf:12:29: error: expected a status code from 100 to 599, or a range of them, found `2000`
    keepalived.conf:16:18: error: no bfd_instance `bb` is defined before this line
    exit 5
    ");
}

#[test]
fn virtual_servers_are_waived_when_only_vrrp_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("k.conf");
    let text = VALID.replace("@@", "") + "virtual_server 192.0.2.100 80 {\n}\nvirtual_server_group g {\n}\n";
    std::fs::write(&file, text).unwrap();
    assert!(read(&request(&file)).for_start().is_err());
    assert!(read(&Request { vrrp_only: true, ..request(&file) }).for_start().is_ok());
}

#[test]
fn includes_that_fail_are_told_in_their_place() {
    let main = "include none.conf\n@node1 include a.conf\nincludem *.none\nincludea none.conf\nbogus 1\n";
    let files = [("k.conf", main), ("a.conf", "global_defs {\n  bogus 2\n}\n")];
    let (reading, problems) = reading(&files);
    insta::assert_snapshot!(problems, @"
    k.conf:1:1: warning: cannot include `none.conf`: no such file
    a.conf:2:3: error: unknown keyword `bogus` in global_defs
    k.conf:4:1: error: cannot include `none.conf`: no such file
    k.conf:5:1: error: unknown keyword `bogus` in the file's root level
    ");
    assert_eq!(reading.exit_status(), 6);
    assert_eq!(reading.clone().for_start().map_err(|refusal| refusal.status), Err(6));
    assert!(reading.for_reload().is_err());
}

#[test]
fn a_main_file_that_cannot_be_read_fails_with_4_and_does_not_start() {
    for file in ["/nowhere/at/all.conf", "/dev/null", "/tmp", "/nowhere/*.conf"] {
        let reading = read(&request(Path::new(file)));
        assert_eq!((reading.exit_status(), reading.model.is_none()), (4, true), "{file}");
        assert_eq!(reading.for_start().map_err(|refusal| refusal.status), Err(6), "{file}");
    }
    let missing = read(&request(Path::new("/nowhere/k.conf")));
    let text = missing.problems[0].to_string();
    assert_eq!(text, "/nowhere/k.conf: error: the configuration cannot be read: no such file");
}

#[test]
fn a_file_that_includes_itself_is_one_problem() {
    let (reading, problems) = reading(&[("k.conf", "include k.conf\n")]);
    assert_eq!(problems, "k.conf:1:1: error: `k.conf` is being read already and cannot include itself");
    assert_eq!(reading.exit_status(), 5);
}

#[test]
fn a_loop_over_loops_and_a_flood_of_faults_end() {
    let (looping, _) = reading(&[("k.conf", "~SEQ(i,1000000) ~SEQ(j,1000000) $X=1\n")]);
    assert_eq!(looping.problems[0].code, "too-many-lines");
    let flood = "{ bogus 1\n".repeat(50_000) + "vrrp_script {\n";
    let (flooded, _) = reading(&[("k.conf", &flood)]);
    assert!(flooded.problems.len() < 10_010);
}

#[test]
fn places_survive_conditions_definitions_and_loops() {
    let inner = "@node1 priority 300\n    $P=priority\n    ~SEQ(i,256,257) $P $i\n    $M=\\\n  state FOO\\\n  state BAR\n  $M";
    insta::assert_snapshot!(check(&VALID.replace("@@", inner)), @"
    keepalived.conf:5:21: error: expected 1 to 255, found `300`
    keepalived.conf:7:24: error: expected 1 to 255, found `256`
    keepalived.conf:7:24: error: expected 1 to 255, found `257`
    keepalived.conf:11:3: error: expected MASTER or BACKUP, found `FOO`; BACKUP is used
    keepalived.conf:11:3: error: expected MASTER or BACKUP, found `BAR`; BACKUP is used
    exit 5
    ");
}

#[test]
fn an_open_quote_or_brace_makes_a_reload_unusable_but_not_a_start() {
    for inner in ["notify \"/x", "authentication {", "}"] {
        let (reading, problems) = reading(&[("k.conf", &VALID.replace("@@", inner))]);
        assert!(reading.for_reload().is_err(), "{problems}");
    }
    let (reading, _) = reading(&[("k.conf", &VALID.replace("@@", "bogus 1"))]);
    assert!(reading.clone().for_reload().is_ok());
    assert!(reading.for_start().is_ok());
}

#[test]
fn a_fault_ends_the_start_when_reload_check_config_is_set() {
    let text = "global_defs {\n  reload_check_config\n}\n".to_owned() + &VALID.replace("@@", "bogus 1");
    let (reading, _) = reading(&[("k.conf", &text)]);
    assert_eq!(reading.for_start().map_err(|refusal| refusal.status), Err(2));
}

#[test]
fn defaults_are_keepalived_s() {
    let made = instance("");
    assert_eq!((made.name.as_str(), made.vrid.get()), ("VI_1", 51));
    assert_eq!((made.family, made.version()), (Family::V4, Version::V2));
    assert_eq!((made.priority, made.initial_state), (Priority::DEFAULT, InitialState::Backup));
    assert_eq!((made.advert_interval.duration(), made.down_timer_adverts), (Duration::from_secs(1), 3));
    assert_eq!(made.preemption, Preemption::Immediate);
    assert_eq!(made.transport, Transport::Multicast { group: "224.0.0.18".parse().unwrap() });
    assert_eq!(made.addresses[0].prefix.to_string(), "192.0.2.100/24");
    assert_eq!(made.announce, model::AnnounceSchedule::default());
}

#[test]
fn the_state_decides_the_priority_and_the_other_way_round() {
    let cases = [
        ("state MASTER", 255, InitialState::Master),
        ("state MASTER\npriority 100", 100, InitialState::Master),
        ("priority 255", 255, InitialState::Master),
        ("state BACKUP", 100, InitialState::Backup),
        ("priority 300", 100, InitialState::Backup),
    ];
    for (inner, priority, state) in cases {
        let made = instance(inner);
        assert_eq!((made.priority.get(), made.initial_state), (priority, state), "{inner}");
    }
}

#[test]
fn preemption_gives_way_to_what_forbids_it() {
    let delay = |seconds| Preemption::Delayed(Duration::from_secs(seconds));
    let cases = [
        ("nopreempt", Preemption::Never),
        ("nopreempt\npreempt", Preemption::Immediate),
        ("state MASTER\npriority 100\nnopreempt", Preemption::Immediate),
        ("priority 255\nnopreempt", Preemption::Immediate),
        ("preempt_delay 300", delay(300)),
        ("preempt_delay 0", Preemption::Immediate),
        ("preempt_delay 5s", Preemption::Immediate),
        ("nopreempt\npreempt_delay 300", Preemption::Never),
        ("state MASTER\npriority 100\npreempt_delay 300", Preemption::Immediate),
    ];
    for (inner, want) in cases {
        assert_eq!(instance(inner).preemption, want, "{inner}");
    }
}

#[test]
fn intervals_are_rounded_to_what_the_version_can_say() {
    let cases = [
        ("advert_int 0.5", 1_000),
        ("advert_int 1.5", 2_000),
        ("advert_int 255", 255_000),
        ("version 3\nadvert_int 0.5", 500),
        ("version 3\nadvert_int 0.015", 20),
        ("version 3\nadvert_int 41", 40_950),
        ("version 3\nadvert_int 0.01", 10),
    ];
    for (inner, milliseconds) in cases {
        let interval = instance(inner).advert_interval.duration();
        assert_eq!(interval, Duration::from_millis(milliseconds), "{inner}");
    }
}

#[test]
fn unicast_peers_make_the_transport() {
    let inner =
        "unicast_src_ip 192.0.2.1\nunicast_ttl 9\nunicast_peer {\n192.0.2.2\n192.0.2.3 min_ttl 250\n}";
    let Transport::Unicast(unicast) = instance(inner).transport else { panic!("multicast") };
    let peer =
        |last, min_ttl| UnicastPeer { address: IpAddr::from([192, 0, 2, last]), min_ttl, max_ttl: 255 };
    assert_eq!(unicast.peers, [peer(2, 0), peer(3, 250)]);
    assert_eq!((unicast.ttl, unicast.check_source), (Some(9), true));
    assert!(matches!(instance("unicast_src_ip 192.0.2.1").transport, Transport::Multicast { .. }));
    let Transport::Unicast(alone) = instance("unicast_fault_no_peer").transport else { panic!("multicast") };
    assert!(alone.peers.is_empty());
}

#[test]
fn address_options_reach_the_model() {
    let text = VALID
        .replace("192.0.2.100/24", "192.0.2.100/24 dev eth1 brd + scope link label eth1:v noprefixroute");
    let (reading, problems) =
        reading(&[("k.conf", &text.replace("@@", "virtual_ipaddress_excluded {\nfe80::1\n}"))]);
    assert_eq!(problems, "");
    let made = &reading.model.unwrap().instances[0];
    let address = &made.addresses[0];
    assert_eq!(address.dev, IfName::new("eth1"));
    assert_eq!((address.scope, address.broadcast), (253, Some([192, 0, 2, 255].into())));
    assert_eq!((address.label.as_deref(), address.flags.noprefixroute), (Some("eth1:v"), true));
    assert_eq!(address.preferred_lifetime, VirtualAddress::FOREVER);
    assert_eq!((made.excluded[0].preferred_lifetime, made.excluded[0].prefix.length()), (0, 128));
}

#[test]
fn global_defaults_reach_the_instances_wherever_they_stand() {
    let global = "global_defs {
    vrrp_version 3
    vrrp_min_garp
    vrrp_garp_master_refresh 60
    vrrp_down_timer_adverts 5
    vrrp_mcast_group4 224.0.0.99
    vrrp_startup_delay 1.5
    vrrp_startup_delay 1
    script_user nobody nogroup
}
";
    let (reading, problems) = reading(&[("k.conf", &(VALID.replace("@@", "") + global))]);
    assert_eq!(problems, "");
    let model = reading.for_start().unwrap();
    let made = &model.instances[0];
    assert_eq!((made.version(), made.down_timer_adverts), (Version::V3, 5));
    assert_eq!(made.transport, Transport::Multicast { group: "224.0.0.99".parse().unwrap() });
    assert_eq!((made.announce.repeat.get(), made.announce.delay), (1, Duration::ZERO));
    assert_eq!((made.announce.refresh, made.announce.refresh_repeat), (Duration::from_secs(60), 0));
    assert_eq!((made.announce.lower_prio_repeat, made.announce.lower_prio_delay), (1, Duration::ZERO));
    assert_eq!(model.global.startup_delay, Duration::from_millis(1_500));
    let user = Account { user: "nobody".into(), group: Some("nogroup".into()) };
    assert_eq!(model.global.script_user, Some(user));
}

#[test]
fn tracked_scripts_take_their_weight_from_the_script() {
    let script = "vrrp_script chk {\nscript \"/bin/check a b\"\ninterval 0.5\nweight -20 reverse\nfall 3\ninit_fail\n}\n";
    let text = script.to_owned()
        + &VALID.replace("@@", "track_script {\nchk\n}\ntrack_interface {\neth1 weight 5\n}");
    let (reading, problems) = reading(&[("k.conf", &text)]);
    assert_eq!(problems, "");
    let model = reading.model.unwrap();
    let (script, made) = (&model.scripts[0], &model.instances[0]);
    let model::Test::Run(command) = &script.test else { panic!("{:?}", script.test) };
    assert_eq!(command.argv, ["/bin/check", "a", "b"]);
    assert_eq!((script.interval, script.timeout), (Duration::from_millis(500), Duration::from_millis(500)));
    assert_eq!((script.rise.get(), script.fall.get(), script.init_fail), (1, 3, true));
    assert_eq!((made.track_scripts[0].weight.get(), made.track_scripts[0].reverse), (-20, true));
    assert_eq!(made.track_interfaces[0].weight.get(), 5);
}

#[test]
fn the_password_never_shows() {
    let inner = "authentication {\nauth_type PASS\nauth_pass \"sec ret and more\"\n}";
    let (reading, problems) = reading(&[("k.conf", &VALID.replace("@@", inner))]);
    assert!(!problems.contains("ret") && problems.contains("at most 8 characters"), "{problems}");
    let authentication = &reading.model.unwrap().instances[0].authentication;
    let Authentication::Pass(password) = authentication else { panic!("{authentication:?}") };
    assert_eq!(password.wire_bytes(), b"sec ret ");
}

#[test]
fn two_instances_of_one_vrid_on_a_link_are_in_conflict() {
    let text = VALID.replace("@@", "") + &VALID.replace("VI_1", "VI_2").replace("@@", "");
    insta::assert_snapshot!(check(&text), @"
    keepalived.conf:11:15: error: vrrp_instance `VI_2` has the virtual_router_id 51 of `VI_1` on the same link
    exit 5
    ");
}

/// A host with one interface and two on it, one user and one program.
struct Small;

impl Host for Small {
    fn link(&self, name: &IfName) -> Option<Link> {
        let plain = Link { loopback: false, multicast: true, mtu: 1500, kind: Kind::Other, base: None };
        match name.as_str() {
            "eth0" => Some(plain),
            "mac0" => Some(Link { kind: Kind::PrivateMacvlan, base: IfName::new("eth0"), ..plain }),
            "ip0" => Some(Link { kind: Kind::L2Ipvlan, base: IfName::new("eth0"), ..plain }),
            _ => None,
        }
    }
    fn enter(&self, namespace: &str) -> bool {
        namespace == "there"
    }
    fn account(&self, user: &str, _: Option<&str>) -> bool {
        user == "root"
    }
    fn program(&self, name: &str, _: bool) -> Result<(), BadProgram> {
        if name == "/bin/check" { Ok(()) } else { Err(BadProgram::Missing) }
    }
    fn number_of(&self, _: &IprouteFolders, file: &'static str, name: &str) -> Option<u32> {
        ((file, name) == ("rt_tables", "blue")).then_some(100)
    }
    fn resolves(&self, host: &str) -> bool {
        host == "mail.example"
    }
    fn ip_protocol(&self, name: &str) -> Option<u8> {
        (name == "tcp").then_some(6)
    }
    fn folder(&self, path: &Path) -> bool {
        path == Path::new("/run")
    }
    fn secret(&self, path: &Path) -> Secret {
        let bytes = (path == Path::new("/key")).then(|| vec![7; 32]);
        Secret { bytes, exposed: false }
    }
    fn uptime(&self) -> Option<Duration> {
        Some(Duration::from_secs(30))
    }
}

pub(super) fn on_small_host(text: &str) -> (Reading, String) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let reading = read_for(&Request { level: Level::Host, ..request(file.path()) }, &Small);
    let name = file.path().display().to_string();
    let text: Vec<String> = reading.problems.iter().map(|p| p.to_string().replace(&name, "k.conf")).collect();
    (reading, text.join("\n"))
}

#[test]
fn an_interface_that_is_missing_ends_the_start_unless_they_may_come_and_go() {
    let text = VALID.replace("eth0", "eth7").replace("@@", "");
    let (reading, problems) = on_small_host(&text);
    insta::assert_snapshot!(problems, @"k.conf:3:15: error: interface `eth7` does not exist");
    assert_eq!((reading.exit_status(), reading.for_start().map_err(|refusal| refusal.status)), (5, Err(2)));
    let (reading, problems) = on_small_host(&("global_defs {\ndynamic_interfaces\n}\n".to_owned() + &text));
    assert_eq!((problems.as_str(), reading.exit_status()), ("", 0));
}

#[test]
fn scripts_that_cannot_run_are_left_out_with_their_uses() {
    let scripts = "vrrp_script gone {\nscript /gone\n}\nvrrp_script who {\nscript /bin/check\nuser who\n}\n";
    let inner =
        "track_script {\ngone\nwho\n}\nnotify /gone\nnotify_master /bin/check who\nnotify_stop /bin/check";
    let (reading, problems) = on_small_host(&(scripts.to_owned() + &VALID.replace("@@", inner)));
    insta::assert_snapshot!(problems, @"
    k.conf:1:1: error: script `/gone` does not exist; it is left out
    k.conf:6:6: error: `user` names user `who` that does not exist; the script is left out
    k.conf:14:1: error: no vrrp_script `who` is defined before this line
    k.conf:16:8: warning: script `/gone` does not exist; it is left out
    k.conf:17:15: warning: script `/bin/check` runs as user `who` that does not exist; it is left out
    k.conf:18:13: warning: scripts are run, but `enable_script_security` is not set
    ");
    assert_eq!(reading.exit_status(), 6);
    let made = reading.for_start().unwrap();
    assert!(made.scripts.is_empty() && made.instances[0].track_scripts.is_empty());
    assert!(made.instances[0].notify.every.is_none() && made.instances[0].notify.stop.is_some());
}

#[test]
fn the_delay_after_boot_counts_from_the_boot() {
    let text = "global_defs {\nvrrp_delay_after_boot 90\n}\n".to_owned() + &VALID.replace("@@", "");
    let (reading, _) = on_small_host(&text);
    assert_eq!(reading.model.unwrap().global.startup_delay, Duration::from_secs(60));
    let (reading, _) = reading_offline(&text);
    assert_eq!(reading.model.unwrap().global.startup_delay, Duration::ZERO);
}

pub(super) fn reading_offline(text: &str) -> (Reading, String) {
    reading(&[("k.conf", text)])
}

#[test]
fn every_table_names_a_keyword_once() {
    let all = keywords();
    let names: std::collections::HashSet<(&str, &str)> =
        all.iter().map(|row| (row.block, row.name)).collect();
    assert_eq!(names.len(), all.len());
}

#[test]
fn unicast_ttl_without_peers_changes_nothing_but_the_verdict() {
    let text = check(&VALID.replace("@@", "unicast_ttl 3"));
    assert!(text.contains("unicast_ttl") && text.ends_with("exit 5"), "{text}");
    let with = instance("unicast_ttl 3");
    assert!(matches!(with.transport, Transport::Multicast { .. }), "{:?}", with.transport);
}

#[test]
fn a_weight_beyond_the_limit_is_the_nearest_one_within() {
    for (given, want) in [("300", 253), ("-300", -253), ("253", 253)] {
        let script = format!("vrrp_script check {{\nscript /bin/true\nweight {given}\n}}\n");
        let (reading, problems) = reading(&[("k.conf", &(script + &VALID.replace("@@", "")))]);
        assert_eq!(reading.model.unwrap().scripts[0].weight.get(), want, "{given}: {problems}");
    }
}
