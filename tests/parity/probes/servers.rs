//! Virtual servers, their checkers, and BFD, each with something put into it.

use super::{Probe, bfd, checker, file, lvs};

/// A group with a line, and a server that uses it.
const GROUP: &str = "virtual_server_group g {\n@L@\n}\nvirtual_server group g {\nprotocol TCP\nlb_algo rr\n\
                     lb_kind NAT\nreal_server 192.0.2.200 80 {\n}\n}\n";

/// Everything that concerns them.
pub(crate) fn probes() -> Vec<Probe> {
    let mut all = Vec::new();
    let mut ask = |block: &str, lines: &[&str], text: &dyn Fn(&str) -> String| {
        all.extend(lines.iter().map(|line| file(&format!("{block}: {line}"), &text(line))));
    };
    ask("virtual_server", lvs::HEADS, &|line| {
        server("", "").replace("virtual_server 192.0.2.100 80 {", &format!("virtual_server {line} {{"))
    });
    ask("virtual_server_group", lvs::GROUP, &|line| GROUP.replace("@L@", line));
    ask("virtual_server", lvs::SERVER, &|line| server(line, ""));
    ask("real_server", lvs::REAL, &|line| server("", line));
    ask("virtual servers", lvs::FILES, &str::to_owned);
    for block in ["TCP_CHECK", "PING_CHECK", "UDP_CHECK", "DNS_CHECK", "SMTP_CHECK"] {
        ask(block, checker::NETWORK, &|line| check(block, line));
    }
    ask("host", checker::NETWORK, &|line| check("SMTP_CHECK", &format!("host {{\n{line}\n}}")));
    ask("SMTP_CHECK", checker::SMTP_CHECK, &|line| check("SMTP_CHECK", line));
    ask("DNS_CHECK", checker::DNS_CHECK, &|line| check("DNS_CHECK", line));
    ask("UDP_CHECK", checker::UDP_CHECK, &|line| check("UDP_CHECK", line));
    for block in ["HTTP_GET", "SSL_GET"] {
        let url = "url {\npath /\n}";
        ask(block, checker::NETWORK, &|line| check(block, &format!("{line}\n{url}")));
        ask(block, checker::HTTP_GET, &|line| check(block, &line.replace("@U@", url)));
        ask(block, checker::URL, &|line| check(block, &format!("url {{\npath /\n{line}\n}}")));
    }
    ask("MISC_CHECK", checker::MISC_CHECK, &|line| check("MISC_CHECK", line));
    ask("FILE_CHECK", checker::FILE_CHECK, &|line| {
        format!("track_file f {{\nfile /etc/hostname\n}}\n{}", check("FILE_CHECK", line))
    });
    ask("BFD_CHECK", checker::BFD_CHECK, &|line| session("") + &check("BFD_CHECK", line));
    ask("bfd_instance", bfd::INNER, &session);
    ask("bfd_instance", bfd::FILES, &str::to_owned);
    let forever = file("a delay_loop of 500,000 years", &server("delay_loop 18446744073709", ""))
        .differs("delays end at 30,000 years");
    let bare =
        file("SSL without a block", "SSL\n").differs("a block is missing, which keepalived passes over");
    let empty = file("an empty quorum_up", &server("quorum_up \"\"", ""))
        .differs("a script without a name is a slip");
    let open = file("quorum_up with an open quote", &server("quorum_up \"a b", ""))
        .differs("no word is left, which ends other keywords too");
    let nobody =
        format!("global_defs {{\nscript_user nobodyhere\n}}\n{}", server("quorum_up /usr/bin/true", ""));
    let nobody = file("quorum_up with an unknown script_user", &nobody)
        .differs("the unknown user is told, and the missing script security as well");
    all.extend([forever, bare, empty, open, nobody]);
    all
}

/// A virtual server with a line in it, and a line in its real server.
fn server(line: &str, real: &str) -> String {
    format!(
        "virtual_server 192.0.2.100 80 {{\nprotocol TCP\nlb_algo rr\nlb_kind NAT\n{line}\n\
         real_server 192.0.2.200 80 {{\n{real}\n}}\n}}\n"
    )
}

fn check(block: &str, line: &str) -> String {
    server("", &format!("{block} {{\n{line}\n}}"))
}

fn session(line: &str) -> String {
    format!("bfd_instance b {{\nneighbor_ip 192.0.2.9\n{line}\n}}\n")
}
