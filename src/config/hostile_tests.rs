//! Input that nobody means to write: any bytes, files without end, files that are none.

use std::time::Duration;

use super::tests::{VALID, reading, reading_offline, request};
use super::*;

/// A main file of these bytes, read to its end.
fn reading_bytes(bytes: &[u8]) -> (Reading, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("k.conf");
    std::fs::write(&file, bytes).unwrap();
    let reading = read(&request(&file));
    let text: Vec<String> = reading.problems.iter().map(ToString::to_string).collect();
    (reading, text.join("\n").replace(&format!("{}/", folder.path().display()), ""))
}

#[test]
fn a_file_of_1_gb_without_a_newline_is_refused_by_its_size_unread() {
    let folder = tempfile::tempdir().unwrap();
    let (main, large) = (folder.path().join("k.conf"), folder.path().join("large.conf"));
    std::fs::File::create(&large).unwrap().set_len(1 << 30).unwrap();
    std::fs::write(&main, format!("include large.conf\n{}", VALID.replace("@@", ""))).unwrap();
    let began = std::time::Instant::now();
    assert_eq!(read(&request(&large)).exit_status(), 4);
    let reading = read(&request(&main));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(reading.model.unwrap().instances.len(), 1);
    assert!(reading.problems[0].text.contains("1073741824 bytes"), "{}", reading.problems[0]);
}

#[test]
fn a_loop_over_a_definition_that_uses_itself_ends() {
    let text = "$A=${B}\n$B=$A x\n~SEQ(i,1,1000000) ${A}\n";
    let (reading, _) = reading(&[("k.conf", text)]);
    let codes: std::collections::HashSet<&str> =
        reading.problems.iter().map(|problem| problem.code).collect();
    assert!(codes.contains("too-many-references"), "{codes:?}");
}

#[test]
fn an_include_in_a_loop_reads_no_more_than_all_files_may_have() {
    let large = "#".repeat(1 << 20) + "\n";
    let files = [("k.conf", "~SEQ(i,1,1000000) include large.conf\n"), ("large.conf", large.as_str())];
    let (reading, text) = reading(&files);
    assert!(text.contains("all files together are too many or too large"), "{}", reading.problems.len());
}

#[test]
fn files_that_include_themselves_or_each_other_end() {
    for files in [
        &[("a.conf", "include a.conf\n")][..],
        &[("a.conf", "include b.conf\n"), ("b.conf", "include a.conf\n")],
        &[("a.conf", "include *.conf\ninclude ?.conf\n"), ("b.conf", "include *.conf\ninclude *.conf\n")],
        &[("a.conf", "~SEQ(i,1,100) ~SEQ(j,1,100) include a.conf\n")],
    ] {
        let (reading, text) = reading(files);
        assert!(reading.problems.iter().all(|problem| problem.code == "include-loop"), "{text}");
        assert!(!reading.problems.is_empty() && reading.model.is_some(), "{files:?}");
    }
}

#[test]
fn what_is_no_readable_file_is_named_and_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let (main, pipe) = (folder.path().join("k.conf"), folder.path().join("pipe"));
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRUSR).unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    std::os::unix::fs::symlink("around", folder.path().join("around")).unwrap();
    let cases = [
        ("pipe", "it is not a regular file"),
        ("folder", "it is a directory"),
        ("/dev/zero", "it is not a regular file"),
        ("around", "Too many levels of symbolic links"),
        ("none", "no such file"),
    ];
    for (name, why) in cases {
        std::fs::write(&main, format!("include {name}\n{}", VALID.replace("@@", ""))).unwrap();
        let reading = read(&request(&main));
        assert!(reading.problems[0].text.contains(why), "{name}: {}", reading.problems[0]);
        assert_eq!(reading.model.as_ref().unwrap().instances.len(), 1, "{name}");
        assert_eq!(read(&request(&folder.path().join(name))).exit_status(), 4, "{name}");
    }
}

