//! What the keywords of a file said, before it is completed and checked as a whole.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::auth_hmac::HmacDraft;
use super::global_defs::GlobalScript;
use super::once::{Once, Seen};
use super::statics::StaticsDraft;
use super::sync_group::SyncGroupDraft;
use super::track::TrackDrafts;
use super::track_group::TrackGroupDraft;
use super::virtual_server::ServerDraft;
use super::vmac::OwnWords;
use crate::config::model::{
    Account, BfdInstance, Command, ExtraAnnouncements, Gaps, GarpGroup, GlobalDefs, InitialState, Linkbeat,
    NotifyScripts, Password, Route, Rule, TimedCommand, TrackFile, TrackProcess, UnicastPeer, UpDownDelay,
    VirtualAddress, VirtualServerGroup, VrrpScript,
};
use crate::config::source::Place;
use crate::units::{Family, IfName, Priority, Version, Vrid};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(in crate::config) struct Placed<T> {
    pub(in crate::config) value: T,
    pub(in crate::config) place: Place,
}

impl<T> Placed<T> {
    pub(in crate::config) fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

/// The whole file.
#[derive(Debug, Default)]
pub(in crate::config) struct Draft {
    pub(in crate::config) global: GlobalDraft,
    pub(in crate::config) scripts: Vec<Placed<VrrpScript>>,
    pub(in crate::config) link_delays: Vec<Placed<UpDownDelay>>,
    pub(in crate::config) linkbeats: Vec<(IfName, Linkbeat)>,
    /// `linkbeat_use_polling` for all instances.
    pub(in crate::config) linkbeat_polling: bool,
    pub(in crate::config) track_files: Vec<TrackFile>,
    pub(in crate::config) track_processes: Vec<TrackProcess>,
    pub(in crate::config) instances: Vec<InstanceDraft>,
    pub(in crate::config) sync_groups: Vec<SyncGroupDraft>,
    /// `track_group` blocks, whose members may stand after them.
    pub(in crate::config) track_groups: Vec<TrackGroupDraft>,
    pub(in crate::config) statics: StaticsDraft,
    pub(in crate::config) garp_groups: Vec<GarpGroup>,
    pub(in crate::config) bfd_instances: Vec<BfdInstance>,
    pub(in crate::config) virtual_server_groups: Vec<Placed<VirtualServerGroup>>,
    pub(in crate::config) virtual_servers: Vec<ServerDraft>,
    /// An `SSL` block was read.
    pub(super) ssl_given: bool,
    /// Names of the instances, with the places of their blocks.
    pub(super) instance_names: HashMap<String, Place>,
    pub(super) seen_in_global: Seen,
}

/// `global_defs`, with the defaults of instances.
#[derive(Debug)]
pub(in crate::config) struct GlobalDraft {
    pub(in crate::config) model: GlobalDefs,
    pub(in crate::config) version: Version,
    pub(in crate::config) group4: Ipv4Addr,
    pub(in crate::config) group6: Ipv6Addr,
    pub(in crate::config) garp: GarpDefaults,
    /// `vrrp_garp_interval` and `vrrp_gna_interval`.
    pub(in crate::config) announce_gaps: Gaps,
    pub(in crate::config) down_timer_adverts: u8,
    pub(in crate::config) lower_prio_no_advert: bool,
    pub(in crate::config) higher_prio_send_advert: bool,
    pub(in crate::config) owner_ignore_adverts: bool,
    pub(in crate::config) check_unicast_src: bool,
    pub(in crate::config) skip_check_adv_addr: bool,
    pub(in crate::config) v3_checksum_as_v2: bool,
    pub(in crate::config) strict: bool,
    /// `vmac_prefix`.
    pub(in crate::config) vmac_prefix: Option<String>,
    /// `vmac_addr_prefix`.
    pub(in crate::config) vmac_addr_prefix: Option<String>,
    pub(in crate::config) notify: NotifyDefaults,
    /// `vrrp_rx_bufs_policy` and `vrrp_rx_bufs_multiplier`.
    pub(in crate::config) receive_buffers: ReceiveBuffers,
    /// `reload_check_config`: any reported fault ends the daemon.
    pub(in crate::config) every_fault_ends: bool,
    /// Where `script_user` stands.
    pub(in crate::config) script_user: Option<Place>,
    /// `startup_script_timeout`.
    pub(in crate::config) startup_timeout: Duration,
    /// `shutdown_script_timeout`.
    pub(in crate::config) shutdown_timeout: Duration,
    /// Scripts of the daemon and readers of FIFOs.
    pub(in crate::config) scripts: Vec<GlobalScript>,
}

impl Default for GlobalDraft {
    fn default() -> Self {
        Self {
            model: GlobalDefs::default(),
            version: Version::V2,
            group4: Ipv4Addr::new(224, 0, 0, 18),
            group6: Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12),
            garp: GarpDefaults::default(),
            announce_gaps: Gaps::default(),
            down_timer_adverts: 3,
            lower_prio_no_advert: false,
            higher_prio_send_advert: false,
            owner_ignore_adverts: false,
            check_unicast_src: false,
            skip_check_adv_addr: false,
            v3_checksum_as_v2: false,
            strict: false,
            vmac_prefix: None,
            vmac_addr_prefix: None,
            notify: NotifyDefaults::default(),
            receive_buffers: ReceiveBuffers::default(),
            every_fault_ends: false,
            startup_timeout: TimedCommand::TIMEOUT,
            shutdown_timeout: TimedCommand::TIMEOUT,
            scripts: Vec::new(),
            script_user: None,
        }
    }
}

