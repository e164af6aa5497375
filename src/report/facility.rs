//! Syslog facilities that an operator can choose (`-S`).

/// Where syslog files what we say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Facility {
    /// `user`.
    User,
    /// `daemon`, the default.
    #[default]
    Daemon,
    /// `local0` to `local7`; the number is at most 7.
    Local(u8),
}

impl Facility {
    /// The facility of a word as `-S` takes it: `0` to `7`, `local0` to `local7`, `user` or `daemon`.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "user" => Some(Self::User),
            "daemon" => Some(Self::Daemon),
            _ => match word.strip_prefix("local").unwrap_or(word).as_bytes() {
                [digit @ b'0'..=b'7'] => Some(Self::Local(digit - b'0')),
                _ => None,
            },
        }
    }

    /// The number in a message's PRI part (RFC 3164 §4.1.1).
    pub const fn number(self) -> u8 {
        match self {
            Self::User => 1,
            Self::Daemon => 3,
            Self::Local(number) => 16 + number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facilities_have_the_names_of_the_option_and_the_numbers_of_the_rfc() {
        let cases = [
            ("0", Some(16)),
            ("7", Some(23)),
            ("local3", Some(19)),
            ("user", Some(1)),
            ("daemon", Some(3)),
            ("8", None),
            ("local8", None),
            ("local", None),
            ("locallocal1", None),
            ("kern", None),
            ("", None),
        ];
        for (word, want) in cases {
            assert_eq!(Facility::named(word).map(Facility::number), want, "{word:?}");
        }
    }
}
