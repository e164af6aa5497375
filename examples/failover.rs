//! Two real daemons on one virtual cable; one is killed; what happened when, in milliseconds since the kill.
//!
//! `cargo run --release --example failover`. Needs root, or a kernel that lets everybody make user namespaces.
//!
//! `cargo run --example` builds no `vrrpd` binary, so this program is the daemon too: with a first argument of `daemon`
//! it runs as `vrrpd` with the rest, and what the daemon re-executes itself as (`__worker`, `__script`: its own roles,
//! always through the current executable) it hands to [`vrrpd::main`] unchanged.

mod lan;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use lan::observer::{Observer, Seen, What};
use lan::{Daemon, Host};

const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 100);
const INTERVAL: Duration = Duration::from_secs(1);
/// The priorities of the two.
const A: u8 = 200;
const B: u8 = 100;
/// Longer than any step of the demonstration takes.
const LIMIT: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_default();
    match std::env::args_os().nth(1) {
        Some(role) if role == "daemon" => vrrpd::main(std::iter::once(program).chain(arguments.skip(1))),
        Some(role) if role.to_string_lossy().starts_with("__") => vrrpd::main(std::env::args_os()),
        _ => match demonstrate() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _closed = writeln!(io::stderr(), "failover: {error}");
                ExitCode::FAILURE
            }
        },
    }
}

fn demonstrate() -> io::Result<()> {
    let [host_a, host_b] = lan::two_hosts()?;
    let directory = tempfile::tempdir()?;
    let program: OsString = std::env::current_exe()?.into();
    let start =
        |host, priority| Host::start(host, &program, &["daemon"], directory.path(), &configuration(priority));
    let observer = Observer::new(&host_b)?;

    say(&format!(
        "A ({}) and B ({}) share {ADDRESS}; A has priority {A}, B {B}.",
        host_a.address(),
        host_b.address()
    ))?;
    let mut a = start(&host_a, A)?;
    let from_a = |what: &What| matches!(what, What::Advert { from, .. } if *from == host_a.address());
    observer.wait(LIMIT, from_a).map_err(|error| with_log(&error, &a))?;
    let b = start(&host_b, B)?;
    say("A serves, B is started and listens ...")?;
    observer.wait(LIMIT, from_a)?;
    observer.wait(LIMIT, from_a)?;
    let mut seen = vec![observer.wait(LIMIT, from_a)?];
    say("kill -9 of A.\n")?;
    let killed = a.kill();
    let announced = observer.collect(LIMIT, |what| *what == What::Announced(ADDRESS));
    seen.extend(announced.map_err(|error| with_log(&error, &b))?);
    table(killed, &seen, &host_a, &host_b)
}

/// The time line; rows stand in the order of their times.
fn table(killed: Duration, seen: &[Seen], a: &Host, b: &Host) -> io::Result<()> {
    let first =
        |wanted: &dyn Fn(&What) -> bool| seen.iter().find(|seen| wanted(&seen.what)).map(|seen| seen.at);
    let advert_of = |host: &Host| {
        let address = host.address();
        move |what: &What| matches!(what, What::Advert { from, .. } if *from == address)
    };
    let last_of_a = seen.iter().rfind(|seen| advert_of(a)(&seen.what)).map(|seen| seen.at);
    let due = last_of_a.map(|last| last + INTERVAL * 3 + INTERVAL * (256 - u32::from(B)) / 256);
    let mut rows = vec![
        (Some(killed), "A is killed"),
        (last_of_a, "last advert of A"),
        (due, "B's down time for A ends: 3 intervals and (256 - priority)/256 after the last advert"),
        (first(&advert_of(b)), "first advert of B"),
        (first(&|what| *what == What::AddressCame(ADDRESS)), "the address is on B"),
        (first(&|what| *what == What::Announced(ADDRESS)), "first gratuitous ARP of B: the network knows"),
    ];
    rows.sort_by_key(|(at, _)| *at);
    say("     ms since the kill")?;
    for (at, what) in rows {
        match at {
            Some(at) => {
                say(&format!("{:>14.3}  {what}", (at.as_secs_f64() - killed.as_secs_f64()) * 1000.0))?
            }
            None => return Err(io::Error::other(format!("not seen: {what}"))),
        }
    }
    Ok(())
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

fn with_log(error: &io::Error, daemon: &Daemon<'_>) -> io::Error {
    io::Error::other(format!("{error}\nlog of the daemon:\n{}", daemon.log()))
}

fn configuration(priority: u8) -> String {
    format!(
        "vrrp_instance demo {{\n    interface eth0\n    version 3\n    virtual_router_id 51\n    priority {priority}\n    \
         advert_int {}\n    virtual_ipaddress {{\n        {ADDRESS}/24\n    }}\n}}\n",
        INTERVAL.as_secs_f64()
    )
}
