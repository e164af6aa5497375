//! What the facts about this host mean for one instance.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use super::{Listen, ListenTo};
use crate::config::model::{Authentication, Route, Rule, Transport, VirtualAddress, VrrpInstance};
use crate::track::{Effect, Interfaces, Link, Verdict, effect_of_file};
use crate::units::{IfName, Priority, Weight};
use crate::vrrp::{Announcement, Circumstances, Fault, Path, PlacedAddress, PlacedRoute, Places, Routing};

/// A tracked script as one instance sees it.
#[derive(Clone, Debug)]
pub(super) struct TrackedScript {
    pub(super) name: String,
    /// Slot of the check.
    pub(super) check: usize,
    pub(super) weight: Weight,
    pub(super) reverse: bool,
}

/// A tracked file as one instance sees it.
#[derive(Clone, Debug)]
pub(super) struct TrackedFile {
    pub(super) name: String,
    pub(super) path: Arc<str>,
    pub(super) weight: Weight,
    pub(super) reverse: bool,
}

/// Tracked processes as one instance sees them.
#[derive(Clone, Debug)]
pub(super) struct TrackedProcess {
    pub(super) name: String,
    /// Slot of the quorum.
    pub(super) quorum: usize,
    pub(super) weight: Weight,
    pub(super) reverse: bool,
}

/// Everything but interfaces that one instance tracks.
#[derive(Clone, Debug, Default)]
pub(super) struct Tracks {
    pub(super) scripts: Vec<TrackedScript>,
    pub(super) files: Vec<TrackedFile>,
    pub(super) processes: Vec<TrackedProcess>,
}

/// Everything that an assessment looks at.
pub(super) struct Facts<'a> {
    pub(super) interfaces: &'a Interfaces,
    /// Virtual addresses of all instances: none of them is a source.
    pub(super) virtual_addresses: &'a HashSet<IpAddr>,
    /// Verdict of the check in each slot.
    pub(super) verdict: &'a dyn Fn(usize) -> Verdict,
    /// Number in the file at each path.
    pub(super) number: &'a dyn Fn(&str) -> i32,
    /// Whether the processes in each slot have their quorum.
    pub(super) is_met: &'a dyn Fn(usize) -> bool,
}

/// Brings the facts together; `deaf` says that the receive socket could not be opened.
pub(super) fn assess(
    settings: &VrrpInstance,
    tracks: &Tracks,
    deaf: bool,
    facts: &Facts<'_>,
) -> Circumstances {
    let mut assessment = Assessment { faults: Vec::new(), weights: 0, waiting: false };
    let own = settings.interface.as_ref().map(|name| (name, facts.interfaces.named(name)));
    if let Some((name, link)) = own {
        assessment.own_interface(settings, name, link);
    }
    if let Some(own) = &settings.own_interface {
        assessment.upper_interface(settings, &own.name, facts.interfaces.named(&own.name));
    }
    if let Some(vrf) = &settings.vrf {
        assessment.needs(vrf, facts);
    }
    for name in tracked_devices(settings) {
        assessment.needs(name, facts);
    }
    for tracked in &settings.track_interfaces {
        let up = facts.interfaces.named(&tracked.name).is_some_and(|link| link.up);
        let fault = || Fault::InterfaceDown(tracked.name.clone());
        assessment.weigh(up, tracked.weight, tracked.reverse, fault);
    }
    for script in &tracks.scripts {
        assessment.script(script, (facts.verdict)(script.check));
    }
    for file in &tracks.files {
        match effect_of_file((facts.number)(&file.path), file.weight, file.reverse) {
            Effect::Fault => assessment.faults.push(Fault::File(file.name.clone())),
            Effect::Adds(weight) => assessment.weights += weight,
        }
    }
    for process in &tracks.processes {
        let met = (facts.is_met)(process.quorum);
        let fault = || Fault::Process(process.name.clone());
        assessment.weigh(met, process.weight, process.reverse, fault);
    }
    let source = source(settings, own.and_then(|(_, link)| link), facts);
    if source.is_none() {
        assessment.faults.push(Fault::NoSource);
    }
    if matches!(&settings.transport, Transport::Unicast(unicast) if unicast.peers.is_empty()) {
        assessment.faults.push(Fault::NoPeers);
    }
    if deaf {
        assessment.faults.push(Fault::Deaf);
    }
    Circumstances {
        path: source.and_then(|source| path(settings, source, facts.interfaces)),
        priority: assessment.priority(settings.priority),
        faults: assessment.faults,
        waiting: assessment.waiting,
    }
}

