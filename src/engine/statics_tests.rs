//! Static entries from start to stop, in words: `+` for what is put in place, `-` for what is taken away.

use super::*;
use crate::config::model::{Model, Prefix, Rule, RuleAction, VirtualAddress};
use crate::engine::Event;
use crate::track::Link;
use crate::units::{Family, IfIndex, Instant};

fn name(name: &str) -> IfName {
    IfName::new(name).unwrap()
}

fn link(index: u32, device: &str, up: bool) -> Event<'static> {
    Event::Link(Link { up, ..Link::plain(IfIndex::new(index).unwrap(), name(device)) })
}

fn prefix(text: &str) -> Prefix {
    let (address, length) = text.split_once('/').unwrap();
    Prefix::new(address.parse().unwrap(), length.parse().unwrap()).unwrap()
}

fn address(text: &str, no_track: bool) -> VirtualAddress {
    VirtualAddress { dev: Some(name("eth1")), no_track, ..VirtualAddress::plain(prefix(text)) }
}

fn route(to: &str, dev: Option<&str>) -> Route {
    Route { dev: dev.map(name), ..Route::plain(prefix(to)) }
}

fn statics() -> Statics {
    Statics {
        addresses: vec![address("10.0.0.1/24", false), address("10.0.0.2/24", true)],
        routes: vec![route("10.1.0.0/16", Some("eth1")), route("10.2.0.0/16", None)],
        rules: vec![Rule::plain(Family::V4, 5, RuleAction::Nop)],
    }
}

fn model(statics: Statics) -> Model {
    Model { statics, ..Model::default() }
}

fn tell(engine: &mut Engine, event: Event<'_>) -> Vec<String> {
    let mut out = Vec::new();
    engine.handle(Instant::ZERO, event, &mut out);
    out.iter().flat_map(in_words).collect()
}

fn in_words(action: &Action) -> Vec<String> {
    let (sign, places) = match action {
        Action::KeepStatics(places) => ('+', places),
        Action::DropStatics(places) => ('-', places),
        other => panic!("{other:?}"),
    };
    let addresses =
        places.addresses.iter().map(|placed| format!("{sign}{}", placed.address.prefix.address()));
    addresses.chain(places.routing.iter().map(|routing| format!("{sign}{routing}"))).collect()
}

fn started() -> Engine {
    let mut engine = Engine::new(model(statics()), Instant::ZERO);
    assert_eq!(tell(&mut engine, link(3, "eth1", true)), Vec::<String>::new(), "nothing before the start");
    let all = tell(&mut engine, Event::Start(&[]));
    assert_eq!(
        all,
        ["+10.0.0.1", "+10.0.0.2", "+route 10.1.0.0/16 dev eth1", "+route 10.2.0.0/16", "+rule 5: from all"]
    );
    engine
}

fn lost(last: u8) -> Event<'static> {
    let interface = IfIndex::new(3).unwrap();
    let address = [10, 0, 0, last].into();
    Event::AddressGone(LinkAddress { interface, address, prefix_len: 24, secondary: false, tentative: false })
}

#[test]
fn what_somebody_removes_is_put_back_unless_it_is_not_tracked() {
    let mut engine = started();
    let with_its_routes =
        ["+10.0.0.1", "+route 10.1.0.0/16 dev eth1", "+route 10.2.0.0/16", "+rule 5: from all"];
    assert_eq!(tell(&mut engine, lost(1)), with_its_routes);
    assert_eq!(tell(&mut engine, lost(2)), Vec::<String>::new());
    assert_eq!(tell(&mut engine, lost(3)), Vec::<String>::new());
    let rule = Routing::Rule(Box::new(statics().rules.remove(0)));
    assert_eq!(tell(&mut engine, Event::RoutingGone(Box::new(rule))), ["+rule 5: from all"]);
    let other = Routing::Rule(Box::new(Rule::plain(Family::V6, 5, RuleAction::Nop)));
    assert_eq!(tell(&mut engine, Event::RoutingGone(Box::new(other))), Vec::<String>::new());
}

#[test]
fn an_interface_that_comes_up_brings_back_what_went_with_it() {
    let mut engine = started();
    assert_eq!(tell(&mut engine, link(3, "eth1", false)), Vec::<String>::new());
    let with_it = ["+10.0.0.1", "+route 10.1.0.0/16 dev eth1", "+route 10.2.0.0/16"];
    assert_eq!(tell(&mut engine, link(3, "eth1", true)), with_it);
    assert_eq!(tell(&mut engine, link(4, "eth2", true)), ["+route 10.2.0.0/16"], "by whichever leads there");
}

#[test]
fn a_new_interface_of_the_name_gets_everything_anew() {
    let mut engine = started();
    tell(&mut engine, Event::LinkGone(IfIndex::new(3).unwrap()));
    let again = tell(&mut engine, link(9, "eth1", false));
    assert_eq!(again, ["+10.0.0.1", "+10.0.0.2", "+route 10.1.0.0/16 dev eth1"]);
}

#[test]
fn a_reload_touches_only_what_changed_and_a_stop_takes_everything() {
    let mut engine = started();
    assert_eq!(tell(&mut engine, Event::Reload(Box::new(model(statics())))), Vec::<String>::new());
    let later = Statics {
        addresses: vec![address("10.0.0.1/24", false)],
        routes: vec![route("10.1.0.0/16", None), route("10.2.0.0/16", None)],
        rules: Vec::new(),
    };
    let changed = tell(&mut engine, Event::Reload(Box::new(model(later))));
    assert_eq!(
        changed,
        ["-10.0.0.2", "-route 10.1.0.0/16 dev eth1", "-rule 5: from all", "+route 10.1.0.0/16"]
    );
    assert_eq!(tell(&mut engine, Event::Stop), ["-10.0.0.1", "-route 10.1.0.0/16", "-route 10.2.0.0/16"]);
}
