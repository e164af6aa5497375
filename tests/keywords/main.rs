//! The keyword tables beside the list of keepalived's keywords, and beside the page that people read.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the whole crate is a test")]

mod dictionary;
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use vrrpd::config::keywords;

/// keepalived 2.4.3's keywords: block, keyword, and what is known of each.
const KEEPALIVED: &str = include_str!("keywords.tsv");

/// Blocks without a table of their own: an old name of `track_file`, whose table it shares.
const WITHOUT_TABLE: &[&str] = &["vrrp_track_file"];

type Blocks = BTreeMap<String, BTreeSet<String>>;

fn keepalived() -> Blocks {
    let mut blocks = Blocks::new();
    let rows = KEEPALIVED.lines().filter(|line| !line.starts_with('#')).skip(1);
    for row in rows.filter(|row| !row.starts_with('@')) {
        let (block, rest) = row.split_once('\t').unwrap();
        let keyword = rest.split('\t').next().unwrap();
        blocks.entry(block.to_owned()).or_default().insert(keyword.to_owned());
    }
    blocks
}

fn ours() -> Blocks {
    let mut blocks = Blocks::new();
    for row in keywords() {
        blocks.entry(row.block.to_owned()).or_default().insert(row.name.to_owned());
    }
    blocks
}

#[test]
fn the_tables_have_keepalived_s_keywords_and_no_others() {
    let (theirs, ours) = (keepalived(), ours());
    let mut wrong = Vec::new();
    for (block, names) in &ours {
        let Some(known) = theirs.get(block) else {
            wrong.push(format!("keepalived has no block `{block}`"));
            continue;
        };
        wrong.extend(known.difference(names).map(|name| format!("`{name}` is missing in {block}")));
        wrong.extend(names.difference(known).map(|name| format!("keepalived has no `{name}` in {block}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_block_has_a_table_or_is_listed_as_one_without() {
    let ours = ours();
    let missing: Vec<String> = keepalived().into_keys().filter(|block| !ours.contains_key(block)).collect();
    assert_eq!(missing, WITHOUT_TABLE);
}

/// With `UPDATE=1` in the environment it writes the page.
#[test]
fn the_page_of_keywords_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keywords.md");
    let text = page::page(&keywords());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "docs/keywords.md is stale: UPDATE=1 cargo test --release --test keywords");
}
