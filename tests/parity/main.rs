//! The verdict of `-t` beside keepalived's own, over its probe table and its sample configurations.
//!
//! Needs root, `ip`, and keepalived as `$KEEPALIVED` or on `PATH`; fails when one of them is missing. The measure is
//! 2.4.3; where 2.2.7 answers otherwise stands in `probes/known_differences.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the whole crate is a test")]

mod coverage;
mod lab;
mod probes;

use lab::Lab;

/// Exit statuses of both for every probe; what differs must be a difference on purpose.
#[test]
fn probes_end_with_keepalived_s_exit_status() {
    let lab = Lab::new();
    let mut wrong = Vec::new();
    let probes = probes::all();
    for probe in &probes {
        let folder = lab.folder(probe);
        let main = folder.path().join(probe.main);
        let theirs = lab.keepalived(&main, probe.strict);
        let reading = lab.ours(&main, probe.strict);
        let ours = i32::from(reading.exit_status());
        // A crash has no status of ours.
        let agree = if theirs < 0 { ours != 0 } else { theirs == ours };
        if !lab.expects(&probe.name, theirs, agree, !probe.differs.is_empty()) {
            let problems: Vec<String> = reading.problems.iter().map(ToString::to_string).collect();
            wrong.push(format!(
                "{}: keepalived {theirs}, ours {ours}\n    {}",
                probe.name,
                problems.join("\n    ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} probes\n{}", wrong.len(), probes.len(), wrong.join("\n"));
}

/// The files that keepalived ships: both pass or both fail.
#[test]
fn samples_pass_where_keepalived_passes_them() {
    let lab = Lab::new();
    let folder = std::path::Path::new("/usr/share/doc/keepalived/samples");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("keepalived's samples are missing in {}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("keepalived.conf"))
        .collect();
    files.sort();
    let mut wrong = Vec::new();
    for file in &files {
        let (theirs, reading) = (lab.keepalived(file, false), lab.ours(file, false));
        let name = file.file_name().unwrap().to_string_lossy();
        let agree = (theirs == 0) == (reading.exit_status() == 0);
        if !lab.expects(&name, theirs, agree, false) {
            let problems: Vec<String> = reading.problems.iter().map(ToString::to_string).collect();
            wrong.push(format!("{name}: keepalived {theirs}\n    {}", problems.join("\n    ")));
        }
    }
    assert!(
        !files.is_empty() && wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        files.len(),
        wrong.join("\n")
    );
}

/// A row for a probe that is gone or renamed would never be missed.
#[test]
fn every_known_difference_names_one_probe_or_sample() {
    let probes: Vec<String> = probes::all().into_iter().map(|probe| probe.name).collect();
    let wrong: Vec<_> = probes::known_differences::listed()
        .filter(|(name, _)| {
            let asked = probes.iter().filter(|probe| probe == name).count();
            asked != usize::from(!name.starts_with("keepalived.conf"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// A namespace with a name; it goes when this goes.
struct Named(String);

impl Named {
    fn with_interface(name: &str) -> Self {
        let named = Self(format!("vrrpd-parity-{}", std::process::id()));
        lab::run("ip", &["netns", "add", &named.0]);
        lab::run("ip", &["-n", &named.0, "link", "add", name, "type", "bridge"]);
        named
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        lab::run("ip", &["netns", "del", &self.0]);
    }
}

#[test]
fn interfaces_are_those_of_the_namespace_that_the_file_names() {
    let named = Named::with_interface("inside0");
    let lab = Lab::new();
    for (interface, want) in [("inside0", 0), ("eth0", 5)] {
        let text = format!(
            "vrrp_instance V {{\ninterface {interface}\nvirtual_router_id 1\nvirtual_ipaddress {{\n192.0.2.1\n}}\n}}\n\
             net_namespace {}\n",
            named.0
        );
        let folder = lab.folder(&probes::file("named", &text));
        let main = folder.path().join("k.conf");
        let (theirs, ours) = (lab.keepalived(&main, false), lab.ours(&main, false).exit_status());
        assert_eq!((theirs, i32::from(ours)), (want, want), "{interface}");
    }
}
