//! What an instance must remember so that its adverts are believed and old ones are not.
//!
//! `auth_type AH`: one sequence number for everybody who sends, as keepalived has it: whoever becomes master goes on
//! from the last one heard. `auth_hmac`: stamps of the wall clock, one mark for each sender.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::replay_marks::Marks;
use crate::config::model::{self, HmacMode, Transport, VrrpInstance};
use crate::packet::{Authentication, Freshness, HeaderSeal, Proof, Stamp, TrailerKey, TrailerProof};
use crate::units::Instant;

/// Sequence numbers that a successor leaves out, so that it repeats none that its predecessor may have used.
const RESERVE: u32 = 1024;
/// Sequence numbers heard after which a successor should know of them.
const HEARD_A_REPORT: u32 = 64;
/// Time after which a successor should know of new marks.
const MARKS_LAST: Duration = Duration::from_secs(10);

/// What a successor must know of the packets of its predecessor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// No sequence number above this one has been sent.
    sent_at_most: u32,
    /// At least this sequence number has been heard or sent.
    last_at_least: u32,
    /// The last stamp sent.
    sent: Option<Stamp>,
    /// The last stamps heard.
    marks: Vec<(IpAddr, Stamp)>,
}

/// The authentication of one instance with what it remembers.
#[derive(Clone, Debug)]
pub(super) struct Authenticity {
    kind: Kind,
    /// Wall-clock time, since the Unix epoch, at [`Instant::ZERO`].
    unix_at_zero: Duration,
    /// The `sent_at_most` and `last_at_least` that a successor was told.
    told: (u32, u32),
    told_at: Instant,
}

#[derive(Clone, Debug)]
enum Kind {
    Plain(Authentication),
    Header(Header),
    Trailer(Trailer),
}

/// `auth_type AH`.
#[derive(Clone, Copy, Debug)]
struct Header {
    seal: HeaderSeal,
    /// Numbers up to this one may have been used by a predecessor.
    skip_to: u32,
    /// Nothing has been sent or heard: nobody knows what an earlier run counted up to.
    is_fresh: bool,
}

/// `auth_hmac`.
#[derive(Clone, Debug)]
struct Trailer {
    keys: Vec<Arc<TrailerKey>>,
    signs_with: Option<Arc<TrailerKey>>,
    may_be_missing: bool,
    window: Option<Duration>,
    sent: Option<Stamp>,
    marks: Marks,
}

impl Authenticity {
    /// At the start, when nothing has been sent or heard.
    pub(super) fn new(settings: &VrrpInstance) -> Self {
        Self { kind: Kind::new(settings), unix_at_zero: Duration::ZERO, told: (0, 0), told_at: Instant::ZERO }
    }

    /// Takes over what a predecessor knew.
    pub(super) fn remember(&mut self, memory: &Memory) {
        match &mut self.kind {
            Kind::Plain(_) => {}
            Kind::Header(header) => {
                header.skip_to = memory.sent_at_most;
                header.is_fresh &= memory.sent_at_most == 0;
                header.seal.sequence = memory.last_at_least;
            }
            Kind::Trailer(trailer) => {
                trailer.sent = memory.sent;
                memory.marks.iter().for_each(|(from, stamp)| trailer.marks.set(*from, *stamp));
            }
        }
        self.told = (memory.sent_at_most, memory.last_at_least);
    }

    /// Goes on with other settings; what was sent and heard stays known.
    pub(super) fn reconfigure(&mut self, settings: &VrrpInstance) {
        let memory = self.memory();
        let before = std::mem::replace(&mut self.kind, Kind::new(settings));
        self.remember(&memory);
        if let (Kind::Header(header), Kind::Header(before)) = (&mut self.kind, before) {
            // Nothing is in doubt: it is the same process.
            header.skip_to = before.skip_to;
            header.is_fresh = before.is_fresh;
        }
    }

    /// The wall clock was set: `unix_at_zero` is its time at [`Instant::ZERO`].
    pub(super) fn set_clock(&mut self, unix_at_zero: Duration) {
        self.unix_at_zero = unix_at_zero;
    }

