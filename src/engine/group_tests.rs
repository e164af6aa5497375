//! Sync groups on one host: who follows whom, in which order, and what the peers hear.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use super::*;
use crate::config::model::{
    AnnounceSchedule, Prefix, Rule, RuleAction, TrackFile, TrackProcess, TrackScript, Tracked, UpDownDelay,
    VirtualAddress, VrrpInstance, VrrpScript,
};
use crate::engine::{Event, Listen, ListenTo, ScriptId};
use crate::packet::{Addresses, Advert, Authentication, ChecksumForm, Datagram};
use crate::track::{Link, LinkAddress, Outcome, ScriptAction};
use crate::units::{
    AdvertInterval, Centiseconds, Family, IfIndex, IfName, Priority, Vrid, Weight, WirePriority,
};
use crate::vrrp::{Past, Routing};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn at(milliseconds: u64) -> Instant {
    Instant::from_nanos(1_000_000_000_000) + Duration::from_millis(milliseconds)
}

/// `V1` on `eth1` with the VRID 1 and 10.0.1.100, and so on.
fn member(number: u8, priority: u8) -> VrrpInstance {
    VrrpInstance {
        interface: IfName::new(&format!("eth{number}")),
        priority: Priority::new(priority).unwrap(),
        addresses: vec![VirtualAddress::plain(Prefix::host(ip(&format!("10.0.{number}.100"))))],
        announce: AnnounceSchedule { repeat: NonZeroU32::MIN, ..AnnounceSchedule::default() },
        ..VrrpInstance::with_defaults(
            &format!("V{number}"),
            Vrid::new(number).unwrap(),
            AdvertInterval::V3(Centiseconds::new(100).unwrap()),
        )
    }
}

fn members(priorities: &[u8]) -> Vec<VrrpInstance> {
    (1..).zip(priorities).map(|(number, priority)| member(number, *priority)).collect()
}

/// A group `G` of them all.
fn grouped(instances: Vec<VrrpInstance>) -> Model {
    let group = SyncGroup {
        name: "G".into(),
        members: instances.iter().map(|instance| instance.name.clone()).collect(),
        track_interfaces: Vec::new(),
        track_scripts: Vec::new(),
        track_files: Vec::new(),
        track_processes: Vec::new(),
        tracking_weight: false,
        notify: NotifyScripts::default(),
    };
    Model { instances, sync_groups: vec![group], ..Model::default() }
}

/// V2 tracks a script.
fn with_script(mut model: Model) -> Model {
    let name = "check".to_owned();
    model.scripts.push(VrrpScript {
        name: name.clone(),
        test: crate::config::model::Test::Readable("/dev/null".into()),
        interval: Duration::from_secs(1),
        timeout: Duration::from_secs(1),
        weight: Weight::FAULT,
        reverse: false,
        rise: NonZeroU32::MIN,
        fall: NonZeroU32::MIN,
        init_fail: false,
    });
    model.instances[1].track_scripts.push(TrackScript { name, weight: Weight::FAULT, reverse: false });
    model
}

struct Host {
    engine: Engine,
    /// What every run of the script comes to at once.
    script: Outcome,
}

const GOOD: Outcome = Outcome::Exited(0);
const BAD: Outcome = Outcome::Exited(1);

impl Host {
    fn started_with(model: Model, past: &[Past]) -> (Self, Vec<String>) {
        let mut host = Self { engine: Engine::new(model, at(0)), script: GOOD };
        for number in 1..=3 {
            host.tell(0, Event::Link(link(number, true)));
            let address = ip(&format!("10.0.{number}.1"));
            let interface = IfIndex::new(number).unwrap();
            let address =
                LinkAddress { interface, address, prefix_len: 24, secondary: false, tentative: false };
            host.tell(0, Event::Address(address));
        }
        let said = host.tell(0, Event::Start(past));
        (host, said)
    }

    fn started(model: Model) -> Self {
        Self::started_with(model, &[]).0
    }

