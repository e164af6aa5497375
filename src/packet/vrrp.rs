//! VRRP advertisements, versions 2 and 3 (RFC 3768 §5, RFC 9568 §5).
//!
//! [`Advert`] is what we say: owned, every value can be sent. [`Heard`] is what others said: borrowed from the
//! receive buffer, made only by [`decode`] from bytes that meet an instance's [`Demands`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use nom::Parser;
use nom::number::complete::{be_u8, be_u16};

use super::Datagram;
use super::authentication::{AUTH_DATA_LEN, Authentication, Freshness, Proof, same_in_constant_time};
use super::authentication_header::{self, HeaderError};
use super::checksum::Sum;
use super::hmac_trailer::{self, TrailerError};
use crate::units::{AdvertInterval, Centiseconds, Family, Seconds, Version, Vrid, WirePriority};

/// Bytes before the address list, in both versions.
pub const HEADER_LEN: usize = 8;
/// Bytes of an IPv4 header without options; part of the lengths that keepalived's padding rule compares.
const IPV4_HEADER_LEN: usize = 20;
/// The only packet type (RFC 9568 §5.2.2).
const ADVERTISEMENT: u8 = 1;
/// Where the checksum stands.
const CHECKSUM_AT: usize = 6;

/// An advertisement to send: every value of this type can be. Cloning allocates nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advert {
    /// Virtual router.
    pub vrid: Vrid,
    /// Priority of the sender, or its farewell.
    pub priority: WirePriority,
    /// Interval of the sender; its unit is the version of the packet.
    pub interval: AdvertInterval,
    /// Virtual addresses, in order.
    pub addresses: Addresses,
}

/// The address list of an advert: 0 to 255 addresses of one family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses(List);

#[derive(Clone, Debug, PartialEq, Eq)]
enum List {
    V4(Arc<[Ipv4Addr]>),
    V6(Arc<[Ipv6Addr]>),
}

impl Addresses {
    /// Most addresses that the count field can tell of.
    pub const MAX: usize = 255;

    /// `None` when an address is not of `family` or there are more than [`Self::MAX`].
    pub fn new(family: Family, addresses: impl IntoIterator<Item = IpAddr>) -> Option<Self> {
        let list = match family {
            Family::V4 => List::V4(
                addresses
                    .into_iter()
                    .map(|address| match address {
                        IpAddr::V4(address) => Some(address),
                        IpAddr::V6(_) => None,
                    })
                    .collect::<Option<_>>()?,
            ),
            Family::V6 => List::V6(
                addresses
                    .into_iter()
                    .map(|address| match address {
                        IpAddr::V6(address) => Some(address),
                        IpAddr::V4(_) => None,
                    })
                    .collect::<Option<_>>()?,
            ),
        };
        let addresses = Self(list);
        u8::try_from(addresses.len()).is_ok().then_some(addresses)
    }

    /// The empty list of a family (`no_virtual_ipaddress`).
    pub fn none(family: Family) -> Self {
        Self(match family {
            Family::V4 => List::V4(Arc::new([])),
            Family::V6 => List::V6(Arc::new([])),
        })
    }

