//! The kinds of instance that the scenarios run with: their configuration and the times that follow from it.

use std::fmt::Write as _;
use std::time::Duration;

/// The priorities of node 1 and node 2 where a test says nothing else.
pub(crate) const HIGH: u8 = 200;
pub(crate) const LOW: u8 = 100;

/// The key of `auth_hmac`.
pub(crate) const HMAC_SECRET: &str = "0123456789abcdef0123456789abcdef";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    V2,
    V2Pass,
    V2Unicast,
    V2Ah,
    V2AhUnicast,
    V2Hmac,
    V3,
    V3Ipv6,
    V3Unicast,
    V3Hmac,
    V3HmacIpv6,
    V3HmacUnicast,
}

impl Protocol {
    pub(crate) fn version(self) -> u8 {
        match self {
            Self::V2 | Self::V2Pass | Self::V2Unicast | Self::V2Ah | Self::V2AhUnicast | Self::V2Hmac => 2,
            Self::V3 | Self::V3Ipv6 | Self::V3Unicast => 3,
            Self::V3Hmac | Self::V3HmacIpv6 | Self::V3HmacUnicast => 3,
        }
    }

    /// The auth type on the wire; VRRPv3 has no such field.
    pub(crate) fn auth_type(self) -> Option<u8> {
        match self {
            Self::V2 | Self::V2Unicast | Self::V2Hmac => Some(0),
            Self::V2Pass => Some(1),
            Self::V2Ah | Self::V2AhUnicast => Some(2),
            Self::V3 | Self::V3Ipv6 | Self::V3Unicast => None,
            Self::V3Hmac | Self::V3HmacIpv6 | Self::V3HmacUnicast => None,
        }
    }

    /// Whether adverts end with a trailer, of which tshark knows nothing: over IPv4 the checksum does not cover it.
    pub(crate) fn has_trailer(self) -> bool {
        matches!(self, Self::V2Hmac | Self::V3Hmac | Self::V3HmacIpv6 | Self::V3HmacUnicast)
    }

    fn is_ipv6(self) -> bool {
        matches!(self, Self::V3Ipv6 | Self::V3HmacIpv6)
    }

    /// Whether tshark can judge the checksum.
    pub(crate) fn has_a_checksum_for_tshark(self) -> bool {
        !self.has_trailer() || self.is_ipv6()
    }

    /// The shortest that VRRPv2 can say; for VRRPv3 long enough that a busy test machine does not miss three.
    pub(crate) fn interval(self) -> Duration {
        Duration::from_millis(if self.version() == 2 { 1000 } else { 300 })
    }

    /// RFC 3768 §6.1, RFC 9568 §6.1.
    pub(crate) fn skew(self, priority: u8) -> Duration {
        let unit = if self.version() == 2 { Duration::from_secs(1) } else { self.interval() };
        unit * (256 - u32::from(priority)) / 256
    }

    pub(crate) fn master_down(self, priority: u8) -> Duration {
        self.interval() * 3 + self.skew(priority)
    }

    /// The virtual address that tests look for.
    pub(crate) fn vip(self) -> &'static str {
        if self.is_ipv6() { "2001:db8::100/64" } else { "10.0.0.100/24" }
    }

    pub(crate) fn bare_vip(self) -> &'static str {
        self.vip().split('/').next().unwrap_or_default()
    }

    /// A whole configuration for node `node` of two, with further lines of the instance.
    pub(crate) fn configuration(self, node: usize, priority: u8, lines: &[&str]) -> String {
        format!("{}\n{}", self.global_defs(), self.instance(node, priority, lines))
    }

    fn global_defs(self) -> &'static str {
        "global_defs {\n    script_user root\n}\n"
    }

    fn instance(self, node: usize, priority: u8, lines: &[&str]) -> String {
        let mut text = String::from("vrrp_instance VI_1 {\n");
        let _infallible = write!(
            text,
            "    interface eth0\n    virtual_router_id 51\n    version {}\n    advert_int {}\n    priority {priority}\n",
            self.version(),
            self.interval().as_secs_f64(),
        );
        for line in lines {
            let _infallible = writeln!(text, "    {line}");
        }
        match self {
            Self::V2Ah | Self::V2AhUnicast => {
                text.push_str("    authentication {\n        auth_type AH\n        auth_pass secret\n    }\n")
            }
            Self::V2Pass => text
                .push_str("    authentication {\n        auth_type PASS\n        auth_pass secret1\n    }\n"),
            _ => {}
        }
        if self.has_trailer() {
            text.push_str(&format!(
                "    auth_hmac {{\n        key 7 {HMAC_SECRET}\n        active_key 7\n    }}\n"
            ));
        }
        if matches!(self, Self::V2Unicast | Self::V2AhUnicast | Self::V3Unicast | Self::V3HmacUnicast) {
            let _infallible = write!(
                text,
                "    unicast_src_ip 10.0.0.{node}\n    unicast_peer {{\n        10.0.0.{}\n    }}\n",
                3 - node
            );
        }
        text.push_str("    virtual_ipaddress {\n");
        if self.is_ipv6() {
            text.push_str("        fe80::100/64\n");
        }
        let _infallible = write!(text, "        {}\n    }}\n}}\n", self.vip());
        text
    }
}
