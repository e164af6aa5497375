//! What the engine hears of.

use std::time::Duration;

use super::{InstanceId, Listen, ScriptId};
use std::sync::Arc;

use crate::config::model::{Model, OwnInterface, TrackProcess};
use crate::packet::Datagram;
use crate::track::{Link, LinkAddress, Outcome};
use crate::units::IfIndex;
use crate::vrrp::{Past, Routing};

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
    /// A route or rule that an action put in place and that is tracked is gone, and not because an action removed it.
    RoutingGone(Box<Routing>),
    /// A run of a check ended.
    ScriptEnded(ScriptId, Outcome),
    /// The number in a file that is tracked; 0 when there is no such file.
    File {
        /// `file` of its block.
        path: String,
        /// The number.
        value: i32,
    },
    /// How many processes run that a `vrrp_track_process` asks for; told ahead of the reload that brings it.
    Processes {
        /// The block.
        of: Arc<TrackProcess>,
        /// How many.
        count: u32,
    },
    /// A socket was opened: what comes in there will be told.
    Listening(Listen),
    /// A socket could not be opened or broke: nothing can be heard there.
    ListenFailed(Listen),
    /// An advert of this instance could not be sent.
    SendFailed(InstanceId),
    /// The wall clock was set: its time since the Unix epoch at [`crate::units::Instant::ZERO`].
    Clock(Duration),
    /// Run this configuration from now on.
    Reload(Box<Model>),
    /// Give everything up.
    Stop,
}