/// Where an instance with this path receives.
pub(super) fn listen(settings: &VrrpInstance, path: &Path) -> Listen {
    let to = match settings.transport {
        Transport::Multicast { group } => ListenTo::Group(group),
        Transport::Unicast(_) => ListenTo::Unicast(path.source),
    };
    let sealed = matches!(settings.authentication, Authentication::Ah(_));
    Listen { family: settings.family, sealed, interface: path.interface, to }
}

/// Interfaces of `dev` options whose state matters: those without `no_track`. That of a next hop is no matter, since
/// the route goes on by the others.
fn tracked_devices(settings: &VrrpInstance) -> impl Iterator<Item = &IfName> {
    let addresses = settings.all_addresses().filter(|address| !address.no_track);
    let routes = settings.routes.iter().filter(|route| !route.no_track);
    let rules = settings.rules.iter().filter(|rule| !rule.no_track);
    let devices = addresses.filter_map(|address| settings.device_of(address));
    let devices = devices.chain(routes.filter_map(|route| route.dev.as_ref()));
    let devices = devices.chain(rules.flat_map(|rule| rule.incoming.iter().chain(&rule.outgoing)));
    let own = settings.own_interface.as_ref().map(|own| &own.name);
    let is_own = move |dev: &&IfName| settings.interface.as_ref() == Some(dev) || own == Some(dev);
    devices.filter(move |dev| !is_own(dev))
}

struct Assessment {
    faults: Vec<Fault>,
    weights: i64,
    waiting: bool,
}

impl Assessment {
    fn own_interface(&mut self, settings: &VrrpInstance, name: &IfName, link: Option<&Link>) {
        let Some(link) = link else {
            self.faults.push(Fault::InterfaceMissing(name.clone()));
            return;
        };
        if !link.up && !settings.dont_track_primary {
            self.faults.push(Fault::InterfaceDown(name.clone()));
        }
        if !link.multicast && matches!(settings.transport, Transport::Multicast { .. }) {
            self.faults.push(Fault::NoMulticast(name.clone()));
        }
    }

    /// A VMAC or ipvlan over the instance's interface; one that is down because the other is adds no fault.
    fn upper_interface(&mut self, settings: &VrrpInstance, name: &IfName, link: Option<&Link>) {
        match link {
            None => self.faults.push(Fault::InterfaceMissing(name.clone())),
            Some(link) if link.up || settings.dont_track_primary || !self.faults.is_empty() => {}
            Some(_) => self.faults.push(Fault::InterfaceDown(name.clone())),
        }
    }

