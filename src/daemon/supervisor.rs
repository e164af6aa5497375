//! The supervisor: reads the configuration, starts the worker, keeps it alive, and passes on what operators want.

use std::collections::{HashMap, HashSet};
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use tracing::{error, info, warn};

use super::leftovers::{Leftovers, remove_interfaces};
use super::link::{Charge, Order, Report};
use super::pid_file::{PidFile, PidFileError};
use super::pid_paths::PidPaths;
use super::respawn::Deaths;
use super::signals::{self, Signalled, Signals};
use super::worker_process::{Happening, WorkerProcess};
use super::{configuration, global_script, process, systemd};
use crate::cli::{Options, exit};
use crate::config::model::{Model, Place, VrrpInstance};
use crate::kernel::{self, ChangedSetting, LocalIgmp, PromotedSecondaries};
use crate::notify::{Alert, Envelope, FifoFiles, Mailer};
use crate::report::{LogHandle, LogSettings, start_log};
use crate::script::Clearances;
use crate::units::Instant;
use crate::vrrp::Past;

/// What a worker gets over `child_wait_time` before it is killed.
const GRACE: Duration = Duration::from_secs(1);

/// Runs the daemon until it is told to stop; answers its exit status.
pub fn run(options: &Options, warnings: &[String]) -> u8 {
    signals::hold_back();
    let log = |ident: &str| LogSettings {
        ident: ident.to_owned(),
        facility: options.facility,
        syslog: !options.no_syslog,
        stderr: options.dont_fork && options.log_console,
        detail: options.log_detail,
    };
    // Only a second call in one process could fail.
    let handle = start_log(&log("vrrpd")).ok();
    info!("Starting vrrpd v{}", env!("CARGO_PKG_VERSION"));
    warnings.iter().for_each(|line| warn!("{line}"));
    match start(options, log("vrrpd_vrrp"), handle.as_ref()) {
        Ok(()) => exit::OK,
        Err(status) => status,
    }
}

fn start(options: &Options, mut log: LogSettings, handle: Option<&LogHandle>) -> Result<(), u8> {
    let mut reading = configuration::read_all(options);
    // What the file says of the daemon itself counts before it is known whether the whole can run.
    let global = reading.model.as_ref().map(|model| model.global.clone()).unwrap_or_default();
    let first = configuration::in_place(Model { global, ..Model::default() }, options);
    let suffix = first.global.place.suffix();
    handle.iter().for_each(|handle| handle.rename(format!("vrrpd{suffix}")));
    log.ident.push_str(&suffix);
    // Before any socket is opened.
    enter_namespace(&first.global.place)?;
    // Before the fork, so that our caller sees why nothing runs; the locks stay with the child.
    let paths = PidPaths::of(options.pid_file.as_ref(), options.vrrp_pid_file.as_ref(), &first.global);
    let mut pid_files = PidFiles::take(paths).map_err(|error| match error {
        PidFileError::AlreadyRunning(_) => {
            info!("{error}");
            exit::OK
        }
        PidFileError::Unwritable(..) => {
            error!("{error}");
            exit::FATAL
        }
    })?;
    process::prepare_supervisor(&first.global.process, options.umask);
    if startup_script(&first)? {
        // It may have made what the file names.
        reading = configuration::read_all(options);
    }
    let model = configuration::for_start(reading, options)?;
    if !options.dont_fork {
        process::to_background().map_err(|error| fatal("cannot go to the background", &error))?;
    }
    pid_files.note_daemon();
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let mut fifos = FifoFiles::new(options.umask.or(model.global.process.umask));
        let charge = Charge::new(model, &mut fifos);
        let supervisor = Supervisor::new(options, log, charge, fifos, pid_files);
        let supervisor = supervisor.map_err(|error| fatal("cannot start the worker", &error))?;
        supervisor.supervise().await
    });
    // A look-up of the mail relay may still wait for an answer.
    runtime.shutdown_background();
    ended
}

fn runtime() -> Result<tokio::runtime::Runtime, u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| fatal("no runtime", &error))
}

fn enter_namespace(place: &Place) -> Result<(), u8> {
    let Some(name) = &place.net_namespace else { return Ok(()) };
    kernel::enter_network_namespace(name).map_err(|error| {
        error!("cannot enter network namespace {name}: {error}");
        exit::FATAL
    })
}

