//! The `include` family and how strict each member is.

use super::line::is_blank;

/// Which problems of an include are errors (keyword `include_check`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::config) struct Strictness {
    /// Unreadable, a directory, a device, executable.
    pub(in crate::config) read: bool,
    /// No such file, without a wildcard.
    pub(in crate::config) matched: bool,
    /// A wildcard that matches nothing.
    pub(in crate::config) wildcard: bool,
    /// A `{a,b}` alternative that is not there.
    pub(in crate::config) brace: bool,
}

impl Strictness {
    /// `includea`, `-e`, a bare `include_check`.
    pub(in crate::config) const ALL: Self = Self { read: true, matched: true, wildcard: true, brace: true };

    fn flag(&mut self, name: &str) -> Option<&mut bool> {
        match name {
            "read" => Some(&mut self.read),
            "match" => Some(&mut self.matched),
            "wildcard_match" => Some(&mut self.wildcard),
            "brace_match" => Some(&mut self.brace),
            _ => None,
        }
    }

    /// What the words after `include_check` make of the strictness so far, or the word that is wrong.
    pub(in crate::config) fn checked<'w>(
        self,
        words: impl IntoIterator<Item = &'w str>,
    ) -> Result<Self, &'w str> {
        let mut now = self;
        let (mut any, mut replaced) = (false, false);
        for word in words {
            any = true;
            let (name, on) = match (word.strip_prefix('+'), word.strip_prefix('-')) {
                (Some(name), _) => (name, true),
                (_, Some(name)) => (name, false),
                (None, None) if replaced => return Err(word),
                (None, None) => {
                    replaced = true;
                    now = Self { read: true, ..Self::default() };
                    (word, true)
                }
            };
            *now.flag(name).ok_or(word)? = on;
        }
        Ok(if any { now } else { Self::ALL })
    }
}

/// The strictness and the pattern of an include line; `None` for any other line.
pub(super) fn parse(line: &str, default: Strictness) -> Option<(Strictness, &str)> {
    let rest = line.strip_prefix("include")?;
    let letter = rest.chars().next().filter(|c| !is_blank(*c));
    let strictness = match letter {
        None => default,
        Some('r') => Strictness { read: true, ..Strictness::default() },
        Some('m') => Strictness { read: true, matched: true, ..Strictness::default() },
        Some('w') => Strictness { brace: false, ..Strictness::ALL },
        Some('b') => Strictness { read: true, brace: true, ..Strictness::default() },
        Some('a') => Strictness::ALL,
        Some(_) => return None,
    };
    let rest = &rest[letter.map_or(0, char::len_utf8)..];
    let pattern = rest.strip_prefix(is_blank)?.trim_matches(is_blank);
    (!pattern.is_empty()).then_some((strictness, pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_known_letters_are_includes() {
        let none = Strictness::default();
        assert_eq!(parse("include a b.conf ", none), Some((none, "a b.conf")));
        assert_eq!(parse("includea\tx", none), Some((Strictness::ALL, "x")));
        for line in ["includez x", "include", "include ", "includemm x", "include_check"] {
            assert_eq!(parse(line, none), None, "{line}");
        }
    }

    #[test]
    fn include_check_replaces_or_changes() {
        let read = Strictness { read: true, ..Strictness::default() };
        let none = Strictness::default();
        assert_eq!(none.checked([]), Ok(Strictness::ALL));
        assert_eq!(Strictness::ALL.checked(["read"]), Ok(read));
        assert_eq!(none.checked(["match"]), Ok(Strictness { matched: true, ..read }));
        assert_eq!(none.checked(["+match", "-match"]), Ok(none));
        assert_eq!(none.checked(["read", "match"]), Err("match"));
        assert_eq!(none.checked(["foo"]), Err("foo"));
    }
}
