//! All hands of the worker under one roof: an action goes in, what came of it comes out as an event.

use std::io;
use std::time::Duration;

use tracing::{error, warn};

use crate::config::model::OwnInterface;
use crate::engine::{Action, Event, InstanceId, Listen, Make};
use crate::kernel::{
    self, AddressError, Addresses, Announcer, ChangedSetting, OwnInterfaces, OwnRemovals, VrrpSockets,
};
use crate::notify::Hooks;
use crate::report::Limiter;
use crate::script::{Clearances, Runner};
use crate::track::ScriptAction;
use crate::units::{IfName, Instant};
use crate::vrrp::{PlacedAddress, Transmission};

use super::backlog::{Backlog, Slice};

/// Log lines about failed adverts, per instance and per this much time.
const SEND_ERRORS: (u32, Duration) = (1, Duration::from_secs(10));

/// Log lines about an interface that cannot be made, per interface and per this much time.
const OWN_ERRORS: (u32, Duration) = (1, Duration::from_secs(60));

/// Everything that acts on the host.
pub(super) struct Hands {
    pub(super) sockets: VrrpSockets,
    addresses: Addresses,
    pub(super) own_interfaces: OwnInterfaces,
    announcer: Announcer,
    pub(super) scripts: Runner,
    pub(super) hooks: Hooks,
    send_errors: Limiter<InstanceId>,
    own_errors: Limiter<IfName>,
    backlog: Backlog,
}

impl Hands {
    /// Opens what needs opening. Needs the runtime.
    ///
    /// # Errors
    /// The kernel's refusal of a socket, for want of CAP_NET_RAW or CAP_NET_ADMIN among others.
    pub(super) fn new(
        clearances: Clearances,
        changed: Vec<ChangedSetting>,
        own: OwnRemovals,
    ) -> io::Result<Self> {
        let mut addresses = Addresses::new(own)?;
        addresses.check_permission()?;
        Ok(Self {
            sockets: VrrpSockets::new()?,
            addresses,
            own_interfaces: OwnInterfaces::new(changed)?,
            announcer: Announcer::new()?,
            hooks: Hooks::new(clearances.clone()),
            scripts: Runner::new(clearances),
            send_errors: Limiter::new(SEND_ERRORS.0, SEND_ERRORS.1),
            own_errors: Limiter::new(OWN_ERRORS.0, OWN_ERRORS.1),
            backlog: Backlog::default(),
        })
    }

    /// Prepares for the scripts of a new configuration.
    pub(super) fn reload(&mut self, clearances: Clearances) {
        self.hooks.set_clearances(clearances.clone());
        self.scripts.set_clearances(clearances);
    }

    /// Does what `action` says, or puts it on the list of [`Self::work`]: addresses and what follows them.
    pub(super) fn perform(&mut self, action: Action) -> Option<Event<'static>> {
        match action {
            Action::Listen(listen) => Some(self.listen(listen)),
            Action::Unlisten(listen) => {
                self.sockets.unlisten(&listen);
                None
            }
            // At once: until it is there an instance can do nothing.
            Action::MakeInterface(make) => {
                self.make_interface(&make);
                None
            }
            Action::RemoveInterface(own) => {
                self.backlog.push_removal(own);
                None
            }
            Action::Vrrp(id, action) => {
                let transmission = self.backlog.push(id, action)?;
                self.send(id, &transmission)
            }
            Action::Script(id, script, action) => {
                match action {
                    ScriptAction::Run => self.scripts.run(id, &script),
                    ScriptAction::Kill(signal) => self.scripts.kill(id, signal),
                }
                None
            }
        }
    }

    fn listen(&mut self, listen: Listen) -> Event<'static> {
        match self.sockets.listen(&listen) {
            Ok(()) => Event::Listening(listen),
            Err(error) => {
                error!(?listen, "cannot open a receive socket: {error}");
                Event::ListenFailed(listen)
            }
        }
    }

    /// Works off the list for at most `budget`; answers whether it is empty.
    pub(super) fn work(&mut self, budget: Duration) -> bool {
        let until = kernel::now() + budget;
        while kernel::now() < until {
            match self.backlog.next() {
                Some(slice) => self.carry_out(slice),
                None => return true,
            }
        }
        self.backlog.is_empty()
    }

    fn carry_out(&mut self, slice: Slice) {
        match slice {
            Slice::Add(addresses, range) => {
                let addresses = &addresses[range];
                complain(addresses, &self.addresses.add(addresses));
            }
            Slice::Remove(addresses, range) => {
                let addresses = &addresses[range];
                complain(addresses, &self.addresses.remove(addresses));
            }
            Slice::Announce(addresses, range) => {
                self.announcer.announce(&addresses[range], 1, kernel::now());
            }
            Slice::RemoveInterface(own) => self.remove_interface(&own),
            Slice::Notify(id, notice) => self.hooks.notice(kernel::now(), id, &notice),
        }
    }

    fn make_interface(&mut self, make: &Make) {
        let made = self.own_interfaces.make(make, &mut self.addresses);
        if let Err(error) = made
            && !error.is_for_want_of_a_parent()
            && self.own_errors.admit(kernel::now(), &make.interface.name)
        {
            error!("interface {} over {}: {error}", make.interface.name, make.interface.parent);
        }
    }

    fn remove_interface(&mut self, own: &OwnInterface) {
        if let Err(error) = self.own_interfaces.remove(own) {
            error!("interface {} stays behind: {error}", own.name);
        }
    }

    fn send(&mut self, id: InstanceId, transmission: &Transmission) -> Option<Event<'static>> {
        let error = self.sockets.send(transmission).err()?;
        if self.send_errors.admit(kernel::now(), &id) {
            warn!(vrid = %transmission.advert.vrid, to = %transmission.destination, "send advert error: {error}");
        }
        Some(Event::SendFailed(id))
    }

    /// When [`Self::due`] or [`Self::work`] wants to be called.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.backlog.is_empty() { self.hooks.deadline() } else { Some(Instant::ZERO) }
    }

    /// Does what was put off until now.
    pub(super) fn due(&mut self, now: Instant) {
        self.hooks.due(now);
    }
}

fn complain(addresses: &[PlacedAddress], failed: &[(usize, AddressError)]) {
    for (place, error) in failed {
        if let Some(placed) = addresses.get(*place) {
            let PlacedAddress { interface, address } = placed;
            error!("address {} on interface {}: {error}", address.prefix, interface.get());
        }
    }
}
