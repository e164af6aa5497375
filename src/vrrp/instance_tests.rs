//! RFC 9568 §6.4 as a table: each state with each event, what is ordered, where it leads and when it goes on.

use std::net::IpAddr;

use super::*;
use crate::config::model::{
    AnnounceSchedule, OldChecksum, Prefix, Rule, RuleAction, UnicastPeer, UnicastPeers, VirtualAddress,
};
use crate::packet::{self, Advert, ChecksumForm, Datagram};
use crate::units::{Centiseconds, Family, IfIndex, IfName, MacAddr, Vrid};
use crate::vrrp::{Announcement, Notice, Path, PlacedAddress};

const OWN: [u8; 4] = [10, 0, 0, 5];
const BELOW: [u8; 4] = [10, 0, 0, 4];
const ABOVE: [u8; 4] = [10, 0, 0, 6];
const GROUP: [u8; 4] = [224, 0, 0, 18];

pub(in crate::vrrp) fn settings() -> VrrpInstance {
    VrrpInstance {
        addresses: vec![VirtualAddress::plain(Prefix::host([10, 0, 0, 100].into()))],
        ..VrrpInstance::with_defaults(
            "VI_1",
            Vrid::new(51).unwrap(),
            AdvertInterval::V3(Centiseconds::new(100).unwrap()),
        )
    }
}

fn well(settings: &VrrpInstance) -> Circumstances {
    let interface = IfIndex::new(2).unwrap();
    let announcement =
        |address: IpAddr| Announcement { interface, mac: MacAddr([2, 0, 0, 0, 0, 1]), address };
    let place = |address: &VirtualAddress| PlacedAddress { interface, address: address.clone() };
    Circumstances {
        path: Some(Path {
            interface: Some(interface),
            source: OWN.into(),
            addresses: settings.all_addresses().map(place).collect(),
            routing: Arc::new([]),
            announcements: settings.all_addresses().map(|one| announcement(one.prefix.address())).collect(),
            extra_announcements: Arc::default(),
            own_announcement: Some(announcement(OWN.into())),
        }),
        faults: Vec::new(),
        waiting: false,
        priority: settings.priority,
    }
}

fn places() -> Places {
    Places { addresses: well(&settings()).path.unwrap().addresses, routing: Arc::new([]) }
}

fn faulty(settings: &VrrpInstance, fault: Fault) -> Circumstances {
    Circumstances { faults: vec![fault], ..well(settings) }
}

fn at(milliseconds: u64) -> Instant {
    Instant::from_nanos(1_000_000_000_000) + Duration::from_millis(milliseconds)
}

/// When the instance is brought into its state, and when the event comes.
const BEFORE: u64 = 0;
const NOW: u64 = 500;

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Well,
    Waiting,
    LinkDown,
    ScriptFailed,
    Due,
    Heard(u8, [u8; 4]),
    Wrong,
    AddressLost,
    Stop,
}

fn instance(settings: VrrpInstance, state: State) -> Instance {
    let circumstances = well(&settings);
    let down = faulty(&settings, Fault::InterfaceDown(IfName::new("eth0").unwrap()));
    let mut instance = Instance::new(Arc::new(settings), Instant::ZERO);
    let mut out = Vec::new();
    match state {
        State::Init => {}
        State::Fault => instance.update(at(BEFORE), down, &mut out),
        State::Backup => instance.update(at(BEFORE), circumstances, &mut out),
        State::Master => {
            // Claims so that its first advert goes out at BEFORE.
            instance.update(at(BEFORE) - Duration::from_secs(40), circumstances, &mut out);
            instance.due(at(BEFORE), &mut out);
        }
    }
    assert_eq!(instance.state(), state);
    instance
}

