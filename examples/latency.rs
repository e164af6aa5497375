//! How late a backup is when its master dies: vrrpd beside keepalived, in one run on one machine.
//!
//! `KEEPALIVED=PATH cargo run --release --example latency [RUNS]`. Needs root, or a kernel that lets everybody make user
//! namespaces. The master is a sender in this program, so that its last advert is known exactly; the backup is the
//! daemon, with one address. Zero is the computed master-down time: last advert + 3 x interval + skew (RFC 9568 §6.1).
//! Frames bear the kernel's time stamps at the backup's own interface; the address counts from the kernel's message
//! about it, which is read a wake-up later.
//!
//! Like `failover`, this program is the daemon too: `daemon` as the first argument runs it as `vrrpd`, and the roles
//! that the daemon re-executes itself in (`__worker`, `__script`) go to [`vrrpd::main`] unchanged.

mod lan;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use lan::observer::{Observer, Seen, What};
use lan::{Daemon, Host};

const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 100);
const VRID: u8 = 51;
const MASTER: u8 = 200;
const BACKUP: u8 = 100;
const INTERVALS: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(10)];
const RUNS: usize = 20;
/// How many adverts the master sends before it dies: enough for a backup that serves to step down and listen.
const ADVERTS: u32 = 10;
const LIMIT: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_default();
    let first = std::env::args_os().nth(1).unwrap_or_default();
    if first == "daemon" {
        return vrrpd::main(std::iter::once(program).chain(arguments.skip(1)));
    }
    if first.to_string_lossy().starts_with("__") {
        return vrrpd::main(std::env::args_os());
    }
    match measure(first.to_str().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _closed = writeln!(io::stderr(), "latency: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One takeover, in milliseconds after the master-down time.
#[derive(Clone, Copy)]
struct Takeover {
    advert: f64,
    announcement: f64,
    address: f64,
}

type Column = fn(&Takeover) -> f64;

/// What is measured of a takeover: its name, and where it stands.
const COLUMNS: [(&str, Column); 3] = [
    ("first advert", |takeover| takeover.advert),
    ("first ARP", |takeover| takeover.announcement),
    ("address", |takeover| takeover.address),
];

fn measure(runs: usize) -> io::Result<()> {
    let hosts = lan::two_hosts()?;
    let keepalived = std::env::var_os("KEEPALIVED").unwrap_or_else(|| "keepalived".into());
    say(&format!("ms after the master-down time, {runs} takeovers each: median / max"))?;
    say(&format!(
        "{:<12}{:<12}{:>24}{:>24}{:>24}",
        "interval", "daemon", COLUMNS[0].0, COLUMNS[1].0, COLUMNS[2].0
    ))?;
    for interval in INTERVALS {
        let own = takeovers(&hosts, &std::env::current_exe()?.into(), &["daemon"], interval, runs)?;
        report(interval, "vrrpd", &own)?;
        let theirs = takeovers(&hosts, &keepalived, &[], interval, runs)?;
        report(interval, "keepalived", &theirs)?;
        let ratios =
            COLUMNS.map(|(_, column)| format!("{:.2}", median(&own, column) / median(&theirs, column)));
        say(&format!("{:<12}{:<12}{:>24}{:>24}{:>24}\n", "", "ratio", ratios[0], ratios[1], ratios[2]))?;
    }
    Ok(())
}

fn takeovers(
    [master, backup]: &[Host; 2],
    program: &OsString,
    first: &[&str],
    interval: Duration,
    runs: usize,
) -> io::Result<Vec<Takeover>> {
    let directory = tempfile::tempdir()?;
    let (sender, observer) = (Observer::new(master)?, Observer::new(backup)?);
    let mut daemon = backup.start(program, first, directory.path(), &configuration(interval))?;
    // Its first takeover, of an address that nobody had, is its start and not judged.
    observer
        .wait(LIMIT, |what| *what == What::Announced(ADDRESS))
        .map_err(|error| with_log(&error, &daemon))?;
    let mut takeovers = Vec::new();
    for _ in 0..runs {
        let next = takeover(master, backup, &sender, &observer, interval);
        takeovers.push(next.map_err(|error| with_log(&error, &daemon))?);
    }
    daemon.stop()?;
    Ok(takeovers)
}

/// Lets the master live for a while, then die, and judges how the backup follows.
fn takeover(
    master: &Host,
    backup: &Host,
    sender: &Observer,
    observer: &Observer,
    interval: Duration,
) -> io::Result<Takeover> {
    let (advert, began) = (advert_frame(master, interval), Instant::now());
    for count in 0..ADVERTS {
        std::thread::sleep((began + interval * count).saturating_duration_since(Instant::now()));
        sender.send(&advert)?;
    }
    let is_advert_of =
        |what: &What, host: &Host| matches!(what, What::Advert { from, .. } if *from == host.address());
    for _ in 1..ADVERTS {
        observer.wait(LIMIT, |what| is_advert_of(what, master))?;
    }
    let died = observer.wait(LIMIT, |what| is_advert_of(what, master))?.at;
    let due = died + interval * 3 + interval * (256 - u32::from(BACKUP)) / 256;

    let (mut seen, mut parts) = (Vec::<Seen>::new(), 0);
    while parts < 3 {
        let next = observer.wait(LIMIT, |what| {
            is_advert_of(what, backup)
                || matches!(what, What::Announced(ADDRESS) | What::AddressCame(ADDRESS))
        })?;
        let same_kind =
            |seen: &Seen| std::mem::discriminant(&seen.what) == std::mem::discriminant(&next.what);
        parts += usize::from(!seen.iter().any(same_kind));
        seen.push(next);
    }
    let after = |wanted: &dyn Fn(&What) -> bool| {
        let at =
            seen.iter().find(|seen| wanted(&seen.what)).map(|seen| seen.at.as_secs_f64()).unwrap_or(f64::NAN);
        (at - due.as_secs_f64()) * 1000.0
    };
    Ok(Takeover {
        advert: after(&|what| is_advert_of(what, backup)),
        announcement: after(&|what| *what == What::Announced(ADDRESS)),
        address: after(&|what| *what == What::AddressCame(ADDRESS)),
    })
}

/// The master's advert as a whole frame: VRRPv3 to 224.0.0.18, checksum with the pseudo-header as keepalived has it.
fn advert_frame(master: &Host, interval: Duration) -> Vec<u8> {
    let [high, low] = u16::try_from(interval.as_millis() / 10).unwrap_or(u16::MAX).to_be_bytes();
    let (source, group) = (master.address().octets(), [224, 0, 0, 18]);
    let mut message = [&[0x31, VRID, MASTER, 1, high, low, 0, 0], &ADDRESS.octets()[..]].concat();
    let sum = checksum(&[&source[..], &group, &[0, 112, 0, 12], &message].concat());
    message[6..8].copy_from_slice(&sum);
    let mut header = [&[0x45, 0xc0, 0, 32, 0, 1, 0, 0, 255, 112, 0, 0][..], &source, &group].concat();
    let sum = checksum(&header);
    header[10..12].copy_from_slice(&sum);
    [&[1, 0, 0x5e, 0, 0, 0x12][..], &master.mac(), &[8, 0], &header, &message].concat()
}

/// RFC 1071, of an even number of bytes.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let sum: u32 = bytes.chunks_exact(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    (!(folded as u16)).to_be_bytes()
}

fn report(interval: Duration, daemon: &str, takeovers: &[Takeover]) -> io::Result<()> {
    let cells = COLUMNS.map(|(_, column)| {
        let largest = takeovers.iter().map(column).fold(f64::MIN, f64::max);
        format!("{:.3} / {largest:.3}", median(takeovers, column))
    });
    let interval = format!("{} ms", interval.as_millis());
    say(&format!("{interval:<12}{daemon:<12}{:>24}{:>24}{:>24}", cells[0], cells[1], cells[2]))
}

fn median(takeovers: &[Takeover], column: Column) -> f64 {
    let mut values: Vec<f64> = takeovers.iter().map(column).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn configuration(interval: Duration) -> String {
    format!(
        "vrrp_instance latency {{\n    interface eth0\n    version 3\n    virtual_router_id {VRID}\n    \
         priority {BACKUP}\n    advert_int {}\n    virtual_ipaddress {{\n        {ADDRESS}/24\n    }}\n}}\n",
        interval.as_secs_f64()
    )
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

fn with_log(error: &io::Error, daemon: &Daemon<'_>) -> io::Error {
    io::Error::other(format!("{error}\nlog of the daemon:\n{}", daemon.log()))
}