    /// Tells it something and answers what it did: adverts, addresses and notices, those of one member together.
    fn tell(&mut self, milliseconds: u64, event: Event<'_>) -> Vec<String> {
        let mut out = Vec::new();
        self.engine.handle(at(milliseconds), event, &mut out);
        out.iter().filter_map(|action| self.word(action)).collect()
    }

    fn word(&self, action: &Action) -> Option<String> {
        let Action::Vrrp(id, order) = action else { return None };
        let name = || {
            let known = self.engine.states().find(|(known, ..)| known == id);
            known.map_or("gone".to_owned(), |(_, name, _)| name.to_string())
        };
        Some(match order {
            vrrp::Action::Send(sent) => format!("{} says {}", name(), sent.advert.priority.byte()),
            vrrp::Action::BlockPackets(_) => format!("{} blocks", name()),
            vrrp::Action::UnblockPackets(_) => format!("{} unblocks", name()),
            vrrp::Action::AddAddresses(_) => format!("{} adds", name()),
            vrrp::Action::RemoveAddresses(_) => format!("{} removes", name()),
            vrrp::Action::Remember(..) => return None,
            vrrp::Action::AddRouting(_) => format!("{} routes", name()),
            vrrp::Action::RemoveRouting(_) => format!("{} stops to route", name()),
            vrrp::Action::Announce { .. } => format!("{} announces", name()),
            vrrp::Action::Notify(notice) => match notice.kind {
                NoticeKind::Entered(state) => format!("{} {state}", notice.name),
                kind => format!("{} {kind:?}", notice.name),
            },
        })
    }

    /// Lets time pass.
    fn run_until(&mut self, milliseconds: u64) -> Vec<(Duration, String)> {
        let mut said = Vec::new();
        while let Some(due) = self.engine.deadline().filter(|due| *due <= at(milliseconds)) {
            let mut out = Vec::new();
            self.engine.handle(due, Event::Due, &mut out);
            let runs = |action: &Action| matches!(action, Action::Script(_, _, ScriptAction::Run));
            if out.iter().any(runs) {
                self.engine.handle(due, Event::ScriptEnded(ScriptId(0), self.script), &mut out);
            }
            said.extend(
                out.iter().filter_map(|action| self.word(action)).map(|word| (due.since(at(0)), word)),
            );
        }
        said
    }

    /// An advert of a peer with a higher address for the member with this number.
    fn hears(&mut self, milliseconds: u64, number: u8, priority: u8) -> Vec<String> {
        let listen = self.listen(number);
        let advert = Advert {
            vrid: Vrid::new(number).unwrap(),
            priority: WirePriority::from_byte(priority),
            interval: AdvertInterval::V3(Centiseconds::new(100).unwrap()),
            addresses: Addresses::new(Family::V4, [ip(&format!("10.0.{number}.100"))]).unwrap(),
        };
        let (source, destination) = (ip(&format!("10.0.{number}.9")), ip("224.0.0.18"));
        let (none, form) = (Authentication::None, ChecksumForm::PseudoHeader);
        let mut payload = Vec::new();
        advert.encode(&none, form, source, destination, &mut payload);
        let claimed_len = payload.len();
        let datagram = Datagram {
            source,
            destination,
            hop_limit: Some(255),
            claimed_len,
            payload: &payload,
            sealed: None,
        };
        self.tell(milliseconds, Event::Packet(listen, datagram))
    }

    fn listen(&self, number: u8) -> Listen {
        Listen {
            family: Family::V4,
            interface: IfIndex::new(u32::from(number)),
            to: ListenTo::Group(ip("224.0.0.18")),
            sealed: false,
        }
    }

    fn states(&self) -> Vec<State> {
        self.engine.states().map(|(_, _, state)| state).collect()
    }
}

fn link(number: u32, up: bool) -> Link {
    Link { up, ..Link::plain(IfIndex::new(number).unwrap(), IfName::new(&format!("eth{number}")).unwrap()) }
}

const ALL_MASTER: [State; 2] = [State::Master, State::Master];
const ALL_BACKUP: [State; 2] = [State::Backup, State::Backup];
const ALL_FAULT: [State; 2] = [State::Fault, State::Fault];