fn tell(instance: &mut Instance, what: What) -> Vec<String> {
    let mut out = Vec::new();
    let (settings, now) = (instance.settings().clone(), at(NOW));
    match what {
        What::Well => instance.update(now, well(&settings), &mut out),
        What::Waiting => {
            instance.update(now, Circumstances { waiting: true, ..well(&settings) }, &mut out);
        }
        What::LinkDown => {
            let fault = Fault::InterfaceDown(IfName::new("eth0").unwrap());
            instance.update(now, faulty(&settings, fault), &mut out);
        }
        What::ScriptFailed => {
            instance.update(now, faulty(&settings, Fault::Script("check".into())), &mut out);
        }
        What::Due => instance.due(instance.deadline().unwrap_or(now), &mut out),
        What::Heard(priority, from) => hear(instance, priority, from, 255, &mut out),
        What::Wrong => hear(instance, 254, ABOVE, 254, &mut out),
        What::AddressLost => instance.address_lost(now, &mut out),
        What::Stop => instance.end(now, NoticeKind::Stopped, &mut out),
    }
    out.iter().map(describe).collect()
}

fn hear(instance: &mut Instance, priority: u8, from: [u8; 4], hop_limit: u8, out: &mut Vec<Action>) {
    let settings = instance.settings().clone();
    let advert = Advert {
        vrid: settings.vrid,
        priority: WirePriority::from_byte(priority),
        interval: settings.advert_interval,
        addresses: listed(&settings),
    };
    let (source, destination) = (from.into(), GROUP.into());
    let mut payload = Vec::new();
    let form = ChecksumForm::PseudoHeader;
    advert.encode(&packet::Authentication::None, form, source, destination, &mut payload);
    let hop_limit = Some(hop_limit);
    let claimed_len = payload.len();
    let datagram = Datagram { source, destination, hop_limit, claimed_len, payload: &payload, sealed: None };
    instance.hear(at(NOW), &datagram, out);
}

fn describe(action: &Action) -> String {
    match action {
        Action::Send(sent) => format!("advert {}", sent.advert.priority.byte()),
        Action::BlockPackets(_) => "block".into(),
        Action::UnblockPackets(_) => "unblock".into(),
        Action::AddAddresses(_) => "add".into(),
        Action::RemoveAddresses(_) => "remove".into(),
        Action::AddRouting(_) => "route".into(),
        Action::RemoveRouting(_) => "unroute".into(),
        Action::Announce { repeat, .. } => format!("announce {repeat}"),
        Action::Notify(Notice { kind: NoticeKind::Entered(state), .. }) => state.to_string(),
        Action::Notify(Notice { kind, .. }) => format!("{kind:?}"),
        Action::Remember(..) => "Remember".to_owned(),
    }
}

/// Nanoseconds from the event (or, for a timer, from when it was due) to the next deadline.
const DOWN: u64 = 3_609_375_000;
const SKEW: u64 = 609_375_000;
const SECOND: u64 = 1_000_000_000;
/// What is left of a wait that began at [`BEFORE`].
const HALF_SECOND: u64 = 500_000_000;

