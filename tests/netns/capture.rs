//! What was on the wire: tcpdump on the bridge, judged by tshark's own dissectors.

use std::cell::RefCell;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::bell::Lines;
use crate::lab::Lab;
use crate::namespace::Namespace;
use crate::protocol::Protocol;
use crate::wire::Wire;

/// Last byte of the link-layer address that a hostile test sends from: the bridge's.
const JUNK_SENDER: u8 = 0xfe;

/// A frame of ours that says "all before this has been captured": broadcast, local experimental EtherType.
const MARK: &[u8] =
    b"\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x00\xfe\x88\xb5the capture ends here, says the observer....";
const FILTER: &str = "ip proto 112 or ip proto 51 or ip6 proto 112 or arp or icmp6 or ether proto 0x88b5";
/// tshark's names of what [`Frame`] holds, in the order of [`Frame::read`].
const FIELDS: &[&str] = &[
    "frame.time_epoch",
    "eth.src",
    "ip.src",
    "ipv6.src",
    "ip.ttl",
    "ipv6.hlim",
    "vrrp.version",
    "vrrp.type",
    "vrrp.virt_rtr_id",
    "vrrp.prio",
    "vrrp.auth_type",
    "vrrp.checksum.status",
    "arp.opcode",
    "arp.src.proto_ipv4",
    "arp.dst.proto_ipv4",
    "arp.dst.hw_mac",
    "arp.src.hw_mac",
    "icmpv6.type",
    "icmpv6.nd.na.target_address",
    "icmpv6.nd.na.flag.o",
];
const LIMIT: Duration = Duration::from_secs(20);

/// A running tcpdump; [`Capture::frames`] looks at what it has seen so far.
pub(crate) struct Capture {
    bridge: Arc<Namespace>,
    tcpdump: RefCell<Child>,
    directory: TempDir,
    bell: crate::bell::Bell,
}

/// One advert on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Advert {
    /// Since the epoch, by the kernel's clock.
    pub(crate) at: Duration,
    /// The node whose interface sent it; with a virtual MAC address all nodes look the same.
    pub(crate) node: u8,
    pub(crate) mac: String,
    /// The IP source address.
    pub(crate) source: String,
    pub(crate) priority: u8,
    pub(crate) version: u8,
    pub(crate) hop_limit: u8,
    pub(crate) auth_type: Option<u8>,
    pub(crate) checksum_is_right: bool,
}

/// A gratuitous ARP or an unsolicited neighbour advertisement.
#[derive(Clone, Debug)]
pub(crate) struct Announcement {
    pub(crate) at: Duration,
    pub(crate) node: u8,
    pub(crate) mac: String,
    pub(crate) address: String,
    /// ARP: a request that asks for its own address with target hardware ff:ff:ff:ff:ff:ff. NA: override is set.
    pub(crate) well_formed: bool,
}

/// What a capture holds.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    pub(crate) adverts: Vec<Advert>,
    pub(crate) announcements: Vec<Announcement>,
    /// ARP replies: the Ethernet address that each tells, and for which address.
    pub(crate) answers: Vec<(String, String)>,
}

impl Capture {
    pub(crate) fn start(lab: &Lab) -> Self {
        let directory = TempDir::with_prefix("vrrpd-capture-").unwrap();
        let mut command = Command::new("tcpdump");
        command.args(["-i", "br0", "-U", "--immediate-mode", "-Z", "root", "-w"]);
        command.arg(directory.path().join("pcap")).arg(FILTER).stderr(Stdio::piped()).stdout(Stdio::null());
        let mut tcpdump = lab.bridge.inside(move || command.spawn()).expect("tcpdump is needed");
        let said = Lines::default();
        said.follow(tcpdump.stderr.take().unwrap(), &lab.bell);
        lab.wait(LIMIT, "tcpdump listens", || said.count(|line| line.contains("listening on")) > 0);
        Self { bridge: Arc::clone(&lab.bridge), tcpdump: tcpdump.into(), directory, bell: lab.bell.clone() }
    }

