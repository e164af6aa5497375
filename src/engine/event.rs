//! What the engine hears of.

use super::{InstanceId, Listen, ScriptId};
use crate::config::model::Model;
use crate::packet::Datagram;
use crate::track::{Link, LinkAddress, Outcome};
use crate::units::IfIndex;

/// A fact. The time at which it happened goes with it.
#[derive(Debug)]
pub enum Event<'a> {
    /// The deadline of the engine has passed.
    Due,
    /// A packet came in; everything that waits in a socket is told before any [`Event::Due`].
    Packet(Listen, Datagram<'a>),
    /// An interface exists or changed.
    Link(Link),
    /// An interface is gone.
    LinkGone(IfIndex),
    /// An address exists or changed.
    Address(LinkAddress),
    /// An address is gone, and not because an action removed it.
    AddressGone(LinkAddress),
    /// A run of a check ended.
    ScriptEnded(ScriptId, Outcome),
    /// A socket could not be opened.
    ListenFailed(Listen),
    /// An advert could not be sent.
    SendFailed(InstanceId),
    /// Run this configuration from now on.
    Reload(Box<Model>),
    /// Give everything up.
    Stop,
}
