//! What decides whether a real server is alive.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::model::script::Command;
use crate::units::IfName;

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Checker {
    /// `TCP_CHECK`.
    Tcp(TcpCheck),
    /// `PING_CHECK`.
    Ping(PingCheck),
    /// `UDP_CHECK`.
    Udp(UdpCheck),
    /// `DNS_CHECK`.
    Dns(DnsCheck),
    /// `SMTP_CHECK`, one for each `host`.
    Smtp(SmtpCheck),
    /// `HTTP_GET`, or `SSL_GET` with TLS.
    Http(HttpGet),
    /// `MISC_CHECK`.
    Misc(MiscCheck),
    /// `FILE_CHECK`.
    File(FileCheck),
    /// `BFD_CHECK`.
    Bfd(BfdCheck),
}

/// When a check runs; `None` means what the real server says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// `retry`.
    pub retry: Option<u32>,
    /// `delay_before_retry`.
    pub delay_before_retry: Option<Duration>,
    /// `warmup`.
    pub warmup: Option<Duration>,
    /// `delay_loop`.
    pub delay_loop: Option<Duration>,
    /// `alpha`.
    pub alpha: Option<bool>,
    /// `log_all_failures`.
    pub log_all_failures: Option<bool>,
}

/// Where a check over the network goes; `None` means what the real server says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// `connect_ip`.
    pub address: Option<IpAddr>,
    /// `connect_port`.
    pub port: Option<u16>,
    /// `bindto`.
    pub source: Option<IpAddr>,
    /// `bind_port`.
    pub source_port: Option<u16>,
    /// `bind_if`.
    pub interface: Option<IfName>,
    /// `connect_timeout`.
    pub timeout: Option<Duration>,
    /// `fwmark` of the packets.
    pub fwmark: u32,
}

/// A connection that opens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TcpCheck {
    /// When.
    pub schedule: Schedule,
    /// Where.
    pub connection: Connection,
}

/// An ICMP echo.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PingCheck {
    /// When.
    pub schedule: Schedule,
    /// Where.
    pub connection: Connection,
}

/// A datagram that is not refused, or is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UdpCheck {
    /// When.
    pub schedule: Schedule,
    /// Where.
    pub connection: Connection,
    /// `payload`; empty means a default text.
    pub payload: Vec<u8>,
    /// `require_reply`: a byte and the mask of its bits that count; `None` when no reply is needed.
    pub reply: Option<Vec<(u8, u8)>>,
    /// `min_reply_length` in bytes.
    pub min_reply: u16,
    /// `max_reply_length` in bytes.
    pub max_reply: u16,
}

impl Default for UdpCheck {
    fn default() -> Self {
        let (schedule, connection) = (Schedule::default(), Connection::default());
        Self { schedule, connection, payload: Vec::new(), reply: None, min_reply: 0, max_reply: 255 }
    }
}

/// Question of a DNS check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "names of the DNS")]
pub enum DnsType {
    A,
    Ns,
    Cname,
    #[default]
    Soa,
    Mx,
    Txt,
    Aaaa,
    Rrsig,
    Dnskey,
}

/// A DNS query that is answered without error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsCheck {
    /// When.
    pub schedule: Schedule,
    /// Where.
    pub connection: Connection,
    /// `type`.
    pub kind: DnsType,
    /// `name`; `None` means the root.
    pub name: Option<String>,
}

/// An SMTP greeting and `HELO`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmtpCheck {
    /// When.
    pub schedule: Schedule,
    /// Where.
    pub connection: Connection,
    /// `helo_name`.
    pub helo_name: Option<String>,
}

/// Version of HTTP requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HttpProtocol {
    /// `1.0`.
    #[default]
    V1_0,
    /// `1.0c`: 1.0 with `Connection: close`.
    V1_0Close,
    /// `1.1`.
    V1_1,
}

/// Pages that are answered as they should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpGet {
    /// When.
    pub schedule: Schedule,
    /// Where.
    pub connection: Connection,
    /// `SSL_GET`.
    pub tls: bool,
    /// `virtualhost`.
    pub virtualhost: Option<String>,
    /// `http_protocol`.
    pub protocol: HttpProtocol,
    /// `enable_sni`.
    pub sni: bool,
    /// `fast_recovery`.
    pub fast_recovery: bool,
    /// `tls_compliant`: the end of the connection must be announced.
    pub tls_compliant: bool,
    /// Never empty.
    pub urls: Vec<Url>,
}

/// One request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Url {
    /// `path`.
    pub path: String,
    /// `digest`: MD5 of the body, in hexadecimal digits.
    pub digest: Option<String>,
    /// `status_code`: first and last code of each range; empty means 200 to 299.
    pub status_codes: Vec<(u16, u16)>,
    /// `virtualhost`.
    pub virtualhost: Option<String>,
    /// `regex`: pattern of PCRE2 for the body.
    pub regex: Option<String>,
    /// `regex_no_match`.
    pub regex_no_match: bool,
    /// `regex_options`.
    pub regex_options: Vec<String>,
    /// `tls_compliant`; `None` means that of the block.
    pub tls_compliant: Option<bool>,
}

/// A program that ends with status 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MiscCheck {
    /// When.
    pub schedule: Schedule,
    /// `misc_path`.
    pub command: Command,
    /// `misc_timeout`; `None` means the `delay_loop` of the virtual server.
    pub timeout: Option<Duration>,
    /// `misc_dynamic`: status 2 to 255 sets the weight.
    pub dynamic: bool,
}

/// A number in a file that becomes a weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCheck {
    /// `track_file`.
    pub track_file: String,
    /// `weight`; `None` means that of the `track_file`.
    pub weight: Option<i32>,
    /// `weight ... reverse`.
    pub reverse: bool,
}

/// A `bfd_instance` that is up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BfdCheck {
    /// `name`.
    pub bfd_instance: String,
    /// `alpha`.
    pub alpha: Option<bool>,
}
