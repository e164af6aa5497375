//! `vrrp_instance`: one virtual router.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Authentication, NotifyScripts, OwnInterface, OwnKind, Route, Rule, Tracked, VirtualAddress};
use crate::units::{AdvertInterval, Family, IfName, Priority, Version, Vrid, Weight};

/// A `vrrp_instance` block, completed from `global_defs` and keepalived's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VrrpInstance {
    /// Block name.
    pub name: String,
    /// `virtual_router_id`.
    pub vrid: Vrid,
    /// Family of the adverts: that of the first address, source or peer in the file; IPv4 without any.
    pub family: Family,
    /// `interface`; `None` only with unicast peers and a configured source address.
    pub interface: Option<IfName>,
    /// `use_vmac` or `use_ipvlan`: what lies over `interface`.
    pub own_interface: Option<Box<OwnInterface>>,
    /// `vmac_xmit_base`: adverts leave and come in by `interface` itself.
    pub xmit_base: bool,
    /// `use_vmac_addr`.
    pub vmac_for_addresses: bool,
    /// VMACs that only hold addresses.
    pub address_interfaces: Vec<OwnInterface>,
    /// `vrf`: where unicast without `interface` is spoken.
    pub vrf: Option<IfName>,
    /// `state`: a wish that changes nothing but what it cleared while the file was read.
    pub initial_state: InitialState,
    /// `priority`, before any tracker changes it.
    pub priority: Priority,
    /// `advert_int` in the unit of the instance's `version`.
    pub advert_interval: AdvertInterval,
    /// `down_timer_adverts`: adverts that a master may miss, 1 to 100; default 3.
    pub down_timer_adverts: u8,
    /// `preempt`, `nopreempt`, `preempt_delay`.
    pub preemption: Preemption,
    /// Multicast or unicast, and to whom.
    pub transport: Transport,
    /// `mcast_src_ip` / `unicast_src_ip`; `None` means the interface's primary or link-local address.
    pub source: Option<IpAddr>,
    /// `track_src_ip`: FAULT while `source` is not an address of this host.
    pub track_source: bool,
    /// `authentication` or `auth_hmac`.
    pub authentication: Authentication,
    /// `v3_checksum_as_v2`: send IPv4 VRRPv3 checksums over the message only (RFC 9568 §5.2.8).
    pub v3_checksum_as_v2: bool,
    /// `virtual_ipaddress`, of one family, in file order: the addresses that adverts list.
    pub addresses: Vec<VirtualAddress>,
    /// `virtual_ipaddress_excluded`, of either family: held but not listed.
    pub excluded: Vec<VirtualAddress>,
    /// `promote_secondaries`: of its own interface.
    pub promote_secondaries: bool,
    /// `virtual_routes`, in file order: held after the addresses.
    pub routes: Vec<Route>,
    /// `virtual_rules`, in file order: held after the routes.
    pub rules: Vec<Rule>,
    /// `dont_track_primary`: the instance's own interface cannot put it in FAULT.
    pub dont_track_primary: bool,
    /// `track_interface`, of the instance and of its sync group.
    pub track_interfaces: Vec<TrackInterface>,
    /// `track_script`, of the instance and of its sync group.
    pub track_scripts: Vec<TrackScript>,
    /// `track_file`, of the instance and of its sync group.
    pub track_files: Vec<Tracked>,
    /// `track_process`, of the instance and of its sync group.
    pub track_processes: Vec<Tracked>,
    /// `notify*`.
    pub notify: NotifyScripts,
    /// `garp_*`.
    pub announce: AnnounceSchedule,
    /// `skip_check_adv_addr`: compare the address list only for a new master.
    pub skip_check_adv_addr: bool,
    /// `lower_prio_no_advert`: do not answer an advert that loses.
    pub lower_prio_no_advert: bool,
    /// `higher_prio_send_advert`: send once more before yielding.
    pub higher_prio_send_advert: bool,
    /// `owner_ignore_adverts`: an owner drops what it hears.
    pub owner_ignore_adverts: bool,
    /// `timer_expired_backup`: the priority of the best other router, 1 to 254; a master that could not run for as
    /// long as that one waits goes to BACKUP.
    pub timer_expired_backup: Option<Priority>,
    /// `accept`: whether a master takes packets to the addresses; see [`Self::blocks_packets`].
    pub accept: bool,
    /// Receive buffer that this instance asks for, in bytes (`kernel_rx_buf_size`, `vrrp_rx_bufs_policy`); those of
    /// the instances of one socket add up. `None` is the kernel's default.
    pub receive_buffer: Option<u32>,
}

