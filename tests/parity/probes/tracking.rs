//! Files, processes and sessions that instances track.

use super::{Probe, file, valid};

/// Lines of `track_file`.
#[rustfmt::skip]
const FILE: &[&str] = &[
    "file /tmp/x",
    "file",
    "weight 5",
    "",
    "file /nonexistent/x",
    "file x",
    "file \"relative/x\"",
    "file /tmp",
    "file /tmp/x\nfile /tmp/y",
];

/// Lines of a `track_file` that has its file.
#[rustfmt::skip]
const MORE: &[&str] = &[
    "weight 5",
    "weight",
    "weight 254",
    "weight -254",
    "weight 255",
    "weight x",
    "weight 5x",
    "weight 5 reverse",
    "weight 5 bogus",
    "weight 5\nweight 6",
    "weight 1\nweight 6",
    "weight 0",
    "init_file",
    "init_file 5",
    "init_file 5 overwrite",
    "init_file overwrite",
    "init_file overwrite 5",
    "init_file 255",
    "init_file -254",
    "init_file -255",
    "init_file x",
    "init_file 5 x",
    "init_file 2147483648",
    "init_file 5 overwrite x",
    "init_file 5 6",
    "bogus",
];

/// Lines of `vrrp_track_process`.
#[rustfmt::skip]
const PROCESS: &[&str] = &[
    "",
    "process other",
    "param_match",
    "param_match initial",
    "param_match partial",
    "param_match bogus",
    "param_match initial x",
    "weight 5",
    "weight",
    "weight 254",
    "weight -254",
    "weight 255",
    "weight x",
    "weight 5 reverse",
    "weight 5 bogus",
    "weight 5\nweight 6",
    "weight 0\nweight 6",
    "weight 5\nweight 0",
    "quorum 1",
    "quorum",
    "quorum 0",
    "quorum 65535",
    "quorum 65536",
    "quorum x",
    "quorum 5\nquorum_max 3",
    "quorum_max 3\nquorum 5",
    "quorum_max 0",
    "quorum 2\nquorum_max 0",
    "quorum_max 0\nquorum 2",
    "quorum 1\nquorum_max 0",
    "quorum_max 65535",
    "quorum_max 65536",
    "quorum_max",
    "quorum 5\nquorum_max 5",
    "delay 1",
    "delay 0",
    "delay 0.000001",
    "delay 0.0000001",
    "delay 3600",
    "delay 3600.1",
    "delay x",
    "delay",
    "terminate_delay 5",
    "terminate_delay x",
    "terminate_delay",
    "terminate_delay 0",
    "fork_delay 5",
    "fork_delay 3601",
    "fork_delay",
    "full_command",
    "full_command x",
    "bogus",
];

/// Blocks before an instance.
#[rustfmt::skip]
const ROOT: &[&str] = &[
    "track_file {\nfile /tmp/x\n}",
    "track_file",
    "vrrp_track_file {\nfile /tmp/x\n}",
    "vrrp_track_file f {\nfile /tmp/x\n}",
    "vrrp_track_file f {\nfile /nonexistent/x\n}",
    "vrrp_track_file f {\nweight 5\n}",
    "vrrp_track_file f {\nfile /tmp/x\nweight 255\ninit_file 3\n}",
    "track_file f x {\nfile /tmp/x\n}",
    "track_file f {\nfile /tmp/x\n}\ntrack_file f {\nfile /tmp/x\n}",
    "vrrp_track_process p {\nweight 5\n}",
    "vrrp_track_process p {\nprocess\n}",
    "vrrp_track_process p {\nprocess sleep 5\n}",
    "vrrp_track_process p {\nprocess \"sleep 5\"\n}",
    "vrrp_track_process p {\nprocess sleep\nparam_match initial\n}",
    "vrrp_track_process p {\nprocess sleep 1\nparam_match initial\nfull_command\n}",
    "vrrp_track_process p {\nprocess \"\"\n}",
    "vrrp_track_process {\nprocess sleep\n}",
    "vrrp_track_process p x {\nprocess sleep\n}",
    "vrrp_track_process p {\nprocess sleep\n}\nvrrp_track_process p {\nprocess sleep\n}",
    "vrrp_track_process p {\nprocess averyveryverylongprocessnamethatisover15\n}",
];