    /// What a packet from `from` must show; `own` is the address that we send from.
    pub(super) fn proof(&self, now: Instant, from: IpAddr, own: Option<IpAddr>) -> Proof<'_> {
        match &self.kind {
            Kind::Plain(Authentication::Pass(password)) => Proof::Pass(*password),
            Kind::Plain(_) => Proof::None,
            Kind::Header(Header { seal, .. }) => {
                Proof::Header { password: seal.password, after: seal.sequence }
            }
            Kind::Trailer(trailer) => Proof::Trailer(TrailerProof {
                keys: &trailer.keys,
                unix: self.unix(now),
                window: trailer.window,
                // A packet of ours that comes back is no news.
                after: if Some(from) == own { trailer.sent } else { trailer.marks.of(from) },
                may_be_missing: trailer.may_be_missing,
            }),
        }
    }

    /// An advert was accepted.
    pub(super) fn heard(&mut self, from: IpAddr, freshness: Freshness) {
        match (&mut self.kind, freshness) {
            (Kind::Header(header), Freshness::Sequence(sequence)) => {
                header.seal.sequence = sequence;
                header.is_fresh = false;
            }
            (Kind::Trailer(trailer), Freshness::Stamp(stamp)) => trailer.marks.set(from, stamp),
            _ => {}
        }
    }

    /// The authentication of the next advert; the copies of one advert share it.
    pub(super) fn next(&mut self, now: Instant) -> Authentication {
        let (unix, knows_the_time) = (self.unix(now), !self.unix_at_zero.is_zero());
        match &mut self.kind {
            Kind::Plain(authentication) => authentication.clone(),
            Kind::Header(header) => {
                let last = header.seal.sequence.max(header.skip_to).max(header.first(unix, knows_the_time));
                header.seal.sequence = last.saturating_add(1);
                header.is_fresh = false;
                Authentication::Header(header.seal)
            }
            Kind::Trailer(trailer) => trailer.next(unix),
        }
    }

    /// Whether the sender's clock is further from ours than half of what is tolerated.
    pub(super) fn is_skewed(&self, now: Instant, freshness: Freshness) -> bool {
        match (&self.kind, freshness) {
            (Kind::Trailer(Trailer { window: Some(window), .. }), Freshness::Stamp(stamp)) => {
                !stamp.is_within(*window / 2, self.unix(now))
            }
            _ => false,
        }
    }

    /// Whether trailers are looked for.
    pub(super) fn has_trailers(&self) -> bool {
        matches!(self.kind, Kind::Trailer(_))
    }

    /// Whether a successor must hear of what was sent or heard since the last time that this was answered with yes.
    pub(super) fn is_worth_telling(&mut self, now: Instant) -> bool {
        let worth = match &self.kind {
            Kind::Plain(_) => false,
            Kind::Header(header) => {
                let (last, (sent_at_most, last_at_least)) = (header.seal.sequence, self.told);
                // Told early enough to arrive before the reserve is used up.
                last.saturating_add(RESERVE / 2) > sent_at_most
                    || last.saturating_sub(last_at_least) >= HEARD_A_REPORT
            }
            Kind::Trailer(_) => now.since(self.told_at) >= MARKS_LAST,
        };
        if worth {
            self.told_at = now;
            if let Kind::Header(header) = &self.kind {
                self.told = header.memory();
            }
        }
        worth
    }

    /// What a successor must know.
    pub(super) fn memory(&self) -> Memory {
        match &self.kind {
            Kind::Plain(_) => Memory::default(),
            Kind::Header(header) => {
                let (sent_at_most, last_at_least) = header.memory();
                Memory { sent_at_most, last_at_least, ..Memory::default() }
            }
            Kind::Trailer(trailer) => {
                Memory { sent: trailer.sent, marks: trailer.marks.iter().collect(), ..Memory::default() }
            }
        }
    }

    fn unix(&self, now: Instant) -> Duration {
        self.unix_at_zero + now.since(Instant::ZERO)
    }
}

impl Kind {
    fn new(settings: &VrrpInstance) -> Self {
        match &settings.authentication {
            model::Authentication::None => Self::Plain(Authentication::None),
            model::Authentication::Pass(password) => {
                Self::Plain(Authentication::Pass(*password.wire_bytes()))
            }
            model::Authentication::Ah(password) => Self::Header(Header {
                seal: HeaderSeal { password: *password.wire_bytes(), sequence: 0 },
                skip_to: 0,
                is_fresh: true,
            }),
            model::Authentication::Hmac(hmac) => Self::Trailer(Trailer::new(hmac, &settings.transport)),
        }
    }
}

impl Header {
    /// Where to begin: the seconds of the Unix epoch are more than an earlier run counted up to, so that those who
    /// heard that one believe us. keepalived begins with 1.
    fn first(&self, unix: Duration, knows_the_time: bool) -> u32 {
        let seconds = u32::try_from(unix.as_secs()).unwrap_or(0);
        if self.is_fresh && knows_the_time { seconds } else { 0 }
    }

    /// The `sent_at_most` and `last_at_least` of a [`Memory`].
    fn memory(&self) -> (u32, u32) {
        let last = self.seal.sequence;
        (last.max(self.skip_to).saturating_add(RESERVE), last)
    }
}

impl Trailer {
    fn new(hmac: &model::Hmac, transport: &Transport) -> Self {
        let keys: Vec<_> =
            hmac.keys.iter().map(|key| Arc::new(TrailerKey::new(key.id, &key.secret))).collect();
        let active = keys.iter().find(|key| key.id() == hmac.active).cloned();
        Self {
            signs_with: active.filter(|_| hmac.mode != HmacMode::ReceiveOnly),
            keys,
            may_be_missing: hmac.mode != HmacMode::Enforce,
            window: hmac.window,
            sent: None,
            marks: match transport {
                Transport::Multicast { .. } => Marks::of_a_group(),
                Transport::Unicast(unicast) => Marks::of_peers(unicast.peers.len()),
            },
        }
    }

    fn next(&mut self, unix: Duration) -> Authentication {
        let Some(key) = &self.signs_with else { return Authentication::None };
        let of_the_clock = Stamp::at(unix);
        // A stamp far ahead of a clock that was put back would be refused by everybody.
        let usable = |sent: &Stamp| self.window.is_none_or(|window| sent.is_within(window, unix));
        let stamp = match self.sent.filter(usable) {
            Some(sent) if !of_the_clock.is_after(sent) => sent.next(),
            Some(_) | None => of_the_clock,
        };
        self.sent = Some(stamp);
        Authentication::Trailer(key.clone(), stamp)
    }
}

#[cfg(test)]
#[path = "authenticity_tests.rs"]
mod tests;
