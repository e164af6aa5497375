//! A network of two hosts inside this process tree, for the examples: two network namespaces and one cable.
//!
//! Works as root, and for everybody where the kernel allows user namespaces. Nothing is left behind: the namespaces
//! have no names and end with their last process.
// Each example uses its part.
#![allow(dead_code)]

pub(crate) mod observer;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getegid, geteuid};
use rtnetlink::packet_route::link::LinkMessage;
use rtnetlink::{Handle, LinkUnspec, LinkVeth};

/// Where the two hosts are: each has `eth0` with 10.0.0.N/24 and the MAC 02:00:00:00:00:0N.
pub(crate) struct Host {
    number: u8,
    namespace: File,
}

/// Makes two hosts; must be called while this process has one thread only.
pub(crate) fn two_hosts() -> io::Result<[Host; 2]> {
    if !geteuid().is_root() {
        become_root_of_a_user_namespace()?;
    }
    let hosts = [Host::new(1)?, Host::new(2)?];
    let peer = hosts[1].namespace.as_raw_fd();
    hosts[0].configure(async |netlink| {
        let cable: LinkMessage = LinkVeth::new("eth0", "peer").address(hosts[0].mac().to_vec()).build();
        netlink.link().add(cable).execute().await?;
        let other_end = LinkUnspec::new_with_name("peer").setns_by_fd(peer).build();
        netlink.link().set(other_end).execute().await
    })?;
    hosts[1].configure(async |netlink| {
        let ours = LinkUnspec::new_with_name("peer");
        let renamed = ours.index(index_of("peer")).name("eth0").address(hosts[1].mac().to_vec()).build();
        netlink.link().set(renamed).execute().await
    })?;
    hosts.iter().try_for_each(Host::bring_up)?;
    Ok(hosts)
}

impl Host {
    fn new(number: u8) -> io::Result<Self> {
        let made = thread::spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            File::open("/proc/thread-self/ns/net")
        });
        Ok(Self { number, namespace: made.join().expect("it does not panic")? })
    }

    pub(crate) fn address(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 0, self.number)
    }

    pub(crate) fn mac(&self) -> [u8; 6] {
        [2, 0, 0, 0, 0, self.number]
    }

    fn bring_up(&self) -> io::Result<()> {
        self.configure(async |netlink| {
            let (index, loopback) = (index_of("eth0"), index_of("lo"));
            netlink.address().add(index, self.address().into(), 24).execute().await?;
            for index in [loopback, index] {
                let up = LinkUnspec::new_with_index(index).up().build();
                netlink.link().set(up).execute().await?;
            }
            Ok(())
        })
    }

    /// Does `work` with a netlink connection to this host.
    fn configure(
        &self,
        work: impl AsyncFnOnce(Handle) -> Result<(), rtnetlink::Error> + Send,
    ) -> io::Result<()> {
        self.inside(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let (connection, handle, _messages) = rtnetlink::new_connection()?;
                tokio::spawn(connection);
                work(handle).await.map_err(io::Error::other)
            })
        })
    }

    /// Does `work` on a thread that is inside; what it spawns or opens stays inside.
    pub(crate) fn inside<T: Send>(&self, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        let entered = || {
            setns(&self.namespace, CloneFlags::CLONE_NEWNET)?;
            work()
        };
        thread::scope(|scope| scope.spawn(entered).join().expect("it does not panic"))
    }

    /// Starts a daemon here with the configuration `text`; its files and its log stand in `directory`.
    pub(crate) fn start(
        &self,
        program: &OsStr,
        first: &[&str],
        directory: &Path,
        text: &str,
    ) -> io::Result<Daemon<'_>> {
        let file = |suffix: &str| directory.join(format!("{}.{suffix}", self.number));
        fs::write(file("conf"), text)?;
        let mut command = Command::new(program);
        command.args(first).args(["-n", "-l", "-D", "-G", "-f"]).arg(file("conf"));
        for (option, suffix) in [("-p", "pid"), ("-r", "vrrp"), ("-c", "checkers"), ("-b", "bfd")] {
            command.arg(option).arg(file(suffix));
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(file("log"))?);
        let child = self.inside(move || command.spawn())?;
        Ok(Daemon { host: self, child, log: file("log") })
    }

    /// Ends every process here at once, as a power cut would, and says when that was.
    fn cut_the_power(&self) -> Duration {
        let inode = self.namespace.metadata().map(|found| found.ino()).unwrap_or_default();
        let inside =
            |pid: &Pid| fs::metadata(format!("/proc/{pid}/ns/net")).is_ok_and(|found| found.ino() == inode);
        let all: Vec<Pid> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .map(Pid::from_raw)
            .filter(inside)
            .collect();
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            for pid in &all {
                let _gone_already = kill(*pid, signal);
            }
        }
        now()
    }
}

/// A running daemon with its children; killed when dropped.
pub(crate) struct Daemon<'a> {
    host: &'a Host,
    child: Child,
    log: std::path::PathBuf,
}

impl Daemon<'_> {
    /// kill -9 of all its processes at once; says when.
    pub(crate) fn kill(&mut self) -> Duration {
        let when = self.host.cut_the_power();
        let _status = self.child.wait();
        when
    }

    /// SIGTERM, as an operator stops it: it takes its address back.
    pub(crate) fn stop(&mut self) -> io::Result<()> {
        kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM)?;
        self.child.wait().map(|_status| ())
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The time since the epoch, on the clock that the kernel stamps frames with.
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn index_of(interface: &str) -> u32 {
    nix::net::if_::if_nametoindex(interface).unwrap_or_default()
}

/// The way for everybody: inside a user namespace of our own we may make network namespaces.
fn become_root_of_a_user_namespace() -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS).map_err(
        |error| io::Error::other(format!("no user namespace ({error}): run this as root instead")),
    )?;
    let write = |path: &str, text: String| File::options().write(true).open(path)?.write_all(text.as_bytes());
    write("/proc/self/setgroups", "deny".to_owned())?;
    write("/proc/self/uid_map", format!("0 {user} 1"))?;
    write("/proc/self/gid_map", format!("0 {group} 1"))
}