impl VrrpInstance {
    /// Whether packets to its addresses are dropped while it is master: an owner takes them whatever is configured
    /// (RFC 9568 §6.1, Accept_Mode).
    pub fn blocks_packets(&self) -> bool {
        !self.accept && !self.priority.is_owner()
    }

    /// An instance with keepalived's defaults for all keywords but these: IPv4 on `eth0` to 224.0.0.18, no addresses.
    pub fn with_defaults(name: &str, vrid: Vrid, advert_interval: AdvertInterval) -> Self {
        Self {
            name: name.to_owned(),
            vrid,
            family: Family::V4,
            interface: IfName::new("eth0"),
            own_interface: None,
            xmit_base: false,
            vmac_for_addresses: false,
            address_interfaces: Vec::new(),
            vrf: None,
            initial_state: InitialState::Backup,
            priority: Priority::DEFAULT,
            advert_interval,
            down_timer_adverts: 3,
            preemption: Preemption::Immediate,
            transport: Transport::Multicast { group: IpAddr::V4(Ipv4Addr::new(224, 0, 0, 18)) },
            source: None,
            track_source: false,
            authentication: Authentication::None,
            v3_checksum_as_v2: false,
            addresses: Vec::new(),
            excluded: Vec::new(),
            promote_secondaries: false,
            routes: Vec::new(),
            rules: Vec::new(),
            dont_track_primary: false,
            track_interfaces: Vec::new(),
            track_scripts: Vec::new(),
            track_files: Vec::new(),
            track_processes: Vec::new(),
            notify: NotifyScripts::default(),
            announce: AnnounceSchedule::default(),
            skip_check_adv_addr: false,
            lower_prio_no_advert: false,
            higher_prio_send_advert: false,
            owner_ignore_adverts: false,
            timer_expired_backup: None,
            accept: true,
            receive_buffer: None,
        }
    }

    /// `version`, as its interval has it.
    pub const fn version(&self) -> Version {
        self.advert_interval.version()
    }

    /// What makes this the same instance in another configuration; its name is no part of it.
    pub fn key(&self) -> InstanceKey {
        let link = match (&self.transport, self.source) {
            (Transport::Multicast { group }, _) => Some(*group),
            (Transport::Unicast(_), source) => source,
        };
        InstanceKey {
            vrid: self.vrid,
            family: self.family,
            interface: self.interface.clone(),
            unicast: matches!(self.transport, Transport::Unicast(_)),
            link,
            vmacs: match self.transport {
                Transport::Multicast { .. } => (self.own_interface.is_some(), self.vmac_for_addresses),
                Transport::Unicast(_) => (false, false),
            },
        }
    }

    /// The interface that adverts leave and come in by; `None` for unicast by the routing table.
    pub fn advert_interface(&self) -> Option<&IfName> {
        let own = self.own_interface.as_ref().filter(|_| !self.xmit_base).map(|own| &own.name);
        own.or(self.interface.as_ref()).or(self.vrf.as_ref())
    }

    /// The interface that an address belongs on: the one it names, or a VMAC over that, else the instance's VMAC or
    /// `interface`.
    ///
    /// A VMAC holds addresses of its own family, an ipvlan no virtual ones.
    pub fn device_of<'a>(&'a self, address: &'a VirtualAddress) -> Option<&'a IfName> {
        let base = address.dev.as_ref().or(self.interface.as_ref())?;
        let (family, here) = (address.prefix.family(), self.interface.as_ref() == Some(base));
        let fits = |own: &&OwnInterface| here && own.family == family && matches!(own.kind, OwnKind::Vmac(_));
        let own = self.own_interface.as_deref().filter(fits);
        let for_addresses = || {
            let mut fitting =
                self.address_interfaces.iter().filter(|own| own.parent == *base && own.family == family);
            fitting.next().filter(|_| self.has_vmac_of_its_own(address))
        };
        Some(own.or_else(for_addresses).map_or(base, |own| &own.name))
    }

    /// Whether an address asks for a VMAC, whatever the instance has.
    pub fn has_vmac_of_its_own(&self, address: &VirtualAddress) -> bool {
        address.on_vmac || self.vmac_for_addresses
    }

    /// Every interface that is made for this instance.
    pub fn own_interfaces(&self) -> impl Iterator<Item = &OwnInterface> {
        self.own_interface.iter().map(Box::as_ref).chain(&self.address_interfaces)
    }

    /// The same, to be renamed.
    pub fn own_interfaces_mut(&mut self) -> impl Iterator<Item = &mut OwnInterface> {
        self.own_interface.iter_mut().map(Box::as_mut).chain(&mut self.address_interfaces)
    }

