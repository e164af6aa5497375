//! A table of fields for one kind of object, and what differs from it.

use std::fmt;

use vrrpd::config::model::Model;

use super::text::{Dump, Object};

/// What a field must be: nothing, when the dump must not have it.
pub(super) type Expected = Option<Vec<String>>;

/// How a field is written for a value of the Model.
pub(super) struct Row<T> {
    /// keepalived's key.
    pub(super) key: &'static str,
    /// Its text by our Model.
    pub(super) ours: fn(&T, &Model) -> Expected,
}

/// All fields of one kind of object.
pub(super) struct Table<T: 'static> {
    /// keepalived's word for the kind.
    pub(super) kind: &'static str,
    /// The name by which the dump knows it.
    pub(super) name: fn(&T) -> &str,
    pub(super) rows: &'static [Row<T>],
    /// Keys that say what happens rather than what was understood, or what the Model does not have, with the reason.
    pub(super) not_compared: &'static [(&'static str, &'static str)],
}

/// A field of which the two say different things.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) object: String,
    pub(super) key: String,
    pub(super) theirs: String,
    pub(super) ours: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` is {} for keepalived, {} for us", self.object, self.key, self.theirs, self.ours)
    }
}

impl<T> Table<T> {
    /// Compares all objects of this kind; they must be the same ones in the same order. Returns the number of fields.
    pub(super) fn compare(
        &self,
        dump: &Dump,
        model: &Model,
        ours: &[T],
        differences: &mut Vec<Difference>,
    ) -> usize {
        let theirs: Vec<&Object> = dump.of(self.kind).collect();
        let their_names: Vec<&str> = theirs.iter().map(|object| plain_name(&object.name)).collect();
        let our_names: Vec<&str> = ours.iter().map(|object| (self.name)(object)).collect();
        if their_names != our_names {
            differences.push(Difference {
                object: self.kind.to_owned(),
                key: "names".to_owned(),
                theirs: format!("{their_names:?}"),
                ours: format!("{our_names:?}"),
            });
            return 0;
        }
        theirs.iter().zip(ours).map(|(theirs, ours)| self.compare_one(theirs, ours, model, differences)).sum()
    }

    fn compare_one(
        &self,
        theirs: &Object,
        ours: &T,
        model: &Model,
        differences: &mut Vec<Difference>,
    ) -> usize {
        let object = format!("{} {}", self.kind, theirs.name);
        for row in self.rows {
            let (found, expected) = (theirs.values(row.key), (row.ours)(ours, model));
            if found.map(<[String]>::to_vec) != expected {
                differences.push(Difference {
                    object: object.clone(),
                    key: row.key.to_owned(),
                    theirs: shown(found),
                    ours: shown(expected.as_deref()),
                });
            }
        }
        // A key that nobody thought of must not pass unseen.
        let known = |key: &str| {
            let mut waived = self.not_compared.iter();
            self.rows.iter().any(|row| row.key == key) || waived.any(|(start, _)| key.starts_with(start))
        };
        for field in theirs.fields.iter().filter(|field| !known(&field.key)) {
            differences.push(Difference {
                object: object.clone(),
                key: field.key.clone(),
                theirs: shown(Some(&field.values)),
                ours: "in no table".to_owned(),
            });
        }
        self.rows.len()
    }
}

/// Some kinds carry their state behind the name.
fn plain_name(name: &str) -> &str {
    name.split(", ").next().unwrap_or(name)
}

fn shown(values: Option<&[String]>) -> String {
    values.map_or("nothing".to_owned(), |values| format!("{values:?}"))
}