#[test]
fn every_state_meets_every_event_as_rfc_9568_6_4_has_it() {
    use State::{Backup, Fault, Init, Master};
    use What::{AddressLost, Due, Heard, LinkDown, ScriptFailed, Stop, Waiting, Well, Wrong};
    let claim: &[&str] = &["advert 100", "add", "announce 5", "MASTER"];
    let answer: &[&str] = &["advert 100", "announce 5", "HeardLowerPriority"];
    let none: &[&str] = &[];
    let cases = [
        (Init, Well, &["BACKUP"] as &[&str], Backup, Some(DOWN)),
        (Init, Waiting, none, Init, None),
        (Init, LinkDown, &["FAULT"], Fault, None),
        (Init, ScriptFailed, &["FAULT"], Fault, None),
        (Init, Due, none, Init, None),
        (Init, Heard(200, ABOVE), none, Init, None),
        (Init, Heard(0, ABOVE), none, Init, None),
        (Init, Wrong, none, Init, None),
        (Init, AddressLost, none, Init, None),
        (Init, Stop, &["Stopped"], Init, None),
        (Fault, Well, &["BACKUP"], Backup, Some(DOWN)),
        (Fault, Waiting, none, Fault, None),
        (Fault, LinkDown, none, Fault, None),
        (Fault, ScriptFailed, none, Fault, None),
        (Fault, Due, none, Fault, None),
        (Fault, Heard(200, ABOVE), none, Fault, None),
        (Fault, Heard(0, ABOVE), none, Fault, None),
        (Fault, Wrong, none, Fault, None),
        (Fault, AddressLost, none, Fault, None),
        (Fault, Stop, &["Stopped"], Init, None),
        (Backup, Well, none, Backup, Some(DOWN - HALF_SECOND)),
        (Backup, Waiting, none, Backup, Some(DOWN - HALF_SECOND)),
        (Backup, LinkDown, &["FAULT"], Fault, None),
        (Backup, ScriptFailed, &["FAULT"], Fault, None),
        (Backup, Due, claim, Master, Some(SECOND)),
        (Backup, Heard(200, BELOW), none, Backup, Some(DOWN)),
        (Backup, Heard(255, BELOW), none, Backup, Some(DOWN)),
        (Backup, Heard(100, BELOW), none, Backup, Some(DOWN)),
        (Backup, Heard(100, ABOVE), none, Backup, Some(DOWN)),
        (Backup, Heard(99, ABOVE), none, Backup, Some(DOWN - HALF_SECOND)),
        (Backup, Heard(0, BELOW), none, Backup, Some(SKEW)),
        (Backup, Wrong, none, Backup, Some(DOWN - HALF_SECOND)),
        (Backup, AddressLost, none, Backup, Some(DOWN - HALF_SECOND)),
        (Backup, Stop, &["Stopped"], Init, None),
        (Master, Well, none, Master, Some(HALF_SECOND)),
        (Master, Waiting, none, Master, Some(HALF_SECOND)),
        (Master, LinkDown, &["remove", "FAULT"], Fault, None),
        (Master, ScriptFailed, &["advert 0", "remove", "FAULT"], Fault, None),
        (Master, Due, &["advert 100"], Master, Some(SECOND)),
        (Master, Heard(101, BELOW), &["remove", "BACKUP"], Backup, Some(DOWN)),
        (Master, Heard(255, BELOW), &["remove", "BACKUP"], Backup, Some(DOWN)),
        (Master, Heard(100, ABOVE), &["remove", "BACKUP"], Backup, Some(DOWN)),
        (Master, Heard(100, BELOW), answer, Master, Some(SECOND)),
        (Master, Heard(100, OWN), none, Master, Some(HALF_SECOND)),
        (Master, Heard(99, ABOVE), answer, Master, Some(SECOND)),
        (Master, Heard(0, ABOVE), &["advert 100"], Master, Some(SECOND)),
        (Master, Wrong, none, Master, Some(HALF_SECOND)),
        (Master, AddressLost, &["advert 0", "remove", "BACKUP"], Backup, Some(SKEW)),
        (Master, Stop, &["advert 0", "remove", "Stopped"], Init, None),
    ];
    for (state, what, ordered, leads_to, wait) in cases {
        let mut instance = instance(settings(), state);
        let now = if what == Due { instance.deadline().unwrap_or(at(NOW)) } else { at(NOW) };
        let got = tell(&mut instance, what);
        assert_eq!(got, ordered, "{state} {what:?}");
        assert_eq!(instance.state(), leads_to, "{state} {what:?}");
        let deadline = instance.deadline().map(|at| at.since(now).as_nanos());
        assert_eq!(deadline, wait.map(u128::from), "{state} {what:?}");
    }
}

