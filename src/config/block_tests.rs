//! What a person reads about groups, tracking, routes and rules: whole files through [`super::read`].

use super::tests::{VALID, check, on_small_host, reading_offline};

#[test]
fn a_sync_group_names_the_members_that_it_cannot_have() {
    let group = "vrrp_sync_group G {\n    group {\n        VI_1 VI_1 VI_2\n    }\n}";
    insta::assert_snapshot!(check(&(group.to_owned() + &VALID.replace("@@", ""))), @"
    keepalived.conf:1:17: error: vrrp_sync_group `G` has only one member
    keepalived.conf:3:14: error: vrrp_sync_group `G` names `VI_1`, which is in a group already
    keepalived.conf:3:19: error: vrrp_sync_group `G` names `VI_2`, which is no vrrp_instance
    exit 5
    ");
}

#[test]
fn what_is_tracked_must_be_defined_before() {
    let files = "track_file quorum {\n    file /run/quorum\n}\n";
    let inner = "track_file {\n        qourum weight 5\n        quorum weight 400\n    }";
    insta::assert_snapshot!(check(&(files.to_owned() + &VALID.replace("@@", inner))), @"
    keepalived.conf:9:9: error: no track_file `qourum` is defined before this line; did you mean `quorum`?
    keepalived.conf:10:23: error: expected a weight of -253 to 253, found `400`
    exit 5
    ");
}

#[test]
fn faults_of_routes_and_rules_are_on_their_words() {
    let inner = "virtual_routes {
        10.0.0.0/8 via 2001:db8::1
        default metric many
        via 192.0.2.1
    }
    virtual_rules {
        from 10.0.0.0/8 table 5
        from 10.0.0.0/8 preference 7 sport 80 table 5
        from 10.0.0.0/8 preference 7
    }";
    insta::assert_snapshot!(check(&VALID.replace("@@", inner)), @"
    keepalived.conf:6:24: error: expected what is of one family with the words before it, found `2001:db8::1`
    keepalived.conf:7:24: error: expected 0 to 4294967295, found `many`
    keepalived.conf:8:9: error: `virtual_routes` needs a destination; the line is left out
    keepalived.conf:11:9: error: `virtual_rules` need a `preference`; 16384 is used, and one less for each further rule
    keepalived.conf:12:44: error: expected a range, as 1000-2000, found `80`
    keepalived.conf:13:9: error: `virtual_rules` needs an action; the line is left out
    exit 5
    ");
}

#[test]
fn names_of_tables_are_looked_up_on_the_host_only() {
    let text = VALID.replace("@@", "virtual_routes {\ndefault table blue\ndefault table green\n}");
    insta::assert_snapshot!(on_small_host(&text).1, @"
    k.conf:7:15: error: expected a routing table by number or name, found `green`
    ");
    assert!(check(&text).ends_with("exit 0"), "{}", check(&text));
}

#[test]
fn a_secret_in_auth_hmac_is_never_shown() {
    let secret = "a-secret-that-is-much-too-short";
    let inner = format!("auth_hmac {{\nkey 1 {secret}\nkey 0 {secret}\nactive_key 1\n}}");
    let text = check(&VALID.replace("@@", &inner));
    assert!(!text.contains(secret) && text.contains("32 to 64 bytes"), "{text}");
}

#[test]
fn a_sync_group_reaches_the_model_with_the_members_it_has() {
    let group = "vrrp_sync_group G {\ngroup {\nVI_1 VI_9\n}\ntrack_interface {\neth7 weight 5\n}\n}\n";
    let (reading, _) = reading_offline(&(group.to_owned() + &VALID.replace("@@", "priority 255")));
    let model = reading.model.unwrap();
    let made = &model.sync_groups[0];
    assert_eq!((made.name.as_str(), &made.members[..]), ("G", &["VI_1".to_owned()][..]));
    assert!(made.track_interfaces[0].weight.is_fault(), "a member with priority 255 leaves no weights");
}

#[test]
fn what_a_group_tracks_its_members_track_with_its_weight() {
    let scripts = "vrrp_script a {\nscript /bin/true\n}\nvrrp_script b {\nscript /bin/true\n}\n";
    let group = "vrrp_sync_group G {\ngroup {\nVI_1\n}\nsync_group_tracking_weight\ntrack_script {\na weight 5\nb\n}\n\
                 track_interface {\neth0\neth7\n}\n}\n";
    let inner = "track_script {\na weight 9\n}\ntrack_interface {\neth8 weight 3\n}";
    let (reading, _) = reading_offline(&(scripts.to_owned() + group + &VALID.replace("@@", inner)));
    let instance = &reading.model.unwrap().instances[0];
    let scripts: Vec<_> = instance.track_scripts.iter().map(|t| (t.name.as_str(), t.weight.get())).collect();
    assert_eq!(scripts, [("a", 5), ("b", 0)]);
    let interfaces: Vec<_> =
        instance.track_interfaces.iter().map(|t| (t.name.as_str(), t.weight.get())).collect();
    assert_eq!(interfaces, [("eth8", 3), ("eth7", 0)], "its own interface counts anyway");
}

#[test]
fn tracked_files_and_processes_reach_the_model() {
    use super::model::{InitialContent, ParameterMatch};
    let blocks = "track_file f {\nfile /run/number\nweight -2 reverse\ninit_file 7 overwrite\n}\n\
                  track_file f {\nfile /run/other\n}\n\
                  vrrp_track_process p {\nprocess /usr/sbin/nginx -g off\nparam_match initial\nquorum 2\nquorum_max 3\n\
                  delay 1.5\nfork_delay 0.5\n}\n\
                  vrrp_track_process none {\nprocess bad\nquorum_max 0\n}\n";
    let inner = "track_file {\nf\n}\ntrack_process {\np weight 254\n}";
    let (reading, _) = reading_offline(&(blocks.to_owned() + &VALID.replace("@@", inner)));
    let model = reading.model.unwrap();
    let [file] = &model.track_files[..] else { panic!("the first of a name counts") };
    assert_eq!(
        (file.path.as_str(), file.initial),
        ("/run/number", Some(InitialContent { value: 7, overwrite: true }))
    );
    let used = &model.instances[0].track_files[0];
    assert_eq!((used.weight.get(), used.reverse), (-2, true));
    assert_eq!(model.instances[0].track_processes[0].weight.get(), 254);
    let [process, none] = &model.track_processes[..] else { panic!("two blocks") };
    assert_eq!(
        (process.process.as_str(), &process.parameters[..]),
        ("/usr/sbin/nginx", &["-g".into(), "off".into()][..])
    );
    assert_eq!((process.parameter_match, process.full_command), (Some(ParameterMatch::Initial), true));
    assert_eq!((process.quorum, process.quorum_max), (2, Some(3)));
    assert_eq!((process.terminate_delay.as_millis(), process.fork_delay.as_millis()), (1_500, 500));
    assert_eq!((none.is_met_by(0), none.is_met_by(1)), (true, false));
}

#[test]
fn a_delay_of_a_link_is_no_longer_than_its_instances_may_be_silent() {
    let delays = "global_defs {\ndynamic_interfaces\n}\ninterface_up_down_delays {\neth0 5 5\neth5 9\n}\n\
                  linkbeat_interfaces {\neth5 ETHTOOL\n}\n";
    let inner = "advert_int 1\nlinkbeat_use_polling";
    let (reading, _) = reading_offline(&(delays.to_owned() + &VALID.replace("@@", inner)));
    let model = reading.model.unwrap();
    let found: Vec<_> = model
        .link_delays
        .iter()
        .map(|delay| (delay.name.as_str(), delay.down.as_micros(), delay.up.as_micros()))
        .collect();
    assert_eq!(found, [("eth0", 1_996_093, 1_996_093), ("eth5", 9_000_000, 0)]);
    let polled: Vec<_> = model.linkbeats.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(polled, ["eth5", "eth0"]);
}

#[test]
fn weights_are_lost_in_a_sync_group_and_at_priority_255() {
    let blocks = "vrrp_script s {\nscript /bin/true\n}\ntrack_file f {\nfile /run/number\n}\n\
                  vrrp_track_process p {\nprocess x\n}\n";
    let group = "vrrp_sync_group G {\ngroup {\nVI_1\n}\n}\n";
    let inner = "track_script {\ns weight 5\n}\ntrack_file {\nf\n}\ntrack_process {\np weight 5\n}\n\
                 track_interface {\neth7 weight 5\n}";
    let counts = |before: &str, more: &str| {
        let text = blocks.to_owned() + before + &VALID.replace("@@", &(inner.to_owned() + more));
        let (reading, _) = reading_offline(&text);
        let instance = reading.model.unwrap().instances.remove(0);
        [
            instance.track_scripts.len(),
            instance.track_files.len(),
            instance.track_processes.len(),
            instance.track_interfaces.len(),
        ]
    };
    assert_eq!(counts("", ""), [1, 1, 1, 1]);
    assert_eq!(counts(group, ""), [0, 0, 1, 1]);
    assert_eq!(counts("", "\npriority 255"), [0, 0, 1, 0]);
}
