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