fn serving() -> Host {
    let mut host = Host::started(grouped(members(&[150, 150])));
    host.run_until(3_900);
    assert_eq!(host.states(), ALL_MASTER);
    host
}

#[test]
fn at_the_start_a_group_in_backup_is_told_before_its_members() {
    let (_, said) = Host::started_with(grouped(members(&[150, 150])), &[]);
    assert_eq!(said, ["G BACKUP", "V1 removes", "V1 BACKUP", "V2 removes", "V2 BACKUP"]);
}

#[test]
fn the_first_to_time_out_waits_and_the_last_goes_first() {
    let mut host = Host::started(grouped(members(&[150, 100])));
    let said = host.run_until(3_700);
    let due = Duration::from_nanos(3_609_375_000);
    assert!(said.iter().all(|(when, _)| *when == due), "{said:?}");
    let words: Vec<&str> = said.iter().map(|(_, word)| word.as_str()).collect();
    let wanted = ["V2 says 100", "V2 adds", "V2 MASTER", "V1 says 150", "V1 adds", "V1 MASTER", "G MASTER"];
    assert_eq!(words, wanted);
}

#[test]
fn no_member_claims_while_another_hears_its_master() {
    let mut host = Host::started(grouped(members(&[150, 150])));
    for second in 1..20 {
        host.hears(second * 1_000, 2, 200);
        host.run_until(second * 1_000 + 999);
        assert_eq!(host.states(), ALL_BACKUP, "after {second} s");
    }
    // The other one wishes by now, so the group goes as soon as this master is gone.
    host.run_until(19_000 + 3_000);
    assert_eq!(host.states(), ALL_BACKUP);
    host.run_until(19_000 + 3_420);
    assert_eq!(host.states(), ALL_MASTER);
}

#[test]
fn an_accepted_advert_takes_the_wish_away() {
    let mut host = Host::started(grouped(members(&[150, 100])));
    host.run_until(3_500);
    assert_eq!(host.states(), ALL_BACKUP);
    host.hears(3_500, 1, 200);
    host.run_until(3_700);
    assert_eq!(host.states(), ALL_BACKUP, "V2 has timed out, but V1 hears a master again");
    host.run_until(3_500 + 3_420);
    assert_eq!(host.states(), ALL_MASTER);
}

#[test]
fn a_better_router_on_one_link_takes_them_all_to_backup_without_a_farewell() {
    let mut host = serving();
    let said = host.hears(4_000, 2, 200);
    assert_eq!(said, ["V2 removes", "V2 BACKUP", "V1 removes", "V1 BACKUP", "G BACKUP"]);
}

#[test]
fn a_fault_of_one_is_a_fault_of_all_and_each_says_farewell_once_in_the_same_turn() {
    let mut host = Host::started(with_script(grouped(members(&[150, 150]))));
    let words = |said: Vec<(Duration, String)>| -> Vec<String> {
        said.into_iter().map(|(_, word)| word).filter(|word| !word.ends_with("says 150")).collect()
    };
    assert_eq!(words(host.run_until(3_400)), ["V2 BACKUP", "V1 BACKUP", "G BACKUP"]);
    host.run_until(3_900);
    assert_eq!(host.states(), ALL_MASTER);
    host.script = BAD;
    let failed = ["V2 says 0", "V2 removes", "V2 FAULT", "V1 says 0", "V1 removes", "V1 FAULT", "G FAULT"];
    assert_eq!(words(host.run_until(4_900)), failed);
    host.script = GOOD;
    assert_eq!(words(host.run_until(5_900)), ["V2 BACKUP", "V1 BACKUP", "G BACKUP"]);
}

#[test]
fn a_lost_link_silences_its_member_and_the_others_say_farewell() {
    let mut host = serving();
    let said = host.tell(4_000, Event::Link(link(1, false)));
    assert_eq!(said, ["V1 removes", "V1 FAULT", "V2 says 0", "V2 removes", "V2 FAULT", "G FAULT"]);
}