    fn needs(&mut self, name: &IfName, facts: &Facts<'_>) {
        let fault = match facts.interfaces.named(name) {
            None => Fault::InterfaceMissing(name.clone()),
            Some(link) if !link.up => Fault::InterfaceDown(name.clone()),
            Some(_) => return,
        };
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn script(&mut self, script: &TrackedScript, verdict: Verdict) {
        let fault = || Fault::Script(script.name.clone());
        match verdict {
            Verdict::Up => self.weigh(true, script.weight, script.reverse, fault),
            Verdict::Down => self.weigh(false, script.weight, script.reverse, fault),
            Verdict::Unknown => self.waiting |= script.weight.is_fault(),
        }
    }

    /// A positive weight counts while the object is good, a negative one while it is not; `reverse` turns the sign of
    /// what is added and, with weight 0, what counts as a failure.
    fn weigh(&mut self, good: bool, weight: Weight, reverse: bool, fault: impl Fn() -> Fault) {
        if weight.is_fault() {
            if good == reverse {
                self.faults.push(fault());
            }
            return;
        }
        let weight = i64::from(weight.get());
        let counts = if weight > 0 { good } else { !good };
        if counts {
            self.weights += if reverse { -weight } else { weight };
        }
    }

    /// The owner of the addresses stays the owner whatever is tracked.
    fn priority(&self, configured: Priority) -> Priority {
        if configured.is_owner() {
            configured
        } else {
            Priority::clamped(i64::from(configured.get()) + self.weights)
        }
    }
}

fn source(settings: &VrrpInstance, link: Option<&Link>, facts: &Facts<'_>) -> Option<IpAddr> {
    match settings.source {
        Some(source) if settings.track_source => facts.interfaces.holding(source).map(|_| source),
        Some(source) => Some(source),
        None => {
            let is_virtual = |address: IpAddr| facts.virtual_addresses.contains(&address);
            facts.interfaces.source(link?.index, settings.family, is_virtual)
        }
    }
}

/// What an instance would hold on the interfaces that exist.
pub(super) fn places(settings: &VrrpInstance, interfaces: &Interfaces) -> Places {
    let place = |(address, link): (&VirtualAddress, &Link)| PlacedAddress {
        interface: link.index,
        address: address.clone(),
    };
    Places {
        addresses: on_links(settings, interfaces).map(place).collect(),
        routing: routing(&settings.routes, &settings.rules, interfaces),
    }
}

/// The routes whose interfaces exist, then the rules, which may name interfaces that do not.
pub(super) fn routing(routes: &[Route], rules: &[Rule], interfaces: &Interfaces) -> Arc<[Routing]> {
    let rules = rules.iter().map(|rule| Routing::Rule(Box::new(rule.clone())));
    routes.iter().filter_map(|route| placed_route(route, interfaces)).chain(rules).collect()
}

fn placed_route(route: &Route, interfaces: &Interfaces) -> Option<Routing> {
    // `Some(None)` for a name that is not given, `None` for one that nobody has.
    let index = |dev: &Option<IfName>| match dev {
        Some(name) => interfaces.named(name).map(|link| Some(link.index)),
        None => Some(None),
    };
    let hops: Option<Vec<_>> = route.next_hops.iter().map(|hop| index(&hop.dev)).collect();
    let placed = PlacedRoute { interface: index(&route.dev)?, hops: hops?, route: route.clone() };
    Some(Routing::Route(Box::new(placed)))
}

fn on_links<'a>(
    settings: &'a VrrpInstance,
    interfaces: &'a Interfaces,
) -> impl Iterator<Item = (&'a VirtualAddress, &'a Link)> {
    settings.all_addresses().filter_map(move |address| {
        let link = interfaces.named(settings.device_of(address)?)?;
        Some((address, link))
    })
}

/// `None` while the instance's own interface does not exist.
fn path(settings: &VrrpInstance, source: IpAddr, interfaces: &Interfaces) -> Option<Path> {
    let own = match settings.advert_interface() {
        Some(name) => Some(interfaces.named(name)?),
        None => None,
    };
    let Places { addresses, routing } = places(settings, interfaces);
    Some(Path {
        interface: own.map(|link| link.index),
        source,
        addresses,
        routing,
        announcements: on_links(settings, interfaces)
            .filter_map(|(address, link)| announcement(link, address.prefix.address()))
            .collect(),
        extra_announcements: extra_announcements(settings, interfaces),
        own_announcement: own.and_then(|link| announcement(link, source)),
    })
}

/// `garp_extra_if`: the first address on each VMAC that no advert leaves by or, with `all`, on any such interface.
fn extra_announcements(settings: &VrrpInstance, interfaces: &Interfaces) -> Arc<[Announcement]> {
    let Some(extra) = settings.announce.extra else { return Arc::default() };
    let spoken_on = settings.advert_interface();
    let is_vmac = |name: &IfName| settings.own_interfaces().any(|own| own.name == *name);
    let mut seen = HashSet::new();
    let first_there = |address| {
        let name = settings.device_of(address)?;
        let counts = spoken_on != Some(name) && (extra.all || is_vmac(name)) && seen.insert(name);
        let link = interfaces.named(name).filter(|_| counts)?;
        announcement(link, address.prefix.address())
    };
    settings.all_addresses().filter_map(first_there).collect()
}

/// Interfaces without ARP or without an Ethernet address have nobody to tell.
fn announcement(link: &Link, address: IpAddr) -> Option<Announcement> {
    if link.noarp {
        return None;
    }
    Some(Announcement { interface: link.index, mac: link.mac?, address })
}