/// Runs `startup_script`; whether there is one.
fn startup_script(model: &Model) -> Result<bool, u8> {
    let Some(script) = &model.global.process.startup else { return Ok(false) };
    let mut clearances = Clearances::of(model);
    runtime()?.block_on(global_script::run("startup_script", script, &mut clearances));
    Ok(true)
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
    /// Settings of the kernel that the worker changed.
    settings: Vec<ChangedSetting>,
    deaths: Deaths,
    /// When the next worker is to be started, while there is none.
    respawn_at: Option<Instant>,
    /// Held and read over the deaths of workers.
    fifos: FifoFiles,
    /// Here, because a relay may be slow and the last mail tells of the end of the worker.
    mailer: Mailer,
    pid_files: PidFiles,
    signals: Signals,
    /// Kept here, so that the death of a worker does not forget what to restore.
    secondaries: PromotedSecondaries,
    local_igmp: LocalIgmp,
}

/// What the supervisor waits for.
enum Wake {
    Worker(Happening),
    Respawn,
    Stop,
    Reload,
}

impl<'a> Supervisor<'a> {
    fn new(
        options: &'a Options,
        log: LogSettings,
        charge: Charge,
        fifos: FifoFiles,
        mut pid_files: PidFiles,
    ) -> io::Result<Self> {
        let signals = Signals::new()?;
        let worker = WorkerProcess::start(&log)?;
        pid_files.note(worker.pid());
        Ok(Self {
            options,
            log,
            mailer: Mailer::start(Envelope::new(&charge.model.global)),
            charge,
            pending: None,
            reload_again: false,
            worker,
            states: HashMap::new(),
            settings: Vec::new(),
            deaths: Deaths::default(),
            respawn_at: None,
            fifos,
            pid_files,
            signals,
            secondaries: PromotedSecondaries::default(),
            local_igmp: LocalIgmp::default(),
        })
    }

    /// Until a stop or an end that no restart mends, and until all has been told that there is to tell.
    async fn supervise(mut self) -> Result<(), u8> {
        let ended = self.run().await;
        let Self { mut fifos, mailer, pid_files, mut charge, .. } = self;
        tokio::join!(fifos.finish(), mailer.finish());
        if let Some(script) = &charge.model.global.process.shutdown {
            global_script::run("shutdown_script", script, &mut charge.clearances).await;
        }
        info!("Stopped vrrpd v{}", env!("CARGO_PKG_VERSION"));
        drop(pid_files);
        ended
    }

    async fn run(&mut self) -> Result<(), u8> {
        // Of a daemon that crashed. The worker looks for them too, but only where an instance could serve by now.
        Leftovers::virtual_of(&self.charge.model).remove();
        if self.charge.model.global.place.disable_local_igmp {
            self.local_igmp.disable();
        }
        self.promote_secondaries();
        self.fifos.settle(&mut self.charge.clearances);
        kernel::write_initial_contents(&self.charge.model.track_files);
        self.order(Order::Run(self.charge.clone(), Vec::new())).await;
        loop {
            let wake = self.wake().await.map_err(|error| fatal("cannot wait for the worker", &error))?;
            match wake {
                Wake::Stop => return self.stop().await,
                Wake::Reload => self.reload().await,
                Wake::Worker(Happening::Report(report)) => self.note(report).await,
                Wake::Worker(Happening::Ended(status)) => self.worker_ended(status).await?,
                Wake::Respawn => self.start_successor(&[]).await?,
            }
        }
    }

    async fn wake(&mut self) -> io::Result<Wake> {
        let pause = self.respawn_at.map(|at| at.since(kernel::now()));
        tokio::select! {
            biased;
            signalled = self.signals.next() => Ok(match signalled {
                Signalled::Terminate | Signalled::Interrupt => Wake::Stop,
                Signalled::Hangup => Wake::Reload,
            }),
            () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => Ok(Wake::Respawn),
            happening = self.worker.next(), if pause.is_none() => happening.map(Wake::Worker),
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
            Report::Ready => {
                systemd::ready();
                self.reload_if_asked_again().await;
            }
            Report::States(states) => self.states.extend(states),
            Report::Settings(changed) => self.settings = changed,
            Report::Reloaded => {
                self.reloaded();
                self.reload_if_asked_again().await;
            }
            Report::Mails(alerts) => self.mail(&alerts),
            Report::ReloadWanted => self.reload().await,
        }
    }

    fn mail(&mut self, alerts: &[Alert]) {
        alerts.iter().for_each(|alert| self.mailer.alert(alert));
    }

