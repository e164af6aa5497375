//! Models without a file: one virtual router a node, made in a few words.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use vrrpd::config::model::{
    AnnounceSchedule, Authentication, Gaps, Hmac, HmacKey, HmacMode, Model, OldChecksum, Password,
    Preemption, Prefix, Route, Rule, RuleAction, Test, TrackScript, Transport, UnicastPeer, UnicastPeers,
    VirtualAddress, VrrpInstance, VrrpScript,
};
use vrrpd::units::{AdvertInterval, Centiseconds, Family, IfName, Priority, Seconds, Vrid, Weight};

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub(crate) const fn us(microseconds: u64) -> Duration {
    Duration::from_micros(microseconds)
}

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const HMAC_SECRET: &[u8; 32] = b"0123456789abcdef0123456789abcdef";

/// What a node runs.
#[derive(Clone, Debug)]
pub(crate) struct Conf {
    pub(crate) priority: u8,
    pub(crate) interval: AdvertInterval,
    pub(crate) family: Family,
    pub(crate) unicast: bool,
    pub(crate) preemption: Preemption,
    pub(crate) down_timer_adverts: u8,
    pub(crate) authentication: Authentication,
    pub(crate) startup_delay: Duration,
    /// Weight and `init_fail` of the one script that is tracked.
    pub(crate) script: Option<(i16, bool)>,
    pub(crate) addresses: u8,
    pub(crate) check_source: bool,
    pub(crate) announce: AnnounceSchedule,
    /// `vrrp_garp_interval` and `vrrp_gna_interval`.
    pub(crate) gap: Duration,
    /// A configuration without any instance.
    pub(crate) empty: bool,
}

/// Multicast IPv4 VRRPv3, an advert a second.
pub(crate) fn prio(priority: u8) -> Conf {
    Conf {
        priority,
        interval: AdvertInterval::V3(Centiseconds::new(100).unwrap()),
        family: Family::V4,
        unicast: false,
        preemption: Preemption::Immediate,
        down_timer_adverts: 3,
        authentication: Authentication::None,
        startup_delay: Duration::ZERO,
        script: None,
        addresses: 1,
        check_source: false,
        announce: AnnounceSchedule::default(),
        gap: Duration::ZERO,
        empty: false,
    }
}

impl Conf {
    /// Virtual routes and rules of every node.
    pub(crate) const ROUTING: usize = 2;

    pub(crate) fn v2(mut self, seconds: u8) -> Self {
        self.interval = AdvertInterval::V2(Seconds::new(seconds).unwrap());
        self
    }

    pub(crate) fn v3(mut self, centiseconds: u16) -> Self {
        self.interval = AdvertInterval::V3(Centiseconds::new(centiseconds).unwrap());
        self
    }

    pub(crate) fn ipv6(mut self) -> Self {
        self.family = Family::V6;
        self
    }

    pub(crate) fn unicast(mut self) -> Self {
        self.unicast = true;
        self
    }

    pub(crate) fn nopreempt(mut self) -> Self {
        self.preemption = Preemption::Never;
        self
    }

    pub(crate) fn preempt_delay(mut self, delay: Duration) -> Self {
        self.preemption = Preemption::Delayed(delay);
        self
    }

    pub(crate) fn password(mut self, password: &'static str) -> Self {
        self.authentication = Authentication::Pass(Password::new(password.as_bytes()).unwrap());
        self
    }

    pub(crate) fn ah(mut self, password: &'static str) -> Self {
        self.authentication = Authentication::Ah(Password::new(password.as_bytes()).unwrap());
        self
    }

    /// Time mode with a window of 5 s.
    pub(crate) fn hmac(mut self, mode: HmacMode) -> Self {
        let key = HmacKey { id: 7, secret: HMAC_SECRET.to_vec() };
        let window = Some(secs(5));
        self.authentication = Authentication::Hmac(Hmac { keys: vec![key], active: 7, mode, window });
        self
    }

    pub(crate) fn startup_delay(mut self, delay: Duration) -> Self {
        self.startup_delay = delay;
        self
    }

    pub(crate) fn script(mut self, weight: i16) -> Self {
        self.script = Some((weight, false));
        self
    }

    pub(crate) fn init_fail(mut self) -> Self {
        self.script = self.script.map(|(weight, _)| (weight, true));
        self
    }

