//! One network namespace: made, entered, emptied and deleted.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::thread;

use nix::ifaddrs::getifaddrs;
use nix::sched::{CloneFlags, setns};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::bell::{Bell, Lines};

/// What every namespace of these tests begins with; then come the process id of the test, a count and the node.
const PREFIX: &str = "lab-";

/// A named network namespace that ends with this value, and with it every process inside.
pub(crate) struct Namespace {
    name: String,
    inode: u64,
    /// What `ip monitor` said of links, addresses, routes and rules, in its words.
    pub(crate) address_log: Lines,
    monitor: Child,
}

impl Namespace {
    pub(crate) fn new(suffix: &str, bell: &Bell) -> Self {
        require_root();
        static SWEPT: Once = Once::new();
        SWEPT.call_once(sweep);
        let name = format!("{PREFIX}{}-{suffix}", std::process::id());
        ip(&format!("netns add {name}"));
        let inode = fs::metadata(path_of(&name)).unwrap().ino();
        let address_log = Lines::default();
        let mut monitor = Command::new("ip")
            .args(["-n", &name, "-o", "monitor", "link", "address", "route", "rule"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`ip` of iproute2 is needed");
        address_log.follow(monitor.stdout.take().unwrap(), bell);
        let this = Self { name, inode, address_log, monitor };
        // Duplicate address detection would keep link-local addresses tentative for a second or two.
        this.inside(|| write_sysctl("net/ipv6/conf/default/accept_dad", "0"));
        this
    }

    /// Runs `ip -n NAME ...`, which must succeed.
    pub(crate) fn ip(&self, arguments: &str) {
        ip(&format!("-n {} {arguments}", self.name));
    }

    /// What a command inside says on its standard output.
    pub(crate) fn output(&self, command: &str) -> String {
        let mut words = command.split_whitespace();
        let mut run = Command::new(words.next().expect("a program"));
        run.args(words).stderr(Stdio::null());
        let output = self.inside(move || run.output()).unwrap_or_else(|error| panic!("{command}: {error}"));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What `ip -n NAME ...` says.
    pub(crate) fn ask(&self, arguments: &str) -> String {
        ip(&format!("-n {} {arguments}", self.name))
    }

    pub(crate) fn inode(&self) -> u64 {
        self.inode
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Does `work` on a thread that is inside; what it spawns or opens stays inside.
    pub(crate) fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let namespace = File::open(path_of(&self.name)).unwrap();
        let entered = || {
            setns(namespace, CloneFlags::CLONE_NEWNET).expect("entering a network namespace needs root");
            work()
        };
        thread::scope(|scope| scope.spawn(entered).join())
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// The addresses of all interfaces, as `10.0.0.100/24`.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.inside(|| getifaddrs().unwrap().filter_map(|interface| in_words(&interface)).collect())
    }

    /// Every process inside but our own monitor.
    pub(crate) fn processes(&self) -> Vec<Pid> {
        let inside = |pid: &Pid| {
            fs::metadata(format!("/proc/{pid}/ns/net")).is_ok_and(|namespace| namespace.ino() == self.inode)
        };
        let own = Pid::from_raw(self.monitor.id().cast_signed());
        let all = fs::read_dir("/proc").unwrap().flatten();
        let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).map(Pid::from_raw);
        pids.filter(|pid| *pid != own).filter(inside).collect()
    }

    /// Ends every process inside as a power cut would: nobody sees another one die first.
    pub(crate) fn kill_all(&self) {
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            for pid in self.processes() {
                let _gone_already = kill(pid, signal);
            }
        }
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.kill_all();
        let _gone_already = self.monitor.kill();
        let _status = self.monitor.wait();
        let _gone_already =
            Command::new("ip").args(["netns", "del", &self.name]).stderr(Stdio::null()).status();
    }
}

/// Runs `ip`, which must succeed; what it says.
fn ip(arguments: &str) -> String {
    let output = Command::new("ip").args(arguments.split_whitespace()).output();
    let output = output.expect("`ip` of iproute2 is needed");
    assert!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Writes a setting of the namespace that the calling thread is in.
pub(crate) fn write_sysctl(name: &str, value: &str) {
    let path = format!("/proc/sys/{name}");
    File::options()
        .write(true)
        .open(&path)
        .and_then(|mut file| file.write_all(value.as_bytes()))
        .unwrap_or_else(|error| panic!("{path}: {error}"));
}

/// What all interfaces of the calling thread's namespace are set to, as `net/ipv4/conf/eth0/arp_ignore = 0`.
pub(crate) fn settings() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for family in ["net/ipv4/conf", "net/ipv6/conf"] {
        for interface in fs::read_dir(format!("/proc/sys/{family}")).unwrap().flatten() {
            for key in fs::read_dir(interface.path()).into_iter().flatten().flatten() {
                let path = key.path();
                let name = path.strip_prefix("/proc/sys").unwrap().display();
                let value = fs::read_to_string(&path).unwrap_or_default();
                found.insert(format!("{name} = {}", value.trim()));
            }
        }
    }
    found
}

fn require_root() {
    assert!(nix::unistd::geteuid().is_root(), "these tests make network namespaces: run them as root");
}

fn path_of(name: &str) -> PathBuf {
    PathBuf::from("/run/netns").join(name)
}

fn in_words(interface: &nix::ifaddrs::InterfaceAddress) -> Option<String> {
    let (address, mask) = (interface.address.as_ref()?, interface.netmask.as_ref()?);
    if let (Some(address), Some(mask)) = (address.as_sockaddr_in(), mask.as_sockaddr_in()) {
        return Some(format!("{}/{}", address.ip(), u32::from(mask.ip()).count_ones()));
    }
    let (address, mask) = (address.as_sockaddr_in6()?, mask.as_sockaddr_in6()?);
    Some(format!("{}/{}", address.ip(), u128::from(mask.ip()).count_ones()))
}

/// Removes what test processes left behind that were killed before they could.
fn sweep() {
    let Ok(names) = fs::read_dir("/run/netns") else { return };
    for name in names.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|pid| pid.parse::<u32>().is_ok() && !PathBuf::from("/proc").join(pid).exists()) {
            let pids = Command::new("ip").args(["netns", "pids", &name]).output().map(|out| out.stdout);
            for pid in String::from_utf8_lossy(&pids.unwrap_or_default()).split_whitespace() {
                let _gone_already = kill(Pid::from_raw(pid.parse().unwrap()), Signal::SIGKILL);
            }
            let _gone_already = Command::new("ip").args(["netns", "del", &name]).status();
        }
    }
}
