//! Numbers as keepalived reads them: decimal, an optional `+`, leading white space when quoted, nothing behind.

use crate::config::source::is_blank;

/// A whole number; `None` when the word is none or does not fit.
pub(super) fn whole(word: &str) -> Option<i64> {
    let word = word.trim_start_matches(is_blank);
    let digits = word.strip_prefix(['+', '-']).unwrap_or(word);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| word.parse().ok()).flatten()
}

/// A decimal fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    /// Millionths.
    pub(super) micros: i64,
    /// It had more places than allowed and was rounded.
    pub(super) rounded: bool,
}

/// A decimal fraction with at most `places` places, 6 at most; further ones are rounded away.
pub(super) fn decimal(word: &str, places: u32) -> Option<Decimal> {
    let word = word.trim_start_matches(is_blank);
    let word = word.strip_prefix('+').unwrap_or(word);
    let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) || whole.len() > 12 {
        return None;
    }
    let mut micros = whole.parse::<i64>().unwrap_or(0).checked_mul(1_000_000)?;
    let mut unit = 1_000_000;
    for digit in fraction.bytes().take(places as usize) {
        unit /= 10;
        micros += i64::from(digit - b'0') * unit;
    }
    let next = fraction.as_bytes().get(places as usize).copied();
    if next.is_some_and(|digit| digit >= b'5') {
        micros += unit.min(10_i64.pow(6 - places.min(6)));
    }
    Some(Decimal { micros, rounded: next.is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_nothing_around_them() {
        let cases = [
            ("100", Some(100)),
            ("010", Some(10)),
            ("+100", Some(100)),
            (" 100", Some(100)),
            ("-1", Some(-1)),
            ("100 ", None),
            ("10x", None),
            ("0x10", None),
            ("", None),
            ("+", None),
            ("+-1", None),
            ("99999999999999999999", None),
        ];
        for (word, want) in cases {
            assert_eq!(whole(word), want, "{word:?}");
        }
    }

    #[test]
    fn decimals_keep_their_places() {
        let cases = [
            ("1", 6, Some((1_000_000, false))),
            ("0.01", 6, Some((10_000, false))),
            (".5", 6, Some((500_000, false))),
            ("1.0000005", 6, Some((1_000_001, true))),
            ("0.1234", 3, Some((123_000, true))),
            ("0.1236", 3, Some((124_000, true))),
            ("5s", 6, None),
            ("-1", 6, None),
            (".", 6, None),
            ("1.2.3", 6, None),
        ];
        for (word, places, want) in cases {
            assert_eq!(decimal(word, places).map(|d| (d.micros, d.rounded)), want, "{word}");
        }
    }
}
