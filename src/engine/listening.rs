//! Where instances listen, and whom a packet is for.

use std::net::IpAddr;
use std::time::Duration;

use tracing::{info, warn};

use super::engine::{Engine, Router};
use super::{Action, Listen, assess};
use crate::config::model::Transport;
use crate::packet::{Datagram, vrrp::vrid};
use crate::units::{Instant, Vrid};
use crate::vrrp::{self, StepDown};

/// How long to wait before a socket that could not be opened is tried again.
const LISTEN_RETRY: Duration = Duration::from_secs(1);

impl Engine {
    pub(super) fn packet(
        &mut self,
        now: Instant,
        listen: Listen,
        datagram: &Datagram<'_>,
        out: &mut Vec<Action>,
    ) {
        let Ok(vrid) = vrid(datagram.payload) else {
            self.malformed += 1;
            return;
        };
        match self.addressee(listen, vrid, datagram.source) {
            Some(slot) => {
                let how = StepDown::Silent;
                self.order_member(now, slot, how, out, |instance, orders| {
                    instance.hear(now, datagram, orders)
                });
            }
            None => {
                self.unknown_vrids += 1;
                if self.model.global.log_unknown_vrids && self.unknown_vrids.is_power_of_two() {
                    info!("Unknown VRID({vrid}) received from {}. ignoring...", datagram.source);
                }
            }
        }
    }

    /// Unicast instances may share a VRID and a socket; then the one that has the sender as a peer is meant.
    fn addressee(&self, listen: Listen, vrid: Vrid, source: IpAddr) -> Option<usize> {
        let here = |slot: &&usize| self.routers[**slot].listen == Some(listen);
        let has_peer = |slot: &&usize| match &self.routers[**slot].instance.settings().transport {
            Transport::Unicast(unicast) => unicast.peers.iter().any(|peer| peer.address == source),
            Transport::Multicast { .. } => true,
        };
        let candidates = self.index.by_vrid.get(&vrid)?;
        let mut those_here = candidates.iter().filter(here);
        those_here.clone().find(has_peer).or_else(|| those_here.next()).copied()
    }

    pub(super) fn listen_failed(&mut self, now: Instant, listen: Listen, out: &mut Vec<Action>) {
        warn!(?listen, "cannot receive; trying again every second");
        self.listeners.remove(&listen);
        for slot in 0..self.routers.len() {
            if self.routers[slot].listen == Some(listen) {
                self.routers[slot].listen = None;
                self.routers[slot].deaf_until = Some(now + LISTEN_RETRY);
                self.reassess(now, slot, out);
            }
        }
    }

    /// The instance stays in FAULT until [`Event::Listening`] says that the new attempt went well.
    pub(super) fn listen_again(&mut self, now: Instant, slot: usize, out: &mut Vec<Action>) {
        self.routers[slot].deaf_until = Some(now + LISTEN_RETRY);
        out.extend(self.wanted(slot).map(Action::Listen));
    }

    pub(super) fn listening(&mut self, now: Instant, listen: Listen, out: &mut Vec<Action>) {
        // Open already: whoever takes it up must not order it again.
        self.listeners.entry(listen).or_insert(0);
        for slot in 0..self.routers.len() {
            if self.routers[slot].deaf_until.is_some() && self.wanted(slot) == Some(listen) {
                self.routers[slot].deaf_until = None;
                self.reassess(now, slot, out);
            }
        }
        if self.listeners.get(&listen) == Some(&0) {
            self.listeners.remove(&listen);
            out.push(Action::Unlisten(listen));
        }
    }

    /// Where the instance in `slot` would listen if it could.
    fn wanted(&self, slot: usize) -> Option<Listen> {
        let path = self.assess(slot).path?;
        Some(assess::listen(self.routers[slot].instance.settings(), &path))
    }

    /// Who can be heard follows the path; a socket stays open while anybody listens there.
    pub(super) fn set_listen(&mut self, slot: usize, now_is: &vrrp::Circumstances, out: &mut Vec<Action>) {
        let router = &mut self.routers[slot];
        let wanted = match (&now_is.path, router.deaf_until) {
            (Some(path), None) => Some(assess::listen(router.instance.settings(), path)),
            _ => None,
        };
        let before = std::mem::replace(&mut router.listen, wanted);
        if before == wanted {
            return;
        }
        if let Some(listen) = wanted {
            let count = self.listeners.entry(listen).or_insert_with(|| {
                out.push(Action::Listen(listen));
                0
            });
            *count += 1;
        }
        before.into_iter().for_each(|listen| self.unlisten(listen, out));
        self.size_buffer(slot, out);
    }

    /// The instances of one socket share its buffer: what they ask for adds up.
    pub(super) fn size_buffer(&self, slot: usize, out: &mut Vec<Action>) {
        let asks = |router: &Router| router.instance.settings().receive_buffer;
        if let (Some(listen), Some(_)) = (self.routers[slot].listen, asks(&self.routers[slot])) {
            let there = self.routers.iter().filter(|router| router.listen == Some(listen));
            let bytes = there.filter_map(asks).fold(0, u32::saturating_add);
            out.push(Action::ReceiveBuffer(listen, bytes));
        }
    }

    pub(super) fn unlisten(&mut self, listen: Listen, out: &mut Vec<Action>) {
        let Some(count) = self.listeners.get_mut(&listen) else { return };
        *count -= 1;
        if *count == 0 {
            self.listeners.remove(&listen);
            out.push(Action::Unlisten(listen));
        }
    }
}
