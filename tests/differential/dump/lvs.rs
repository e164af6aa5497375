//! Virtual servers and real servers beside a dump that was recorded where the kernel has IPVS: without it keepalived
//! ends before it writes one.
//!
//! The Model keeps what each level says; what a level leaves open is resolved here, as keepalived does.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use vrrpd::config::model::virtual_server::{
    Checksum, Defaults, Forwarding, Protocol, RealServer, Service, Tunnel,
};
use vrrpd::config::model::{Model, VirtualServer};
use vrrpd::config::{Level, Request, read};

use super::compare::{Difference, Expected};
use super::text::{Dump, Object};
use super::values::{command, enabled, flag, one};
use crate::lab::ID;

/// What keepalived wrote, from the virtual servers to the checkers.
const RECORDED: &str = include_str!("../recorded/lvs.data");
/// Seconds that a connection may take, and between two checks, when nobody says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const DELAY_LOOP: Duration = Duration::from_secs(60);

/// What an object must say, by key.
type Fields = Vec<(&'static str, Expected)>;

/// Compares the recorded dump with our reading of its file; the number of fields.
pub(crate) fn compare_recorded() -> (usize, Vec<String>) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/recorded/lvs.conf");
    let level = Level::Offline;
    let reading = read(&Request {
        file: &file,
        config_id: ID,
        strict_includes: false,
        level,
        vrrp_only: false,
        namespace: None,
    });
    let model = reading.model.unwrap();
    let dump = Dump::parse(&with_real_servers_as_objects());
    let theirs: Vec<&Object> = dump.objects.iter().filter(|object| is_server(object)).collect();
    let ours: Vec<(String, Fields)> =
        model.virtual_servers.iter().flat_map(|server| all_of(server, &model)).collect();
    let mut wrong = Vec::new();
    let names = (theirs.iter().map(|object| title(object)), ours.iter().map(|(title, _)| title.clone()));
    let names: (Vec<String>, Vec<String>) = (names.0.collect(), names.1.collect());
    if names.0 != names.1 {
        wrong.push(format!("recorded/lvs: keepalived has {:?}, we have {:?}", names.0, names.1));
        return (0, wrong);
    }
    for (theirs, (title, fields)) in theirs.iter().zip(&ours) {
        wrong.extend(fields.iter().filter_map(|(key, ours)| difference(theirs, title, key, ours)));
    }
    (ours.iter().map(|(_, fields)| fields.len()).sum(), wrong)
}

/// The dump writes a real server as fields of the virtual one.
fn with_real_servers_as_objects() -> String {
    let lines = RECORDED.lines().filter(|line| !line.contains("------<"));
    lines.fold(String::new(), |mut text, line| {
        let line = line.strip_prefix("   RIP = ").map_or(line.to_owned(), |rest| format!(" RIP = {rest}"));
        writeln!(text, "{line}").unwrap();
        text
    })
}

fn is_server(object: &Object) -> bool {
    ["VS VIP", "VS GROUP", "RIP"].contains(&object.kind.as_str())
}

/// What stands in the line that opens an object, without what is of the moment.
fn title(object: &Object) -> String {
    let name = object.name.split(", WEIGHT").next().unwrap_or(&object.name);
    format!("{} = {name}", object.kind)
}

fn difference(theirs: &Object, title: &str, key: &str, ours: &Expected) -> Option<String> {
    let found = theirs.values(key).map(<[String]>::to_vec);
    // Behind the address of a sorry server stands how it does.
    let found = found.map(|values| if key == "sorry server" { values[..1].to_vec() } else { values });
    (found != *ours).then(|| {
        let shown =
            |values: &Expected| values.as_ref().map_or("nothing".to_owned(), |values| format!("{values:?}"));
        let (theirs, ours) = (shown(&found), shown(ours));
        let difference = Difference { object: title.to_owned(), key: key.to_owned(), theirs, ours };
        format!("recorded/lvs: {difference}")
    })
}

fn all_of(server: &VirtualServer, model: &Model) -> Vec<(String, Fields)> {
    let virtual_server = (opening(server), virtual_fields(server, model));
    let service_port = match server.service {
        Service::Address { port, .. } => port,
        Service::Fwmark(_) | Service::Group(_) => 0,
    };
    let real = |real: &RealServer| {
        // 0 is the port of the service.
        let port = if real.port == 0 { service_port } else { real.port };
        (format!("RIP = {}, RPORT = {port}", real.address), real_fields(real, server, model))
    };
    std::iter::once(virtual_server).chain(server.real_servers.iter().map(real)).collect()
}

