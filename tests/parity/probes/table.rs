//! keepalived's list of keywords, and what can be asked of each without knowing what it means.

use super::{Probe, file, valid};

const KEYWORDS: &str = include_str!("../../keywords/keywords.tsv");

/// A row of the list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Path of the block, `/` for the root level.
    pub(crate) block: &'static str,
    pub(crate) keyword: &'static str,
    kind: &'static str,
    range: &'static str,
    /// What becomes of the keyword alone on its line.
    bare: &'static str,
}

impl Row {
    /// Whether some use of the keyword is wrong by the list.
    pub(crate) fn can_be_wrong(self) -> bool {
        self.bare_is_wrong()
            || self.kind == "bool"
            || matches!(self.kind, "value" | "list") && self.range != "-"
    }

    fn bare_is_wrong(self) -> bool {
        matches!(self.bare, "error" | "exit2")
    }
}

/// The keywords of all blocks, without the words of lines inside of them.
pub(crate) fn rows() -> impl Iterator<Item = Row> {
    let lines = KEYWORDS.lines().filter(|line| !line.starts_with(['#', '@'])).skip(1);
    lines.map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        Row { block: columns[0], keyword: columns[1], kind: columns[2], range: columns[5], bare: columns[7] }
    })
}

/// Each keyword that needs a word, without it; each boolean with a word that is none.
pub(super) fn probes() -> impl Iterator<Item = Probe> {
    rows().flat_map(|row| {
        let bare = row.bare_is_wrong().then(|| row.keyword.to_owned());
        let spoilt = (row.kind == "bool").then(|| format!("{} maybe", row.keyword));
        bare.into_iter().chain(spoilt).filter_map(move |line| {
            Some(file(&format!("by the list, {}: {line}", row.block), &inside(row.block, &line)?))
        })
    })
}

/// A file with the line in a block that is right but for it; `None` for blocks that take no line.
pub(crate) fn inside(block: &str, line: &str) -> Option<String> {
    let server = |inner: &str, real: &str| {
        format!(
            "virtual_server 192.0.2.100 80 {{\nprotocol TCP\nlb_algo rr\nlb_kind NAT\n{inner}\n\
             real_server 192.0.2.200 80 {{\n{real}\n}}\n}}\n"
        )
    };
    Some(match block {
        "/" => format!("{line}\n@V@"),
        "vrrp_instance" => valid(line, "192.0.2.10"),
        "global_defs" | "SSL" => format!("{block} {{\n{line}\n}}\n@V@"),
        "vrrp_instance/authentication" => {
            valid(&format!("authentication {{\nauth_type PASS\nauth_pass x\n{line}\n}}"), "192.0.2.10")
        }
        "vrrp_instance/auth_hmac" => {
            let key = "key 1 0123456789012345678901234567890123456789\nactive_key 1";
            valid(&format!("version 3\nauth_hmac {{\n{key}\n{line}\n}}"), "192.0.2.10")
        }
        "vrrp_script" => format!("vrrp_script s {{\nscript \"</etc/passwd\"\n{line}\n}}\n@V@"),
        "vrrp_sync_group" => format!("vrrp_sync_group g {{\ngroup {{\nV\n}}\n{line}\n}}\n@V@"),
        "track_group" => format!("track_group g {{\ngroup {{\nV\n}}\n{line}\n}}\n@V@"),
        "track_file" | "vrrp_track_file" => format!("{block} f {{\nfile /etc/hostname\n{line}\n}}\n@V@"),
        "vrrp_track_process" => format!("vrrp_track_process p {{\n{line}\nprocess x\n}}\n@V@"),
        "garp_group" => format!("garp_group {{\ngarp_interval 1\n{line}\n}}\n@V@"),
        "bfd_instance" => format!("bfd_instance b {{\nneighbor_ip 192.0.2.9\n{line}\n}}\n"),
        "virtual_server" => server(line, ""),
        "virtual_server/real_server" => server("", line),
        _ => {
            let checker = block.strip_prefix("virtual_server/real_server/")?;
            match checker.split_once('/') {
                None => {
                    let url = if checker.ends_with("_GET") { "url {\npath /\n}\n" } else { "" };
                    server("", &format!("{checker} {{\n{url}{line}\n}}"))
                }
                Some((checker, inner)) => {
                    let path = if inner == "url" { "path /\n" } else { "" };
                    server("", &format!("{checker} {{\n{inner} {{\n{path}{line}\n}}\n}}"))
                }
            }
        }
    })
}
