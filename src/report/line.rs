//! The text of an event: `(NAME) message key=value ...` in one line.

use std::fmt::{Debug, Write};

use tracing::field::{Field, Visit};

/// Collects the parts of an event.
#[derive(Default)]
pub(super) struct Line {
    instance: Option<String>,
    message: String,
    fields: String,
}

impl Line {
    /// Forgets the last event but keeps its memory.
    pub(super) fn clear(&mut self) {
        self.instance = None;
        self.message.clear();
        self.fields.clear();
    }

    /// Appends the text to `out`; `span` names the instance when the event itself does not.
    pub(super) fn write(&self, span: Option<&str>, out: &mut String) {
        if let Some(name) = self.instance.as_deref().or(span) {
            push_clean(out, &["(", name, ") "]);
        }
        push_clean(out, &[&self.message, &self.fields]);
    }
}

/// A name or message from a file or a peer cannot begin a line of its own or steer a terminal.
fn push_clean(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.extend(part.chars().map(|c| if c.is_control() { ' ' } else { c }));
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a String fails only if a Debug of ours does; the part is then cut short.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            "instance" => write!(self.instance.get_or_insert_default(), "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

/// Finds the `instance` of a span.
#[derive(Default)]
pub(super) struct InstanceField(pub(super) Option<String>);

impl Visit for InstanceField {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "instance" {
            self.0 = Some(format!("{value:?}"));
        }
    }
}
