//! Notices of routes and rules that somebody else removed.

use std::collections::VecDeque;
use std::io;

use rtnetlink::packet_core::NetlinkPayload;
use rtnetlink::packet_route::RouteNetlinkMessage;
use tracing::warn;

use super::super::netlink::{HEADER, Notice, Requests, Subscription, parse, raw_messages};
use super::super::{route, rule};
use super::FAMILIES;
use super::installed::Installed;
use crate::config::model::Route;
use crate::vrrp::Routing;

/// Routes and rules of both families; the last one's bit has no name in libc.
const GROUPS: u32 = libc::RTMGRP_IPV4_ROUTE.cast_unsigned()
    | libc::RTMGRP_IPV6_ROUTE.cast_unsigned()
    | 1 << (libc::RTNLGRP_IPV4_RULE - 1)
    | 1 << (libc::RTNLGRP_IPV6_RULE - 1);

/// Where in a message its type, its sender and, of a route, the routing protocol stand.
const KIND: usize = 4;
const PORT: usize = 12;
const PROTOCOL: usize = HEADER + 5;

/// The subscription, while anybody cares.
pub(super) struct Watch {
    subscription: Option<Subscription>,
    /// Where our own requests come from; what they remove is no news.
    own_port: u32,
    gone: VecDeque<Routing>,
}

impl Watch {
    pub(super) fn new(own_port: u32) -> Self {
        Self { subscription: None, own_port, gone: VecDeque::new() }
    }

    pub(super) fn switch(&mut self, on: bool) -> io::Result<()> {
        match (on, &self.subscription) {
            (true, None) => self.subscription = Some(Subscription::new(GROUPS)?),
            (false, Some(_)) => self.subscription = None,
            (true, Some(_)) | (false, None) => {}
        }
        Ok(())
    }

    pub(super) async fn readable(&self) -> io::Result<()> {
        match &self.subscription {
            Some(subscription) => subscription.readable().await,
            None => std::future::pending().await,
        }
    }

    /// The next that is known to be gone.
    pub(super) fn next(
        &mut self,
        requests: &mut Requests,
        installed: &mut Installed,
    ) -> io::Result<Option<Routing>> {
        while self.gone.is_empty() {
            let Some(subscription) = &mut self.subscription else { return Ok(None) };
            match subscription.receive()? {
                Notice::Datagram(datagram) => {
                    let news = raw_messages(datagram).filter(|message| may_concern(message, self.own_port));
                    for message in news.filter_map(parse) {
                        if let NetlinkPayload::InnerMessage(told) = message.payload {
                            self.gone.extend(installed.take(&told).filter(Routing::is_tracked));
                        }
                    }
                }
                Notice::Lost => {
                    warn!("netlink notices were lost, reading routes and rules again");
                    subscription.discard()?;
                    let gone = read_again(requests, installed)?;
                    self.gone.extend(gone.into_iter().filter(Routing::is_tracked));
                }
                Notice::Nothing => return Ok(None),
            }
        }
        Ok(self.gone.pop_front())
    }
}

/// Reads all tables; what is not in them any more is gone.
fn read_again(requests: &mut Requests, installed: &mut Installed) -> io::Result<Vec<Routing>> {
    if installed.is_empty() {
        return Ok(Vec::new());
    }
    for family in FAMILIES {
        let routes = RouteNetlinkMessage::GetRoute(route::request(family));
        let rules = RouteNetlinkMessage::GetRule(rule::request(family));
        for request in [routes, rules] {
            requests.dump(&request)?.iter().for_each(|entry| installed.see(entry));
        }
    }
    Ok(installed.take_unseen())
}

/// Whether a message may be about something of ours, by a look at its first bytes: routing daemons change thousands of
/// routes, of other protocols.
fn may_concern(message: &[u8], own_port: u32) -> bool {
    let kind = message.get(KIND..KIND + 2).and_then(|bytes| Some(u16::from_ne_bytes(bytes.try_into().ok()?)));
    let port = message.get(PORT..PORT + 4).and_then(|bytes| Some(u32::from_ne_bytes(bytes.try_into().ok()?)));
    if port == Some(own_port) {
        return false;
    }
    match kind {
        Some(libc::RTM_DELROUTE) => message.get(PROTOCOL) == Some(&Route::KEEPALIVED),
        Some(libc::RTM_DELRULE) => true,
        _ => false,
    }
}