#[test]
fn a_group_recovers_only_when_no_member_is_at_fault() {
    let mut host = serving();
    host.tell(4_000, Event::Link(link(1, false)));
    assert_eq!(host.tell(4_100, Event::Link(link(2, false))), Vec::<String>::new());
    assert_eq!(host.tell(4_200, Event::Link(link(1, true))), Vec::<String>::new());
    assert_eq!(host.states(), ALL_FAULT);
    let said = host.tell(4_300, Event::Link(link(2, true)));
    assert_eq!(said, ["V2 BACKUP", "V1 BACKUP", "G BACKUP"]);
    let back = host.run_until(8_000).into_iter().find(|(_, word)| word == "G MASTER");
    assert_eq!(back.map(|(when, _)| when), Some(Duration::from_nanos(4_300_000_000 + 3_414_062_500)));
}

#[test]
fn an_address_that_somebody_took_away_costs_all_of_them_a_skew_time() {
    let mut host = serving();
    let interface = IfIndex::new(1).unwrap();
    let address = ip("10.0.1.100");
    let gone = LinkAddress { interface, address, prefix_len: 32, secondary: false, tentative: false };
    host.tell(4_000, Event::Address(gone));
    let said = host.tell(4_000, Event::AddressGone(gone));
    let wanted = ["V1 says 0", "V1 removes", "V1 BACKUP", "V2 says 0", "V2 removes", "V2 BACKUP", "G BACKUP"];
    assert_eq!(said, wanted);
    host.run_until(4_500);
    assert_eq!(host.states(), ALL_MASTER);
}

#[test]
fn a_rule_that_somebody_took_away_costs_all_of_them_a_skew_time() {
    let rule = Rule::plain(Family::V4, 5, RuleAction::Nop);
    let mut instances = members(&[150, 150]);
    instances[0].rules.push(rule.clone());
    let mut host = Host::started(grouped(instances));
    host.run_until(3_900);
    let said = host.tell(4_000, Event::RoutingGone(Box::new(Routing::Rule(Box::new(rule)))));
    let wanted = [
        "V1 says 0",
        "V1 stops to route",
        "V1 removes",
        "V1 BACKUP",
        "V2 says 0",
        "V2 removes",
        "V2 BACKUP",
        "G BACKUP",
    ];
    assert_eq!(said, wanted);
    host.run_until(4_500);
    assert_eq!(host.states(), ALL_MASTER);
}

#[test]
fn an_advert_that_loses_makes_every_member_announce_its_addresses() {
    let mut host = Host::started(grouped(members(&[150, 150])));
    for number in 1..=2 {
        let mac = Some(crate::units::MacAddr([2, 0, 0, 0, 0, 1]));
        host.tell(1, Event::Link(Link { mac, ..link(number, true) }));
    }
    host.run_until(3_900);
    let said = host.hears(4_000, 1, 100);
    assert_eq!(said, ["V1 says 150", "V1 announces", "V1 HeardLowerPriority", "V2 announces"]);
}

#[test]
fn at_a_stop_the_members_speak_first_and_then_the_group() {
    let mut host = serving();
    let said = host.tell(4_000, Event::Stop);
    let wanted =
        ["V1 says 0", "V1 removes", "V1 Stopped", "V2 says 0", "V2 removes", "V2 Stopped", "G Stopped"];
    assert_eq!(said, wanted);
}

#[test]
fn owners_in_a_group_claim_together_after_one_interval() {
    let mut host = Host::started(grouped(members(&[255, 255])));
    host.run_until(999);
    assert_eq!(host.states(), ALL_BACKUP);
    host.run_until(1_000);
    assert_eq!(host.states(), ALL_MASTER);
    let mut mixed = Host::started(grouped(members(&[255, 150])));
    mixed.run_until(3_400);
    assert_eq!(mixed.states(), ALL_BACKUP);
    mixed.run_until(3_420);
    assert_eq!(mixed.states(), ALL_MASTER);
}

#[test]
fn a_successor_goes_on_with_a_whole_group_and_tells_nobody() {
    let past = serving().engine.snapshot().past();
    let (mut host, said) = Host::started_with(grouped(members(&[150, 150])), &past);
    assert_eq!(host.states(), ALL_MASTER);
    assert!(!said.iter().any(|word| word.contains("MASTER")), "{said:?}");
    assert_eq!(host.tell(10, Event::Link(link(1, false))).last().map(String::as_str), Some("G FAULT"));
}

