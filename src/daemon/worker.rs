//! The worker: one thread that runs the engine and the hands until it is told to stop.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tracing::{debug, error, warn};

use super::auto_priority::AutoPriority;
use super::channel::{self, Receiver, Sender};
use super::hands::Hands;
use super::life_sign::LifeSign;
use super::link::{Charge, Order, Report};
use super::process;
use super::signals::{self, Signalled, Signals};
use super::wall_clock::WallClock;
use super::watches::Watches;
use crate::cli::exit;
use crate::config::model::OwnInterface;
use crate::engine::{Action, Engine, Event, InstanceId};
use crate::kernel::{self, DeadlineTimer, Monitor, OwnRemovals};
use crate::notify::{FifoWriters, HookEnded, Hooks};
use crate::report::{HeldLog, LogHandle, start_log};
use crate::units::Instant;
use crate::vrrp::{self, Instance, Notice, NoticeKind, Past, State, Subject};

/// First argument of a process that is to be a worker.
pub const ROLE: &str = "__worker";

/// Packets handled between two looks at the clock: a flood must not stop the adverts.
const PACKETS_A_TURN: usize = 1024;
/// Time for addresses between two looks at the sockets and the clock.
const WORK_A_TURN: Duration = Duration::from_millis(2);
/// Time for readers of FIFOs to make room for the last lines of a stop.
const FIFO_PATIENCE: Duration = Duration::from_secs(1);
/// Reports that may wait for a supervisor that is busy reading a configuration.
const WAITING_REPORTS: usize = 1024;

/// Is a worker until the end of its supervisor or of the daemon; `args` are the words after [`ROLE`].
pub fn run_role(args: impl IntoIterator<Item = OsString>) -> u8 {
    signals::hold_back();
    let settings = args.into_iter().next().and_then(|word| serde_json::from_str(word.to_str()?).ok());
    let Some(log) = settings else { return exit::FATAL };
    // Only a second call in one process could fail.
    let log = start_log(&log).ok().map(LogHandle::hold);
    let _ = nix::sys::prctl::set_name(c"vrrpd");
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fatal(&error),
    };
    match runtime.block_on(work(log)) {
        Ok(()) => exit::OK,
        Err(error) => fatal(&error),
    }
}

fn fatal(error: &io::Error) -> u8 {
    error!("the worker cannot go on: {error}");
    match error.kind() {
        io::ErrorKind::PermissionDenied => exit::PERMISSION,
        _ => exit::FATAL,
    }
}

async fn work(log: Option<HeldLog>) -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (mut orders, reports) = channel::open::<Order, Report>(socket)?;
    let Some(Order::Run(charge, past)) = orders.next().await? else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    let (queue, writer) = start_reporting(reports);
    let mut worker = Worker::start(charge, &past, queue, log).await?;
    worker.run(&mut orders).await?;
    worker.finish().await;
    drop(worker);
    drop(tokio::time::timeout(Duration::from_secs(1), writer).await);
    Ok(())
}

/// Reports are written by a task of their own: the engine never waits for the supervisor.
fn start_reporting(mut reports: Sender<Report>) -> (mpsc::Sender<Report>, tokio::task::JoinHandle<()>) {
    let (queue, mut waiting) = mpsc::channel::<Report>(WAITING_REPORTS);
    let writer = tokio::spawn(async move {
        while let Some(report) = waiting.recv().await {
            if reports.send(&report).await.is_err() {
                return;
            }
        }
    });
    (queue, writer)
}

struct Worker {
    engine: Engine,
    hands: Hands,
    monitor: Monitor,
    watches: Watches,
    timer: DeadlineTimer,
    signals: Signals,
    reports: mpsc::Sender<Report>,
    life_sign: LifeSign,
    wall_clock: WallClock,
    auto_priority: AutoPriority,
    /// Lines of a turn are written at its end, after everything that somebody waits for.
    log: Option<HeldLog>,
    /// States that the supervisor has not been told of.
    changed: HashMap<Arc<str>, Change>,
    actions: Vec<Action>,
    /// What came of actions, to be told when the actions of the moment are done.
    outcomes: VecDeque<Event<'static>>,
}

