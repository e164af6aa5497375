//! What is asked of both.

mod accepted;
mod bfd;
mod checker;
mod files;
mod global;
mod groups;
mod hosts;
mod instance;
mod interfaces;
pub(crate) mod known_differences;
mod lvs;
mod routes;
mod rules;
mod servers;
pub(crate) mod table;
mod tracking;

use std::fmt::Write;

/// One question.
pub(crate) struct Probe {
    pub(crate) name: String,
    /// Paths below a fresh folder, which `@D@` stands for, with their text; a name that ends in `/` is a folder, in `.sh` a program.
    pub(crate) files: Vec<(&'static str, String)>,
    /// `-e`.
    pub(crate) strict: bool,
    /// The main file.
    pub(crate) main: &'static str,
    /// Why the answers differ on purpose; empty when they must not.
    pub(crate) differs: &'static str,
}

/// Every question.
pub(crate) fn all() -> Vec<Probe> {
    let inner = instance::INNER.iter().map(|line| file(line, &valid(line, "192.0.2.10")));
    let addresses = instance::ADDRESSES.iter().map(|line| file(line, &valid("", line)));
    let checks = instance::CHECKS.iter().map(|line| {
        let script = format!("vrrp_script s {{\nscript \"</etc/passwd\"\n{line}\n}}\n");
        file(line, &(script + &valid("track_script {\ns\n}", "192.0.2.10")))
    });
    let global = global::GLOBAL.iter().map(|line| file(line, &format!("global_defs {{\n{line}\n}}\n@V@")));
    let root = global::ROOT.iter().map(|line| file(line, &format!("{line}\n@V@")));
    let long = [
        ("notify_deleted and 1006 blanks", format!("notify_deleted{}", " ".repeat(1006))),
        ("notify_deleted and 1100 blanks", format!("notify_deleted{}", " ".repeat(1100))),
        ("a comment of 1100 bytes", format!("#{}", "c".repeat(1100))),
        ("a state of 1100 bytes", format!("state {}", "M".repeat(1100))),
    ];
    let long = long.iter().map(|(name, line)| file(name, &valid(line, "192.0.2.10")));
    let many = [("10.0.0.", 180), ("10.0.0.", 255), ("10.0.0.", 256), ("fe80::", 89), ("fe80::", 90)];
    let many = many
        .into_iter()
        .map(|(start, count)| file(&format!("{count} of {start}"), &valid("", &list(start, count))));
    let own = file("an address with an empty prefix length", &valid("", "192.0.2.10/"))
        .differs("an empty prefix length is a slip, which keepalived passes over");
    let lines = inner.chain(addresses).chain(checks).chain(global).chain(root).chain(long).chain(many);
    let blocks = routes::probes().chain(rules::probes()).chain(groups::probes());
    let blocks = blocks
        .chain(tracking::probes())
        .chain(interfaces::probes())
        .chain(hosts::probes())
        .chain(table::probes())
        .chain(accepted::probes());
    lines.chain([own]).chain(files::probes()).chain(blocks).chain(servers::probes()).collect()
}

/// A file of one name; `@V@` in it stands for a valid instance.
pub(crate) fn file(name: &str, text: &str) -> Probe {
    let files = vec![("k.conf", text.replace("@V@", &valid("", "192.0.2.10")))];
    Probe { name: name.replace('\n', "; "), files, strict: false, main: "k.conf", differs: "" }
}

impl Probe {
    /// A further file.
    pub(crate) fn with(mut self, name: &'static str, text: &str) -> Self {
        self.files.push((name, text.replace("@V@", &valid("", "192.0.2.10"))));
        self
    }

    /// Another main file in place of the first one.
    pub(crate) fn main(mut self, main: &'static str) -> Self {
        self.files.remove(0);
        self.main = main;
        self
    }

    pub(crate) fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    pub(crate) fn differs(mut self, why: &'static str) -> Self {
        self.differs = why;
        self
    }
}

/// An instance that nothing is wrong with, but for what is put into it.
fn valid(inner: &str, addresses: &str) -> String {
    format!(
        "vrrp_instance V {{\n  interface eth0\n  virtual_router_id 51\n  {inner}\n  virtual_ipaddress {{\n    {addresses}\n  }}\n}}\n"
    )
}

/// `count` addresses.
fn list(start: &str, count: u32) -> String {
    let mut text = String::new();
    for number in 1..=count {
        let last = if start.contains(':') { format!("{number:x}") } else { format!("{}", number % 256) };
        let start = if number > 255 { "10.0.1." } else { start };
        writeln!(text, "{start}{last}").unwrap();
    }
    text
}
