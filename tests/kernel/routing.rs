//! Routes and rules against others who change them, and against a kernel that refuses.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use vrrpd::config::model::{Placing, Prefix, Route, Rule, RuleAction};
use vrrpd::kernel::{RoutingError, RoutingTables};
use vrrpd::units::{Family, IfName, Instant};
use vrrpd::vrrp::{PlacedRoute, Routing};

use crate::namespace::{index, ip, wait, with_link};

fn route(to: &str, change: impl FnOnce(&mut Route)) -> Routing {
    let (address, length) = to.split_once('/').unwrap();
    let mut route = Route::plain(Prefix::new(address.parse().unwrap(), length.parse().unwrap()).unwrap());
    route.dev = IfName::new("hv0");
    change(&mut route);
    Routing::Route(Box::new(PlacedRoute { interface: Some(index("hv0")), hops: Vec::new(), route }))
}

fn rule(priority: u32) -> Routing {
    Routing::Rule(Box::new(Rule::plain(Family::V4, priority, RuleAction::Table(5))))
}

fn add(tables: &mut RoutingTables, routing: &[Routing]) {
    assert_eq!(tables.add(Instant::ZERO, routing), []);
}

/// Runs thousands of `ip` commands at once.
fn batch(lines: impl Iterator<Item = String>) {
    let mut child = Command::new("ip").args(["-batch", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let text: String = lines.map(|line| line + "\n").collect();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_others_remove_is_told_and_our_own_removals_are_not() {
    with_link(|| {
        wait(async {
            let mut tables = RoutingTables::new().unwrap();
            tables.watch(true).unwrap();
            let kept = route("2001:db8:9::/48", |_| {});
            let ours = [
                route("10.1.0.0/16", |_| {}),
                rule(5),
                route("10.2.0.0/16", |route| route.no_track = true),
                route("10.3.0.0/16", |_| {}),
                kept.clone(),
            ];
            add(&mut tables, &ours);
            ip("route add 10.1.0.0/16 dev hv0 metric 5");
            // None of these is one of ours.
            for others in [
                "route del 10.1.0.0/16 metric 5",
                "route add 10.3.0.0/16 dev hv0 table 9",
                "route flush table 9",
            ] {
                ip(others);
            }
            assert_eq!(tables.remove(&ours[3..4]), []);
            add(&mut tables, &ours[3..4]);
            ip("route del 10.3.0.0/16");
            ip("rule del preference 5");
            ip("-6 route del 2001:db8:9::/48");
            let mut told = Vec::new();
            for _ in 0..3 {
                told.push(tables.next().await.unwrap());
            }
            assert_eq!(told, [ours[3].clone(), ours[1].clone(), kept]);
        });
    });
}

#[test]
fn what_is_removed_while_notices_are_lost_is_found_by_reading_the_tables() {
    with_link(|| {
        wait(async {
            let mut tables = RoutingTables::new().unwrap();
            tables.watch(true).unwrap();
            let ours = [route("10.1.0.0/16", |_| {}), rule(5), route("2001:db8:9::/48", |_| {}), rule(6)];
            add(&mut tables, &ours);
            let flood = |verb: &'static str| {
                (0..20_000).map(move |n| {
                    format!("route {verb} 172.{}.{}.0/24 dev hv0", 16 + n / 256 % 16, n % 256)
                        + &format!(" metric {n}")
                })
            };
            batch(flood("add"));
            batch(flood("del"));
            ip("route del 10.1.0.0/16");
            ip("rule del preference 6");
            let mut told = vec![tables.next().await.unwrap(), tables.next().await.unwrap()];
            told.sort_by_key(|routing| matches!(routing, Routing::Rule(_)));
            assert_eq!(told, [ours[0].clone(), ours[3].clone()]);
            let quiet = tokio::time::timeout(Duration::from_millis(50), tables.next()).await;
            assert!(quiet.is_err(), "{quiet:?}");
        });
    });
}

#[test]
fn a_refusal_carries_the_kernel_s_words_and_is_tried_again_until_nobody_wants_it() {
    with_link(|| {
        let mut tables = RoutingTables::new().unwrap();
        let gateway = route("10.1.0.0/16", |route| {
            route.dev = None;
            route.gateway = Some([192, 0, 2, 9].into());
        });
        let Routing::Route(mut placed) = gateway else { unreachable!() };
        placed.interface = None;
        let wanted = [Routing::Route(placed), route("10.2.0.0/16", |_| {}), rule(5)];
        let failed = tables.add(Instant::ZERO, &wanted);
        let [(0, RoutingError::Add(refusal))] = &failed[..] else { panic!("{failed:?}") };
        assert!(refusal.to_string().contains("Nexthop has invalid gateway"), "{refusal}");

        let first = tables.deadline().unwrap();
        tables.retry(first);
        let second = tables.deadline().unwrap();
        assert!(second > first);
        ip("address add 192.0.2.1/24 dev hv0");
        tables.retry(second);
        assert_eq!(tables.deadline(), None);
        assert!(ip("route show proto 18").contains("10.1.0.0/16 via 192.0.2.9"));
        assert_eq!(tables.remove(&wanted), []);
        assert_eq!(ip("route show proto 18"), "");
        assert!(!ip("rule show").contains("lookup 5"));

        let never = [route("10.9.9.9/16", |_| {})];
        assert_eq!(tables.add(Instant::ZERO, &never).len(), 1);
        assert_eq!(tables.remove(&never), [], "what was never there is no failure");
        assert_eq!(tables.deadline(), None);
    });
}

#[test]
fn what_is_there_is_adopted_but_add_is_refused_beside_another() {
    with_link(|| {
        let mut tables = RoutingTables::new().unwrap();
        let alone = [route("10.1.0.0/16", |route| route.placing = Placing::Add), rule(5)];
        add(&mut tables, &alone);
        add(&mut tables, &alone);
        ip("route flush proto 18");
        ip("route add 10.1.0.0/16 dev lo");
        let failed = tables.add(Instant::ZERO, &alone);
        let [(0, RoutingError::Add(refusal))] = &failed[..] else { panic!("{failed:?}") };
        assert!(refusal.to_string().starts_with("File exists"), "{refusal}");
    });
}
