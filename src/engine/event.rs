//! What the engine hears of.

use super::{InstanceId, Listen, ScriptId};
use crate::config::model::{Model, OwnInterface};
use crate::packet::Datagram;
use crate::track::{Link, LinkAddress, Outcome};
use crate::units::IfIndex;
use crate::vrrp::Past;

/// A fact. The time at which it happened goes with it.
#[derive(Debug)]
pub enum Event<'a> {
    /// These interfaces will be wanted by what follows, [`Event::Start`] or [`Event::Reload`]: make them now, so that
    /// no instance begins without.
    Prepare(&'a [OwnInterface]),
    /// Every link and address that exists has been told: begin, where a predecessor left off if there was one.
    Start(&'a [Past]),
    /// The deadline of the engine has passed.
    Due,
    /// A packet came in; everything that waits in a socket is told before any [`Event::Due`].
    Packet(Listen, Datagram<'a>),
    /// An interface exists or changed.
    Link(Link),
    /// An interface is gone, and with it its addresses.
    LinkGone(IfIndex),
    /// An address exists or changed.
    Address(LinkAddress),
    /// An address is gone, and not because an action removed it.
    AddressGone(LinkAddress),
    /// A run of a check ended.
    ScriptEnded(ScriptId, Outcome),
    /// A socket was opened: what comes in there will be told.
    Listening(Listen),
    /// A socket could not be opened or broke: nothing can be heard there.
    ListenFailed(Listen),
    /// An advert of this instance could not be sent.
    SendFailed(InstanceId),
    /// Run this configuration from now on.
    Reload(Box<Model>),
    /// Give everything up.
    Stop,
}