    /// Family of all of them.
    pub fn family(&self) -> Family {
        match &self.0 {
            List::V4(_) => Family::V4,
            List::V6(_) => Family::V6,
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        match &self.0 {
            List::V4(list) => list.len(),
            List::V6(list) => list.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The addresses in order.
    pub fn iter(&self) -> impl Iterator<Item = IpAddr> {
        let (v4, v6): (&[Ipv4Addr], &[Ipv6Addr]) = match &self.0 {
            List::V4(list) => (list, &[]),
            List::V6(list) => (&[], list),
        };
        v4.iter().copied().map(IpAddr::V4).chain(v6.iter().copied().map(IpAddr::V6))
    }
}

/// What an IPv4 VRRPv3 checksum covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChecksumForm {
    /// With the IPv4 pseudo-header, as RFC 5798 was read and keepalived sends.
    PseudoHeader,
    /// The message alone (RFC 9568 §5.2.8, `v3_checksum_as_v2`).
    MessageOnly,
    /// With a pseudo-header that names this group instead of the peer, as keepalived sent unicast up to 1.3.6
    /// (`old_unicast_checksum`).
    GroupHeader(Ipv4Addr),
}

impl Advert {
    /// Appends the whole message to `out`, checksum, authentication data and trailer included.
    ///
    /// `authentication` concerns IPv4 VRRPv2 alone but for the trailer, `form` IPv4 VRRPv3 alone: the others have one
    /// way. The authentication header is filled in when the IP header is there ([`super::HeaderSeal::fill`]).
    pub fn encode(
        &self,
        authentication: &Authentication,
        form: ChecksumForm,
        source: IpAddr,
        destination: IpAddr,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        let count = u8::try_from(self.addresses.len()).unwrap_or(u8::MAX);
        let version = self.interval.version();
        let family = self.addresses.family();
        let kind = if version == Version::V2 { authentication.kind() } else { 0 };
        out.extend([version.number() << 4 | ADVERTISEMENT, self.vrid.get(), self.priority.byte(), count]);
        match self.interval {
            AdvertInterval::V2(seconds) => out.extend([kind, seconds.get()]),
            AdvertInterval::V3(centiseconds) => out.extend(centiseconds.get().to_be_bytes()),
        }
        out.extend([0, 0]);
        match &self.addresses.0 {
            List::V4(list) => list.iter().for_each(|address| out.extend(address.octets())),
            List::V6(list) => list.iter().for_each(|address| out.extend(address.octets())),
        }
        if version == Version::V2 && family == Family::V4 {
            out.extend(authentication.data());
        }
        let message_len = out.len() - start;
        if let Authentication::Trailer(key, stamp) = authentication {
            key.append(*stamp, source, out, start);
        }
        // The kernel of an IPv6 receiver sums up whatever follows the IP header; over IPv4 the trailer is apart.
        let covered = if family == Family::V6 { out.len() - start } else { message_len };
        let message = &mut out[start..];
        let pseudo_header = match (family, version, form) {
            (Family::V4, Version::V2, _) | (Family::V4, Version::V3, ChecksumForm::MessageOnly) => {
                Sum::default()
            }
            (Family::V4, Version::V3, ChecksumForm::GroupHeader(group)) => {
                Sum::default().pseudo_header(source, IpAddr::V4(group), covered)
            }
            (Family::V4, Version::V3, ChecksumForm::PseudoHeader) | (Family::V6, _, _) => {
                Sum::default().pseudo_header(source, destination, covered)
            }
        };
        let checksum = pseudo_header.add(&message[..covered]).checksum();
        message[CHECKSUM_AT..HEADER_LEN].copy_from_slice(&checksum.to_be_bytes());
    }
}

/// What an instance demands of a packet before it listens to it.
#[derive(Clone, Copy, Debug)]
pub struct Demands<'d> {
    /// Family of the instance.
    pub family: Family,
    /// Own interval, and with it the version; VRRPv2 demands the same of the sender.
    pub interval: AdvertInterval,
    /// Configured authentication.
    pub proof: Proof<'d>,
    /// Multicast instance: TTL / hop limit 255 and a multicast destination; unicast: a unicast destination.
    pub multicast: bool,
    /// The group that [`ChecksumForm::GroupHeader`] may name; `None` when that form is not accepted.
    pub old_group: Option<Ipv4Addr>,
}

/// An advertisement that was heard and met the demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard<'a> {
    /// Virtual router.
    pub vrid: Vrid,
    /// Priority of the sender, or its farewell.
    pub priority: WirePriority,
    /// Interval of the sender.
    pub interval: AdvertInterval,
    /// What the checksum covered; [`ChecksumForm::PseudoHeader`] where there is only one way.
    pub form: ChecksumForm,
    /// What shows that it is not an old one.
    pub freshness: Freshness,
    family: Family,
    addresses: &'a [u8],
}

impl Heard<'_> {
    /// How many addresses the sender lists.
    pub fn address_count(&self) -> usize {
        self.addresses.len() / self.family.address_len()
    }

    /// The addresses in the sender's order.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let family = self.family;
        self.addresses.chunks_exact(family.address_len()).filter_map(move |bytes| match family {
            Family::V4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
            Family::V6 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        })
    }
}

