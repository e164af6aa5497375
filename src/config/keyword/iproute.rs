//! Numbers that iproute2 gives names: tables, scopes, protocols, TOS values, realms, interface groups.

use super::line::{Line, Rejected, expected};
use crate::config::model::{Realms, Route};
use crate::config::tree::Word;

/// A list of names, as iproute2 calls its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameList {
    /// The file's name.
    file: &'static str,
    /// Names that need no file.
    builtin: &'static [(&'static str, u32)],
    /// Largest number; greater ones are cut off without a word when it is that of 32 bits.
    most: i128,
    /// What people are told to write.
    want: &'static str,
}

pub(super) const TABLES: NameList = NameList {
    file: "rt_tables",
    builtin: &[("unspec", 0), ("default", 253), ("main", 254), ("local", 255)],
    most: U32,
    want: "a routing table by number or name",
};

pub(super) const SCOPES: NameList = NameList {
    file: "rt_scopes",
    builtin: &[("global", 0), ("site", 200), ("link", 253), ("host", 254), ("nowhere", 255)],
    most: 255,
    want: "a scope by name or 0 to 255",
};

pub(super) const PROTOCOLS: NameList = NameList {
    file: "rt_protos",
    builtin: &[
        ("unspec", 0),
        ("redirect", 1),
        ("kernel", 2),
        ("boot", 3),
        ("static", 4),
        ("gated", 8),
        ("ra", 9),
        ("mrt", 10),
        ("zebra", 11),
        ("bird", 12),
        ("dnrouted", 13),
        ("xorp", 14),
        ("ntk", 15),
        ("dhcp", 16),
        ("keepalived", Route::KEEPALIVED as u32),
        ("babel", 42),
    ],
    most: 255,
    want: "a routing protocol by name or 0 to 255",
};

pub(super) const TOS: NameList =
    NameList { file: "rt_dsfield", builtin: &[], most: 255, want: "a TOS by name or 0 to 255" };

pub(super) const REALMS: NameList =
    NameList { file: "rt_realms", builtin: &[], most: 255, want: "[from/]to, realms by name or 0 to 255" };

pub(super) const GROUPS: NameList =
    NameList { file: "group", builtin: &[("default", 0)], most: U32, want: "an interface group" };

const U32: i128 = u32::MAX as i128;

/// A word of a list: its name, or a number as C writes it.
pub(super) fn named(word: &Word, list: &NameList, line: &Line<'_, '_>) -> Result<u32, Rejected> {
    find(word, list, line).ok_or_else(|| expected(word, list.want))
}

/// As [`named`], for a list whose numbers have 8 bits.
pub(super) fn named_byte(word: &Word, list: &NameList, line: &Line<'_, '_>) -> Result<u8, Rejected> {
    u8::try_from(named(word, list, line)?).map_err(|_| expected(word, list.want))
}

/// `[FROM/]TO`.
pub(super) fn realms(word: &Word, line: &Line<'_, '_>) -> Result<Realms, Rejected> {
    let find = |text: &str| find(text, &REALMS, line).and_then(|number| u16::try_from(number).ok());
    let read = match word.split_once('/') {
        Some((from, to)) => find(from).zip(find(to)),
        None => Some(0).zip(find(word)),
    };
    let (from, to) = read.ok_or_else(|| expected(word, REALMS.want))?;
    Ok(Realms { from, to })
}

fn find(text: &str, list: &NameList, line: &Line<'_, '_>) -> Option<u32> {
    if let Some((_, number)) = list.builtin.iter().find(|(name, _)| *name == text) {
        return Some(*number);
    }
    match c_number(text) {
        Some(number) if list.most == U32 => wrapped(number, list),
        Some(number) if (0..=list.most).contains(&number) => u32::try_from(number).ok(),
        Some(_) => None,
        None => line.context.number_of(list.file, text),
    }
}

/// As keepalived takes them: tables lose their upper bits and sign, groups only their upper bits.
fn wrapped(number: i128, list: &NameList) -> Option<u32> {
    let low = number.rem_euclid(U32 + 1);
    if number < 0 && *list == GROUPS { None } else { u32::try_from(low).ok() }
}

/// A whole number with C's prefixes: `0x` for hexadecimal, `0` for octal.
pub(super) fn c_number(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, radix) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None if digits.len() > 1 && digits.starts_with('0') => (digits, 8),
        None => (digits, 10),
    };
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    let value = plain.then(|| i128::from_str_radix(digits, radix).ok()).flatten()?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_c_s_prefixes() {
        let cases = [
            ("16", Some(16)),
            ("0x10", Some(16)),
            ("010", Some(8)),
            ("0", Some(0)),
            ("-1", Some(-1)),
            ("08", None),
            ("0x", None),
            ("1x", None),
            ("", None),
        ];
        for (text, want) in cases {
            assert_eq!(c_number(text), want, "{text:?}");
        }
    }

    #[test]
    fn tables_lose_their_upper_bits_and_groups_take_no_sign() {
        assert_eq!((wrapped(-1, &TABLES), wrapped(1 << 32, &TABLES)), (Some(u32::MAX), Some(0)));
        assert_eq!((wrapped(-1, &GROUPS), wrapped(1 << 32, &GROUPS)), (None, Some(0)));
    }
}
