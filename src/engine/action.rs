//! What the engine orders.

use std::net::IpAddr;
use std::sync::Arc;

use super::Make;
use crate::config::model::{OwnInterface, VrrpScript};
use crate::track::ScriptAction;
use crate::units::{Family, IfIndex};
use crate::vrrp::{self, Places};

/// Number of an instance or of a sync group, which has hooks too; never used again after a reload removed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(pub u32);

/// Number of a check; never used again after a reload removed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScriptId(pub u32);

/// An order to the hands. What came of it returns as an [`super::Event`].
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Start to receive there.
    Listen(Listen),
    /// No instance listens there any more.
    Unlisten(Listen),
    /// What comes in there waits in a buffer of this many bytes.
    ReceiveBuffer(Listen, u32),
    /// Make an interface of our own, or make it right.
    MakeInterface(Make),
    /// Nobody needs this interface any more.
    RemoveInterface(Arc<OwnInterface>),
    /// An order of one instance.
    Vrrp(InstanceId, vrrp::Action),
    /// Put these static addresses in place, then routes and rules; what is there already is adopted.
    KeepStatics(Places),
    /// Take these static rules and routes away, then addresses; what is not there is no error.
    DropStatics(Places),
    /// An order concerning one check.
    Script(ScriptId, Arc<VrrpScript>, ScriptAction),
}

/// Where packets are received: one socket serves all instances with the same value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listen {
    /// Address family.
    pub family: Family,
    /// With an authentication header (IP protocol 51) or without (112).
    pub sealed: bool,
    /// Interface that packets must come in by; `None` for any (unicast without `interface`).
    pub interface: Option<IfIndex>,
    /// Group or own address.
    pub to: ListenTo,
}

/// What a receive socket is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListenTo {
    /// A multicast group, joined on the interface.
    Group(IpAddr),
    /// A unicast address of this host, which need not exist yet.
    Unicast(IpAddr),
}
