//! Whether the probes ask of every keyword: once as it is right, and once as it is wrong, where it can be.

use std::collections::BTreeSet;
use std::path::Path;

use vrrpd::config::{Consequence, Problem};

use crate::lab::Lab;
use crate::probes;

/// Keywords that keepalived passes in no use, and why.
const NEVER_RIGHT: &[(&str, &str, &str)] = &[
    ("global_defs", "enable_snmp_rfc", NOT_BUILT),
    ("global_defs", "enable_snmp_rfcv2", NOT_BUILT),
    ("global_defs", "enable_snmp_rfcv3", NOT_BUILT),
    ("global_defs", "vrrp_vmac_garp_intvl", DEPRECATED),
    ("vrrp_sync_group", "global_tracking", DEPRECATED),
    ("vrrp_instance", "linkbeat_use_polling", DEPRECATED),
    ("vrrp_instance", "lvs_sync_daemon_interface", DEPRECATED),
    ("vrrp_instance", "thread_timer_expired", DEPRECATED),
    ("vrrp_instance", "vmac_garp_intvl", DEPRECATED),
    ("virtual_server/real_server/HTTP_GET", "nb_get_retry", DEPRECATED),
    ("virtual_server/real_server/SSL_GET", "nb_get_retry", DEPRECATED),
];

const DEPRECATED: &str = "each use is reported as deprecated";
const NOT_BUILT: &str = "the build of 2.4.3 that is the measure has no RFC SNMP";

/// Keywords that keepalived passes in every use that the list calls wrong, and why.
const NEVER_WRONG: &[(&str, &str, &str)] = &[
    ("virtual_server/real_server/HTTP_GET/url", "regex_options", ONLY_LOGGED),
    ("virtual_server/real_server/HTTP_GET/url", "regex_min_offset", ONLY_LOGGED),
    ("virtual_server/real_server/HTTP_GET/url", "regex_max_offset", ONLY_LOGGED),
    ("virtual_server/real_server/HTTP_GET/url", "regex_stack", ONLY_LOGGED),
    ("virtual_server/real_server/SSL_GET/url", "regex_options", ONLY_LOGGED),
    ("virtual_server/real_server/SSL_GET/url", "regex_min_offset", ONLY_LOGGED),
    ("virtual_server/real_server/SSL_GET/url", "regex_max_offset", ONLY_LOGGED),
    ("virtual_server/real_server/SSL_GET/url", "regex_stack", ONLY_LOGGED),
];

const ONLY_LOGGED: &str = "keepalived only logs it";

/// Path of a block, keyword.
type Use = (String, String);

#[test]
fn every_keyword_has_a_probe_that_accepts_it_and_where_it_can_be_wrong_one_that_refuses_it() {
    let lab = Lab::new();
    let (mut right, mut wrong) = (BTreeSet::new(), BTreeSet::new());
    for probe in probes::all().iter().filter(|probe| probe.differs.is_empty()) {
        let folder = lab.folder(probe);
        let main = folder.path().join(probe.main);
        let reading = lab.ours(&main, probe.strict);
        let uses = uses(&std::fs::read_to_string(&main).unwrap_or_default());
        if reading.exit_status() == 0 {
            right.extend(uses.into_iter().map(|(_, found)| found));
        } else {
            let refused = refused_lines(&main, &reading.problems);
            wrong.extend(uses.into_iter().filter(|(line, _)| refused.contains(line)).map(|(_, found)| found));
        }
    }
    let mut missing = Vec::new();
    for row in probes::table::rows() {
        let asked = (row.block.to_owned(), row.keyword.to_owned());
        let listed = |list: &[(&str, &str, &str)]| {
            list.iter().any(|(block, keyword, _)| (*block, *keyword) == (row.block, row.keyword))
        };
        if right.contains(&asked) == listed(NEVER_RIGHT) {
            missing.push(format!("{} in {}: accepted {}", row.keyword, row.block, right.contains(&asked)));
        }
        if row.can_be_wrong() && wrong.contains(&asked) == listed(NEVER_WRONG) {
            missing.push(format!("{} in {}: refused {}", row.keyword, row.block, wrong.contains(&asked)));
        }
    }
    assert!(missing.is_empty(), "{}\n{}", missing.len(), missing.join("\n"));
}

/// Lines of the main file at which something is reported.
fn refused_lines(main: &Path, problems: &[Problem]) -> BTreeSet<u32> {
    let refuses = |problem: &&Problem| {
        problem.class().is_some() || matches!(problem.consequence, Consequence::MissingWord { .. })
    };
    problems
        .iter()
        .filter(|problem| *problem.file == *main)
        .filter(refuses)
        .map(|problem| problem.line)
        .collect()
}

/// The first word of each line with its block's path, and the number of the line. Enough for the way in which probes
/// are written: a line is a keyword with its words, perhaps with a `{` at its end, or a `}`.
fn uses(text: &str) -> Vec<(u32, Use)> {
    let (mut path, mut found): (Vec<&str>, Vec<(u32, Use)>) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let Some(word) = line.split([' ', '\t', '{']).find(|word| !word.is_empty()) else { continue };
        if word == "}" {
            path.pop();
            continue;
        }
        let block = if path.is_empty() { "/".to_owned() } else { path.join("/") };
        found.push((number, (block, word.to_owned())));
        if line.trim_end().ends_with('{') {
            path.push(word);
        }
    }
    found
}
