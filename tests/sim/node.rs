//! One host: an engine, hands that only write down what they were told, a socket, an interface.

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use std::rc::Rc;

use vrrpd::engine::{Engine, Listen, ScriptId};
use vrrpd::track::{Link, LinkAddress};
use vrrpd::units::{IfIndex, IfName, Instant, MacAddr, Priority};
use vrrpd::vrrp::{Past, Routing, State};

use crate::conf::{Conf, own_address};
use crate::network::Packet;
use crate::referee::Record;

/// What a host can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Without power: holds nothing.
    Off,
    Running,
    /// Like SIGSTOP: time passes, the kernel goes on, the daemon does not.
    Paused,
    /// The worker is gone and the kernel keeps what it put there.
    WorkerDead,
    /// Stopped in good order.
    Stopped,
}

/// What the kernel tells besides packets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fact {
    Link(bool),
    Address(IpAddr),
    AddressGone(IpAddr),
    /// Of which worker, which check, and whether it succeeded.
    ScriptEnded(u32, ScriptId, bool),
}

pub(crate) struct Node {
    pub(crate) conf: Conf,
    pub(crate) life: Life,
    pub(crate) engine: Option<Engine>,
    /// Virtual addresses in the kernel.
    pub(crate) held: BTreeSet<IpAddr>,
    /// Virtual routes and rules in the kernel.
    pub(crate) held_routing: Vec<Routing>,
    pub(crate) link_up: bool,
    pub(crate) index: IfIndex,
    pub(crate) mac: MacAddr,
    /// What came in while the daemon was paused.
    pub(crate) socket: VecDeque<Rc<Packet>>,
    pub(crate) facts: VecDeque<Fact>,
    pub(crate) listen: Option<Listen>,
    /// Left by a worker that died.
    pub(crate) past: Vec<Past>,
    /// Deadline of the engine, and when the daemon will really wake for it.
    pub(crate) wake: Option<(Instant, Instant)>,
    /// Whether the tracked script succeeds.
    pub(crate) script_good: bool,
    /// Number of its worker: what an earlier one started is gone with it.
    pub(crate) worker: u32,
    pub(crate) record: Record,
}

impl Node {
    pub(crate) fn new(conf: Conf) -> Self {
        Self {
            conf,
            life: Life::Off,
            engine: None,
            held: BTreeSet::new(),
            held_routing: Vec::new(),
            link_up: true,
            index: IfIndex::new(2).unwrap(),
            mac: MacAddr([2, 0, 0, 0, 0, 1]),
            socket: VecDeque::new(),
            facts: VecDeque::new(),
            listen: None,
            past: Vec::new(),
            wake: None,
            script_good: true,
            worker: 0,
            record: Record::new(),
        }
    }

    /// The state of its instance; `None` without an engine or an instance.
    pub(crate) fn state(&self) -> Option<State> {
        self.engine.as_ref()?.instances().next().map(|instance| instance.state())
    }

    pub(crate) fn priority(&self) -> Option<Priority> {
        self.engine.as_ref()?.instances().next().map(|instance| instance.priority())
    }

    pub(crate) fn is_master(&self) -> bool {
        self.state() == Some(State::Master)
    }

    /// Runs, and can send and hear.
    pub(crate) fn takes_part(&self) -> bool {
        self.life == Life::Running && self.link_up
    }

    pub(crate) fn link(&self) -> Link {
        Link {
            up: self.link_up,
            mac: Some(self.mac),
            ..Link::plain(self.index, IfName::new("eth0").unwrap())
        }
    }

    /// The link has another link-layer address; [`crate::lan::Lan::set_link`] tells of it.
    pub(crate) fn mac_changes(&mut self) {
        self.mac.0[5] += 1;
    }

    pub(crate) fn link_address(&self, address: IpAddr) -> LinkAddress {
        LinkAddress {
            interface: self.index,
            address,
            prefix_len: if address.is_ipv4() { 24 } else { 64 },
            secondary: false,
            tentative: false,
        }
    }

    pub(crate) fn own_link_address(&self, node: usize) -> LinkAddress {
        self.link_address(own_address(self.conf.family, node))
    }
}
