//! Who reaches whom, and what happens to a packet on its way.

use std::net::IpAddr;
use std::time::Duration;

use vrrpd::packet::authentication_header::{IP_HEADER, LEN};
use vrrpd::packet::{Advert, Authentication, ChecksumForm, Datagram, SealedPacket};
use vrrpd::units::AdvertInterval;

use crate::rng::Rng;

/// A VRRP packet on the wire, with what its sender meant by it.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) hop_limit: Option<u8>,
    pub(crate) payload: Vec<u8>,
    /// IP header and authentication header, where there is the second.
    pub(crate) headers: Option<([u8; IP_HEADER], [u8; LEN])>,
    pub(crate) said: Said,
}

/// What a packet says, known without reading it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    /// The node that sent it; an injected packet has none.
    pub(crate) by: Option<usize>,
    /// Priority on the wire.
    pub(crate) priority: u8,
    pub(crate) interval: AdvertInterval,
    /// It breaks a rule: nobody may care.
    pub(crate) wrong: bool,
}

impl Packet {
    /// `advert` as a daemon sends it.
    pub(crate) fn of(
        advert: &Advert,
        authentication: &Authentication,
        [source, destination]: [IpAddr; 2],
        hop_limit: Option<u8>,
        said: Said,
    ) -> Self {
        let form = ChecksumForm::PseudoHeader;
        let mut payload = Vec::with_capacity(96);
        advert.encode(authentication, form, source, destination, &mut payload);
        let mut headers = None;
        if let (Authentication::Header(seal), IpAddr::V4(from), IpAddr::V4(to)) =
            (authentication, source, destination)
        {
            let mut whole = vec![0; IP_HEADER + LEN];
            (whole[0], whole[8]) = (0x45, hop_limit.unwrap_or(64));
            whole[12..16].copy_from_slice(&from.octets());
            whole[16..20].copy_from_slice(&to.octets());
            whole.extend(&payload);
            seal.fill(&mut whole);
            let (ip, rest) = whole.split_first_chunk().unwrap();
            headers = Some((*ip, *rest.first_chunk().unwrap()));
        }
        Self { source, destination, hop_limit, payload, headers, said }
    }

    pub(crate) fn datagram(&self) -> Datagram<'_> {
        Datagram {
            source: self.source,
            destination: self.destination,
            hop_limit: self.hop_limit,
            claimed_len: self.payload.len(),
            payload: &self.payload,
            sealed: self.headers.as_ref().map(|(ip_header, header)| SealedPacket {
                ip_header,
                ip_options: &[],
                header,
                message: &self.payload,
            }),
        }
    }
}

/// The wire between all nodes.
pub(crate) struct Network {
    /// Of a thousand packets, how many get lost.
    pub(crate) loss: u64,
    /// Of a thousand packets, how many come twice.
    pub(crate) duplication: u64,
    pub(crate) delay: Duration,
    /// Added to the delay at random, so packets may overtake each other.
    pub(crate) jitter: Duration,
    /// By sender, then receiver.
    cut: Vec<Vec<bool>>,
}

impl Network {
    /// Loses nothing; a packet takes 0.1 ms.
    pub(crate) fn new(nodes: usize) -> Self {
        Self {
            loss: 0,
            duplication: 0,
            delay: Duration::from_micros(100),
            jitter: Duration::ZERO,
            cut: vec![vec![false; nodes]; nodes],
        }
    }

    pub(crate) fn cut(&mut self, from: usize, to: usize) {
        self.cut[from][to] = true;
    }

    /// Only nodes that stand together in one of `islands` reach each other.
    pub(crate) fn partition(&mut self, islands: &[&[usize]]) {
        let together = |a, b| islands.iter().any(|island| island.contains(&a) && island.contains(&b));
        for (from, row) in self.cut.iter_mut().enumerate() {
            for (to, cut) in row.iter_mut().enumerate() {
                *cut = !together(from, to);
            }
        }
    }

    pub(crate) fn heal(&mut self) {
        self.cut.iter_mut().flatten().for_each(|cut| *cut = false);
    }

    pub(crate) fn reaches(&self, from: usize, to: usize) -> bool {
        !self.cut[from][to]
    }

    pub(crate) fn is_lossless(&self) -> bool {
        self.loss == 0
    }

    /// How long each copy of a packet takes that is sent now; none when it is lost.
    pub(crate) fn journeys(&self, rng: &mut Rng) -> impl Iterator<Item = Duration> {
        let first = (!rng.chance(self.loss)).then(|| self.delay + rng.up_to(self.jitter));
        let second = first.filter(|_| rng.chance(self.duplication));
        let again = second.map(|_| self.delay + rng.up_to(self.jitter));
        first.into_iter().chain(again)
    }
}
