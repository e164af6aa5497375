//! One line of `virtual_routes` or `static_routes`, in the words of `ip route`.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Encap, Prefix};
use crate::units::{Family, IfName};

/// A route that the master holds, or that stands for as long as the daemon runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Where to; `default` is the empty prefix of its family.
    pub destination: Prefix,
    /// `unicast`, `blackhole` and so on.
    pub kind: RouteKind,
    /// `from`: only packets from there, IPv6 only.
    pub from: Option<Prefix>,
    /// `src`: preferred source address.
    pub source: Option<IpAddr>,
    /// `via`.
    pub gateway: Option<IpAddr>,
    /// `dev`.
    pub dev: Option<IfName>,
    /// `onlink`: the gateway is reachable on `dev` whatever the table says.
    pub onlink: bool,
    /// `table`, or that of a VRF.
    pub table: RouteTable,
    /// `protocol`; 18 is keepalived, and the only one that is tracked.
    pub protocol: u8,
    /// `scope`: the kernel's number; `None` leaves it to the kernel.
    pub scope: Option<u8>,
    /// `metric`; `None` leaves it to the kernel, which has 0 for IPv4 and 1024 for IPv6.
    pub metric: Option<u32>,
    /// `tos`.
    pub tos: u8,
    /// `realms`, IPv4 only.
    pub realms: Option<Realms>,
    /// `encap`.
    pub encap: Option<Encap>,
    /// `expires` in seconds, IPv6 only.
    pub expires: Option<u32>,
    /// `pref`: the kernel's number for `low`, `medium`, `high`; IPv6 only.
    pub preference: Option<u8>,
    /// `ttl-propagate`, of MPLS.
    pub ttl_propagate: Option<bool>,
    /// `mtu`, `advmss` and so on; the last of a kind counts.
    pub metrics: BTreeMap<RouteMetric, MetricValue>,
    /// `congctl`.
    pub congestion_control: Option<CongestionControl>,
    /// `nexthop`, in file order.
    pub next_hops: Vec<NextHop>,
    /// `add`, `append`, `prepend`.
    pub placing: Placing,
    /// `no_track`: neither the loss of the route nor the state of its `dev` concerns anybody.
    pub no_track: bool,
}

impl Route {
    /// Routing protocol of what keepalived installs.
    pub const KEEPALIVED: u8 = 18;
    /// The table `main`.
    pub const MAIN: u32 = 254;

    /// The route with every option at its default.
    pub fn plain(destination: Prefix) -> Self {
        Self {
            destination,
            kind: RouteKind::UNICAST,
            from: None,
            source: None,
            gateway: None,
            dev: None,
            onlink: false,
            table: RouteTable::Number(Self::MAIN),
            protocol: Self::KEEPALIVED,
            scope: None,
            metric: None,
            tos: 0,
            realms: None,
            encap: None,
            expires: None,
            preference: None,
            ttl_propagate: None,
            metrics: BTreeMap::new(),
            congestion_control: None,
            next_hops: Vec::new(),
            placing: Placing::Prepend,
            no_track: false,
        }
    }

    /// Family of its addresses.
    pub const fn family(&self) -> Family {
        self.destination.family()
    }
}

/// As an operator knows it: where to and by what.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "route {}", self.destination)?;
        if let Some(gateway) = self.gateway {
            write!(f, " via {gateway}")?;
        }
        if let Some(dev) = &self.dev {
            write!(f, " dev {dev}")?;
        }
        match &self.table {
            RouteTable::Number(Self::MAIN) => Ok(()),
            RouteTable::Number(number) => write!(f, " table {number}"),
            RouteTable::Vrf(name) => write!(f, " vrf {name}"),
        }
    }
}

/// The kernel's number of a route type (`RTN_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteKind(pub u8);

impl RouteKind {
    /// `unicast`, the default.
    pub const UNICAST: Self = Self(1);
}

/// Where a route goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RouteTable {
    /// `table`; 0 means `main` to the kernel.
    Number(u32),
    /// `vrf`: the table of that interface.
    Vrf(IfName),
}

/// `add`, `append`, `prepend`: beside others with the same destination and metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Placing {
    /// Only if there is none.
    Add,
    /// After them.
    Append,
    /// Before them, the default.
    Prepend,
}

/// `realms [FROM/]TO`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Realms {
    /// Source realm; 0 is none.
    pub from: u16,
    /// Destination realm.
    pub to: u16,
}

/// What the kernel keeps as metrics of a route, with its number for each (`RTAX_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RouteMetric {
    /// `mtu`, bytes.
    Mtu = 2,
    /// `window`, bytes.
    Window = 3,
    /// `rtt`, eighths of a millisecond.
    Rtt = 4,
    /// `rttvar`, quarters of a millisecond.
    RttVar = 5,
    /// `ssthresh`, packets.
    SsThresh = 6,
    /// `cwnd`, packets.
    Cwnd = 7,
    /// `advmss`, bytes.
    AdvMss = 8,
    /// `reordering`.
    Reordering = 9,
    /// `hoplimit`.
    HopLimit = 10,
    /// `initcwnd`, packets.
    InitCwnd = 11,
    /// `features`, bits.
    Features = 12,
    /// `rto_min`, milliseconds.
    RtoMin = 13,
    /// `initrwnd`, packets.
    InitRwnd = 14,
    /// `quickack`, 0 or 1.
    QuickAck = 15,
    /// `fastopen_no_cookie`, 0 or 1.
    FastOpenNoCookie = 17,
}

impl RouteMetric {
    /// Bit of `features ecn`.
    pub const ECN: u32 = 1;
}

/// A metric with its `lock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricValue {
    /// In the unit of its kind.
    pub value: u32,
    /// `lock`: the kernel does not learn another.
    pub locked: bool,
}

/// `congctl [lock] NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CongestionControl {
    /// The kernel's name of the algorithm.
    pub name: String,
    /// `lock`.
    pub locked: bool,
}

/// One `nexthop` of a route with several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextHop {
    /// `via`.
    pub gateway: Option<IpAddr>,
    /// `dev`.
    pub dev: Option<IfName>,
    /// `weight` less 1, as the kernel has it: 0 to 255.
    pub weight: u8,
    /// `onlink`.
    pub onlink: bool,
    /// `encap`.
    pub encap: Option<Encap>,
    /// `realms`.
    pub realms: Option<Realms>,
}
