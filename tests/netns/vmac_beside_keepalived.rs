//! What VMACs leave on a host, beside what keepalived leaves there: links, addresses, routes, settings.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::lab::Lab;
use crate::node::{Place, Program};

const LIMIT: Duration = Duration::from_secs(8);

/// Lines of an instance with priority 255 and VRID 51, and the address that says that it serves.
const CASES: &[(&str, &str, &str)] = &[
    ("VMAC", "use_vmac\nvirtual_ipaddress {\n10.0.0.100/24\n10.9.9.9\n}", "10.9.9.9/32"),
    (
        "VMAC with the adverts on the parent",
        "use_vmac\nvmac_xmit_base\nvirtual_ipaddress {\n10.0.0.100/24\n}",
        "10.0.0.100/24",
    ),
    ("VMAC of IPv6", "use_vmac\nvirtual_ipaddress {\nfe80::100\n2001:db8::100/64\n}", "2001:db8::100/64"),
    (
        "VMAC of IPv6 with the adverts on the parent",
        "use_vmac\nvmac_xmit_base\nvirtual_ipaddress {\nfe80::100\n2001:db8::100/64\n}",
        "2001:db8::100/64",
    ),
    (
        "VMAC of an instance that has an IPv6 address too",
        "use_vmac\nvirtual_ipaddress {\n10.0.0.100/24\n}\nvirtual_ipaddress_excluded {\n2001:db8::100/64\n}",
        "2001:db8::100/64",
    ),
    (
        "VMAC with a name, a MAC and a group",
        "use_vmac lan 02:00:00:aa:bb group 7\nvirtual_ipaddress {\n10.0.0.100/24\n10.0.0.101/24 dev eth0\n}",
        "10.0.0.101/24",
    ),
    (
        "VMACs for single addresses",
        "virtual_ipaddress {\n10.0.0.100/24 use_vmac\n10.0.0.101/24\n10.1.0.100/24 dev eth1 use_vmac\n}\n\
         virtual_ipaddress_excluded {\n2001:db8::100/64 use_vmac\n}",
        "2001:db8::100/64",
    ),
    (
        "VMACs for everything",
        "use_vmac\nuse_vmac_addr\nvirtual_ipaddress {\n10.0.0.100/24\n10.1.0.100/24 dev eth1\n}\n\
         virtual_ipaddress_excluded {\n2001:db8::100/64\n}",
        "2001:db8::100/64",
    ),
    (
        "VMAC of a unicast instance",
        "use_vmac\nvmac_xmit_base\nunicast_src_ip 10.0.0.1\nunicast_peer {\n10.0.0.2\n}\n\
         virtual_ipaddress {\n10.0.0.100/24\n}",
        "10.0.0.100/24",
    ),
];

#[test]
fn vmacs_are_made_as_keepalived_makes_them() {
    std::thread::scope(|scope| {
        let judged: Vec<_> = CASES.iter().map(|case| scope.spawn(|| (case.0, differences(case)))).collect();
        for case in judged {
            let (name, differences) = case.join().unwrap();
            assert!(differences.is_empty(), "{name}:\n{}", differences.join("\n"));
        }
    });
}

/// Lines that only one of the two programs leaves.
fn differences((_, lines, address): &(&str, &str, &str)) -> Vec<String> {
    let of = |program| {
        let lab = Lab::new(1);
        let place = lab.place(1);
        place.ip("link add eth1 type veth peer name eth2");
        place.ip("link set eth1 address 02:00:00:00:01:01");
        place.ip("link set eth2 address 02:00:00:00:01:02");
        place.ip("address add 10.1.0.1/24 dev eth1");
        place.ip("link set eth1 up");
        place.ip("link set eth2 up");
        place.ip("link set eth0 group 5");
        let instance =
            format!("vrrp_instance V {{\ninterface eth0\nvirtual_router_id 51\npriority 255\n{lines}\n}}\n");
        let node = place.start(program, &instance);
        lab.wait(LIMIT, "it serves", || node.has(address));
        state(&place)
    };
    let [ours, theirs] = [Program::Subject, Program::Peer].map(of);
    let only_ours = ours.difference(&theirs).map(|line| format!("only the subject: {line}"));
    only_ours.chain(theirs.difference(&ours).map(|line| format!("only the peer:    {line}"))).collect()
}

/// Links, addresses, routes and settings, without what is never the same twice.
fn state(place: &Place) -> BTreeSet<String> {
    let mut all = place.settings();
    for command in ["ip -o -d link", "ip -o address", "ip route show table all", "ip -6 route show table all"]
    {
        all.extend(place.output(command).lines().map(plain));
    }
    all
}

fn plain(line: &str) -> String {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    // The name of the lab's bridge namespace, which has a number of its own.
    if let Some(place) = words.iter().position(|word| *word == "link-netns") {
        words.truncate(place);
    }
    words.join(" ")
}
