//! The supervisor: reads the configuration, starts the worker, keeps it alive, and passes on what operators want.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use super::link::{Charge, Order, Report};
use super::pid_file::{PidFile, PidFileError};
use super::worker_process::{Happening, WorkerProcess};
use super::{configuration, leftovers, process, systemd, worker};
use crate::cli::{Options, exit};
use crate::config::model::VrrpInstance;
use crate::kernel;
use crate::report::{LogSettings, start_log};
use crate::units::Instant;
use crate::vrrp::Past;

/// Deaths of the worker within [`CRASH_WINDOW`] after which it is not started again.
const MOST_CRASHES: usize = 5;
/// See [`MOST_CRASHES`].
const CRASH_WINDOW: Duration = Duration::from_secs(60);
/// What a worker gets over `child_wait_time` before it is killed.
const GRACE: Duration = Duration::from_secs(1);

/// Runs the daemon until it is told to stop; answers its exit status.
pub fn run(options: &Options, warnings: &[String]) -> u8 {
    let log = |ident: &str| LogSettings {
        ident: ident.to_owned(),
        facility: options.facility,
        syslog: !options.no_syslog,
        stderr: options.dont_fork && options.log_console,
        detail: options.log_detail,
    };
    // Only a second call in one process could fail.
    drop(start_log(&log("vrrpd")));
    info!("Starting vrrpd v{}", env!("CARGO_PKG_VERSION"));
    warnings.iter().for_each(|line| warn!("{line}"));
    match start(options, log("vrrpd_vrrp")) {
        Ok(()) => exit::OK,
        Err(status) => status,
    }
}

fn start(options: &Options, log: LogSettings) -> Result<(), u8> {
    let model = configuration::for_start(options)?;
    if !options.dont_fork {
        process::to_background().map_err(|error| fatal("cannot go to the background", &error))?;
    }
    let pid_files = PidFiles::take(options).map_err(|error| match error {
        PidFileError::AlreadyRunning(_) => {
            info!("{error}");
            exit::OK
        }
        PidFileError::Unwritable(..) => {
            error!("{error}");
            exit::FATAL
        }
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| fatal("no runtime", &error))?;
    runtime.block_on(async {
        let supervisor = Supervisor::new(options, log, Charge::new(model), pid_files);
        let supervisor = supervisor.map_err(|error| fatal("cannot start the worker", &error))?;
        supervisor.supervise().await
    })
}

fn fatal(what: &str, error: &io::Error) -> u8 {
    error!("{what}: {error}");
    exit::FATAL
}

struct Supervisor<'a> {
    options: &'a Options,
    log: LogSettings,
    /// What the worker runs.
    charge: Charge,
    /// What the worker is about to run.
    pending: Option<Charge>,
    /// A reload was asked for while another one was under way.
    reload_again: bool,
    worker: WorkerProcess,
    /// What a successor of the worker must know.
    states: HashMap<String, Past>,
    crashes: VecDeque<Instant>,
    pid_files: PidFiles,
    signals: Signals,
}

/// What the supervisor waits for.
enum Wake {
    Worker(Happening),
    Stop,
    Reload,
}

impl<'a> Supervisor<'a> {
    fn new(
        options: &'a Options,
        log: LogSettings,
        charge: Charge,
        mut pid_files: PidFiles,
    ) -> io::Result<Self> {
        let signals = Signals::new()?;
        let worker = WorkerProcess::start(&log)?;
        pid_files.note(worker.pid());
        Ok(Self {
            options,
            log,
            charge,
            pending: None,
            reload_again: false,
            worker,
            states: HashMap::new(),
            crashes: VecDeque::new(),
            pid_files,
            signals,
        })
    }

    /// Until a stop or an end that no restart mends.
    async fn supervise(mut self) -> Result<(), u8> {
        self.order(Order::Run(self.charge.clone(), Vec::new())).await;
        loop {
            let wake = self.wake().await.map_err(|error| fatal("cannot wait for the worker", &error))?;
            match wake {
                Wake::Stop => return self.stop().await,
                Wake::Reload => self.reload().await,
                Wake::Worker(Happening::Report(report)) => self.note(report).await,
                Wake::Worker(Happening::Ended(status)) => self.replace_worker(status).await?,
            }
        }
    }

    async fn wake(&mut self) -> io::Result<Wake> {
        tokio::select! {
            biased;
            wake = self.signals.next() => Ok(wake),
            happening = self.worker.next() => happening.map(Wake::Worker),
        }
    }

    /// A worker that cannot be told is dead; that is noticed where its end is waited for.
    async fn order(&mut self, order: Order) {
        if let Err(error) = self.worker.orders.send(&order).await {
            warn!("the worker does not listen: {error}");
        }
    }

