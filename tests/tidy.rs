//! Reads the sources: walls between the rooms, head comments, and what must not stand in them.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which room (top folder or file of `src`) may name which. From left to right it is the order in which data flows.
const MAY_USE: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("packet", &["units"]),
    ("config", &["units"]),
    ("vrrp", &["units", "packet", "config"]),
    ("track", &["units", "config"]),
    ("engine", &["units", "packet", "config", "vrrp", "track"]),
    ("kernel", &["units", "packet", "config", "vrrp", "track", "engine"]),
    ("script", &["units", "config", "track", "engine"]),
    ("notify", &["units", "config", "vrrp", "engine", "script"]),
    ("report", &["units", "config", "engine"]),
    (
        "daemon",
        &[
            "units", "packet", "config", "vrrp", "track", "engine", "kernel", "script", "notify", "report",
            "cli",
        ],
    ),
    ("cli", &["config", "daemon", "report"]),
];

/// Rooms that may hold one small file with `unsafe`.
const MAY_BE_UNSAFE: &[&str] = &["kernel", "daemon"];

/// A source file: its path below the package, its room if it stands in `src`, its text.
struct Source {
    path: String,
    room: Option<String>,
    text: String,
}

impl Source {
    /// The lines that are code, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The text with its comment lines emptied.
    fn code_text(&self) -> String {
        let comment = |line: &str| line.trim_start().starts_with("//");
        self.text.lines().map(|line| format!("{}\n", if comment(line) { "" } else { line })).collect()
    }

    /// The `//!` lines that it begins with.
    fn head(&self) -> String {
        self.text.lines().take_while(|line| line.starts_with("//!")).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn a_room_names_only_the_rooms_that_it_may_use() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(room) = source.room.as_deref().filter(|room| !["lib", "main"].contains(room)) else {
            continue;
        };
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: the room `{room}` is not in the table", source.path));
            continue;
        };
        for (line, named) in rooms_named_in(&source.code_text()) {
            if named != room && !allowed.contains(&named.as_str()) {
                wrong.push(format!("{}:{line}: `{room}` may not use `{named}`", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_begins_with_a_head_comment() {
    complain_about("has no `//!` head comment", |source| source.head().is_empty());
}

#[test]
fn every_door_says_what_comes_in_what_goes_out_and_what_is_never_here() {
    complain_about("does not say `In: ... Out: ... Never ...`", |source| {
        let head = source.head();
        let door = source.path.starts_with("src/") && source.path.ends_with("/mod.rs");
        door && !["In: ", "Out: ", "Never"].iter().all(|word| head.contains(word))
    });
}

#[test]
fn nothing_is_ignored_and_nothing_is_left_for_later() {
    // Put together here so that this file does not name what it looks for.
    let forbidden = [["#[", "ignore"], ["todo", "!("], ["unimplemented", "!("], ["FIX", "ME"], ["TO", "DO:"]]
        .map(|w| w.concat());
    let mut wrong = Vec::new();
    for source in sources() {
        for (index, line) in source.text.lines().enumerate() {
            for word in forbidden.iter().filter(|word| line.contains(word.as_str())) {
                wrong.push(format!("{}:{}: {word}", source.path, index + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn unsafe_code_stands_in_one_small_file_of_each_room_that_may_have_it() {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources() {
        let is_unsafe =
            source.code().any(|(_, code)| code.contains("unsafe ") || code.contains("allow(unsafe_code)"));
        if is_unsafe && source.path != "tests/tidy.rs" {
            let blocks = source.code().filter(|(_, code)| code.contains("unsafe {")).count();
            let reasons = source.text.matches("// SAFETY:").count();
            assert!(reasons >= blocks, "{}: {blocks} blocks, {reasons} with `// SAFETY:`", source.path);
            files.entry(source.room.unwrap_or_else(|| "tests".to_owned())).or_default().push(source.path);
        }
    }
    for (room, files) in files {
        assert!(MAY_BE_UNSAFE.contains(&room.as_str()), "unsafe code in `{room}`: {files:?}");
        assert_eq!(files.len(), 1, "more than one file of `{room}` has unsafe code: {files:?}");
    }
}

#[test]
fn every_test_that_a_page_names_is_there() {
    let code: String = sources().into_iter().map(|source| source.text).collect();
    let mut wrong = Vec::new();
    for page in ["requirements", "differences", "architecture"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page).with_extension("md");
        let text = fs::read_to_string(path).unwrap();
        let quoted = text.split('`').skip(1).step_by(2);
        // Shorter names are keywords and the like.
        let is_test = |name: &&str| {
            let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            plain && name.matches('_').count() >= 4
        };
        let missing = quoted.filter(is_test).filter(|name| !code.contains(name));
        wrong.extend(missing.map(|name| format!("docs/{page}.md: {name}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn complain_about(what: &str, wrong: impl Fn(&Source) -> bool) {
    let wrong: Vec<String> = sources().into_iter().filter(wrong).map(|source| source.path).collect();
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

/// The rooms in `crate::room`, also in `use crate::{one, two::Three}` over several lines, with the line of `crate`.
fn rooms_named_in(code: &str) -> Vec<(usize, String)> {
    let mut rooms = Vec::new();
    for (start, path) in code.match_indices("crate::") {
        let line = code[..start].matches('\n').count() + 1;
        let rest = &code[start + path.len()..];
        let names = rest.strip_prefix('{').map_or_else(|| first_name(rest).into_iter().collect(), top_names);
        rooms.extend(names.into_iter().map(|name| (line, name)));
    }
    rooms.retain(|(_, name)| MAY_USE.iter().any(|(room, _)| room == name));
    rooms
}

/// The first name of each entry of a braced list, at its own level.
fn top_names(list: &str) -> Vec<String> {
    let (mut depth, mut names, mut at_start) = (0_u32, Vec::new(), true);
    for (index, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            ' ' | '\n' => {}
            _ if at_start && depth == 0 => {
                names.extend(first_name(&list[index..]));
                at_start = false;
            }
            _ => {}
        }
    }
    names
}

fn first_name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    (!name.is_empty()).then_some(name)
}

#[test]
fn names_are_found_in_every_form_of_use() {
    let cases: &[(&str, &[&str])] = &[
        ("use crate::units::Vrid;", &["units"]),
        ("use crate::{config::model::Model, units::{Vrid, Weight}, engine};", &["config", "units", "engine"]),
        ("fn f(a: crate::packet::Advert) -> crate::vrrp::State", &["packet", "vrrp"]),
        ("use crate::{\n    config::{a, b},\n    units,\n};", &["config", "units"]),
        ("let x = crate::VERSION;", &[]),
    ];
    for (code, expected) in cases {
        let found: Vec<String> = rooms_named_in(code).into_iter().map(|(_, room)| room).collect();
        assert_eq!(found, *expected, "{code}");
    }
}

fn sources() -> Vec<Source> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in ["src", "tests", "examples"] {
        collect(&top.join(folder), &mut paths);
    }
    assert!(paths.len() > 20, "the sources are not where they are looked for");
    paths.sort();
    paths.into_iter().map(|path| read(top, &path)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

fn read(top: &Path, path: &Path) -> Source {
    let relative = path.strip_prefix(top).unwrap();
    let mut parts = relative.iter().map(|part| part.to_str().unwrap());
    let room =
        (parts.next() == Some("src")).then(|| parts.next().unwrap().trim_end_matches(".rs").to_owned());
    Source { path: relative.display().to_string(), room, text: fs::read_to_string(path).unwrap() }
}