#[test]
fn options_change_single_decisions() {
    use State::{Backup, Fault, Master};
    let nopreempt = VrrpInstance { preemption: Preemption::Never, ..settings() };
    let delayed = VrrpInstance { preemption: Preemption::Delayed(Duration::from_secs(9)), ..settings() };
    let curt = VrrpInstance { lower_prio_no_advert: true, ..settings() };
    let polite = VrrpInstance { higher_prio_send_advert: true, ..settings() };
    let owner = VrrpInstance { priority: Priority::OWNER, owner_ignore_adverts: true, ..settings() };
    let unicast = VrrpInstance {
        transport: Transport::Unicast(UnicastPeers {
            peers: [BELOW, ABOVE]
                .map(|peer| UnicastPeer { address: peer.into(), min_ttl: 0, max_ttl: 255 })
                .into(),
            ttl: None,
            check_source: false,
            old_checksum: OldChecksum::Never,
        }),
        ..settings()
    };
    let cases = [
        (&nopreempt, Backup, What::Heard(1, BELOW), &[] as &[&str], Backup, Some(DOWN)),
        (&nopreempt, Backup, What::Heard(0, BELOW), &[], Backup, Some(SKEW)),
        (&delayed, Backup, What::Heard(1, BELOW), &[], Backup, Some(DOWN)),
        (
            &curt,
            Master,
            What::Heard(1, BELOW),
            &["announce 5", "HeardLowerPriority"],
            Master,
            Some(HALF_SECOND),
        ),
        (&polite, Master, What::Heard(200, BELOW), &["advert 100", "remove", "BACKUP"], Backup, Some(DOWN)),
        (&owner, Master, What::Heard(255, ABOVE), &[], Master, Some(HALF_SECOND)),
        (&unicast, Fault, What::Well, &["announce 1", "BACKUP"], Backup, Some(DOWN)),
        (&unicast, Master, What::Stop, &["advert 0", "advert 0", "remove", "Stopped"], State::Init, None),
    ];
    for (settings, state, what, ordered, leads_to, wait) in cases {
        let mut instance = instance(settings.clone(), state);
        assert_eq!(tell(&mut instance, what), ordered, "{state} {what:?}");
        assert_eq!(instance.state(), leads_to, "{state} {what:?}");
        let deadline = instance.deadline().map(|deadline| deadline.since(at(NOW)).as_nanos());
        assert_eq!(deadline, wait.map(u128::from), "{state} {what:?}");
    }
}

#[test]
fn an_owner_claims_as_it_starts_and_waits_after_a_fault() {
    let owner = || VrrpInstance { priority: Priority::OWNER, ..settings() };
    let mut starting = instance(owner(), State::Init);
    assert_eq!(tell(&mut starting, What::Well), ["advert 255", "add", "announce 5", "MASTER"]);
    let mut recovering = instance(owner(), State::Fault);
    assert_eq!(tell(&mut recovering, What::Well), ["BACKUP"]);
}

#[test]
fn the_priority_of_the_moment_decides_and_its_change_moves_no_other_timer() {
    let mut backup = instance(settings(), State::Backup);
    let mut out = Vec::new();
    hear(&mut backup, 0, ABOVE, 255, &mut out);
    let better = Circumstances { priority: Priority::new(228).unwrap(), ..well(&settings()) };
    backup.update(at(NOW + 100), better, &mut out);
    assert_eq!(out, []);
    // 28/256 s after the farewell, where keepalived now waits for three intervals more.
    assert_eq!(backup.deadline(), Some(at(NOW) + Duration::from_nanos(109_375_000)));
}

#[test]
fn a_predecessor_decides_how_an_instance_begins() {
    let past = |state, last_advert| Past {
        key: settings().key(),
        state,
        last_advert,
        hooks_wait: false,
        memory: Memory::default(),
    };
    let resumed: &[&str] = &["advert 100", "add", "announce 5"];
    let cases = [
        (None, &["remove", "BACKUP"] as &[&str], State::Backup),
        (Some(past(State::Master, at(0) - Duration::from_secs(3))), resumed, State::Master),
        (Some(past(State::Master, at(0) - Duration::from_millis(3_001))), &[], State::Master),
        (Some(past(State::Backup, Instant::ZERO)), &["remove"], State::Backup),
        (Some(past(State::Fault, Instant::ZERO)), &["remove", "BACKUP"], State::Backup),
        (Some(past(State::Init, Instant::ZERO)), &["remove", "BACKUP"], State::Backup),
    ];
    for (past, ordered, leads_to) in cases {
        let mut instance = Instance::new(Arc::new(settings()), at(60_000));
        let mut out = Vec::new();
        instance.begin(at(0), well(&settings()), places(), past.as_ref(), &mut out);
        assert_eq!(out.iter().map(describe).collect::<Vec<_>>(), ordered, "{past:?}");
        assert_eq!(instance.state(), leads_to, "{past:?}");
    }
}