#[test]
fn line_ends_of_windows_are_blanks_and_marks_before_the_text_are_named() {
    let text = VALID.replace("@@", "priority 150");
    let (windows, problems) = reading_bytes(text.replace('\n', "\r\n").as_bytes());
    assert_eq!((windows.exit_status(), problems.as_str()), (0, ""));
    assert_eq!(windows.model, reading_bytes(text.as_bytes()).0.model);
    let (marked, problems) = reading_bytes(format!("\u{feff}{}", text.trim_start()).as_bytes());
    assert_eq!(marked.exit_status(), 5, "keepalived reads the mark as a part of the word, too");
    assert!(problems.starts_with("k.conf:1:1: error: unknown keyword `\u{feff}vrrp_instance`"), "{problems}");
    let (zero, problems) = reading_bytes(text.replace("priority 150", "priority 1\u{0}50").as_bytes());
    assert_eq!((zero.exit_status(), zero.model.unwrap().instances.len()), (5, 1), "{problems}");
}

#[test]
fn a_macro_that_names_itself_ends() {
    for text in ["$X=${X}\npriority ${X}\n", "$X=a $X\n$X\n", "$X=$Y\n$Y=$X\n$X\n", "$X=a \\\n$X\n$X\n"] {
        let (reading, problems) = reading_offline(text);
        assert!(reading.problems.len() < 300, "{text:?}: {} problems", reading.problems.len());
        assert!(!problems.is_empty() && reading.exit_status() == 5, "{text:?}: {problems}");
    }
}

#[test]
fn what_conditions_and_definitions_take_out_of_sight_must_close_its_quotes_all_the_same() {
    for line in ["@other bogus \"x", "@^node1 \"", "$X=\"x", "$X=a \\\n\"b"] {
        let (reading, problems) = reading_offline(&format!("{line}\n{}", VALID.replace("@@", "")));
        assert_eq!(reading.exit_status(), 5, "{line:?}: {problems}");
        assert!(problems.contains("this `\"` is never closed"), "{line:?}: {problems}");
    }
    for line in ["@other bogus \"x\"", "@other bogus # \"x", "@other state a\\\"b"] {
        let (reading, problems) = reading_offline(&format!("{line}\n{}", VALID.replace("@@", "")));
        assert_eq!((reading.exit_status(), problems.as_str()), (0, ""), "{line:?}");
    }
}

mod anything {
    use proptest::prelude::*;

    use super::*;

    /// Pieces that mean something to the file layer and the tree.
    fn piece() -> impl Strategy<Value = &'static str> {
        let pieces = [
            "vrrp_instance",
            "V",
            "{",
            "}",
            "\n",
            "\"",
            "'",
            "$",
            "$X=",
            "${X}",
            "$X",
            "\\\n",
            "@node1 ",
            "@^",
            "~SEQ(i,1,3) ",
            "~LST(",
            ")",
            ",",
            "#",
            "!",
            "\\#",
            "include ",
            "k.conf",
            "\n=== a.conf\n",
            "a.conf",
            "*",
            "global_defs",
            "include_check",
            "virtual_ipaddress",
            "192.0.2.1",
            "/24",
            " ",
            "\t",
            "priority",
            "300",
            "notify",
            "script",
            "vrrp_script",
            "é",
            "\0",
            "\r",
            "${_RANDOM 1",
            "track_script",
            "auth_pass",
            "interface",
            "eth0",
            "virtual_router_id",
            "unicast_peer",
            "version",
            "3",
            "0.5",
        ];
        prop::sample::select(pieces.to_vec())
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_model_or_problems(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let (reading, _) = reading_bytes(&bytes);
            prop_assert!([0, 2, 4, 5, 6].contains(&reading.exit_status()));
        }

        #[test]
        fn a_good_file_with_spoilt_bytes_ends_in_a_model_or_problems(
            spoilt in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
        ) {
            let mut bytes = VALID.replace("@@", "priority 150\n    nopreempt").into_bytes();
            for (at, byte) in spoilt {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let (reading, _) = reading_bytes(&bytes);
            for problem in &reading.problems {
                let excerpt = problem.excerpt.as_ref().unwrap();
                prop_assert!(excerpt.line.get(excerpt.span.clone()).is_some(), "{problem}");
            }
        }

        #[test]
        fn any_text_ends_in_a_model_or_problems(pieces in prop::collection::vec(piece(), 0..60)) {
            let text = pieces.concat();
            invariants::model_or_problems(text.as_bytes());
            invariants::lines_have_places(text.as_bytes());
        }
    }
}