    async fn reload_if_asked_again(&mut self) {
        if std::mem::take(&mut self.reload_again) {
            self.reload().await;
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
        match configuration::for_reload(self.options, &self.charge.model.global.place) {
            Ok(model) => {
                self.fifos.end_readers().await;
                let charge = Charge::new(model, &mut self.fifos);
                self.mailer.reload(Envelope::new(&charge.model.global));
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
        self.promote_secondaries();
        self.fifos.settle(&mut self.charge.clearances);
        let instances = &self.charge.model.instances;
        let names: HashSet<&str> = instances.iter().map(|instance| instance.name.as_str()).collect();
        self.states.retain(|name, _| names.contains(name.as_str()));
        info!("Reload finished");
        systemd::ready();
    }

    async fn worker_ended(&mut self, status: ExitStatus) -> Result<(), u8> {
        let died = kernel::now();
        error!("the worker ended unexpectedly: {status}");
        if let Some(code @ (1 | 2 | 4)) = status.code() {
            self.give_up();
            return Err(u8::try_from(code).unwrap_or(exit::FATAL));
        }
        if self.options.dont_respawn {
            error!("the worker is not started again");
            self.give_up();
            return Err(exit::FATAL);
        }
        if status.success() {
            // Somebody told it to stop: it gave everything up, and its hooks have said so.
            self.states.clear();
        }
        let pause = self.deaths.pause_after(died);
        if pause.is_zero() {
            // The addresses are still there and the peers have not noticed: the new one goes on where it was.
            let past = self.past(self.worker.last_seen().unwrap_or(Instant::ZERO));
            return self.start_successor(&past).await;
        }
        error!("the worker dies again and again; the next one starts in {} s", pause.as_secs());
        Leftovers::virtual_of(&self.charge.model).remove();
        self.states.clear();
        self.respawn_at = Some(died + pause);
        Ok(())
    }

    async fn start_successor(&mut self, past: &[Past]) -> Result<(), u8> {
        self.respawn_at = None;
        if let Some(charge) = self.pending.take() {
            // Nobody knows how much of the reload has been done.
            Leftovers::all_of(&self.charge.model).except(&Leftovers::all_of(&charge.model)).remove();
            self.settings = remove_interfaces(&self.charge.model, Some(&charge.model), &self.settings);
            self.charge = charge;
            self.fifos.settle(&mut self.charge.clearances);
        }
        self.worker = WorkerProcess::start(&self.log).map_err(|error| {
            self.give_up();
            fatal("cannot start the worker", &error)
        })?;
        self.pid_files.note(self.worker.pid());
        let charge = Charge { settings: self.settings.clone(), ..self.charge.clone() };
        self.order(Order::Run(charge, past.to_vec())).await;
        Ok(())
    }

    fn restore_settings(&mut self) {
        self.secondaries.restore();
        self.local_igmp.restore();
    }

    fn promote_secondaries(&mut self) {
        let wanted = self.charge.model.instances.iter().filter(|instance| instance.promote_secondaries);
        self.secondaries.promote(wanted.filter_map(|instance| instance.interface.as_ref()));
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
    fn give_up(&mut self) {
        Leftovers::all_of(&self.charge.model).remove();
        remove_interfaces(&self.charge.model, None, &self.settings);
        self.restore_settings();
        systemd::stopping();
    }

    async fn stop(&mut self) -> Result<(), u8> {
        info!("Stopping");
        systemd::stopping();
        let patience = self.charge.model.global.child_wait_time + GRACE;
        let ended = tokio::time::timeout(patience, async {
            // A worker that does not run does not read either.
            self.order(Order::Stop).await;
            loop {
                match self.worker.next().await {
                    Ok(Happening::Ended(_)) | Err(_) => return,
                    Ok(Happening::Report(Report::Settings(changed))) => self.settings = changed,
                    Ok(Happening::Report(Report::Mails(alerts))) => self.mail(&alerts),
                    Ok(Happening::Report(_)) => {}
                }
            }
        });
        if ended.await.is_err() {
            error!("the worker does not stop; killing it");
            self.worker.kill();
            Leftovers::all_of(&self.charge.model).remove();
            remove_interfaces(&self.charge.model, None, &self.settings);
        }
        self.restore_settings();
        Ok(())
    }
}

/// The pid files of both processes.
struct PidFiles {
    worker: PidFile,
    /// After that, so that it is dropped later: it says that the daemon as a whole runs.
    daemon: PidFile,
    /// Their folders go last.
    _folders: PidFolders,
}

/// Removes the folders of the pid files when dropped.
struct PidFolders(PidPaths);

impl Drop for PidFolders {
    fn drop(&mut self) {
        self.0.remove_folders();
    }
}

impl PidFiles {
    fn take(paths: PidPaths) -> Result<Self, PidFileError> {
        paths.make_folders();
        let folders = PidFolders(paths);
        let daemon = PidFile::take(&folders.0.daemon)?;
        let worker = PidFile::take(&folders.0.worker)?;
        Ok(Self { worker, daemon, _folders: folders })
    }

    fn note_daemon(&mut self) {
        self.daemon.write(std::process::id());
    }

    fn note(&mut self, worker: Option<u32>) {
        worker.into_iter().for_each(|pid| self.worker.write(pid));
    }
}