/// Why a received packet was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Shorter than its headers.
    #[error("packet too short: {got} bytes, need {need}")]
    Truncated {
        /// Bytes received.
        got: usize,
        /// Bytes of the header.
        need: usize,
    },
    /// The IPv4 header contradicts itself.
    #[error("malformed IP header")]
    IpHeader,
    /// VRID 0, or another virtual router's.
    #[error("virtual router {0} is not ours")]
    Vrid(u8),
    /// The address count contradicts the length.
    #[error("length {got}, expected {want}")]
    Length {
        /// Bytes of the message.
        got: usize,
        /// Bytes that the header's version and count come to.
        want: usize,
    },
    /// A multicast packet that was forwarded (RFC 9568 §5.1.1.3).
    #[error("TTL/hop limit {0}, expected 255")]
    HopLimit(u8),
    /// Not the version of the instance.
    #[error("version {got}, expected {want}")]
    Version {
        /// Version of the packet.
        got: u8,
        /// Version of the instance.
        want: u8,
    },
    /// An authentication type that does not exist.
    #[error("authentication type {0} does not exist")]
    AuthenticationType(u8),
    /// An authentication type other than configured.
    #[error("authentication type {got}, expected {want}")]
    AuthenticationMismatch {
        /// Type of the packet.
        got: u8,
        /// Type configured.
        want: u8,
    },
    /// The wrong password.
    #[error("authentication failed")]
    Password,
    /// `auth_type AH`.
    #[error("authentication header {0}")]
    Header(HeaderError),
    /// `auth_hmac`.
    #[error("HMAC trailer {0}")]
    Trailer(TrailerError),
    /// VRRPv2: not our interval (RFC 3768 §7.1). VRRPv3: 0, which would make a master of everybody (erratum 8301).
    #[error("advertisement interval {got}, expected {want}")]
    Interval {
        /// Field of the packet, in the unit of its version.
        got: u16,
        /// Field we send.
        want: u16,
    },
    /// Not an advertisement.
    #[error("type {0} is not ADVERTISEMENT")]
    Type(u8),
    /// The packet was cut short on its way to us.
    #[error("IP header claims {claimed} bytes, {got} came")]
    Claimed {
        /// Payload bytes by the IP header.
        claimed: usize,
        /// Payload bytes received.
        got: usize,
    },
    /// The checksum is wrong in every form that is accepted.
    #[error("checksum {got:#06x}, computed {want:#06x}")]
    Checksum {
        /// Field of the packet.
        got: u16,
        /// What we would have sent.
        want: u16,
    },
    /// Multicast to a unicast instance or the reverse.
    #[error("destination is not of this instance's kind")]
    Destination,
}

/// The fixed header, as it stands on the wire.
#[derive(Clone, Copy)]
struct Header {
    version: u8,
    kind: u8,
    vrid: u8,
    priority: u8,
    count: u8,
    /// VRRPv2: authentication type and seconds; VRRPv3: reserved nibble and centiseconds.
    fifth_and_sixth: u16,
    checksum: u16,
}

fn header(payload: &[u8]) -> Result<(&[u8], Header), DecodeError> {
    let mut fields = (be_u8::<&[u8], ()>, be_u8, be_u8, be_u8, be_u16, be_u16);
    let (rest, (first, vrid, priority, count, fifth_and_sixth, checksum)) =
        fields.parse(payload).map_err(|_| DecodeError::Truncated { got: payload.len(), need: HEADER_LEN })?;
    let header =
        Header { version: first >> 4, kind: first & 0x0f, vrid, priority, count, fifth_and_sixth, checksum };
    Ok((rest, header))
}

/// The virtual router that a packet speaks of, before anything else is checked.
///
/// # Errors
/// [`DecodeError::Truncated`] without a whole header, [`DecodeError::Vrid`] for 0.
pub fn vrid(payload: &[u8]) -> Result<Vrid, DecodeError> {
    let (_, header) = header(payload)?;
    Vrid::new(header.vrid).ok_or(DecodeError::Vrid(header.vrid))
}

