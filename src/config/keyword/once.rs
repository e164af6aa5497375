//! What may stand only once.

use std::collections::HashSet;
use std::hash::Hash;

use crate::config::source::Place;

/// So many values are compared one by one, which takes less time and room than to hash them.
const FEW: usize = 16;

/// Values of which each may be listed once.
#[derive(Debug)]
pub(super) enum Once<T> {
    Few(Vec<T>),
    Many(HashSet<T>),
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl<T: Eq + Hash> Once<T> {
    pub(super) fn contains(&self, value: &T) -> bool {
        match self {
            Self::Few(values) => values.contains(value),
            Self::Many(values) => values.contains(value),
        }
    }

    /// Whether the value is new.
    pub(super) fn insert(&mut self, value: T) -> bool {
        match self {
            Self::Few(values) if values.contains(&value) => false,
            Self::Few(values) if values.len() < FEW => {
                values.push(value);
                true
            }
            Self::Few(values) => {
                *self = Self::Many(std::mem::take(values).into_iter().chain([value]).collect());
                true
            }
            Self::Many(values) => values.insert(value),
        }
    }
}

/// Keywords of a draft that count once and have been seen, with their places.
#[derive(Debug, Default)]
pub(in crate::config) struct Seen(Vec<(&'static str, Place)>);

impl Seen {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Where the keyword stood first: here, if it was not seen before.
    pub(super) fn first(&mut self, keyword: &'static str, here: Place) -> Place {
        match self.0.iter().find(|(known, _)| *known == keyword) {
            Some((_, place)) => *place,
            None => {
                self.0.push((keyword, here));
                here
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_values_are_new_once() {
        let mut once = Once::default();
        for value in 0..4 * FEW {
            assert!(!once.contains(&value), "{value}");
            assert!(once.insert(value), "{value}");
        }
        for value in 0..4 * FEW {
            assert!(once.contains(&value), "{value}");
            assert!(!once.insert(value), "{value}");
        }
    }
}