/// Where notices go besides scripts, and what instances and groups may override of it.
#[derive(Debug, Default)]
pub(in crate::config) struct NotifyDefaults {
    /// `vrrp_notify_priority_changes`.
    pub(in crate::config) priority_changes: bool,
    /// `smtp_alert`.
    pub(in crate::config) smtp_alert: bool,
    /// `smtp_alert_vrrp`.
    pub(in crate::config) smtp_alert_vrrp: Option<bool>,
    /// `notify_fifo`.
    pub(in crate::config) fifo: FifoDraft,
    /// `vrrp_notify_fifo`.
    pub(in crate::config) vrrp_fifo: FifoDraft,
}

/// A path, and who its FIFO is made for.
pub(in crate::config) type FifoPath = (String, Option<Account>);

/// A FIFO and its reader, which may be given in either order.
#[derive(Debug, Default)]
pub(in crate::config) struct FifoDraft {
    pub(in crate::config) path: Option<Placed<FifoPath>>,
    pub(in crate::config) reader: Hook,
}

/// How large the receive buffer of an instance is that does not say it itself.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct ReceiveBuffers {
    pub(in crate::config) policy: ReceivePolicy,
    /// `vrrp_rx_bufs_multiplier`: packets of which there is room, by a policy that speaks of packets.
    pub(in crate::config) packets: u32,
}

impl Default for ReceiveBuffers {
    fn default() -> Self {
        Self { policy: ReceivePolicy::Kernel, packets: 3 }
    }
}

/// The word of `vrrp_rx_bufs_policy`; of several, the last of this list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::config) enum ReceivePolicy {
    /// The kernel's default.
    Kernel,
    /// `ADVERT`: our own adverts.
    Advert,
    /// `MTU`: packets as large as the interface takes.
    Mtu,
    /// Bytes.
    Bytes(u32),
}

/// The `vrrp_garp_*` keywords; times in seconds.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct GarpDefaults {
    pub(in crate::config) delay: u32,
    pub(in crate::config) repeat: u32,
    pub(in crate::config) refresh: u32,
    pub(in crate::config) refresh_repeat: u32,
    pub(in crate::config) lower_prio_delay: Option<u32>,
    pub(in crate::config) lower_prio_repeat: Option<u32>,
    pub(in crate::config) extra: Option<ExtraAnnouncements>,
}

impl Default for GarpDefaults {
    fn default() -> Self {
        Self {
            delay: 5,
            repeat: 5,
            refresh: 0,
            refresh_repeat: 1,
            lower_prio_delay: None,
            lower_prio_repeat: None,
            extra: None,
        }
    }
}

impl GarpDefaults {
    /// `vrrp_min_garp`: one message and no more, where nothing else was said before.
    pub(super) fn minimise(&mut self) {
        let default = Self::default();
        if self.delay == default.delay {
            self.delay = 0;
        }
        if self.repeat == default.repeat {
            self.repeat = 1;
        }
        if self.refresh_repeat == default.refresh_repeat {
            self.refresh_repeat = 0;
        }
    }
}

/// The `garp_*` keywords of an instance; times in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::config) struct GarpDraft {
    pub(in crate::config) delay: Option<u32>,
    pub(in crate::config) repeat: Option<u32>,
    pub(in crate::config) refresh: Option<u32>,
    pub(in crate::config) refresh_repeat: Option<u32>,
    pub(in crate::config) lower_prio_delay: Option<u32>,
    pub(in crate::config) lower_prio_repeat: Option<u32>,
    /// `garp_extra_if`; `Some(None)` for 0 seconds.
    pub(in crate::config) extra: Option<Option<ExtraAnnouncements>>,
}

/// `mcast_src_ip` or `unicast_src_ip`.
pub(in crate::config) type Source = Placed<IpAddr>;

