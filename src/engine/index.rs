//! Which routers a fact concerns.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::assess::Tracks;
use super::statics;
use crate::config::model::VrrpInstance;
use crate::units::{IfName, Vrid};

/// Who is concerned by what, made anew when the configuration changes.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) by_vrid: HashMap<Vrid, Vec<usize>>,
    pub(super) by_interface: HashMap<IfName, Vec<usize>>,
    /// Routers that any address of the host may concern.
    pub(super) by_any_address: Vec<usize>,
    pub(super) by_check: Vec<Vec<usize>>,
    pub(super) by_file: HashMap<Arc<str>, Vec<usize>>,
    pub(super) by_quorum: Vec<Vec<usize>>,
    pub(super) virtual_addresses: HashSet<IpAddr>,
    /// Interfaces that static entries name.
    pub(super) static_devices: HashSet<IfName>,
}

impl Index {
    /// Takes the router in `slot` up.
    pub(super) fn add(&mut self, slot: usize, settings: &VrrpInstance, tracks: &Tracks) {
        self.by_vrid.entry(settings.vrid).or_default().push(slot);
        let devices = settings.all_addresses().filter_map(|address| settings.device_of(address));
        let tracked = settings.track_interfaces.iter().map(|tracked| &tracked.name);
        let routes = settings.routes.iter().flat_map(statics::route_devices);
        let rules = settings.rules.iter().flat_map(|rule| rule.incoming.iter().chain(&rule.outgoing));
        let devices = devices.chain(routes).chain(rules);
        let own = settings.interface.iter().chain(settings.own_interfaces().map(|own| &own.name));
        let names: HashSet<&IfName> = own.chain(&settings.vrf).chain(devices).chain(tracked).collect();
        for name in names {
            self.by_interface.entry(name.clone()).or_default().push(slot);
        }
        if settings.track_source {
            self.by_any_address.push(slot);
        }
        for script in &tracks.scripts {
            self.by_check[script.check].push(slot);
        }
        for file in &tracks.files {
            self.by_file.entry(file.path.clone()).or_default().push(slot);
        }
        for process in &tracks.processes {
            self.by_quorum[process.quorum].push(slot);
        }
        self.virtual_addresses.extend(settings.all_addresses().map(|address| address.prefix.address()));
    }
}
