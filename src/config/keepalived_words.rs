//! The words of keepalived for the commonest faults: what tools look for in the output of `-t`.

use super::fault::Fault;

/// What keepalived says, where tools are known to read it; `None` where our own words do.
pub(super) fn words(fault: &Fault) -> Option<String> {
    Some(match fault {
        Fault::UnknownKeyword { word, .. } | Fault::Misplaced { word, .. } => {
            format!("Unknown keyword '{word}'")
        }
        Fault::UnclosedQuote => "Unterminated quote".to_owned(),
        Fault::Unclosed { .. } => "There are 1 missing '}'s or extra '{'s".to_owned(),
        Fault::MissingOpen { .. } => "Missing '{' at beginning of configuration block".to_owned(),
        Fault::UnexpectedOpen { .. } => "Unexpected '{' - ignoring".to_owned(),
        Fault::UnexpectedClose => "Extra '}' found".to_owned(),
        Fault::MissingWord { keyword, .. } => format!("missing a parameter after keyword `{keyword}`"),
        Fault::Redefined { kind, name } => format!("{} {name} already defined", kind.replace('_', " ")),
        _ => return None,
    })
}
