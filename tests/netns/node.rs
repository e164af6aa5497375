//! A place on the bridge, and one daemon that runs there.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::bell::{Bell, Lines};
use crate::namespace::Namespace;

/// Which of the two daemons of a test: the one that is judged, or the one that it must get on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Subject,
    Peer,
}

impl Program {
    /// Whether keepalived itself is being judged.
    pub(crate) fn keepalived_is_judged() -> bool {
        match std::env::var("SUBJECT").as_deref() {
            Err(_) | Ok("vrrpd") => false,
            Ok("keepalived") => true,
            Ok(other) => panic!("SUBJECT is vrrpd or keepalived, not {other}"),
        }
    }

    fn path(self) -> OsString {
        let is_vrrpd = match self {
            Self::Subject => !Self::keepalived_is_judged(),
            Self::Peer => std::env::var("PEER").is_ok_and(|peer| peer == "vrrpd"),
        };
        if is_vrrpd {
            return env!("CARGO_BIN_EXE_vrrpd").into();
        }
        let named = std::env::var_os("PEER").filter(|_| self == Self::Peer);
        let path = named.or_else(|| std::env::var_os("KEEPALIVED")).unwrap_or_else(|| "keepalived".into());
        // A relative path is meant from where the tests were started: the top of the package.
        fs::canonicalize(&path).map_or(path, PathBuf::into_os_string)
    }
}

/// A node's namespace with its interface, whether or not a daemon runs there.
#[derive(Clone)]
pub(crate) struct Place {
    number: usize,
    namespace: Arc<Namespace>,
    bridge: Arc<Namespace>,
    bell: Bell,
}

impl Place {
    pub(crate) fn new(number: usize, namespace: Arc<Namespace>, bridge: Arc<Namespace>, bell: Bell) -> Self {
        Self { number, namespace, bridge, bell }
    }

    /// Whether an interface here has this address, written as `10.0.0.100/24`.
    pub(crate) fn has(&self, address: &str) -> bool {
        self.namespace.addresses().iter().any(|have| have == address)
    }

    pub(crate) fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// What a command here says on its standard output.
    pub(crate) fn output(&self, command: &str) -> String {
        self.namespace.output(command)
    }

    /// The settings of all interfaces here, as `net/ipv4/conf/eth0/arp_ignore = 0`.
    pub(crate) fn settings(&self) -> BTreeSet<String> {
        self.namespace.inside(crate::namespace::settings)
    }

    pub(crate) fn ip(&self, arguments: &str) {
        self.namespace.ip(arguments);
    }

    /// What `ip` says here.
    pub(crate) fn ask(&self, arguments: &str) -> String {
        self.namespace.ask(arguments)
    }

    /// A setting of this namespace, as `net/ipv4/conf/eth0/forwarding`.
    pub(crate) fn sysctl(&self, name: &str) -> String {
        let path = format!("/proc/sys/{name}");
        self.namespace.inside(|| fs::read_to_string(&path).unwrap().trim().to_owned())
    }

    /// Looks until `condition` holds and says how long that took; `None` when `limit` passed first.
    pub(crate) fn wait(&self, limit: Duration, condition: impl FnMut() -> bool) -> Option<Duration> {
        self.bell.wait(limit, condition)
    }

    /// How often the kernel told of something in these words.
    pub(crate) fn times_told(&self, words: &str) -> usize {
        self.namespace.address_log.count(|line| line.contains(words))
    }

    /// Pulls the cable: the interface here loses its carrier.
    pub(crate) fn unplug(&self) {
        self.bridge.ip(&format!("link set port{} down", self.number));
    }

    /// The same for the second link.
    pub(crate) fn unplug_second(&self) {
        self.bridge.ip(&format!("link set back{} down", self.number));
    }

    pub(crate) fn plug_second(&self) {
        self.bridge.ip(&format!("link set back{} up", self.number));
    }

    /// What /proc says of a process that is here.
    pub(crate) fn inode(&self) -> u64 {
        self.namespace.inode()
    }

    pub(crate) fn namespace_name(&self) -> &str {
        self.namespace.name()
    }

    pub(crate) fn plug(&self) {
        self.bridge.ip(&format!("link set port{} up", self.number));
    }

    /// How often the kernel has said that this address went away.
    pub(crate) fn times_removed(&self, address: &str) -> usize {
        self.namespace
            .address_log
            .count(|line| line.starts_with("Deleted") && line.contains(&format!(" {address} ")))
    }

    /// Starts a daemon with this configuration and all its files in a directory of its own.
    pub(crate) fn start(&self, program: Program, configuration: &str) -> Node {
        self.start_with(program, configuration, &[])
    }

    /// The same with further options.
    pub(crate) fn start_with(&self, program: Program, configuration: &str, options: &[&str]) -> Node {
        let directory = TempDir::with_prefix("vrrpd-lab-").unwrap();
        fs::write(directory.path().join("daemon.conf"), configuration).unwrap();
        let mut command = self.command(program, directory.path());
        command.args(options);
        self.follow(&self.namespace, program, directory, command)
    }

    /// The same from the bridge's namespace: the daemon has to find its way here.
    pub(crate) fn start_from_bridge(&self, program: Program, configuration: &str, options: &[&str]) -> Node {
        let directory = TempDir::with_prefix("vrrpd-lab-").unwrap();
        fs::write(directory.path().join("daemon.conf"), configuration).unwrap();
        let mut command = self.command(program, directory.path());
        command.args(options);
        self.follow(&self.bridge, program, directory, command)
    }