/// A state that the supervisor has to hear of.
struct Change {
    id: InstanceId,
    state: State,
    /// It has heard of it, but the hooks of the state still wait.
    reported: bool,
}

/// What woke the worker.
enum Wake {
    /// A deadline or a packet: both are looked for at every turn.
    Turn,
    Event(Event<'static>),
    /// Boxed: a configuration is large.
    Order(Box<Order>),
    Stop(&'static str),
    ReloadWanted,
    HookEnded(HookEnded),
    RoomInFifo,
}

impl Worker {
    async fn start(
        charge: Charge,
        past: &[Past],
        reports: mpsc::Sender<Report>,
        log: Option<HeldLog>,
    ) -> io::Result<Self> {
        let Charge { model, clearances, fifos, settings } = charge;
        process::apply(&model.global.process);
        let own = OwnRemovals::default();
        let (monitor, facts) = Monitor::start(own.clone()).await?;
        let mut hands = Hands::new(clearances, settings, own, model.global.firewall.clone())?;
        hands.tell_through(&fifos, &model.global);
        let (watches, tracked) = Watches::start(&model)?;
        let mut worker = Self {
            hands,
            auto_priority: AutoPriority::new(&model.global.process),
            engine: Engine::new(model, kernel::now()),
            timer: DeadlineTimer::new()?,
            signals: Signals::new()?,
            monitor,
            watches,
            reports,
            life_sign: LifeSign::of(io::stdout())?,
            wall_clock: WallClock::default(),
            log,
            changed: HashMap::new(),
            actions: Vec::new(),
            outcomes: VecDeque::new(),
        };
        // Before anything is put in place.
        worker.hands.watch_routing(worker.engine.model());
        for fact in facts {
            let event = worker.watches.seen(fact);
            worker.handle(event);
        }
        worker.prepare(&worker.engine.model().own_interfaces())?;
        worker.report_settings();
        tracked.into_iter().for_each(|event| worker.handle(event));
        worker.look_at_the_clock();
        worker.handle(Event::Start(past));
        worker.hands.sweep_firewall();
        worker.report(Report::Ready);
        Ok(worker)
    }

    /// Lets the interfaces that will be needed exist before anybody needs them.
    fn prepare(&mut self, wanted: &[OwnInterface]) -> io::Result<()> {
        self.handle(Event::Prepare(wanted));
        while let Some(fact) = self.monitor.try_next()? {
            let event = self.watches.seen(fact);
            self.handle(event);
        }
        Ok(())
    }

    async fn run(&mut self, orders: &mut Receiver<Order>) -> io::Result<()> {
        while !self.engine.finished() {
            match self.wake(orders).await? {
                Wake::Turn => {}
                Wake::Event(event) => self.handle(event),
                Wake::Order(order) => self.order(*order)?,
                Wake::Stop(why) => self.stop(why),
                Wake::HookEnded(ended) => self.hands.hooks.ended(kernel::now(), ended),
                Wake::RoomInFifo => self.hands.fifos.flush(),
                Wake::ReloadWanted => self.report(Report::ReloadWanted),
            }
            self.turn();
        }
        Ok(())
    }

    /// Whatever woke us: first everything that was received, then what is due.
    fn turn(&mut self) {
        self.look_at_the_clock();
        self.hear();
        // An instance that hears nobody would take every address.
        while let Some(listen) = self.hands.sockets.take_broken() {
            self.handle(Event::ListenFailed(listen));
        }
        let now = kernel::now();
        if let Some(deadline) = self.engine.deadline().filter(|&deadline| deadline <= now) {
            self.auto_priority.late(deadline, now).into_iter().for_each(process::raise);
            self.handle(Event::Due);
        }
        self.hands.work(WORK_A_TURN);
        if self.hands.deadline().is_some_and(|deadline| deadline <= now) {
            self.hands.due(now);
        }
        self.report_states(now);
        self.report_settings();
        self.report_mails();
        self.life_sign.give(now);
        self.log.iter().for_each(HeldLog::flush);
    }

    fn look_at_the_clock(&mut self) {
        if let Some(unix_at_zero) = self.wall_clock.news() {
            self.handle(Event::Clock(unix_at_zero));
        }
    }

    fn hear(&mut self) {
        for _ in 0..PACKETS_A_TURN {
            let now = kernel::now();
            let Some(received) = self.hands.sockets.try_receive() else { return };
            if let Ok(datagram) = received.datagram() {
                self.engine.handle(now, Event::Packet(received.listen, datagram), &mut self.actions);
            }
            if !self.actions.is_empty() {
                self.perform();
            }
        }
    }

    fn order(&mut self, order: Order) -> io::Result<()> {
        match order {
            Order::Reload(charge) => self.reload(charge)?,
            Order::Stop => self.stop("ordered by the supervisor"),
            Order::Run(..) => warn!("told to run while running"),
        }
        Ok(())
    }

    async fn wake(&mut self, orders: &mut Receiver<Order>) -> io::Result<Wake> {
        let deadline = [self.engine.deadline(), self.hands.deadline()].into_iter().flatten().min();
        self.timer.set(deadline)?;
        let Hands { sockets, scripts, hooks, fifos, routing, .. } = &mut self.hands;
        tokio::select! {
            biased;
            result = sockets.readable() => result.map(|()| Wake::Turn),
            result = self.timer.expired() => result.map(|()| Wake::Turn),
            fact = self.monitor.next() => Ok(Wake::Event(self.watches.seen(fact?))),
            gone = routing.next() => gone.map(|gone| Wake::Event(Event::RoutingGone(Box::new(gone)))),
            order = orders.next() => {
                let ordered = |order| Wake::Order(Box::new(order));
                Ok(order?.map_or(Wake::Stop("the supervisor is gone"), ordered))
            }
            (id, outcome) = scripts.next() => Ok(Wake::Event(Event::ScriptEnded(id, outcome))),
            ended = hooks.next() => Ok(Wake::HookEnded(ended)),
            () = fifos.writable() => Ok(Wake::RoomInFifo),
            event = self.watches.next() => Ok(Wake::Event(event)),
            signalled = self.signals.next() => Ok(wish(signalled)),
        }
    }

    fn handle(&mut self, event: Event<'_>) {
        self.engine.handle(kernel::now(), event, &mut self.actions);
        self.perform();
    }

    /// Carries out what was ordered, and tells what came of it until nothing new is ordered.
    fn perform(&mut self) {
        loop {
            let mut actions = std::mem::take(&mut self.actions);
            for action in actions.drain(..) {
                self.note_state(&action);
                self.outcomes.extend(self.hands.perform(action));
            }
            self.actions = actions;
            let Some(outcome) = self.outcomes.pop_front() else { return };
            self.engine.handle(kernel::now(), outcome, &mut self.actions);
        }
    }

    fn note_state(&mut self, action: &Action) {
        let Action::Vrrp(id, action) = action else { return };
        let (name, state) = match action {
            vrrp::Action::Notify(Notice {
                name,
                kind: NoticeKind::Entered(state),
                subject: Subject::Instance(_),
                ..
            })
            | vrrp::Action::Remember(name, state) => (name, *state),
            _ => return,
        };
        self.changed.insert(name.clone(), Change { id: *id, state, reported: false });
    }

    /// The supervisor keeps the states for a successor, should we die; it hears of a state again when its hooks have
    /// been started.
    fn report_states(&mut self, now: Instant) {
        let hooks = &self.hands.hooks;
        if !self.changed.values().any(|change| !change.reported || !hooks.wait(change.id)) {
            return;
        }
        let news = |instance: &Instance| {
            let settings = instance.settings();
            let change = self.changed.get(settings.name.as_str())?;
            let hooks_wait = hooks.wait(change.id);
            (!change.reported || !hooks_wait).then(|| {
                let (key, memory) = (settings.key(), instance.memory());
                let past = Past { key, state: change.state, last_advert: now, hooks_wait, memory };
                (settings.name.clone(), past)
            })
        };
        let states: Vec<_> = self.engine.instances().filter_map(news).collect();
        if !states.is_empty() {
            self.report(Report::States(states));
        }
        let hooks = &self.hands.hooks;
        self.changed.retain(|_, change| {
            change.reported = true;
            hooks.wait(change.id)
        });
    }

    /// The supervisor keeps for a successor what has to be put back in the end.
    fn report_settings(&mut self) {
        let changed = self.hands.own_interfaces.changed_settings();
        changed.into_iter().for_each(|changed| self.report(Report::Settings(changed)));
    }

    fn report_mails(&mut self) {
        let mails = self.hands.take_mails();
        if !mails.is_empty() {
            self.report(Report::Mails(mails));
        }
    }

    fn report(&self, report: Report) {
        if self.reports.try_send(report).is_err() {
            warn!("the supervisor does not read our reports");
        }
    }

    fn reload(&mut self, charge: Charge) -> io::Result<()> {
        let Charge { model, clearances, fifos, .. } = charge;
        self.hands.reload(clearances);
        self.hands.watch_routing(&model);
        self.hands.move_firewall(&model.global.firewall);
        self.hands.tell_through(&fifos, &model.global);
        match self.watches.restart(&model) {
            Ok(tracked) => tracked.into_iter().for_each(|event| self.handle(event)),
            Err(error) => error!("what is tracked stays as it was: {error}"),
        }
        self.prepare(&model.own_interfaces())?;
        self.handle(Event::Reload(Box::new(model)));
        // A name may stand for another instance now.
        self.changed = self
            .engine
            .states()
            .map(|(id, name, state)| (name, Change { id, state, reported: false }))
            .collect();
        self.report_states(kernel::now());
        self.report(Report::Reloaded);
        Ok(())
    }

    fn stop(&mut self, why: &str) {
        debug!(reason = why, "giving everything up");
        self.handle(Event::Stop);
    }

    /// Addresses are gone and peers know; the hooks of the stop may still say their last.
    async fn finish(&mut self) {
        let patience = self.engine.model().global.child_wait_time;
        while !self.hands.work(WORK_A_TURN) {}
        self.hands.remove_firewall();
        self.report_settings();
        self.report_mails();
        let Hands { hooks, fifos, .. } = &mut self.hands;
        let read = tokio::time::timeout(FIFO_PATIENCE, empty(fifos));
        let (ended, read) = tokio::join!(tokio::time::timeout(patience, end(hooks)), read);
        if ended.is_err() {
            warn!("hooks still run {} s after the stop; killing them", patience.as_secs());
            self.hands.hooks.kill_all();
        }
        if read.is_err() {
            self.hands.fifos.give_up();
        }
        self.hands.scripts.kill_all();
    }
}

/// Until every hook of the stop has ended.
async fn end(hooks: &mut Hooks) {
    start_hooks(hooks);
    while hooks.is_stopping() {
        let pause = hooks.deadline().map(|deadline| deadline.since(kernel::now()));
        tokio::select! {
            ended = hooks.next() => hooks.ended(kernel::now(), ended),
            () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {}
        }
        start_hooks(hooks);
    }
}

/// Until every line has found room in its FIFO.
async fn empty(fifos: &mut FifoWriters) {
    while fifos.wait() {
        fifos.writable().await;
        fifos.flush();
    }
}

/// Starts every hook whose turn it is; there is nothing else left that could be late.
fn start_hooks(hooks: &mut Hooks) {
    let now = kernel::now();
    while hooks.deadline().is_some_and(|deadline| deadline <= now) {
        hooks.due(now);
    }
}

fn wish(signalled: Signalled) -> Wake {
    match signalled {
        Signalled::Terminate => Wake::Stop("SIGTERM"),
        Signalled::Interrupt => Wake::Stop("SIGINT"),
        Signalled::Hangup => Wake::ReloadWanted,
    }
}
