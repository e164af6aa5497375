//! All hands of the worker under one roof: an action goes in, what came of it comes out as an event.

use std::fmt::Display;
use std::io;
use std::time::Duration;

use tracing::{error, warn};

use crate::config::model::{FirewallTable, GlobalDefs, Model, OwnInterface};
use crate::engine::{Action, Event, InstanceId, Listen, Make};
use crate::kernel::{
    self, AddressError, Addresses, Announcer, ChangedSetting, Firewall, FirewallError, OwnInterfaces,
    OwnRemovals, RoutingTables, VrrpSockets,
};
use crate::notify::{Alert, Alerts, FifoWriters, Hooks, fifo_line};
use crate::report::Limiter;
use crate::script::{Clearances, Runner};
use crate::track::ScriptAction;
use crate::units::{IfName, Instant};
use crate::vrrp::{Notice, PlacedAddress, Transmission};

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
    pub(super) routing: RoutingTables,
    firewall: Firewall,
    /// The operator knows that packets are not blocked.
    firewall_failed: bool,
    announcer: Announcer,
    pub(super) scripts: Runner,
    pub(super) hooks: Hooks,
    pub(super) fifos: FifoWriters,
    alerts: Alerts,
    /// Mails that the supervisor is to send.
    mails: Vec<Alert>,
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
        firewall: FirewallTable,
    ) -> io::Result<Self> {
        let mut addresses = Addresses::new(own)?;
        addresses.check_permission()?;
        Ok(Self {
            sockets: VrrpSockets::new()?,
            addresses,
            own_interfaces: OwnInterfaces::new(changed)?,
            routing: RoutingTables::new()?,
            firewall: Firewall::new(firewall),
            firewall_failed: false,
            announcer: Announcer::new()?,
            hooks: Hooks::new(clearances.clone()),
            scripts: Runner::new(clearances),
            fifos: FifoWriters::default(),
            alerts: Alerts::new(true),
            mails: Vec::new(),
            send_errors: Limiter::new(SEND_ERRORS.0, SEND_ERRORS.1),
            own_errors: Limiter::new(OWN_ERRORS.0, OWN_ERRORS.1),
            backlog: Backlog::default(),
        })
    }

    /// Looks after routes and rules as `model` wants it. Needs the runtime.
    pub(super) fn watch_routing(&mut self, model: &Model) {
        let statics = &model.statics;
        let routes = model.instances.iter().flat_map(|instance| &instance.routes).chain(&statics.routes);
        let rules = model.instances.iter().flat_map(|instance| &instance.rules).chain(&statics.rules);
        let any =
            routes.into_iter().any(|route| !route.no_track) || rules.into_iter().any(|rule| !rule.no_track);
        if let Err(error) = self.routing.watch(any) {
            error!("routes and rules that others remove will not be noticed: {error}");
        }
    }

    /// Prepares for the scripts of a new configuration.
    pub(super) fn reload(&mut self, clearances: Clearances) {
        self.hooks.set_clearances(clearances.clone());
        self.scripts.set_clearances(clearances);
    }

    /// Where changes are told beside the hooks, from now on.
    pub(super) fn tell_through(&mut self, fifos: &[String], global: &GlobalDefs) {
        self.fifos.reopen(fifos);
        self.alerts.set_faults(global.mail.faults);
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
            Action::ReceiveBuffer(listen, bytes) => {
                if let Err(error) = self.sockets.set_receive_buffer(&listen, bytes) {
                    warn!(?listen, "cannot set the receive buffer to {bytes} bytes: {error}");
                }
                None
            }
            Action::Vrrp(id, action) => {
                let transmission = self.backlog.push(id, action)?;
                self.send(id, &transmission)
            }
            Action::KeepStatics(places) => {
                self.backlog.keep(places);
                None
            }
            Action::DropStatics(places) => {
                self.backlog.drop_all(places);
                None
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
            Slice::Block(id, addresses, range) => self.block(id, &addresses[range]),
            Slice::Unblock(id, addresses, range) => {
                let done = self.firewall.unblock(id, &addresses[range]);
                self.note_firewall(&done);
            }
            Slice::SweepFirewall => self.firewall.sweep(),
            Slice::Add(addresses, range) => {
                let addresses = &addresses[range];
                complain(addresses, &self.addresses.add(addresses));
            }
            Slice::Remove(addresses, range) => {
                let addresses = &addresses[range];
                complain(addresses, &self.addresses.remove(addresses));
            }
            Slice::AddRouting(routing, range) => {
                let routing = &routing[range];
                complain_of(routing, &self.routing.add(kernel::now(), routing));
            }
            Slice::RemoveRouting(routing, range) => {
                let routing = &routing[range];
                complain_of(routing, &self.routing.remove(routing));
            }
            Slice::Announce(addresses, range) => {
                self.announcer.announce(&addresses[range], 1, kernel::now());
            }
            Slice::RemoveInterface(own) => self.remove_interface(&own),
            Slice::Notify(id, notice) => self.tell(id, &notice),
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

    /// A refusal is told and changes nothing else: the instance serves its addresses, as keepalived's does.
    fn block(&mut self, id: InstanceId, addresses: &[PlacedAddress]) {
        if !self.firewall.stands() {
            // The first table takes the place of one that a predecessor left, which may have more in it.
            for (id, addresses) in self.backlog.blocks() {
                self.firewall.foresee(id, addresses);
            }
        }
        let done = self.firewall.block(id, addresses);
        self.note_firewall(&done);
    }

    /// Has the firewall stand where `table` says.
    pub(super) fn move_firewall(&mut self, table: &FirewallTable) {
        let done = self.firewall.reconfigure(table);
        self.note_firewall(&done);
    }

    /// A firewall that a predecessor left and nobody wants goes after the addresses that it may have blocked.
    pub(super) fn sweep_firewall(&mut self) {
        self.backlog.sweep_firewall();
    }

    /// The addresses are gone for good.
    pub(super) fn remove_firewall(&mut self) {
        if let Err(error) = self.firewall.remove() {
            error!("the firewall stays behind: {error}");
        }
    }

    /// Tells of a refusal once, until something has gone well again.
    fn note_firewall(&mut self, done: &Result<(), FirewallError>) {
        match done {
            Err(error) if !self.firewall_failed => {
                error!("packets to addresses that are not accepted are not dropped: {error}");
            }
            Ok(()) | Err(_) => {}
        }
        self.firewall_failed = done.is_err();
    }

    /// In keepalived's order: the hooks, of which those whose turn it is start, the FIFOs, a mail.
    fn tell(&mut self, id: InstanceId, notice: &Notice) {
        let now = kernel::now();
        self.hooks.notice(now, id, notice);
        self.hooks.due(now);
        if let Some(line) = fifo_line(notice) {
            self.fifos.write(&line);
        }
        self.mails.extend(self.alerts.alert(id, notice));
    }

    /// The mails since the last call.
    pub(super) fn take_mails(&mut self) -> Vec<Alert> {
        std::mem::take(&mut self.mails)
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
        if !self.backlog.is_empty() {
            return Some(Instant::ZERO);
        }
        [self.hooks.deadline(), self.routing.deadline()].into_iter().flatten().min()
    }

    /// Does what was put off until now.
    pub(super) fn due(&mut self, now: Instant) {
        self.hooks.due(now);
        if self.routing.deadline().is_some_and(|deadline| deadline <= now) {
            self.routing.retry(now);
        }
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

/// The same for routes and rules, which say themselves what they are.
fn complain_of<T: Display, E: Display>(things: &[T], failed: &[(usize, E)]) {
    for (place, error) in failed {
        things.get(*place).into_iter().for_each(|thing| error!("{thing}: {error}"));
    }
}
