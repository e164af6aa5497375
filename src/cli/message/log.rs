//! `(file: Line n) what`, as keepalived's `-t` logs it: for tools that read that.

use crate::config::{Problem, Severity};

/// One line. Where keepalived has words that tools look for, they come first and ours follow.
pub(super) fn told(problem: &Problem) -> String {
    let file = problem.file.display();
    let place =
        if problem.line > 0 { format!("({file}: Line {})", problem.line) } else { format!("({file})") };
    let mark = if problem.severity == Severity::Warning { "WARNING - " } else { "" };
    let theirs = problem.keepalived.as_ref().map(|words| format!("{words} - ")).unwrap_or_default();
    let meant =
        problem.suggestion.as_ref().map(|word| format!("; did you mean `{word}`?")).unwrap_or_default();
    format!("{place} {mark}{theirs}{}{meant}\n", problem.text)
}