/// Lines of an instance.
#[rustfmt::skip]
const INNER: &[&str] = &[
    "track_file {\nf\n}",
    "track_file {\nf weight 5\n}",
    "track_file {\nf weight 254\n}",
    "track_file {\nf weight 255\n}",
    "track_file {\nf weight x\n}",
    "track_file {\nf weight\n}",
    "track_file {\nf bogus\n}",
    "track_file {\nf weight 5 reverse\n}",
    "track_file {\nf weight 5 noreverse\n}",
    "track_file {\nf weight 5 bogus\n}",
    "track_file {\nf weight 5 reverse x\n}",
    "track_file {\nnope\n}",
    "track_file {\nf\nf\n}",
    "track_process {\np\n}",
    "track_process {\np weight 5\n}",
    "track_process {\np weight 254\n}",
    "track_process {\np weight 255\n}",
    "track_process {\np weight x\n}",
    "track_process {\np weight\n}",
    "track_process {\np bogus\n}",
    "track_process {\np weight 5 reverse\n}",
    "track_process {\np weight 5 noreverse\n}",
    "track_process {\np weight 5 bogus\n}",
    "track_process {\nnope\n}",
    "track_process {\np\np\n}",
    "track_bfd {\nb\n}",
    "track_bfd {\nb weight 5\n}",
    "track_bfd {\nb weight 253\n}",
    "track_bfd {\nb weight 254\n}",
    "track_bfd {\nb weight x\n}",
    "track_bfd {\nb weight\n}",
    "track_bfd {\nb bogus\n}",
    "track_bfd {\nb weight 5 reverse\n}",
    "track_bfd {\nb weight 5 bogus\n}",
    "track_bfd {\nnope\n}",
    "track_bfd {\nb\nb\n}",
    "priority 255\nstate MASTER\ntrack_file {\nf\n}",
    "priority 255\nstate MASTER\ntrack_file {\nf weight 5\n}",
    "priority 255\nstate MASTER\ntrack_file {\nf weight 0\n}",
    "priority 255\nstate MASTER\ntrack_process {\np weight 5\n}",
    "priority 255\nstate MASTER\ntrack_process {\np\n}",
    "priority 255\nstate MASTER\ntrack_bfd {\nb weight 5\n}",
    "priority 255\nstate MASTER\ntrack_bfd {\nb\n}",
    "priority 255\nstate MASTER\ntrack_interface {\neth1 weight 5\n}",
];

/// What an instance may track.
pub(crate) const DEFINED: &str = "vrrp_script s {\nscript \"</etc/passwd\"\n}\ntrack_file f {\nfile /tmp/x\n}\nvrrp_track_process p {\nprocess sleep\n}\nbfd_instance b {\nneighbor_ip 192.0.2.9\n}\n";

pub(crate) fn probes() -> impl Iterator<Item = Probe> {
    let files = FILE
        .iter()
        .map(|line| file(&format!("track_file: {line}"), &format!("track_file f {{\n{line}\n}}\n@V@")));
    let more = MORE.iter().map(|line| {
        file(
            &format!("track_file with a file: {line}"),
            &format!("track_file f {{\nfile /tmp/x\n{line}\n}}\n@V@"),
        )
    });
    let processes = PROCESS.iter().map(|line| {
        let text = format!("vrrp_track_process p {{\nprocess sleep\n{line}\n}}\n@V@");
        file(&format!("vrrp_track_process: {line}"), &text)
    });
    let root = ROOT.iter().map(|block| file(block, &format!("{block}\n@V@")));
    let inner = INNER
        .iter()
        .map(|line| file(&format!("tracked: {line}"), &(DEFINED.to_owned() + &valid(line, "192.0.2.10"))));
    files.chain(more).chain(processes).chain(root).chain(inner)
}