#[test]
fn a_successor_whose_member_is_at_fault_says_farewell_for_the_whole_group() {
    let past = serving().engine.snapshot().past();
    let mut model = grouped(members(&[150, 150]));
    let name = IfName::new("eth9").unwrap();
    let tracked = crate::config::model::TrackInterface { name, weight: Weight::FAULT, reverse: false };
    model.instances[1].track_interfaces.push(tracked);
    let (host, said) = Host::started_with(model, &past);
    assert_eq!(host.states(), ALL_FAULT);
    let wanted = ["V1 says 0", "V1 removes", "V1 FAULT", "V2 says 0", "V2 removes", "V2 FAULT", "G FAULT"];
    assert_eq!(said, wanted);
}

#[test]
fn a_reload_that_changes_nothing_changes_nothing() {
    let mut host = serving();
    let said = host.tell(4_000, Event::Reload(Box::new(grouped(members(&[150, 150])))));
    assert_eq!(said, Vec::<String>::new());
}

#[test]
fn a_member_added_by_a_reload_joins_after_its_own_election_and_the_others_serve_on() {
    let mut host = serving();
    let said = host.tell(4_000, Event::Reload(Box::new(grouped(members(&[150, 150, 150])))));
    assert_eq!(said, ["V3 removes", "V3 BACKUP"]);
    let said = host.run_until(4_000 + 3_414);
    assert!(said.iter().all(|(_, word)| word.contains("says 150")), "{said:?}");
    let said = host.run_until(4_000 + 3_415).into_iter().map(|(_, word)| word);
    let joined: Vec<String> = said.filter(|word| word.starts_with("V3")).collect();
    assert_eq!(joined, ["V3 says 150", "V3 adds", "V3 MASTER"]);
}

#[test]
fn a_member_added_by_a_reload_that_hears_a_master_takes_the_group_to_backup() {
    let mut host = serving();
    host.tell(4_000, Event::Reload(Box::new(grouped(members(&[150, 150, 150])))));
    let said = host.hears(4_500, 3, 200);
    assert_eq!(said, ["V1 removes", "V1 BACKUP", "V2 removes", "V2 BACKUP", "G BACKUP"]);
}

#[test]
fn a_reload_that_ends_a_group_sets_its_members_free() {
    let mut host = serving();
    let free = Model { instances: members(&[150, 150]), ..Model::default() };
    assert_eq!(host.tell(4_000, Event::Reload(Box::new(free))), Vec::<String>::new());
    host.tell(4_100, Event::Link(link(1, false)));
    assert_eq!(host.states(), [State::Fault, State::Master]);
    // And together again: the fault of one is a fault of the other.
    let said = host.tell(4_200, Event::Reload(Box::new(grouped(members(&[150, 150])))));
    assert_eq!(said, ["V2 says 0", "V2 removes", "V2 FAULT", "G FAULT"]);
}

#[test]
fn a_run_of_a_script_that_is_pending_keeps_the_whole_group_undecided() {
    let (mut host, said) = Host::started_with(with_script(grouped(members(&[150, 150]))), &[]);
    assert_eq!(said, ["V1 removes", "V2 removes"]);
    assert_eq!(host.states(), [State::Init, State::Init]);
    host.script = BAD;
    let said: Vec<String> = host.run_until(1).into_iter().map(|(_, word)| word).collect();
    assert_eq!(said, ["V2 FAULT", "V1 FAULT", "G FAULT"]);
}

fn tracked(name: &str, weight: i16, reverse: bool) -> Tracked {
    Tracked { name: name.into(), weight: Weight::new(weight).unwrap(), reverse }
}

fn priorities(host: &Host) -> Vec<u8> {
    host.engine.instances().map(|instance| instance.priority().get()).collect()
}