#[test]
fn hooks_that_waited_when_a_predecessor_died_are_told_once() {
    for (state, ordered) in [
        (State::Master, &["advert 100", "add", "announce 5", "MASTER"] as &[&str]),
        (State::Backup, &["remove", "BACKUP"]),
    ] {
        let past = Past {
            key: settings().key(),
            state,
            last_advert: at(0),
            hooks_wait: true,
            memory: Memory::default(),
        };
        let mut instance = Instance::new(Arc::new(settings()), at(0));
        let mut out = Vec::new();
        instance.begin(at(0), well(&settings()), places(), Some(&past), &mut out);
        assert_eq!(out.iter().map(describe).collect::<Vec<_>>(), ordered);
        assert!(!instance.tells_again);
    }
}

#[test]
fn without_a_source_what_a_predecessor_left_is_removed_all_the_same() {
    let past = Past {
        key: settings().key(),
        state: State::Master,
        last_advert: at(0),
        hooks_wait: false,
        memory: Memory::default(),
    };
    for past in [None, Some(&past)] {
        let mut instance = Instance::new(Arc::new(settings()), at(0));
        let mut out = Vec::new();
        let nowhere = Circumstances { path: None, ..faulty(&settings(), Fault::NoSource) };
        instance.begin(at(0), nowhere, places(), past, &mut out);
        assert_eq!(out.iter().map(describe).collect::<Vec<_>>(), ["remove", "FAULT"]);
    }
}

#[test]
fn a_successor_that_cannot_go_on_says_the_farewell_of_its_predecessor() {
    let past = Past {
        key: settings().key(),
        state: State::Master,
        last_advert: at(0),
        hooks_wait: false,
        memory: Memory::default(),
    };
    let failed = Fault::Script("check".to_owned());
    let cut_off = Fault::InterfaceDown(settings().interface.unwrap());
    for (fault, ordered) in
        [(failed, &["advert 0", "remove", "FAULT"] as &[&str]), (cut_off, &["remove", "FAULT"])]
    {
        let mut instance = Instance::new(Arc::new(settings()), at(0));
        let mut out = Vec::new();
        let now_is = Circumstances { faults: vec![fault.clone()], ..well(&settings()) };
        instance.begin(at(0), now_is, places(), Some(&past), &mut out);
        assert_eq!(out.iter().map(describe).collect::<Vec<_>>(), ordered, "{fault:?}");
    }
}

#[test]
fn packets_are_blocked_before_the_addresses_come_and_until_they_are_gone() {
    let closed = || VrrpInstance { accept: false, ..settings() };
    let mut claiming = instance(closed(), State::Backup);
    assert_eq!(tell(&mut claiming, What::Due), ["advert 100", "block", "add", "announce 5", "MASTER"]);
    let endings = [
        (What::Stop, &["advert 0", "remove", "unblock", "Stopped"] as &[&str]),
        (What::ScriptFailed, &["advert 0", "remove", "unblock", "FAULT"]),
        (What::Heard(200, BELOW), &["remove", "unblock", "BACKUP"]),
        (What::AddressLost, &["advert 0", "remove", "unblock", "BACKUP"]),
    ];
    for (what, ordered) in endings {
        assert_eq!(tell(&mut instance(closed(), State::Master), what), ordered, "{what:?}");
    }
    let owner = VrrpInstance { priority: Priority::OWNER, ..closed() };
    let mut starting = instance(owner, State::Init);
    assert_eq!(tell(&mut starting, What::Well), ["advert 255", "add", "announce 5", "MASTER"]);
}

#[test]
fn a_master_blocks_what_it_holds_when_a_reload_asks_for_it_and_unblocks_it_again() {
    let closed = || VrrpInstance { accept: false, ..settings() };
    for (before, after, ordered) in [
        (settings(), closed(), "block"),
        (closed(), settings(), "unblock"),
        (closed(), closed(), "advert 100"),
    ] {
        let mut master = instance(before, State::Master);
        let mut out = Vec::new();
        master.retire(&well(&after), &mut out);
        master.reconfigure(at(NOW), Arc::new(after.clone()), well(&after), &mut out);
        assert_eq!(describe(&out[0]), ordered);
        assert!(out.iter().all(|action| !["add", "remove"].contains(&&*describe(action))), "{out:?}");
    }
}