fn opening(server: &VirtualServer) -> String {
    match &server.service {
        Service::Address { address, port } => format!("VS VIP = {address}, VPORT = {port}"),
        Service::Fwmark(mark) => format!("VS FWMARK = {mark}"),
        Service::Group(name) => format!("VS GROUP = [{name}]:0"),
    }
}

fn virtual_fields(server: &VirtualServer, model: &Model) -> Fields {
    let own = &server.defaults;
    let mut fields = vec![
        ("VirtualHost", own.virtualhost.as_ref().and_then(one)),
        ("connection timeout", one(seconds(own.connect_timeout.unwrap_or(CONNECT_TIMEOUT)))),
        ("delay_loop", one(seconds(own.delay_loop.unwrap_or(DELAY_LOOP)))),
        ("lvs_sched", one(server.scheduler.as_deref().unwrap_or("wlc"))),
        ("One packet scheduling", enabled(server.one_packet)),
        ("persistence timeout", server.persistence.and_then(|time| one(time.as_secs()))),
        ("protocol", server.protocol.and_then(|protocol| one(protocol_word(protocol)))),
        ("omega is ON", flag(server.omega)),
        ("alpha is ON", flag(own.alpha == Some(true))),
        ("Inhibit on failure is ON", flag(own.inhibit == Some(true))),
        ("quorum", one(format!("{}, hysteresis = {}", server.quorum, server.hysteresis))),
        ("Quorum up notify script", server.quorum_up.as_ref().and_then(|script| one(command(script, model)))),
        (
            "Quorum down notify script",
            server.quorum_down.as_ref().and_then(|script| one(command(script, model))),
        ),
        ("default forwarding method", one(forwarding(server.forwarding))),
        ("sorry server", sorry_server(server)),
    ];
    fields.extend(retries(own, &Defaults::default()));
    fields
}

fn real_fields(real: &RealServer, server: &VirtualServer, model: &Model) -> Fields {
    let (own, above) = (&real.defaults, &server.defaults);
    let timeout = own.connect_timeout.or(above.connect_timeout).unwrap_or(CONNECT_TIMEOUT);
    let delay = own.delay_loop.or(above.delay_loop).unwrap_or(DELAY_LOOP);
    let mut fields = vec![
        ("forwarding method", one(forwarding(real.forwarding.or(server.forwarding)))),
        ("connection timeout", one(seconds(timeout))),
        ("Delay loop", one(seconds(delay))),
        ("connection limit range", one(format!("{} -> {}", real.lower_threshold, real.upper_threshold))),
        ("Alpha is ON", flag(own.alpha.or(above.alpha) == Some(true))),
        ("Inhibit on failure is ON", flag(own.inhibit.or(above.inhibit) == Some(true))),
        ("initial weight", one(real.weight.unwrap_or(server.weight))),
        ("RS up notify script", real.notify_up.as_ref().and_then(|script| one(command(script, model)))),
        ("RS down notify script", real.notify_down.as_ref().and_then(|script| one(command(script, model)))),
    ];
    fields.extend(retries(own, above));
    fields
}

fn retries(own: &Defaults, above: &Defaults) -> Fields {
    let delay = own.delay_before_retry.or(above.delay_before_retry);
    vec![
        ("Retry count", own.retry.or(above.retry).and_then(one)),
        ("Retry delay", delay.and_then(|delay| one(seconds(delay)))),
        ("Warmup", own.warmup.or(above.warmup).and_then(|warmup| one(seconds(warmup)))),
    ]
}

fn sorry_server(server: &VirtualServer) -> Expected {
    let sorry = server.sorry_server.as_ref()?;
    let protocol =
        server.protocol.map_or("none".to_owned(), |protocol| protocol_word(protocol).to_lowercase());
    one(format!("[{}]:{protocol}:{}", sorry.address, sorry.port))
}

fn protocol_word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Sctp => "SCTP",
    }
}

fn forwarding(method: Option<Forwarding>) -> String {
    let tunnel = match method {
        None | Some(Forwarding::Nat) => return "NAT".to_owned(),
        Some(Forwarding::Direct) => return "DR".to_owned(),
        Some(Forwarding::Tunnel(tunnel)) => tunnel,
    };
    match tunnel {
        Tunnel::Ipip => "TUN".to_owned(),
        Tunnel::Gue { port, checksum } => {
            format!("TUN, type = GUE, port = {port}{}", checksum_word(checksum))
        }
        Tunnel::Gre { checksum } => format!("TUN, type = GRE{}", checksum_word(checksum)),
    }
}

fn checksum_word(checksum: Checksum) -> &'static str {
    match checksum {
        Checksum::None => "",
        Checksum::Full => ", checksum",
        Checksum::Remote => ", remote checksum",
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
}
