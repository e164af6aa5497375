//! `file:line:column: error|warning: what`: for logs, and for editors that jump to such lines.

use crate::config::Problem;

/// One line.
pub(super) fn told(problem: &Problem) -> String {
    format!("{problem}\n")
}
