//! Whether the corpus names every keyword of keepalived, in the block where it belongs.

use std::collections::{BTreeMap, BTreeSet};

use crate::corpus::File;

/// keepalived 2.4.3's keywords.
const KEYWORDS: &str = include_str!("../keywords/keywords.tsv");

/// The blocks in which the words of a shared grammar stand; a word of another grammar may stand anywhere.
const HOMES: &[(&str, &[&str])] = &[
    ("@ipaddress-line", &["virtual_ipaddress", "virtual_ipaddress_excluded", "static_ipaddress"]),
    ("@route-line", &["virtual_routes", "static_routes"]),
    ("@nexthop-opts", &["virtual_routes", "static_routes"]),
    ("@encap", &["virtual_routes", "static_routes"]),
    ("@rule-line", &["virtual_rules", "static_rules"]),
    ("@track_interface-line", &["track_interface"]),
    ("@track_script-line", &["track_script"]),
    ("@track_file-line", &["track_file"]),
    ("@track_process-line", &["track_process"]),
    ("@track_bfd-line", &["track_bfd"]),
    ("@unicast_peer-line", &["unicast_peer"]),
    ("@vsg-line", &["virtual_server_group"]),
    ("@linkbeat-line", &["linkbeat_interfaces"]),
];

/// Words by the path of blocks around them: of keywords only for the first word of a line.
#[derive(Default)]
struct Words {
    first: BTreeMap<String, BTreeSet<String>>,
    any: BTreeMap<String, BTreeSet<String>>,
}

/// Keywords that no file names, with their block.
pub(crate) fn missing(files: &[File]) -> Vec<String> {
    let mut words = Words::default();
    for file in files {
        words.read(&file.text);
    }
    let rows = KEYWORDS.lines().filter(|line| !line.starts_with('#')).skip(1);
    let rows = rows.map(|row| {
        let mut fields = row.split('\t');
        (fields.next().unwrap(), fields.next().unwrap())
    });
    let named = |block: &str, keyword: &str| match block.strip_prefix('@') {
        // A place in the line, not a word.
        _ if keyword.starts_with('(') => true,
        Some(_) => words.has_word(block, keyword),
        None => words.first.get(block).is_some_and(|found| found.contains(keyword)),
    };
    rows.filter(|(block, keyword)| !named(block, keyword))
        .map(|(block, keyword)| format!("{block}\t{keyword}"))
        .collect()
}

impl Words {
    fn read(&mut self, text: &str) {
        let mut open: Vec<String> = Vec::new();
        let mut last = String::new();
        for line in text.lines() {
            let mut first = true;
            for word in tokens(line) {
                match word {
                    "{" => open.push(std::mem::take(&mut last)),
                    "}" => drop(open.pop()),
                    word => {
                        let path = if open.is_empty() { "/".to_owned() } else { open.join("/") };
                        if first {
                            last = word.to_owned();
                            self.first.entry(path.clone()).or_default().insert(word.to_owned());
                        }
                        first = false;
                        self.any.entry(path).or_default().insert(word.to_owned());
                        continue;
                    }
                }
                first = true;
            }
        }
    }

    fn has_word(&self, grammar: &str, word: &str) -> bool {
        let homes = HOMES.iter().find(|(name, _)| *name == grammar).map(|(_, homes)| *homes);
        let at_home =
            |path: &str| homes.is_none_or(|homes| homes.contains(&path.rsplit('/').next().unwrap_or(path)));
        self.any.iter().filter(|(path, _)| at_home(path)).any(|(_, words)| words.contains(word))
    }
}

/// Words without quotes, signs and comments; braces stand alone, and names joined by `|` are taken apart.
fn tokens(line: &str) -> impl Iterator<Item = &str> {
    let line = line.split(['#', '!']).next().unwrap_or(line);
    let words = line.split([' ', '\t', '\r', '"', '|']).filter(|word| !word.is_empty());
    words.flat_map(|word| word.split_inclusive(['{', '}'])).flat_map(|word| {
        let at = word.find(['{', '}']).unwrap_or(word.len());
        let (word, brace) = word.split_at(at);
        [word.trim_start_matches('+'), brace].into_iter().filter(|part| !part.is_empty())
    })
}
