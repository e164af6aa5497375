//! How closely gratuitous ARPs and neighbour advertisements follow each other.

use std::time::Duration;

use crate::capture::{Announcement, Capture};
use crate::lab::Lab;
use crate::node::Program;

/// How late a frame may leave on a busy machine: the gap to the next one is shorter by it.
const EARLY: Duration = Duration::from_millis(50);
const GAP: Duration = Duration::from_millis(200);
const ADDRESSES: [&str; 4] = ["10.0.0.111", "10.0.0.112", "10.0.0.113", "10.0.0.114"];

/// An owner of four addresses; further lines of `global_defs`, of the instance and of the root level.
fn configuration(global: &str, lines: &str, root: &str) -> String {
    let addresses = ADDRESSES.map(|address| format!("        {address}/24\n")).concat();
    format!(
        "global_defs {{\n    {global}\n}}\n{root}\nvrrp_instance VI_1 {{\n    interface eth0\n    \
         virtual_router_id 51\n    priority 255\n    garp_master_repeat 3\n    {lines}\n    \
         virtual_ipaddress {{\n{addresses}    }}\n}}\n"
    )
}

/// Runs the subject for `span` from its first announcement on; what it announced, and when after the first.
fn announced(configuration: &str, wanted: usize) -> Vec<(Duration, String)> {
    let lab = Lab::new(1);
    let capture = Capture::start(&lab);
    let node = lab.place(1).start(Program::Subject, configuration);
    lab.wait(Duration::from_secs(5), "it is MASTER", || node.said("Entering MASTER STATE") == 1);
    // Nothing more may come than what is wanted: three gaps of silence show it.
    let span = GAP * u32::try_from(wanted + 3).unwrap();
    lab.holds(span, "the daemon runs", || node.exit_status().is_none());
    let sent: Vec<Announcement> = capture.frames().announcements;
    let first = sent.first().expect("announcements").at;
    assert!(sent.iter().all(|sent| sent.well_formed), "{sent:?}");
    sent.into_iter().map(|sent| (sent.at - first, sent.address)).collect()
}

fn assert_paced(sent: &[(Duration, String)]) {
    for pair in sent.windows(2) {
        let gap = pair[1].0 - pair[0].0;
        assert!(gap + EARLY >= GAP, "only {gap:?} after {:?}: {sent:?}", pair[0]);
    }
}

fn times(sent: &[(Duration, String)], address: &str) -> usize {
    sent.iter().filter(|(_, sent)| sent == address).count()
}

#[test]
fn gratuitous_arps_of_an_interface_keep_their_interval() {
    let global = "vrrp_garp_interval 0.2\n    vrrp_garp_master_delay 0";
    let sent = announced(&configuration(global, "", ""), 12);
    assert_paced(&sent);
    for address in ADDRESSES {
        assert_eq!(times(&sent, address), 3, "{address}: {sent:?}");
    }
    // They take turns: each is announced before any comes for the third time.
    let third = sent.iter().enumerate().find(|(at, (_, address))| times(&sent[..*at], address) == 2);
    let (third, _) = third.expect("three rounds");
    let early = |address: &str| times(&sent[..third], address) > 0;
    assert!(ADDRESSES.into_iter().all(early), "{sent:?}");
}

#[test]
fn a_group_has_intervals_of_its_own() {
    let group = "garp_group {\n    garp_interval 0.2\n    interfaces {\n        eth0\n    }\n}";
    let global = "vrrp_garp_interval 3\n    vrrp_garp_master_delay 0";
    let sent = announced(&configuration(global, "", group), 12);
    assert_paced(&sent);
    assert_eq!(sent.len(), 12, "{sent:?}");
}

#[test]
fn one_group_without_an_interval_for_arp_lets_bursts_go() {
    let group = "garp_group {\n    gna_interval 5\n    interface eth0\n}";
    let global = "vrrp_garp_interval 3\n    vrrp_garp_master_delay 0";
    let sent = announced(&configuration(global, "", group), 3);
    assert_eq!(sent.len(), 12, "{sent:?}");
}

#[test]
fn what_a_master_gives_up_is_announced_no_more() {
    let lab = Lab::new(1);
    let global = "vrrp_garp_interval 0.2\n    vrrp_garp_master_delay 0";
    let capture = Capture::start(&lab);
    let node = lab.place(1).start(Program::Subject, &configuration(global, "", ""));
    lab.wait(Duration::from_secs(5), "it is MASTER", || node.has("10.0.0.111/24"));
    node.place().unplug();
    lab.wait(Duration::from_secs(5), "it is in FAULT", || node.said("Entering FAULT STATE") == 1);
    node.place().plug();
    lab.wait(Duration::from_secs(5), "it runs again", || node.said("Entering MASTER STATE") == 2);
    lab.holds(GAP * 15, "the daemon runs", || node.exit_status().is_none());
    let sent = capture.frames().announcements;
    // At most one before the fault, and then three rounds for each of four addresses.
    let first: Vec<_> = sent.iter().filter(|sent| sent.address == "10.0.0.114").collect();
    assert!(first.len() <= 4, "{sent:?}");
    assert!(sent.len() <= 12 + 4, "{sent:?}");
}

/// A timer for each mastership would announce four times a period after four of them.
#[test]
fn refreshes_do_not_multiply_with_masterships() {
    crate::known_differences::differs("refreshes_do_not_multiply_with_masterships", || {
        let lab = Lab::new(1);
        let global = "vrrp_garp_master_delay 1\n    vrrp_garp_master_repeat 1";
        let text = configuration(global, "garp_master_refresh 2", "");
        let node = lab.place(1).start(Program::Subject, &text);
        for mastership in 1..=3 {
            let wanted = mastership;
            lab.wait(Duration::from_secs(5), "it is MASTER", || node.said("Entering MASTER STATE") == wanted);
            node.place().unplug();
            lab.wait(Duration::from_secs(5), "it is in FAULT", || {
                node.said("Entering FAULT STATE") == wanted
            });
            node.place().plug();
        }
        lab.wait(Duration::from_secs(9), "it is MASTER again", || node.said("Entering MASTER STATE") == 4);
        // Past the second bursts of all masterships.
        lab.holds(Duration::from_secs(3), "the daemon runs", || node.exit_status().is_none());
        let capture = Capture::start(&lab);
        lab.holds(Duration::from_secs(6), "the daemon runs", || node.exit_status().is_none());
        let sent = capture.frames().announcements;
        let refreshes = sent.iter().filter(|sent| sent.address == "10.0.0.111").count();
        assert!((2..=4).contains(&refreshes), "{refreshes} in 6 s: {sent:?}");
    });
}