#[test]
fn a_successor_that_has_to_listen_first_blocks_packets_at_once() {
    let closed = VrrpInstance { accept: false, ..settings() };
    let last_advert = at(0) - Duration::from_secs(10);
    let past = Past {
        key: closed.key(),
        state: State::Master,
        last_advert,
        hooks_wait: false,
        memory: Memory::default(),
    };
    let mut instance = Instance::new(Arc::new(closed.clone()), at(0));
    let mut out = Vec::new();
    instance.begin(at(0), well(&closed), places(), Some(&past), &mut out);
    assert_eq!(out.iter().map(describe).collect::<Vec<_>>(), ["block"]);
}

#[test]
fn the_identification_counts_adverts_and_skips_0() {
    let mut master = instance(settings(), State::Master);
    master.id = u16::MAX - 1;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let mut out = Vec::new();
        master.due(master.deadline().unwrap(), &mut out);
        ids.extend(out.iter().filter_map(|action| match action {
            Action::Send(sent) => Some(sent.id),
            _ => None,
        }));
    }
    assert_eq!(ids, [u16::MAX, 1, 2]);
}

#[test]
fn of_two_owners_the_higher_address_serves_and_no_priority_changes() {
    let owner = || VrrpInstance { priority: Priority::OWNER, ..settings() };
    let cases = [
        (ABOVE, &["remove", "BACKUP"] as &[&str], State::Backup),
        (BELOW, &["advert 255", "announce 5", "HeardLowerPriority"], State::Master),
    ];
    for (from, ordered, leads_to) in cases {
        let mut instance = Instance::new(Arc::new(owner()), Instant::ZERO);
        instance.update(at(NOW), well(&owner()), &mut Vec::new());
        assert_eq!(tell(&mut instance, What::Heard(255, from)), ordered, "{from:?}");
        assert_eq!((instance.state(), instance.priority()), (leads_to, Priority::OWNER));
    }
}

#[test]
fn refreshes_of_an_earlier_mastership_are_gone() {
    let schedule = AnnounceSchedule {
        delay: Duration::ZERO,
        refresh: Duration::from_secs(2),
        refresh_repeat: 1,
        ..AnnounceSchedule::default()
    };
    let refreshing = VrrpInstance { announce: schedule, ..settings() };
    let mut instance = instance(refreshing, State::Master);
    for _ in 0..3 {
        tell(&mut instance, What::AddressLost);
        let claim = instance.deadline().unwrap();
        instance.due(claim, &mut Vec::new());
        assert_eq!(instance.state(), State::Master);
    }
    let (from, mut out) = (instance.deadline().unwrap(), Vec::new());
    while instance.deadline().unwrap() < from + Duration::from_secs(20) {
        instance.due(instance.deadline().unwrap(), &mut out);
    }
    let refreshes = out.iter().filter(|action| matches!(action, Action::Announce { repeat: 1, .. })).count();
    assert_eq!(refreshes, 10, "one every 2 s, after four masterships");
}

#[test]
fn routes_and_rules_are_taken_after_the_addresses_and_given_up_before_them() {
    let owner = Arc::new(VrrpInstance { priority: Priority::OWNER, ..settings() });
    let mut now_is = well(&owner);
    let rule = Routing::Rule(Box::new(Rule::plain(Family::V4, 5, RuleAction::Nop)));
    now_is.path.as_mut().unwrap().routing = Arc::new([rule.clone()]);
    let mut instance = Instance::new(owner, at(0));
    let mut out = Vec::new();
    let done = |out: &mut Vec<Action>| out.drain(..).map(|action| describe(&action)).collect::<Vec<_>>();
    instance.begin(at(0), now_is, Places::default(), None, &mut out);
    assert_eq!(done(&mut out), ["advert 255", "add", "route", "announce 5", "MASTER"]);
    instance.routing_lost(at(1), &rule, &mut out);
    assert_eq!(done(&mut out), ["advert 0", "unroute", "remove", "BACKUP"]);
    instance.routing_lost(at(2), &rule, &mut out);
    assert_eq!(done(&mut out), Vec::<String>::new(), "who holds nothing loses nothing");
}