/// The `auth_type` word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum AuthType {
    Pass,
    Ah,
}

/// What the lists of an instance hold, to find what is listed twice; needed only while its block is read.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) peers: Once<IpAddr>,
    /// Addresses of `virtual_ipaddress`, which may not be listed twice even on two interfaces.
    pub(super) addresses: Once<IpAddr>,
    /// The same addresses with their interfaces.
    pub(super) on_interfaces: Once<(IpAddr, Option<IfName>)>,
    /// Addresses of `virtual_ipaddress_excluded`.
    pub(super) excluded: Once<(IpAddr, Option<IfName>)>,
}

/// A `vrrp_instance` block.
#[derive(Debug)]
pub(in crate::config) struct InstanceDraft {
    pub(in crate::config) name: Placed<String>,
    pub(in crate::config) vrid: Option<Placed<Vrid>>,
    /// `virtual_router_id` was given, right or wrong.
    pub(in crate::config) vrid_given: bool,
    pub(in crate::config) family: Option<Family>,
    pub(in crate::config) interface: Option<Placed<IfName>>,
    pub(in crate::config) state: Option<Placed<InitialState>>,
    pub(in crate::config) priority: Option<Placed<Priority>>,
    pub(in crate::config) advert_int: Option<Placed<Duration>>,
    pub(in crate::config) version: Option<Placed<Version>>,
    pub(in crate::config) down_timer_adverts: Option<u8>,
    pub(in crate::config) nopreempt: Option<Place>,
    pub(in crate::config) preempt_delay: Option<Placed<Duration>>,
    /// The first keyword that asks for unicast.
    pub(in crate::config) unicast: Option<Place>,
    pub(in crate::config) peers: Vec<UnicastPeer>,
    pub(in crate::config) unicast_ttl: Option<Placed<u8>>,
    pub(in crate::config) check_unicast_src: bool,
    pub(in crate::config) unicast_fault_no_peer: bool,
    pub(in crate::config) source: Option<Source>,
    pub(in crate::config) track_src_ip: bool,
    pub(in crate::config) mcast_dst_ip: Option<Placed<IpAddr>>,
    pub(in crate::config) auth_type: Option<Placed<AuthType>>,
    pub(in crate::config) auth_pass: Option<Placed<Password>>,
    pub(in crate::config) v3_checksum_as_v2: Option<bool>,
    /// `old_unicast_checksum`; `Some(false)` with `never`.
    pub(in crate::config) old_unicast_checksum: Option<bool>,
    /// `kernel_rx_buf_size` in bytes.
    pub(in crate::config) receive_buffer: Option<u32>,
    pub(in crate::config) addresses: Vec<Placed<VirtualAddress>>,
    pub(in crate::config) excluded: Vec<Placed<VirtualAddress>>,
    pub(super) listed: Option<Box<Listed>>,
    pub(in crate::config) routes: Vec<Route>,
    pub(in crate::config) rules: Vec<Rule>,
    pub(in crate::config) no_virtual_ipaddress: Option<Place>,
    pub(in crate::config) dont_track_primary: bool,
    pub(in crate::config) linkbeat_polling: bool,
    pub(in crate::config) tracks: TrackDrafts,
    pub(in crate::config) hooks: HookDrafts,
    pub(in crate::config) garp: GarpDraft,
    pub(in crate::config) skip_check_adv_addr: bool,
    pub(in crate::config) lower_prio_no_advert: Option<bool>,
    pub(in crate::config) higher_prio_send_advert: Option<bool>,
    pub(in crate::config) owner_ignore_adverts: Option<Placed<bool>>,
    pub(in crate::config) strict: Option<Placed<bool>>,
    /// `accept` or `no_accept`, whichever came last.
    pub(in crate::config) accept: Option<Placed<bool>>,
    /// `use_vmac` or `use_ipvlan`.
    pub(in crate::config) vmac: Option<Place>,
    /// The Ethernet address that `use_vmac` gives.
    pub(in crate::config) vmac_mac: Option<Place>,
    /// `use_ipvlan`, and whether it gives an address.
    pub(in crate::config) ipvlan: Option<Placed<bool>>,
    /// What they say. Most instances have neither, so it stands elsewhere.
    pub(in crate::config) own: Option<Box<OwnWords>>,
    pub(in crate::config) use_vmac_addr: bool,
    /// In a sync group, and whether that lets its members weigh what they track.
    pub(in crate::config) grouped: Option<bool>,
    /// Addresses with a `use_vmac` of their own.
    pub(in crate::config) address_vmacs: Vec<Placed<Option<IfName>>>,
    pub(in crate::config) hmac: Option<HmacDraft>,
    pub(in crate::config) promote_secondaries: Option<Place>,
    pub(in crate::config) vmac_xmit_base: Option<Place>,
    /// `timer_expired_backup`: the priority of the best other router.
    pub(in crate::config) timer_expired_backup: Option<Placed<Priority>>,
    pub(in crate::config) vrf: Option<Placed<IfName>>,
}

