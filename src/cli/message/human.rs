//! With the line of the file, the faulty word underlined, and further places that have to do with it.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::config::{Excerpt, Problem, Severity};

/// Wider lines are cut around what is meant.
const WIDTH: usize = 120;

/// All problems, an empty line between two of them.
pub(super) fn told(problems: &[Problem], colours: bool) -> String {
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let texts: Vec<String> = problems.iter().map(|problem| renderer.render(&[group(problem)])).collect();
    if texts.is_empty() { String::new() } else { texts.join("\n\n") + "\n" }
}

fn group(problem: &Problem) -> Group<'_> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let group = Group::with_title(level.primary_title(problem.text.as_str()).id(problem.code));
    let path = problem.file.display().to_string();
    let group = match &problem.excerpt {
        Some(excerpt) => {
            let label = problem.suggestion.as_ref().map(|word| format!("did you mean `{word}`?"));
            let mark = AnnotationKind::Primary.span(excerpt.span.clone()).label(label);
            group.element(snippet(path, problem.line, excerpt, mark))
        }
        None => group.element(Origin::path(path)),
    };
    match &problem.related {
        Some(related) => {
            let mark = AnnotationKind::Context.span(related.excerpt.span.clone()).label(related.label);
            group.element(snippet(related.file.display().to_string(), related.line, &related.excerpt, mark))
        }
        None => group,
    }
}

fn snippet<'p>(
    path: String,
    line: u32,
    excerpt: &'p Excerpt,
    mark: Annotation<'p>,
) -> Snippet<'p, Annotation<'p>> {
    Snippet::source(excerpt.line.as_str()).line_start(line as usize).path(path).annotation(mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Level as Depth, Request, read};

    /// What a person reads about one file.
    fn shown(text: &str, colours: bool) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keepalived.conf");
        std::fs::write(&file, text).unwrap();
        let reading = read(&Request {
            file: &file,
            config_id: "node1",
            strict_includes: false,
            level: Depth::Offline,
            vrrp_only: false,
            namespace: None,
        });
        told(&reading.problems, colours).replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn two_misspelt_keywords_are_underlined_with_what_was_meant() {
        let text = shown(
            "vrrp_instance VI_1 {
    interface eth0
    virtual_routerid 51
    virtual_router_id 51
    prioritiy 100
    virtual_ipaddress {
        192.0.2.100
    }
}
",
            false,
        );
        insta::assert_snapshot!(text, @r"
        error[unknown-keyword]: unknown keyword `virtual_routerid` in vrrp_instance
         --> keepalived.conf:3:5
          |
        3 |     virtual_routerid 51
          |     ^^^^^^^^^^^^^^^^ did you mean `virtual_router_id`?

        error[unknown-keyword]: unknown keyword `prioritiy` in vrrp_instance
         --> keepalived.conf:5:5
          |
        5 |     prioritiy 100
          |     ^^^^^^^^^ did you mean `priority`?
        ");
    }

    #[test]
    fn a_missing_brace_shows_the_open_block_and_what_cannot_stand_in_it() {
        let text = shown(
            "vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.100
    }

vrrp_instance VI_2 {
    interface eth0
    virtual_router_id 52
    virtual_ipaddress {
        192.0.2.101
    }
}
",
            false,
        );
        insta::assert_snapshot!(text, @r"
        error[unclosed-block]: the block `vrrp_instance` opened here is never closed
         --> keepalived.conf:1:1
          |
        1 | vrrp_instance VI_1 {
          | ^^^^^^^^^^^^^
          |
         ::: keepalived.conf:8:1
          |
        8 | vrrp_instance VI_2 {
          | ------------- this cannot stand inside of it
        ");
    }

    #[test]
    fn a_word_where_a_number_belongs_is_underlined() {
        let text = shown(
            "vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority high
    virtual_ipaddress {
        192.0.2.100
    }
}
",
            false,
        );
        insta::assert_snapshot!(text, @r"
        error[bad-value]: expected 1 to 255, found `high`
         --> keepalived.conf:4:14
          |
        4 |     priority high
          |              ^^^^
        ");
    }

    #[test]
    fn what_is_defined_twice_shows_the_first_one() {
        let one = "vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.100
    }
}
";
        insta::assert_snapshot!(shown(&one.repeat(2), false), @r"
        error[redefined]: vrrp_instance `VI_1` is defined again; the first one counts
         --> keepalived.conf:8:15
          |
        8 | vrrp_instance VI_1 {
          |               ^^^^
          |
         ::: keepalived.conf:1:15
          |
        1 | vrrp_instance VI_1 {
          |               ---- this one counts
        ");
    }

    #[test]
    fn colours_and_bytes_of_the_file_do_not_reach_a_terminal_that_did_not_ask() {
        let text = "bogus \u{1b}[31m\u{7}\u{202e}é\tx\n\"\u{1b}\n";
        let plain = shown(text, false);
        assert!(!plain.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{plain}");
        let coloured = shown(text, true);
        assert!(coloured.contains("\u{1b}[") && !coloured.contains("\u{1b}[31m\u{7}"), "{coloured}");
    }
}