    async fn note(&mut self, report: Report) {
        match report {
            Report::Ready => systemd::ready(),
            Report::States(states) => self.states.extend(states),
            Report::Reloaded => {
                self.reloaded();
                if std::mem::take(&mut self.reload_again) {
                    self.reload().await;
                }
            }
            Report::ReloadWanted => self.reload().await,
        }
    }

    /// SIGHUP: reads first; an unusable file changes nothing.
    async fn reload(&mut self) {
        if self.pending.is_some() {
            self.reload_again = true;
            return;
        }
        info!("Reloading ...");
        systemd::reloading();
        match configuration::for_reload(self.options) {
            Ok(model) => {
                let charge = Charge::new(model);
                self.pending = Some(charge.clone());
                self.order(Order::Reload(charge)).await;
            }
            Err(()) => {
                error!("the new configuration is not usable; the old one stays in force");
                systemd::ready();
            }
        }
    }

    fn reloaded(&mut self) {
        let Some(charge) = self.pending.take() else { return };
        self.charge = charge;
        let instances = &self.charge.model.instances;
        let names: HashSet<&str> = instances.iter().map(|instance| instance.name.as_str()).collect();
        self.states.retain(|name, _| names.contains(name.as_str()));
        info!("Reload finished");
        systemd::ready();
    }

    /// The addresses are still there and the peers have not noticed: a new worker goes on where the old one was.
    async fn replace_worker(&mut self, status: ExitStatus) -> Result<(), u8> {
        let died = kernel::now();
        error!("the worker ended unexpectedly: {status}");
        if let Some(code @ (1 | 2 | 4)) = status.code() {
            self.give_up();
            return Err(u8::try_from(code).unwrap_or(exit::FATAL));
        }
        self.crashes.push_back(died);
        self.crashes.retain(|crash| died.since(*crash) < CRASH_WINDOW);
        if self.options.dont_respawn || self.crashes.len() > MOST_CRASHES {
            error!("the worker is not started again");
            self.give_up();
            return Err(exit::FATAL);
        }
        if let Some(charge) = self.pending.take() {
            self.charge = charge;
        }
        let past = self.past(self.worker.last_seen().unwrap_or(Instant::ZERO));
        self.worker = WorkerProcess::start(&self.log).map_err(|error| {
            self.give_up();
            fatal("cannot start the worker", &error)
        })?;
        self.pid_files.note(self.worker.pid());
        self.order(Order::Run(self.charge.clone(), past)).await;
        Ok(())
    }

    /// A master advertised at the latest one interval before its process was last seen running.
    fn past(&self, last_seen: Instant) -> Vec<Past> {
        let instances = self.charge.model.instances.iter();
        let past = |instance: &VrrpInstance| {
            let past = self.states.get(&instance.name).filter(|past| past.key == instance.key())?;
            let last_advert = last_seen - instance.advert_interval.duration();
            Some(Past { last_advert, ..past.clone() })
        };
        instances.filter_map(past).collect()
    }

    /// Nobody will serve the addresses any more: they must not stay.
    fn give_up(&self) {
        leftovers::remove(&self.charge.model);
        systemd::stopping();
    }

    async fn stop(mut self) -> Result<(), u8> {
        info!("Stopping");
        systemd::stopping();
        let patience = self.charge.model.global.child_wait_time + GRACE;
        self.order(Order::Stop).await;
        let ended = tokio::time::timeout(patience, async {
            loop {
                match self.worker.next().await {
                    Ok(Happening::Ended(_)) | Err(_) => return,
                    Ok(Happening::Report(_)) => {}
                }
            }
        });
        if ended.await.is_err() {
            error!("the worker does not stop; killing it");
            self.worker.kill();
            leftovers::remove(&self.charge.model);
        }
        info!("Stopped vrrpd v{}", env!("CARGO_PKG_VERSION"));
        Ok(())
    }
}

/// The pid files of both processes.
struct PidFiles {
    worker: PidFile,
    /// Last, so that it is dropped last: it says that the daemon as a whole runs.
    _daemon: PidFile,
}

impl PidFiles {
    fn take(options: &Options) -> Result<Self, PidFileError> {
        let or = |given: &Option<std::path::PathBuf>, default: &str| {
            given.clone().unwrap_or_else(|| default.into())
        };
        let mut daemon = PidFile::take(&or(&options.pid_file, Options::PID_FILE))?;
        let worker = PidFile::take(&or(&options.vrrp_pid_file, Options::VRRP_PID_FILE))?;
        daemon.write(std::process::id());
        Ok(Self { worker, _daemon: daemon })
    }

    fn note(&mut self, worker: Option<u32>) {
        worker.into_iter().for_each(|pid| self.worker.write(pid));
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    _ignored: Vec<Signal>,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            _ignored: worker::ignored_signals()?,
        })
    }

    async fn next(&mut self) -> Wake {
        tokio::select! {
            _ = self.terminate.recv() => Wake::Stop,
            _ = self.interrupt.recv() => Wake::Stop,
            _ = self.hangup.recv() => Wake::Reload,
        }
    }
}
