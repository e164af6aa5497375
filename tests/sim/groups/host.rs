//! One host on four links, with hands that only write down.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;
use std::rc::Rc;

use vrrpd::config::model::Model;
use vrrpd::engine::{Engine, InstanceId, Listen, ScriptId};
use vrrpd::packet::Datagram;
use vrrpd::track::{Link, LinkAddress};
use vrrpd::units::{IfIndex, IfName, Instant, MacAddr};
use vrrpd::vrrp::{Past, State};

use super::referee::Record;
use crate::node::Life;

/// Links, each with one virtual router, whose instance has the place of its link.
pub(super) const LINKS: usize = 4;
/// Link `n` is in group `n % GROUPS`.
pub(super) const GROUPS: usize = 2;

/// A packet on a link.
#[derive(Debug)]
pub(super) struct Packet {
    pub(super) link: usize,
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) payload: Vec<u8>,
    pub(super) priority: u8,
}

impl Packet {
    pub(super) fn datagram(&self) -> Datagram<'_> {
        Datagram {
            source: self.source,
            destination: self.destination,
            hop_limit: Some(255),
            claimed_len: self.payload.len(),
            payload: &self.payload,
            sealed: None,
        }
    }
}

/// Something that waits to be told.
#[derive(Clone, Debug)]
pub(super) enum Tale {
    Packet(Rc<Packet>),
    Link(usize, bool),
    Gone(IpAddr),
    /// Of which worker, and whether it succeeded.
    ScriptEnded(u32, ScriptId, bool),
}

pub(super) struct Host {
    pub(super) model: Model,
    pub(super) life: Life,
    pub(super) engine: Option<Engine>,
    pub(super) held: BTreeSet<IpAddr>,
    /// What the links are.
    pub(super) up: [bool; LINKS],
    /// What the engine was told of them.
    pub(super) known_up: [bool; LINKS],
    pub(super) listens: HashMap<usize, Listen>,
    /// What came while the daemon was paused.
    pub(super) waiting: VecDeque<Tale>,
    pub(super) past: Vec<Past>,
    /// Deadline of the engine, and when the daemon will wake for it.
    pub(super) wake: Option<(Instant, Instant)>,
    pub(super) script_good: [bool; GROUPS],
    pub(super) worker: u32,
    /// Place of each instance by its number in the engine.
    pub(super) places: HashMap<InstanceId, usize>,
    pub(super) record: Record,
}

impl Host {
    pub(super) fn new(model: Model) -> Self {
        Self {
            model,
            life: Life::Off,
            engine: None,
            held: BTreeSet::new(),
            up: [true; LINKS],
            known_up: [true; LINKS],
            listens: HashMap::new(),
            waiting: VecDeque::new(),
            past: Vec::new(),
            wake: None,
            script_good: [true; GROUPS],
            worker: 0,
            places: HashMap::new(),
            record: Record::default(),
        }
    }

    /// States by link; INIT without an engine.
    pub(super) fn states(&self) -> [State; LINKS] {
        let mut states = [State::Init; LINKS];
        for (id, _, state) in self.engine.iter().flat_map(Engine::states) {
            if let Some(place) = self.places.get(&id) {
                states[*place] = state;
            }
        }
        states
    }

    pub(super) fn priorities(&self) -> [u8; LINKS] {
        let mut priorities = [0; LINKS];
        for instance in self.engine.iter().flat_map(Engine::instances) {
            priorities[place_of(&instance.settings().name)] = instance.priority().get();
        }
        priorities
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.engine.as_ref().and_then(Engine::deadline)
    }
}

/// `V3` stands on link 3.
pub(super) fn place_of(name: &str) -> usize {
    name[1..].parse().unwrap()
}

pub(super) fn link(link: usize, up: bool) -> Link {
    Link {
        up,
        mac: Some(MacAddr([2, 0, 0, 0, 0, u8::try_from(link).unwrap()])),
        ..Link::plain(index(link), IfName::new(&format!("eth{link}")).unwrap())
    }
}

pub(super) fn index(link: usize) -> IfIndex {
    IfIndex::new(u32::try_from(link + 2).unwrap()).unwrap()
}

pub(super) fn link_of(index: IfIndex) -> usize {
    index.get() as usize - 2
}

pub(super) fn own_address(link: usize, node: usize) -> IpAddr {
    IpAddr::from([10, u8::try_from(link).unwrap(), 0, u8::try_from(node + 1).unwrap()])
}

pub(super) fn virtual_address(link: usize) -> IpAddr {
    IpAddr::from([10, u8::try_from(link).unwrap(), 0, 100])
}

pub(super) fn link_address(link: usize, address: IpAddr) -> LinkAddress {
    LinkAddress { interface: index(link), address, prefix_len: 24, secondary: false, tentative: false }
}
