//! Whether a master takes packets to its addresses, asked from another host.

use std::io::ErrorKind;
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::net::if_::if_nametoindex;
use nix::sys::signal::{Signal, kill};

use crate::known_differences::differs;
use crate::lab::Lab;
use crate::node::{Node, Place, Program};
use crate::pair::{SLACK, wait_until_serving};
use crate::protocol::{HIGH, Protocol};

/// How long somebody who gets no answer waits for it.
const PATIENCE: Duration = Duration::from_millis(400);
/// No service has this port: who takes packets refuses them.
const PORT: u16 = 9;

/// Lines of the instance, its priority, and whether it takes packets.
const CASES: &[(&[&str], u8, bool)] = &[
    (&[], HIGH, true),
    (&["no_accept"], HIGH, false),
    (&["strict_mode"], HIGH, false),
    (&["strict_mode", "accept"], HIGH, true),
    (&["no_accept"], 255, true),
    (&["strict_mode", "state MASTER"], 255, true),
];

#[test]
fn whether_an_ipv4_master_answers_follows_its_accept_mode() {
    let lab = lab();
    for (lines, priority, answers) in CASES {
        let node = serving(&lab, Protocol::V3, *priority, lines);
        assert_answered(&lab, "10.0.0.1", true, &format!("its own address, {lines:?}"));
        assert_answered(&lab, "10.0.0.100", *answers, &format!("{lines:?}, priority {priority}"));
        node.stop(Duration::from_secs(5));
    }
}

#[test]
fn whether_an_ipv6_master_answers_follows_its_accept_mode() {
    let lab = lab();
    for (lines, priority, answers) in CASES {
        let node = serving(&lab, Protocol::V3Ipv6, *priority, lines);
        for own in ["2001:db8::1", "fe80::ff:fe00:1"] {
            assert_answered(&lab, own, true, &format!("its own address, {lines:?}"));
        }
        for address in ["2001:db8::100", "fe80::100"] {
            // Neighbour discovery finds it, or this fails.
            assert_answered(&lab, address, *answers, &format!("{lines:?}, priority {priority}"));
        }
        node.stop(Duration::from_secs(5));
    }
}

#[test]
fn an_excluded_address_is_kept_from_packets_too_whatever_its_family() {
    let lab = lab();
    let lines =
        ["no_accept", "virtual_ipaddress_excluded {", "10.0.0.101/24", "2001:db8::101/64 dev eth0", "}"];
    let node = serving(&lab, Protocol::V3, HIGH, &lines);
    lab.wait(SLACK, "all addresses", || node.has("10.0.0.101/24") && node.has("2001:db8::101/64"));
    for address in ["10.0.0.100", "10.0.0.101", "2001:db8::101"] {
        assert!(!is_answered(&lab, address), "{address}");
    }
}

#[test]
fn no_packet_gets_through_from_the_first_moment_to_the_last() {
    let lab = lab();
    let probe = Probe::start(&lab);
    let node = serving(&lab, Protocol::V3, HIGH, &["no_accept"]);
    let worker = node.worker().expect("the vrrp pid file names a process");
    kill(worker, Signal::SIGKILL).unwrap();
    let replaced = || node.worker().is_some_and(|now| now != worker);
    lab.wait(Duration::from_secs(5), "another worker runs", replaced);
    // keepalived takes the address away and runs for it again.
    lab.holds(Duration::from_secs(2), "nothing answers", || !probe.was_refused());
    lab.wait(Duration::from_secs(5), "the address is served", || node.has("10.0.0.100/24"));
    node.stop(Duration::from_secs(5));
    assert!(!probe.was_refused(), "a packet was taken");

    // The same probe does notice a master that takes packets.
    let _open = serving(&lab, Protocol::V3, HIGH, &[]);
    lab.wait(Duration::from_secs(5), "a packet is refused", || probe.was_refused());
}

#[test]
fn a_reload_changes_whether_packets_are_taken_and_nothing_else() {
    differs("a_reload_changes_whether_packets_are_taken_and_nothing_else", || {
        let lab = lab();
        let node = serving(&lab, Protocol::V3, HIGH, &[]);
        for (lines, answers) in [(&["no_accept"] as &[&str], false), (&[], true), (&["no_accept"], false)] {
            node.rewrite(&Protocol::V3.configuration(1, HIGH, lines));
            node.signal(Signal::SIGHUP);
            let done = || is_answered(&lab, "10.0.0.100") == answers;
            lab.wait(Duration::from_secs(5), &format!("answers: {answers}"), done);
        }
        assert_eq!(node.place().times_removed("10.0.0.100/24"), 0);
        assert_eq!(node.said("Entering MASTER STATE"), 1);
    });
}

#[test]
fn the_table_is_named_as_configured_and_goes_with_the_daemon() {
    let lab = lab();
    let configuration = |globals: &str| {
        let text = Protocol::V3.configuration(1, HIGH, &["no_accept"]);
        text.replacen("global_defs {", &format!("global_defs {{\n    {globals}"), 1)
    };
    let globals = "nftables guard\n    nftables_priority 5\n    nftables_counters";
    let node = lab.place(1).start(Program::Subject, &configuration(globals));
    wait_until_serving(&lab, &node, Protocol::V3);
    assert!(!is_answered(&lab, "10.0.0.100"));
    let rules = nft(node.place(), "list table ip guard");
    for words in
        ["10.0.0.100", "hook input priority filter + 5", "ip daddr @vips counter packets", "ip saddr @vips"]
    {
        assert!(rules.contains(words), "{words}: {rules}");
    }
    node.stop(Duration::from_secs(5));
    assert_eq!(nft(node.place(), "list ruleset"), "");
}

