//! The words that the fuzz targets try: every keyword, and what the file layer takes for more than a word.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use vrrpd::config::keywords;

/// Written without the keywords of the tables.
const OTHERS: &[&str] = &[
    "~SEQ(i,1,3) ",
    "~SEQx(",
    "~LST(",
    "~LST({i,j},{a,b}) ",
    "$X=",
    "${X}",
    "$X",
    "${_RANDOM 1 9}",
    "${_ENV X}",
    "$_PWD",
    "$_INSTANCE",
    "${_HASH}",
    "@node1 ",
    "@^node1 ",
    "include ",
    "includea ",
    "includew ",
    "k.conf",
    "\\x0a=== a.conf\\x0a",
    "a.conf",
    "{a,b}.conf",
    "\\\\\\x0a",
    "\\x22",
    "'",
    " {\\x0a",
    "\\x0a}\\x0a",
    "weight ",
    "reverse",
    "dev ",
    "via ",
    "nexthop ",
    "table ",
    "from ",
    "to ",
    "192.0.2.1",
    "10.0.0.0/8",
    "2001:db8::1/64",
    "fe80::1",
    "eth0",
    "hex:",
    "MASTER",
    "BACKUP",
    "PASS",
    "forever",
];

#[test]
fn the_dictionary_of_the_fuzz_targets_has_every_keyword() {
    let words: BTreeSet<String> = keywords().into_iter().map(|row| format!("{} ", row.name)).collect();
    let words = words.iter().map(String::as_str).chain(OTHERS.iter().copied());
    let lines: Vec<String> = words.map(|word| format!("\"{word}\"\n")).collect();
    let made = format!("# Made by UPDATE=1 cargo test --release --test keywords\n{}", lines.concat());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/keywords.dict");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, &made).unwrap();
    }
    assert!(fs::read_to_string(&file).unwrap() == made, "not fresh: UPDATE=1 cargo test --test keywords");
}
