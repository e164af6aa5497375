//! What a number in a file means for a priority (`track_file`).

use crate::units::Weight;

/// What a tracked object does to an instance at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It keeps the instance in FAULT.
    Fault,
    /// It adds this much to the priority.
    Adds(i64),
}

/// Product from which a number in a file is a fault.
const FAULT_AT: i64 = -254;
/// Most that a number in a file adds.
const MOST: i64 = 253;

/// The effect of `value`: multiplied by the weight, or with weight 0 a fault unless it is 0; `reverse` turns either
/// round.
pub fn effect_of_file(value: i32, weight: Weight, reverse: bool) -> Effect {
    if weight.is_fault() {
        return if (value != 0) == reverse { Effect::Adds(0) } else { Effect::Fault };
    }
    let sense = if reverse { -1 } else { 1 };
    match i64::from(value) * i64::from(weight.get()) * sense {
        product if product <= FAULT_AT => Effect::Fault,
        product => Effect::Adds(product.min(MOST)),
    }
}

/// Reads the text of a tracked file as C's `strtol` does with base 0: white space, a sign, `0x` or `0` for another
/// base; what follows the digits does not count, and without digits it is 0.
///
/// `None` beyond 32 bits.
pub fn number_in_file(text: &[u8]) -> Option<i32> {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', first, ..] if first.is_ascii_hexdigit() => (16, &digits[2..]),
        [b'0', ..] => (8, digits),
        _ => (10, digits),
    };
    let digits = digits.iter().map_while(|byte| char::from(*byte).to_digit(base));
    let value = digits.fold(0_i64, |sum, digit| sum.saturating_mul(base.into()).saturating_add(digit.into()));
    i32::try_from(if negative { -value } else { value }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_c_reads_a_number() {
        let cases: [(&[u8], Option<i32>); 17] = [
            (b"", Some(0)),
            (b"5\n", Some(5)),
            (b" \t\n7", Some(7)),
            (b"-5", Some(-5)),
            (b"+4", Some(4)),
            (b"abc", Some(0)),
            (b"8 junk", Some(8)),
            (b"3\x004", Some(3)),
            (b"0x10", Some(16)),
            (b"0xg", Some(0)),
            (b"010", Some(8)),
            (b"09", Some(0)),
            (b"- 5", Some(0)),
            (b"2147483647", Some(i32::MAX)),
            (b"-2147483648", Some(i32::MIN)),
            (b"2147483648", None),
            (b"99999999999999999999999999", None),
        ];
        for (text, value) in cases {
            assert_eq!(number_in_file(text), value, "{:?}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_product_is_clipped_above_and_a_fault_below() {
        use Effect::{Adds, Fault};
        let cases = [
            (5, 2, false, Adds(10)),
            (5, 2, true, Adds(-10)),
            (0, 1, false, Adds(0)),
            (300, 1, false, Adds(253)),
            (-253, 1, false, Adds(-253)),
            (-254, 1, false, Fault),
            (127, -2, false, Fault),
            (127, -2, true, Adds(253)),
            (i32::MAX, 254, false, Adds(253)),
            (i32::MIN, 254, false, Fault),
            (0, 0, false, Adds(0)),
            (1, 0, false, Fault),
            (-1, 0, false, Fault),
            (0, 0, true, Fault),
            (7, 0, true, Adds(0)),
        ];
        for (value, weight, reverse, effect) in cases {
            let weight = Weight::new(weight).unwrap();
            assert_eq!(effect_of_file(value, weight, reverse), effect, "{value} {weight:?} {reverse}");
        }
    }
}