#[test]
fn another_table_on_reload_takes_the_place_of_the_first() {
    differs("another_table_on_reload_takes_the_place_of_the_first", || {
        let lab = lab();
        let node = serving(&lab, Protocol::V3, HIGH, &["no_accept"]);
        let text = Protocol::V3.configuration(1, HIGH, &["no_accept"]);
        node.rewrite(&text.replacen("global_defs {", "global_defs {\n    nftables guard", 1));
        node.signal(Signal::SIGHUP);
        let moved = || nft(node.place(), "list tables").trim() == "table ip guard";
        lab.wait(Duration::from_secs(5), "the table has moved", moved);
        assert!(!is_answered(&lab, "10.0.0.100"));
    });
}

#[test]
fn a_firewall_that_a_dead_daemon_left_goes_although_nothing_is_blocked_any_more() {
    differs("a_firewall_that_a_dead_daemon_left_goes_although_nothing_is_blocked_any_more", || {
        let lab = lab();
        let dead = serving(&lab, Protocol::V3, HIGH, &["no_accept"]);
        dead.kill();
        assert!(nft(dead.place(), "list ruleset").contains("10.0.0.100"));
        let node = lab.place(1).start(Program::Subject, &Protocol::V3.configuration(1, HIGH, &[]));
        let serves = || node.said("Entering MASTER STATE") == 1 && node.has("10.0.0.100/24");
        lab.wait(Duration::from_secs(5), "the next one serves", serves);
        assert_eq!(nft(dead.place(), "list ruleset"), "");
        assert_answered(&lab, "10.0.0.100", true, "the next one");
    });
}

#[test]
fn iptables_and_ipsets_are_served_by_nftables_and_that_is_said_once() {
    differs("iptables_and_ipsets_are_served_by_nftables_and_that_is_said_once", || {
        let lab = lab();
        let text = Protocol::V3.configuration(1, HIGH, &["no_accept"]);
        let lines = "global_defs {\n    vrrp_iptables INPUT OUTPUT\n    vrrp_ipsets guard";
        let node = lab.place(1).start(Program::Subject, &text.replacen("global_defs {", lines, 1));
        wait_until_serving(&lab, &node, Protocol::V3);
        assert!(!is_answered(&lab, "10.0.0.100"));
        for keyword in ["`vrrp_iptables` is served by nftables", "`vrrp_ipsets` is served by nftables"] {
            assert_eq!(node.said(keyword), 1, "{keyword}");
        }
    });
}

fn lab() -> Lab {
    let lab = Lab::new(1);
    lab.bridge.ip("address add 2001:db8::fe/64 dev br0 nodad");
    lab
}

fn serving(lab: &Lab, protocol: Protocol, priority: u8, lines: &[&str]) -> Node {
    let node = lab.place(1).start(Program::Subject, &protocol.configuration(1, priority, lines));
    wait_until_serving(lab, &node, protocol);
    node
}

/// Somebody who is answered may have to wait for it on a busy machine; nobody else is.
fn assert_answered(lab: &Lab, address: &str, answered: bool, why: &str) {
    if answered {
        lab.wait(Duration::from_secs(5), &format!("{address} answers: {why}"), || is_answered(lab, address));
    } else {
        assert!(!is_answered(lab, address), "{address} answers: {why}");
    }
}

/// Whether a connection from the bridge is refused, which takes a host that accepts its packets. One that nobody was
/// found for fails the test.
fn is_answered(lab: &Lab, address: &str) -> bool {
    lab.bridge.inside(|| {
        let connected = TcpStream::connect_timeout(&socket_address(address), PATIENCE);
        match connected.map_err(|error| error.kind()) {
            Err(ErrorKind::ConnectionRefused) => true,
            Err(ErrorKind::TimedOut) => false,
            other => panic!("{address}: {other:?}"),
        }
    })
}

/// To be called on the bridge.
fn socket_address(address: &str) -> SocketAddr {
    match address.parse::<Ipv6Addr>() {
        Ok(address) if address.is_unicast_link_local() => {
            SocketAddrV6::new(address, PORT, 0, if_nametoindex("br0").unwrap()).into()
        }
        _ => SocketAddr::new(address.parse().unwrap(), PORT),
    }
}

fn nft(place: &Place, arguments: &str) -> String {
    let output = Command::new("ip")
        .args(["netns", "exec", place.namespace_name(), "nft"])
        .args(arguments.split_whitespace())
        .output()
        .expect("`ip` of iproute2 is needed");
    assert!(output.status.success(), "nft {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Somebody on the bridge who sends a datagram to the virtual address every millisecond.
struct Probe {
    refused: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

impl Probe {
    fn start(lab: &Lab) -> Self {
        let socket = lab.bridge.inside(|| UdpSocket::bind("10.0.0.254:0").unwrap());
        socket.connect(("10.0.0.100", PORT)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let probe = Self { refused: Arc::default(), ended: Arc::default() };
        let (refused, ended) = (Arc::clone(&probe.refused), Arc::clone(&probe.ended));
        thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                let answers = [socket.send(b"?"), socket.recv(&mut [0])];
                let is_refusal = |answer: &std::io::Result<usize>| {
                    answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
                };
                if answers.iter().any(is_refusal) {
                    refused.store(true, Ordering::Relaxed);
                }
            }
        });
        probe
    }

    fn was_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}
