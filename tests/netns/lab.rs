//! A laboratory: nodes on one bridge, each in a namespace of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::bell::Bell;
use crate::namespace::Namespace;
use crate::node::Place;

/// A bridge and the nodes on it; everything vanishes on drop, also after a panic.
///
/// Node N (from 1) has `eth0` with MAC 02:00:00:00:00:0N, 10.0.0.N/24, 2001:db8::N/64 and the link-local address of its
/// MAC. The bridge is 10.0.0.254 with MAC 02:00:00:00:00:fe: the place of the observer and of the intruder.
pub(crate) struct Lab {
    pub(crate) bell: Bell,
    pub(crate) bridge: Arc<Namespace>,
    places: Vec<Place>,
}

impl Lab {
    pub(crate) fn new(nodes: usize) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let bell = Bell::default();
        let bridge = Arc::new(Namespace::new(&format!("{count}-br"), &bell));
        bridge.ip("link add br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0");
        bridge.ip("link set br0 address 02:00:00:00:00:fe");
        bridge.ip("address add 10.0.0.254/24 dev br0");
        bridge.ip("link set br0 up");
        let mut lab = Self { bell, bridge, places: Vec::new() };
        for number in 1..=nodes {
            let namespace = Arc::new(Namespace::new(&format!("{count}-{number}"), &lab.bell));
            lab.connect(number, &namespace);
            lab.places.push(Place::new(number, namespace, Arc::clone(&lab.bridge), lab.bell.clone()));
        }
        lab
    }

    /// Gives node `number`, whose `eth0` is gone, a new one with the same addresses.
    pub(crate) fn reconnect(&self, number: usize) {
        self.connect(number, self.places[number - 1].namespace());
    }

    /// A second bridge `br1` with a port `backN` of each node: there node N has `eth1` with 10.1.0.N/24.
    pub(crate) fn with_second_link(self) -> Self {
        self.bridge.ip("link add br1 type bridge forward_delay 0 stp_state 0 mcast_snooping 0");
        self.bridge.ip("link set br1 up");
        for (number, place) in (1..).zip(&self.places) {
            let name = place.namespace_name();
            self.bridge.ip(&format!("link add back{number} type veth peer name eth1 netns {name}"));
            self.bridge.ip(&format!("link set back{number} master br1 up"));
            place.ip(&format!("address add 10.1.0.{number}/24 dev eth1"));
            place.ip("link set eth1 up");
        }
        self
    }

    fn connect(&self, number: usize, node: &Namespace) {
        let (mac, name) = (format!("02:00:00:00:00:{number:02x}"), node.name());
        self.bridge.ip(&format!("link add port{number} type veth peer name eth0 address {mac} netns {name}"));
        self.bridge.ip(&format!("link set port{number} master br0 up"));
        node.ip("link set lo up");
        node.ip(&format!("address add 10.0.0.{number}/24 dev eth0"));
        node.ip(&format!("address add 2001:db8::{number:x}/64 dev eth0 nodad"));
        node.ip("link set eth0 up");
    }

    /// Where node `number` (from 1) runs.
    pub(crate) fn place(&self, number: usize) -> Place {
        self.places[number - 1].clone()
    }

    /// Waits until `condition` holds and says how long that took; fails the test, saying `what`, after `limit`.
    pub(crate) fn wait(&self, limit: Duration, what: &str, condition: impl FnMut() -> bool) -> Duration {
        self.bell.wait(limit, condition).unwrap_or_else(|| panic!("not within {limit:?}: {what}"))
    }

    /// Watches for `span` that `condition` holds all the time; fails the test, saying `what`, when it does not.
    pub(crate) fn holds(&self, span: Duration, what: &str, mut condition: impl FnMut() -> bool) {
        let began = Instant::now();
        if self.bell.wait(span, || !condition()).is_some() {
            panic!("no longer true after {:?}: {what}", began.elapsed());
        }
    }
}
