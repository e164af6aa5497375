//! One object a line, for programs. Names and meaning of the fields stay; fields may be added.

use serde::Serialize;

use crate::config::{Problem, Related};

#[derive(Serialize)]
struct Message<'p> {
    file: String,
    /// 0 when the whole file is meant, as `column`.
    line: u32,
    column: u32,
    severity: String,
    code: &'p str,
    message: &'p str,
    suggestion: Option<&'p str>,
    related: Option<Elsewhere<'p>>,
}

#[derive(Serialize)]
struct Elsewhere<'p> {
    file: String,
    line: u32,
    column: u32,
    message: &'p str,
}

/// One line.
pub(super) fn told(problem: &Problem) -> String {
    let message = Message {
        file: problem.file.display().to_string(),
        line: problem.line,
        column: problem.column,
        severity: problem.severity.to_string(),
        code: problem.code,
        message: &problem.text,
        suggestion: problem.suggestion.as_deref(),
        related: problem.related.as_ref().map(elsewhere),
    };
    // Strings and numbers always have a JSON form.
    serde_json::to_string(&message).unwrap_or_default() + "\n"
}

fn elsewhere(related: &Related) -> Elsewhere<'_> {
    Elsewhere {
        file: related.file.display().to_string(),
        line: related.line,
        column: related.column,
        message: related.label,
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::message::{MessageFormat, told};
    use crate::config::{Level, Request, read};

    #[test]
    fn each_problem_is_one_object_with_its_place_and_code() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a \"b\".conf");
        std::fs::write(&file, "global_defs {\n  router_od r1\n}\n  vrrp_instnce \"\u{1b}[0m\" {\n}\n")
            .unwrap();
        let reading = read(&Request {
            file: &file,
            config_id: "node1",
            strict_includes: false,
            level: Level::Offline,
            vrrp_only: false,
            namespace: None,
        });
        let text = told(&reading.problems, MessageFormat::Json, true);
        assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()), "{text}");
        let objects: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let want = serde_json::json!({
            "file": file.to_str().unwrap(), "line": 2, "column": 3, "severity": "error", "code": "unknown-keyword",
            "message": "unknown keyword `router_od` in global_defs", "suggestion": "router_id", "related": null,
        });
        assert_eq!(objects[0], want);
        assert_eq!((&objects[1]["line"], &objects[1]["suggestion"]), (&4.into(), &"vrrp_instance".into()));
    }
}