    fn follow(&self, from: &Namespace, program: Program, directory: TempDir, mut command: Command) -> Node {
        let spawn = move || command.stdout(Stdio::null()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn();
        let spawned = from.inside(spawn);
        let mut child = spawned.unwrap_or_else(|error| panic!("cannot start {:?}: {error}", program.path()));
        let log = Lines::default();
        log.follow(child.stderr.take().unwrap(), &self.bell);
        Node { place: self.clone(), directory, child: RefCell::new(child), log, program }
    }

    fn command(&self, program: Program, directory: &Path) -> Command {
        let mut command = Command::new(program.path());
        command.args(["-n", "-l", "-D", "-G", "-f"]).arg(directory.join("daemon.conf"));
        for (option, file) in [("-p", "parent"), ("-r", "vrrp"), ("-c", "checkers"), ("-b", "bfd")] {
            command.arg(option).arg(directory.join(format!("{file}.pid")));
        }
        command.env("TMPDIR", directory).env_remove("NOTIFY_SOCKET");
        command
    }

    /// Runs a daemon that is expected to end by itself, with further options, and says how it ended and what it said.
    pub(crate) fn run(
        &self,
        program: Program,
        configuration: &str,
        options: &[&str],
    ) -> (Option<i32>, String) {
        self.run_with(program, configuration, |command| command.args(options))
    }

    /// The same for one that goes to the background: how its caller sees it end.
    pub(crate) fn run_as_daemon(&self, program: Program, configuration: &str) -> (Option<i32>, String) {
        let keep = |arg: &&std::ffi::OsStr| *arg != "-n";
        self.run_with(program, configuration, |command| {
            let mut daemon = Command::new(command.get_program());
            daemon.args(command.get_args().filter(keep)).env_remove("NOTIFY_SOCKET");
            *command = daemon;
            command
        })
    }

    fn run_with(
        &self,
        program: Program,
        configuration: &str,
        change: impl FnOnce(&mut Command) -> &mut Command,
    ) -> (Option<i32>, String) {
        let directory = TempDir::with_prefix("vrrpd-lab-").unwrap();
        fs::write(directory.path().join("daemon.conf"), configuration).unwrap();
        let mut command = self.command(program, directory.path());
        change(&mut command);
        let said = format!("{command:?}");
        let spawn = move || command.stdout(Stdio::null()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn();
        let mut child = self.namespace.inside(spawn).unwrap();
        let log = Lines::default();
        let follower = log.follow(child.stderr.take().unwrap(), &self.bell);
        let ended = self.bell.wait(Duration::from_secs(10), || child.try_wait().unwrap().is_some());
        if ended.is_none() {
            self.namespace.kill_all();
            panic!("still running after 10 s: {said}:\n{}", log.text());
        }
        let status = child.wait().unwrap().code();
        self.namespace.kill_all();
        // Nobody is left who could write; what was written may still have to be read.
        follower.join().unwrap();
        (status, log.text())
    }
}

/// A running daemon; killed with all its processes when dropped, its log shown when the test failed.
pub(crate) struct Node {
    place: Place,
    directory: TempDir,
    child: RefCell<Child>,
    log: Lines,
    program: Program,
}

impl Node {
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn has(&self, address: &str) -> bool {
        self.place.has(address)
    }

    /// How often the log said this.
    pub(crate) fn said(&self, words: &str) -> usize {
        self.log.count(|line| line.contains(words))
    }

    pub(crate) fn said_since(&self, since: Instant, words: &str) -> bool {
        self.log.since(since).iter().any(|line| line.contains(words))
    }

    pub(crate) fn log(&self) -> String {
        self.log.text()
    }

    /// The process that sends the adverts.
    pub(crate) fn worker(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.directory.path().join("vrrp.pid")).ok()?;
        text.trim().parse().ok().map(Pid::from_raw)
    }

    /// The process that was started.
    pub(crate) fn supervisor(&self) -> Pid {
        Pid::from_raw(self.child.borrow().id().cast_signed())
    }

    /// Sends a signal to the daemon's first process, as `kill` and systemd do.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.borrow().id().cast_signed()), signal).unwrap();
    }

    /// kill -9 of everything at once.
    pub(crate) fn kill(&self) {
        self.place.namespace.kill_all();
    }

    /// SIGTERM; the status with which the daemon ended within `limit`.
    pub(crate) fn stop(&self, limit: Duration) -> ExitStatus {
        self.signal(Signal::SIGTERM);
        let ended = self.place.bell.wait(limit, || self.exit_status().is_some());
        assert!(ended.is_some(), "still running {limit:?} after SIGTERM");
        self.exit_status().unwrap()
    }

    /// How the first process ended, if it did.
    pub(crate) fn exit_status(&self) -> Option<ExitStatus> {
        self.child.borrow_mut().try_wait().unwrap()
    }

    pub(crate) fn rewrite(&self, configuration: &str) {
        fs::write(self.directory.path().join("daemon.conf"), configuration).unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
        let _status = self.child.borrow_mut().wait();
        if std::thread::panicking() {
            let (number, program) = (self.place.number, self.program);
            eprintln!(
                "log of node {number}, the {program:?}, with {:?}:\n{}",
                self.place.namespace.addresses(),
                self.log()
            );
        }
    }
}
