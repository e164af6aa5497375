//! Network namespaces that belong to a thread, and what is needed to furnish them.

use std::process::Command;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use nix::sched::{CloneFlags, unshare};
use vrrpd::kernel::{Fact, Monitor, OwnRemovals};
use vrrpd::units::IfIndex;

/// Far beyond what a loaded machine needs; what never happens fails here.
pub(crate) const BOUND: Duration = Duration::from_secs(20);

type Order = Box<dyn FnOnce() + Send>;

/// A thread in a network namespace of its own, with `lo` up.
pub(crate) struct Namespace {
    orders: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
    /// Names the namespace to `ip link ... netns`.
    thread_id: i32,
}

impl Namespace {
    pub(crate) fn new() -> Self {
        let (orders, received) = mpsc::channel::<Order>();
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).expect("these tests need root: they make network namespaces");
            tell.send(nix::unistd::gettid().as_raw()).unwrap();
            received.into_iter().for_each(|order| order());
        });
        let thread_id = told.recv().expect("the namespace exists");
        let namespace = Self { orders: Some(orders), thread: Some(thread), thread_id };
        namespace.run(|| {
            // Link-local addresses are to be there at once.
            write("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
            write("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
            write("/proc/sys/net/ipv4/conf/default/rp_filter", "0");
            ip("link set lo up");
        });
        namespace
    }

    /// Runs `work` inside and returns what it returned; its panic is ours.
    pub(crate) fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (tell, told) = mpsc::channel();
        let order = Box::new(move || {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            tell.send(outcome).unwrap();
        });
        self.orders.as_ref().unwrap().send(order).unwrap();
        told.recv().unwrap().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.orders.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Runs a test in a namespace of its own.
pub(crate) fn alone(test: impl FnOnce() + Send + 'static) {
    Namespace::new().run(test);
}

/// Runs a test in a namespace with `hv0`, whose other end `peer0` is there too; both are up, `hv0` with carrier at once.
pub(crate) fn with_link(test: impl FnOnce() + Send + 'static) {
    alone(|| {
        ip("link add hv0 type veth peer name peer0");
        ip("link set peer0 up");
        ip("link set hv0 up");
        test();
    });
}

/// Runs a test in a namespace with `hv0`, whose other end `peer0` is in `peer`'s.
///
/// The Ethernet addresses are 02:00:00:00:00:01 and 02:00:00:00:00:02; both ends are up.
pub(crate) fn with_peer(test: impl FnOnce(Namespace) + Send + 'static) {
    let (near, peer) = (Namespace::new(), Namespace::new());
    let target = peer.thread_id;
    near.run(move || {
        ip(&format!("link add hv0 address 02:00:00:00:00:01 type veth peer name peer0 netns {target}"));
        ip("link set hv0 up");
    });
    peer.run(|| {
        ip("link set peer0 address 02:00:00:00:00:02");
        ip("link set peer0 up");
        wait_for_link_local("peer0");
    });
    near.run(move || {
        wait_for_link_local("hv0");
        test(peer);
    });
}

/// Waits until IPv6 works on a link, some time after it came up.
fn wait_for_link_local(device: &str) {
    let device = index(device);
    let is_it =
        |fact: &Fact| matches!(fact, Fact::Address(it) if it.interface == device && it.address.is_ipv6());
    wait(async {
        let (mut monitor, facts) = Monitor::start(OwnRemovals::default()).await.unwrap();
        let mut there = facts.iter().any(is_it);
        while !there {
            there = is_it(&monitor.next().await.unwrap());
        }
    });
}

/// Runs async code on a runtime of this thread, with a bound.
pub(crate) fn wait<F: Future>(work: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(BOUND, work).await.expect("a bounded wait") })
}

/// `ip` with these words, which must succeed.
pub(crate) fn ip(words: &str) -> String {
    let output = Command::new("ip").args(words.split_whitespace()).output().expect("iproute2 is installed");
    assert!(output.status.success(), "ip {words}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The kernel's number of an interface that exists.
pub(crate) fn index(name: &str) -> IfIndex {
    IfIndex::new(nix::net::if_::if_nametoindex(name).unwrap()).unwrap()
}

pub(crate) fn write(path: &str, text: &str) {
    std::fs::write(path, text).unwrap_or_else(|error| panic!("{path}: {error}"));
}