    /// Ends the capture and has tshark judge it.
    pub(crate) fn frames(&self) -> Frames {
        let path = self.directory.path().join("pcap");
        Wire::new(&self.bridge, "br0").send(MARK);
        // Adverts may follow the mark before we look.
        let complete =
            || fs::read(&path).is_ok_and(|bytes| bytes.windows(MARK.len()).any(|part| part == MARK));
        assert!(self.bell.wait(LIMIT, complete).is_some(), "tcpdump did not see the end mark");
        kill(Pid::from_raw(self.tcpdump.borrow().id().cast_signed()), Signal::SIGTERM).unwrap();
        let _status = self.tcpdump.borrow_mut().wait();

        let mut tshark = Command::new("tshark");
        tshark.args(["-n", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=f", "-r"]).arg(&path);
        // keepalived's form of the VRRPv3 checksum over IPv4: with the pseudo-header.
        tshark.args(["-o", "vrrp.v3_checksum_as_in_v2:FALSE"]);
        for field in FIELDS {
            tshark.args(["-e", field]);
        }
        let output = tshark.output().expect("tshark is needed");
        assert!(output.status.success(), "tshark: {}", String::from_utf8_lossy(&output.stderr));
        let mut frames = Frames::default();
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            frames.read(&line.split('\t').collect::<Vec<_>>());
        }
        frames
    }
}

impl Frames {
    fn read(&mut self, fields: &[&str]) {
        let &[
            at,
            mac,
            ip4,
            ip6,
            ttl,
            hops,
            version,
            kind,
            vrid,
            prio,
            auth,
            sum,
            op,
            spa,
            tpa,
            tha,
            sha,
            icmp,
            target,
            o,
        ] = fields
        else {
            panic!("tshark gave {} fields", fields.len())
        };
        let at = Duration::from_secs_f64(at.parse().unwrap());
        let node = mac.rsplit(':').next().and_then(|last| u8::from_str_radix(last, 16).ok()).unwrap();
        let number = |text: &str| text.parse::<u8>().unwrap_or_else(|_| panic!("`{text}` in {fields:?}"));
        let is_junk = node == JUNK_SENDER && !prio.is_empty() && (number(kind), number(vrid)) != (1, 51);
        if !prio.is_empty() && !is_junk {
            assert_eq!((number(kind), number(vrid)), (1, 51), "{fields:?}");
            assert!(!ip4.is_empty() || ip6.starts_with("fe80:"), "source of an advert: {fields:?}");
            self.adverts.push(Advert {
                at,
                node,
                mac: mac.to_owned(),
                source: if ip4.is_empty() { ip6.to_owned() } else { ip4.to_owned() },
                priority: number(prio),
                version: number(version),
                hop_limit: number(if ttl.is_empty() { hops } else { ttl }),
                auth_type: auth.parse().ok(),
                checksum_is_right: matches!(sum, "1" | "Good"),
            });
        } else if op == "2" {
            self.answers.push((sha.to_owned(), spa.to_owned()));
        } else if !op.is_empty() && spa == tpa {
            let well_formed = op == "1" && tha == "ff:ff:ff:ff:ff:ff";
            let (mac, address) = (mac.to_owned(), spa.to_owned());
            self.announcements.push(Announcement { at, node, mac, address, well_formed });
        } else if icmp == "136" {
            let well_formed = matches!(o, "1" | "True");
            let (mac, address) = (mac.to_owned(), target.to_owned());
            self.announcements.push(Announcement { at, node, mac, address, well_formed });
        }
    }

    pub(crate) fn of(&self, node: u8) -> impl DoubleEndedIterator<Item = &Advert> {
        self.adverts.iter().filter(move |advert| advert.node == node)
    }

    pub(crate) fn last_of(&self, node: u8) -> &Advert {
        self.of(node).next_back().unwrap_or_else(|| panic!("no advert of node {node} was captured"))
    }

    /// The first advert of `node` later than `after`.
    pub(crate) fn first_after(&self, node: u8, after: Duration) -> &Advert {
        let mut later = self.of(node).filter(|advert| advert.at > after);
        later
            .next()
            .unwrap_or_else(|| panic!("no advert of node {node} was captured after {after:?}: {self:#?}"))
    }

    /// The longest silence of `node` between two of its adverts.
    pub(crate) fn longest_gap(&self, node: u8) -> Duration {
        let times: Vec<Duration> = self.of(node).map(|advert| advert.at).collect();
        times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }

    /// Fails unless each advert is what this protocol asks for.
    pub(crate) fn assert_valid(&self, protocol: Protocol) {
        assert!(!self.adverts.is_empty(), "no advert was captured");
        for advert in &self.adverts {
            let judged = protocol.has_a_checksum_for_tshark();
            assert!(advert.checksum_is_right || !judged, "checksum, says tshark: {advert:?}");
            assert_eq!(advert.version, protocol.version(), "{advert:?}");
            assert_eq!(advert.auth_type, protocol.auth_type(), "{advert:?}");
            assert_eq!(advert.hop_limit, 255, "{advert:?}");
        }
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _gone_already = self.tcpdump.borrow_mut().kill();
        let _status = self.tcpdump.borrow_mut().wait();
    }
}