/// Checks a packet against `demands`, in keepalived's order, so that a packet with several faults counts as the same one.
///
/// # Errors
/// The first demand that the packet does not meet.
pub fn decode<'a>(datagram: &Datagram<'a>, demands: &Demands<'_>) -> Result<Heard<'a>, DecodeError> {
    let (rest, header) = header(datagram.payload)?;
    let vrid = Vrid::new(header.vrid).ok_or(DecodeError::Vrid(header.vrid))?;
    check_presence(datagram, demands)?;
    let (message, trailer) = message(datagram.payload, &header, demands)?;
    check_hop_limit(datagram, demands)?;
    let want = demands.interval.version().number();
    if header.version != want {
        return Err(DecodeError::Version { got: header.version, want });
    }
    let mut freshness = check_trailer(datagram, demands, message, trailer)?;
    let list_len = usize::from(header.count) * demands.family.address_len();
    let (addresses, after_list) = rest.split_at(list_len);
    if demands.interval.version() == Version::V2 {
        check_type(header.fifth_and_sixth, &demands.proof)?;
        match demands.proof {
            // Over IPv6 the type is there, but no data.
            Proof::Pass(password) if demands.family == Family::V4 => check_password(password, after_list)?,
            Proof::Header { password, after } => freshness = check_header(datagram, &password, after)?,
            Proof::None | Proof::Pass(_) | Proof::Trailer(_) => {}
        }
    }
    let interval = interval(header.fifth_and_sixth, demands.interval)?;
    if header.kind != ADVERTISEMENT {
        return Err(DecodeError::Type(header.kind));
    }
    if datagram.claimed_len > datagram.payload.len() {
        return Err(DecodeError::Claimed { claimed: datagram.claimed_len, got: datagram.payload.len() });
    }
    let covered = if demands.family == Family::V6 { datagram.payload } else { message };
    let covered = if trailer.is_some() { covered } else { message };
    let form = check_checksum(covered, &header, datagram, demands)?;
    if datagram.destination.is_multicast() != demands.multicast {
        return Err(DecodeError::Destination);
    }
    Ok(Heard {
        vrid,
        priority: WirePriority::from_byte(header.priority),
        interval,
        form,
        freshness,
        family: demands.family,
        addresses,
    })
}

/// An authentication header is there exactly when it is asked for; another socket would have had the packet else.
fn check_presence(datagram: &Datagram<'_>, demands: &Demands<'_>) -> Result<(), DecodeError> {
    let wanted = matches!(demands.proof, Proof::Header { .. });
    if datagram.sealed.is_some() == wanted { Ok(()) } else { Err(DecodeError::Header(HeaderError::Presence)) }
}

/// The message without padding, and the trailer: their length must be what version and count say.
fn message<'a>(
    payload: &'a [u8],
    header: &Header,
    demands: &Demands<'_>,
) -> Result<(&'a [u8], Option<&'a [u8]>), DecodeError> {
    let family = demands.family;
    let authenticated = header.version == Version::V2.number() && family == Family::V4;
    let want = HEADER_LEN
        + usize::from(header.count) * family.address_len()
        + if authenticated { AUTH_DATA_LEN } else { 0 };
    let got = payload.len();
    match payload.split_at_checked(want) {
        Some((message, trailer))
            if matches!(demands.proof, Proof::Trailer(_)) && trailer.len() == hmac_trailer::LEN =>
        {
            Ok((message, Some(trailer)))
        }
        Some((message, _)) if got == want || is_padding(got, want, demands) => Ok((message, None)),
        Some(_) | None => Err(DecodeError::Length { got, want }),
    }
}

/// Short Ethernet and VLAN frames may carry padding inside the IP length: 2 bytes over a multiple of 4.
fn is_padding(got: usize, want: usize, demands: &Demands<'_>) -> bool {
    let ip_header = if demands.family == Family::V4 { IPV4_HEADER_LEN } else { 0 };
    let header = if matches!(demands.proof, Proof::Header { .. }) { authentication_header::LEN } else { 0 };
    want + ip_header + header < 46 && (got - want) % 4 == 2
}

/// RFC 9568 §7.1: only what has not been forwarded; unicast peers may be further away.
fn check_hop_limit(datagram: &Datagram<'_>, demands: &Demands<'_>) -> Result<(), DecodeError> {
    match datagram.hop_limit {
        Some(hops) if demands.multicast && hops != 255 => Err(DecodeError::HopLimit(hops)),
        Some(_) | None => Ok(()),
    }
}