/// A hook with its place. Most instances have none, so it stands elsewhere.
pub(in crate::config) type Hook = Option<Box<Placed<Command>>>;

/// The `notify*` keywords with their places.
#[derive(Debug, Default)]
pub(in crate::config) struct HookDrafts {
    pub(super) master: Hook,
    pub(super) backup: Hook,
    pub(super) fault: Hook,
    pub(super) stop: Hook,
    pub(super) deleted: Hook,
    pub(super) reports_deleted: bool,
    pub(super) every: Hook,
    pub(super) master_rx_lower_pri: Hook,
    pub(in crate::config) priority_changes: Option<bool>,
    pub(super) smtp_alert: Option<bool>,
}

impl HookDrafts {
    /// Each hook, whether given or not.
    pub(in crate::config) fn all(&mut self) -> [&mut Hook; 7] {
        [
            &mut self.master,
            &mut self.backup,
            &mut self.fault,
            &mut self.stop,
            &mut self.deleted,
            &mut self.every,
            &mut self.master_rx_lower_pri,
        ]
    }

    /// The hooks as the Model has them.
    pub(in crate::config) fn complete(self, global: &GlobalDraft) -> NotifyScripts {
        let command = |placed: Hook| placed.map(|placed| Box::new(placed.value));
        NotifyScripts {
            master: command(self.master),
            backup: command(self.backup),
            fault: command(self.fault),
            stop: command(self.stop),
            deleted: command(self.deleted),
            reports_deleted: self.reports_deleted,
            every: command(self.every),
            master_rx_lower_pri: command(self.master_rx_lower_pri),
            priority_changes: self.priority_changes.unwrap_or(global.notify.priority_changes),
            smtp_alert: self.smtp_alert.or(global.notify.smtp_alert_vrrp).unwrap_or(global.notify.smtp_alert),
        }
    }
}

impl InstanceDraft {
    pub(super) fn new(name: Placed<String>) -> Self {
        Self {
            name,
            vrid: None,
            vrid_given: false,
            family: None,
            interface: None,
            state: None,
            priority: None,
            advert_int: None,
            version: None,
            down_timer_adverts: None,
            nopreempt: None,
            preempt_delay: None,
            unicast: None,
            peers: Vec::new(),
            unicast_ttl: None,
            check_unicast_src: false,
            unicast_fault_no_peer: false,
            source: None,
            track_src_ip: false,
            mcast_dst_ip: None,
            auth_type: None,
            auth_pass: None,
            v3_checksum_as_v2: None,
            old_unicast_checksum: None,
            receive_buffer: None,
            addresses: Vec::new(),
            excluded: Vec::new(),
            listed: None,
            routes: Vec::new(),
            rules: Vec::new(),
            no_virtual_ipaddress: None,
            dont_track_primary: false,
            linkbeat_polling: false,
            tracks: TrackDrafts::default(),
            hooks: HookDrafts::default(),
            garp: GarpDraft::default(),
            skip_check_adv_addr: false,
            lower_prio_no_advert: None,
            higher_prio_send_advert: None,
            owner_ignore_adverts: None,
            strict: None,
            accept: None,
            vmac: None,
            vmac_mac: None,
            ipvlan: None,
            own: None,
            use_vmac_addr: false,
            grouped: None,
            address_vmacs: Vec::new(),
            hmac: None,
            promote_secondaries: None,
            vmac_xmit_base: None,
            timer_expired_backup: None,
            vrf: None,
        }
    }

    /// What `use_vmac` or `use_ipvlan` says so far.
    pub(in crate::config) fn own_words(&mut self) -> &mut OwnWords {
        self.own.get_or_insert_default()
    }

    /// What the lists hold so far.
    pub(super) fn listed(&mut self) -> &mut Listed {
        self.listed.get_or_insert_default()
    }

    /// Gives back the room that only the reading needed: a file may have thousands of instances.
    pub(super) fn block_ends(&mut self) {
        self.listed = None;
        for list in [&mut self.addresses, &mut self.excluded] {
            // Not `shrink_to_fit`, which would leave a gap behind each list that the next one does not fit into.
            let grown = std::mem::take(list);
            list.reserve_exact(grown.len());
            list.extend(grown);
        }
    }

    /// Whether an address of this family fits, which it does if it is the first; remembers the family.
    pub(super) fn accepts(&mut self, family: Family) -> bool {
        *self.family.get_or_insert(family) == family
    }
}