    pub(crate) fn down_timer_adverts(mut self, adverts: u8) -> Self {
        self.down_timer_adverts = adverts;
        self
    }

    pub(crate) fn addresses(mut self, count: u8) -> Self {
        self.addresses = count;
        self
    }

    pub(crate) fn announced_every(mut self, gap: Duration) -> Self {
        self.gap = gap;
        self
    }

    pub(crate) fn priority(mut self, priority: u8) -> Self {
        self.priority = priority;
        self
    }

    pub(crate) fn check_source(mut self) -> Self {
        self.check_source = true;
        self
    }

    pub(crate) fn without_instance(mut self) -> Self {
        self.empty = true;
        self
    }

    pub(crate) fn virtual_addresses(&self) -> Vec<IpAddr> {
        let address = |n: u8| match self.family {
            Family::V4 => IpAddr::from([10, 0, 0, 100 + n]),
            Family::V6 => IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, 0x100 + u16::from(n)]),
        };
        if self.empty { Vec::new() } else { (0..self.addresses).map(address).collect() }
    }

    /// The model of node `node` among `nodes`.
    pub(crate) fn model(&self, node: usize, nodes: usize) -> Model {
        let mut model = Model::default();
        model.global.startup_delay = self.startup_delay;
        model.announce_limits.alone = Gaps { arp: self.gap, na: self.gap };
        if !self.empty {
            model.scripts.extend(self.check());
            model.instances.push(self.instance(node, nodes));
        }
        model
    }

    fn instance(&self, node: usize, nodes: usize) -> VrrpInstance {
        let group = match self.family {
            Family::V4 => IpAddr::from([224, 0, 0, 18]),
            Family::V6 => IpAddr::from([0xff02, 0, 0, 0, 0, 0, 0, 0x12]),
        };
        let others = (0..nodes).filter(|&other| other != node);
        let peer = |other| UnicastPeer { address: own_address(self.family, other), min_ttl: 0, max_ttl: 255 };
        let transport = if self.unicast {
            Transport::Unicast(UnicastPeers {
                peers: others.map(peer).collect(),
                ttl: None,
                check_source: self.check_source,
                old_checksum: OldChecksum::Accepted([224, 0, 0, 18].into()),
            })
        } else {
            Transport::Multicast { group }
        };
        let on_lan = |address: IpAddr| {
            VirtualAddress::plain(Prefix::new(address, if address.is_ipv4() { 24 } else { 64 }).unwrap())
        };
        VrrpInstance {
            family: self.family,
            priority: Priority::new(self.priority).unwrap(),
            down_timer_adverts: self.down_timer_adverts,
            preemption: self.preemption,
            transport,
            authentication: self.authentication.clone(),
            addresses: self.virtual_addresses().into_iter().map(on_lan).collect(),
            routes: vec![self.route()],
            rules: vec![Rule::plain(self.family, 100, RuleAction::Table(5))],
            track_scripts: self.script.iter().map(|&(weight, _)| tracked(weight)).collect(),
            announce: self.announce,
            ..VrrpInstance::with_defaults("VI_1", Vrid::new(51).unwrap(), self.interval)
        }
    }

    fn route(&self) -> Route {
        let dev = IfName::new("eth0");
        Route { dev, ..Route::plain(Prefix::whole(self.family.unspecified())) }
    }

    fn check(&self) -> Option<VrrpScript> {
        let (weight, init_fail) = self.script?;
        Some(VrrpScript {
            name: "check".into(),
            test: Test::Readable("/dev/null".into()),
            interval: secs(1),
            timeout: secs(1),
            weight: Weight::new(weight).unwrap(),
            reverse: false,
            rise: NonZeroU32::MIN,
            fall: NonZeroU32::MIN,
            init_fail,
        })
    }
}

fn tracked(weight: i16) -> TrackScript {
    TrackScript { name: "check".into(), weight: Weight::new(weight).unwrap(), reverse: false }
}

/// The address that node `node` has of its own.
pub(crate) fn own_address(family: Family, node: usize) -> IpAddr {
    let last = u8::try_from(node + 1).unwrap();
    match family {
        Family::V4 => IpAddr::from([10, 0, 0, last]),
        Family::V6 => IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, u16::from(last)]),
    }
}