    /// All addresses in the order in which they are added: advertised ones, then excluded ones.
    pub fn all_addresses(&self) -> impl Iterator<Item = &VirtualAddress> {
        self.addresses.iter().chain(&self.excluded)
    }
}

/// Identity of an instance over a reload: VRID, family, interface and, for multicast, the group or, for unicast, the
/// source address; for multicast also whether there are VMACs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstanceKey {
    vrid: Vrid,
    family: Family,
    interface: Option<IfName>,
    unicast: bool,
    link: Option<IpAddr>,
    /// Of the instance, of its addresses.
    vmacs: (bool, bool),
}

/// The `state` keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InitialState {
    /// `state MASTER`.
    Master,
    /// `state BACKUP`.
    Backup,
}

/// Whether a better router takes over from a worse one that serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Preemption {
    /// At once (RFC 9568 §6.1, the default).
    Immediate,
    /// `preempt_delay`: only after hearing the worse one for this long, above zero and at most 1000 s.
    Delayed(Duration),
    /// `nopreempt`.
    Never,
}

/// Where adverts go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transport {
    /// To a group on the instance's interface.
    Multicast {
        /// 224.0.0.18, ff02::12, or as configured.
        group: IpAddr,
    },
    /// To each peer.
    Unicast(UnicastPeers),
}

/// `unicast_peer` and what goes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnicastPeers {
    /// Peers in file order; empty only with `unicast_fault_no_peer`, and then the instance is in FAULT for ever.
    pub peers: Vec<UnicastPeer>,
    /// `unicast_ttl`; `None` means 255 for IPv4 and the system's hop limit for IPv6.
    pub ttl: Option<u8>,
    /// `check_unicast_src`, also implied by a TTL range of any peer: only peers are heard.
    pub check_source: bool,
    /// `old_unicast_checksum`.
    pub old_checksum: OldChecksum,
}

/// The VRRPv3 checksum of keepalived up to 1.3.6 over IPv4: its pseudo-header names the multicast group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OldChecksum {
    /// Without the keyword: it is accepted beside the right one, but never sent.
    Accepted(Ipv4Addr),
    /// `old_unicast_checksum`: it is sent, and accepted beside the right one.
    Sent(Ipv4Addr),
    /// `old_unicast_checksum never`.
    Never,
}

/// One line of `unicast_peer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnicastPeer {
    /// Address of the peer, of the instance's family.
    pub address: IpAddr,
    /// `min_ttl`; default 0.
    pub min_ttl: u8,
    /// `max_ttl`; default 255.
    pub max_ttl: u8,
}

/// One line of `track_interface`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackInterface {
    /// The interface.
    pub name: IfName,
    /// `weight`.
    pub weight: Weight,
    /// `reverse`.
    pub reverse: bool,
}

/// One line of `track_script`, completed from the script it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackScript {
    /// Name of a script in [`super::Model::scripts`].
    pub name: String,
    /// `weight`, or the script's.
    pub weight: Weight,
    /// `reverse`, `noreverse`, or the script's.
    pub reverse: bool,
}

/// When and how often the addresses are announced by gratuitous ARP or unsolicited neighbour advertisement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnounceSchedule {
    /// `garp_master_repeat`: messages per address in a burst.
    pub repeat: NonZeroU32,
    /// `garp_master_delay`: time from the first burst to the second; zero for no second one.
    pub delay: Duration,
    /// `garp_master_refresh`: period of the refresh; zero for none.
    pub refresh: Duration,
    /// `garp_master_refresh_repeat`: messages per address in a refresh; 0 under `vrrp_min_garp`.
    pub refresh_repeat: u32,
    /// `garp_lower_prio_repeat`: messages per address after an advert that loses; 0 for none.
    pub lower_prio_repeat: u32,
    /// `garp_lower_prio_delay`: time to the second such burst; zero for none.
    pub lower_prio_delay: Duration,
    /// `garp_extra_if`.
    pub extra: Option<ExtraAnnouncements>,
}

/// Announcements on other interfaces than the one that adverts leave by, so that switches do not forget them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraAnnouncements {
    /// One for each interface after every such time, at least 1 s.
    pub every: Duration,
    /// `all`: not only on VMACs.
    pub all: bool,
}

impl Default for AnnounceSchedule {
    /// keepalived's: 5 at once, 5 more after 5 s, the same after a losing advert, no refresh.
    fn default() -> Self {
        const FIVE: NonZeroU32 = NonZeroU32::new(5).expect("5 is not 0");
        Self {
            repeat: FIVE,
            delay: Duration::from_secs(5),
            refresh: Duration::ZERO,
            refresh_repeat: 1,
            lower_prio_repeat: 5,
            lower_prio_delay: Duration::from_secs(5),
            extra: None,
        }
    }
}