/// `auth_hmac`; what it does not concern has no freshness.
fn check_trailer(
    datagram: &Datagram<'_>,
    demands: &Demands<'_>,
    message: &[u8],
    trailer: Option<&[u8]>,
) -> Result<Freshness, DecodeError> {
    match (demands.proof, trailer) {
        (Proof::Trailer(proof), Some(trailer)) => {
            let stamp = proof.check(datagram.source, message, trailer);
            stamp.map(Freshness::Stamp).map_err(DecodeError::Trailer)
        }
        (Proof::Trailer(proof), None) if !proof.may_be_missing => {
            Err(DecodeError::Trailer(TrailerError::Missing))
        }
        _ => Ok(Freshness::None),
    }
}

/// RFC 2338 §5.3.6; IPv6 VRRPv2 packets carry the type but no data.
fn check_type(type_and_interval: u16, proof: &Proof<'_>) -> Result<(), DecodeError> {
    let [got, _] = type_and_interval.to_be_bytes();
    let want = proof.kind();
    if got > 2 {
        return Err(DecodeError::AuthenticationType(got));
    }
    if got != want { Err(DecodeError::AuthenticationMismatch { got, want }) } else { Ok(()) }
}

fn check_password(password: [u8; AUTH_DATA_LEN], after_list: &[u8]) -> Result<(), DecodeError> {
    match after_list.first_chunk() {
        Some(data) if same_in_constant_time(&password, data) => Ok(()),
        Some(_) | None => Err(DecodeError::Password),
    }
}

fn check_header(
    datagram: &Datagram<'_>,
    password: &[u8; AUTH_DATA_LEN],
    after: u32,
) -> Result<Freshness, DecodeError> {
    let sealed = datagram.sealed.ok_or(DecodeError::Header(HeaderError::Presence))?;
    let sequence = authentication_header::check(&sealed, password, after);
    sequence.map(Freshness::Sequence).map_err(DecodeError::Header)
}

/// VRRPv2: the sender's must be ours. VRRPv3: any but 0; the reserved nibble is ignored (RFC 9568 §5.2.6).
fn interval(field: u16, own: AdvertInterval) -> Result<AdvertInterval, DecodeError> {
    match own {
        AdvertInterval::V2(seconds) => {
            let [_, got] = field.to_be_bytes();
            let want = u16::from(seconds.get());
            match Seconds::new(got) {
                Some(heard) if heard == seconds => Ok(own),
                Some(_) | None => Err(DecodeError::Interval { got: u16::from(got), want }),
            }
        }
        AdvertInterval::V3(centiseconds) => Centiseconds::new(field & Centiseconds::MAX)
            .map(AdvertInterval::V3)
            .ok_or(DecodeError::Interval { got: 0, want: centiseconds.get() }),
    }
}

/// IPv4 VRRPv3 is accepted in every form that is in use: the field's routers read RFC 5798 in two ways.
fn check_checksum(
    covered: &[u8],
    header: &Header,
    datagram: &Datagram<'_>,
    demands: &Demands<'_>,
) -> Result<ChecksumForm, DecodeError> {
    let alone = Sum::default().add(covered);
    let with_pseudo = alone.pseudo_header(datagram.source, datagram.destination, covered.len());
    let message_only = demands.family == Family::V4 && demands.interval.version() == Version::V2;
    let any_form = demands.family == Family::V4 && demands.interval.version() == Version::V3;
    let usual = if message_only { alone } else { with_pseudo };
    if usual.is_right() {
        return Ok(ChecksumForm::PseudoHeader);
    }
    if any_form && alone.is_right() {
        return Ok(ChecksumForm::MessageOnly);
    }
    let to_group = |group: &Ipv4Addr| {
        any_form && alone.pseudo_header(datagram.source, IpAddr::V4(*group), covered.len()).is_right()
    };
    if let Some(group) = demands.old_group.filter(to_group) {
        return Ok(ChecksumForm::GroupHeader(group));
    }
    // Taking the field out of the sum again leaves what the sender should have written.
    let without_field = usual.add(&(!header.checksum).to_be_bytes());
    Err(DecodeError::Checksum { got: header.checksum, want: without_field.checksum() })
}

#[cfg(test)]
#[path = "vrrp_tests.rs"]
mod tests;