#[test]
fn a_number_in_a_file_moves_a_priority_and_may_be_a_fault() {
    let mut model = Model { instances: members(&[100, 100]), ..Model::default() };
    let (name, path) = ("f".to_owned(), "/run/number".to_owned());
    model.track_files.push(TrackFile { name, path, initial: None });
    model.instances[0].track_files.push(tracked("f", 2, false));
    model.instances[1].track_files.push(tracked("f", 0, false));
    let mut host = Host::started(model);
    let mut tell = |value| host.tell(1, Event::File { path: "/run/number".into(), value });
    assert_eq!(tell(10), ["V2 FAULT"]);
    assert_eq!(tell(0), ["V2 BACKUP"]);
    assert_eq!(tell(-127), ["V1 FAULT", "V2 FAULT"]);
    assert_eq!(tell(-126), ["V1 BACKUP"]);
    assert_eq!(priorities(&host), [1, 100]);
    host.tell(1, Event::File { path: "/run/number".into(), value: 1_000 });
    assert_eq!(priorities(&host), [254, 100]);
}

#[test]
fn a_quorum_of_processes_counts_at_once_and_then_after_its_delays() {
    let block = TrackProcess {
        name: "p".into(),
        process: "nginx".into(),
        parameters: Vec::new(),
        parameter_match: None,
        full_command: false,
        quorum: 2,
        quorum_max: None,
        terminate_delay: Duration::from_secs(2),
        fork_delay: Duration::ZERO,
    };
    let mut model = Model { instances: members(&[100, 100]), ..Model::default() };
    model.track_processes.push(block.clone());
    model.instances[0].track_processes.push(tracked("p", 0, false));
    model.instances[1].track_processes.push(tracked("p", -20, false));
    let counted = |count| Event::Processes { of: Arc::new(block.clone()), count };
    let mut host = Host::started(model.clone());
    assert_eq!(host.states(), [State::Fault, State::Backup], "uncounted is unmet");
    assert_eq!(host.tell(1, counted(2)), ["V1 BACKUP"]);
    assert_eq!(priorities(&host), [100, 100]);
    assert_eq!(host.tell(1_000, counted(1)), Vec::<String>::new());
    host.run_until(2_999);
    assert_eq!(host.states(), ALL_BACKUP);
    host.run_until(3_000);
    assert_eq!(host.states(), [State::Fault, State::Backup]);
    assert_eq!(priorities(&host), [100, 80]);
    // A reload that asks for others: counted before it is carried out, so that nothing flaps.
    let fewer = TrackProcess { quorum: 1, ..block };
    let ahead = Event::Processes { of: Arc::new(fewer.clone()), count: 1 };
    assert_eq!(host.tell(3_100, ahead), Vec::<String>::new());
    model.track_processes = vec![fewer];
    assert_eq!(host.tell(3_100, Event::Reload(Box::new(model))), ["V1 BACKUP"]);
    assert_eq!(priorities(&host), [100, 100]);
}

#[test]
fn a_link_with_a_delay_is_down_when_it_has_been_down_for_so_long() {
    let name = IfName::new("eth1").unwrap();
    let (down, up) = (Duration::from_millis(500), Duration::from_secs(1));
    let link_delays = vec![UpDownDelay { name, down, up }];
    let model = Model { instances: members(&[150, 150]), link_delays, ..Model::default() };
    let mut host = Host::started(model);
    host.run_until(3_900);
    assert_eq!(host.states(), ALL_MASTER);
    assert_eq!(host.tell(4_000, Event::Link(link(1, false))), Vec::<String>::new());
    host.tell(4_400, Event::Link(link(1, true)));
    assert_eq!(host.tell(5_000, Event::Link(link(1, false))), Vec::<String>::new());
    host.run_until(5_499);
    assert_eq!(host.states(), ALL_MASTER);
    host.run_until(5_500);
    assert_eq!(host.states(), [State::Fault, State::Master]);
    host.tell(6_000, Event::Link(link(1, true)));
    host.run_until(6_999);
    assert_eq!(host.states(), [State::Fault, State::Master]);
    host.run_until(7_000);
    assert_eq!(host.states(), [State::Backup, State::Master]);
}
