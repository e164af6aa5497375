//! `~SEQ`, `~SEQx` and `~LST`: one line repeated over values.

use std::collections::VecDeque;

use super::definition::Definitions;
use super::line::is_blank;

/// More rounds than this in one loop are refused.
const MOST_ROUNDS: u64 = 1_000_000;

/// A loop in front of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loop {
    names: Vec<String>,
    rounds: Rounds,
}

/// The values that are still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rounds {
    Numbers { next: i64, step: i64, left: u64, hexadecimal: bool },
    Values(VecDeque<Vec<String>>),
}

/// Why a line that starts like a loop is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Bad {
    #[error("its `)` is missing")]
    Unclosed,
    #[error("it names no variable")]
    NoVariable,
    #[error("one of its arguments is not a number")]
    Number,
    #[error("it takes one to three numbers")]
    Count,
    #[error("its step never reaches the end")]
    Step,
    #[error("it has no value")]
    NoValue,
    #[error("it has more values than variables")]
    TooManyValues,
    #[error("it has more than {MOST_ROUNDS} rounds")]
    TooManyRounds,
}

/// The loop in front of `line` and the byte at which the repeated text begins; `None` when no loop begins here.
pub(super) fn parse(line: &str, definitions: &Definitions) -> Option<Result<(Loop, usize), Bad>> {
    let (kind, rest) = [("~SEQx(", Kind::Hexadecimal), ("~SEQ(", Kind::Decimal), ("~LST(", Kind::List)]
        .into_iter()
        .find_map(|(start, kind)| line.strip_prefix(start).map(|rest| (kind, rest)))?;
    let Some(close) = rest.find(')') else { return Some(Err(Bad::Unclosed)) };
    let text = rest[close + 1..].trim_start_matches(is_blank);
    let arguments = &rest[..close];
    let made = match kind {
        Kind::Decimal => numbers(arguments, definitions, false),
        Kind::Hexadecimal => numbers(arguments, definitions, true),
        Kind::List => list(arguments, definitions),
    };
    Some(made.map(|made| (made, line.len() - text.len())))
}

#[derive(Clone, Copy)]
enum Kind {
    Decimal,
    Hexadecimal,
    List,
}

fn numbers(arguments: &str, definitions: &Definitions, hexadecimal: bool) -> Result<Loop, Bad> {
    let mut words = arguments.split(',').map(|word| word.trim_matches(is_blank));
    let name = variable(words.next().unwrap_or_default())?;
    let numbers = words
        .map(|word| number(resolved(word, definitions)))
        .collect::<Option<Vec<i64>>>()
        .ok_or(Bad::Number)?;
    let (start, step, end) = match numbers[..] {
        [end] if end < 0 => (-1, -1, end),
        [end] => (1, if end < 1 { -1 } else { 1 }, end),
        [start, end] => (start, if end < start { -1 } else { 1 }, end),
        [start, step, end] => (start, step, end),
        _ => return Err(Bad::Count),
    };
    if hexadecimal && (start < 0 || end < 0) {
        return Err(Bad::Number);
    }
    if step == 0 || (end - start).signum() == -step.signum() {
        return Err(Bad::Step);
    }
    let left = (end - start).unsigned_abs() / step.unsigned_abs() + 1;
    if left > MOST_ROUNDS {
        return Err(Bad::TooManyRounds);
    }
    Ok(Loop { names: vec![name], rounds: Rounds::Numbers { next: start, step, left, hexadecimal } })
}

/// Base 0: `0x` is hexadecimal, a leading 0 octal. Values are kept to 32 bits so that sums cannot overflow.
fn number(word: &str) -> Option<i64> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    let value = if let Some(digits) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i32::from_str_radix(digits, 16)
    } else if digits.len() > 1 && digits.starts_with('0') {
        i32::from_str_radix(digits, 8)
    } else {
        digits.parse()
    };
    let value = value.ok().filter(|value| *value >= 0).map(i64::from)?;
    Some(if negative { -value } else { value })
}

fn resolved<'a>(word: &'a str, definitions: &'a Definitions) -> &'a str {
    let name = word.strip_prefix('$').map(|name| name.trim_start_matches('{').trim_end_matches('}'));
    name.and_then(|name| definitions.single(name)).map_or(word, |value| value.trim_matches(is_blank))
}

fn variable(word: &str) -> Result<String, Bad> {
    let fits = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if fits { Ok(word.to_owned()) } else { Err(Bad::NoVariable) }
}

fn list(arguments: &str, definitions: &Definitions) -> Result<Loop, Bad> {
    let mut items = items(arguments).into_iter();
    let names =
        members(items.next().unwrap_or_default()).into_iter().map(variable).collect::<Result<Vec<_>, _>>()?;
    let rounds = items
        .map(|item| {
            let mut values: Vec<String> =
                members(item).into_iter().map(|word| resolved(word, definitions).to_owned()).collect();
            if values.len() > names.len() {
                return Err(Bad::TooManyValues);
            }
            values.resize(names.len(), String::new());
            Ok(values)
        })
        .collect::<Result<VecDeque<_>, _>>()?;
    if rounds.is_empty() {
        return Err(Bad::NoValue);
    }
    Ok(Loop { names, rounds: Rounds::Values(rounds) })
}

/// The parts of an argument list; commas inside braces part nothing.
fn items(arguments: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, byte) in arguments.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(arguments[start..at].trim_matches(is_blank));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(arguments[start..].trim_matches(is_blank));
    parts
}

fn members(item: &str) -> Vec<&str> {
    match item.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
        Some(inner) => inner.split(',').map(|word| word.trim_matches(is_blank)).collect(),
        None => vec![item],
    }
}

/// One round: the variables with their values.
impl Iterator for Loop {
    type Item = Vec<(String, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        let values = match &mut self.rounds {
            Rounds::Values(rounds) => rounds.pop_front()?,
            Rounds::Numbers { next, step, left, hexadecimal } => {
                *left = left.checked_sub(1)?;
                let value = *next;
                *next += *step;
                vec![if *hexadecimal { format!("{value:x}") } else { value.to_string() }]
            }
        };
        Some(self.names.iter().cloned().zip(values).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(line: &str) -> Result<Vec<String>, Bad> {
        let mut definitions = Definitions::default();
        definitions.set("N", vec!["3".into()]);
        definitions.set("L", vec!["x,y".into()]);
        let (rounds, _) = parse(line, &definitions).expect("a loop")?;
        Ok(rounds
            .map(|round| round.into_iter().map(|(_, value)| value).collect::<Vec<_>>().join("+"))
            .collect())
    }

    #[test]
    fn loops_count_as_keepalived_counts() {
        let cases = [
            ("~SEQ(i,3) x", "1 2 3"),
            ("~SEQ(i,-3) x", "-1 -2 -3"),
            ("~SEQ(i,1,3) x", "1 2 3"),
            ("~SEQ( i , 3 , 1 ) x", "3 2 1"),
            ("~SEQ(i,1,2,5) x", "1 3 5"),
            ("~SEQ(i,5,-2,1) x", "5 3 1"),
            ("~SEQ(i,2,2) x", "2"),
            ("~SEQ(i,0) x", "1 0"),
            ("~SEQ(i,$N) x", "1 2 3"),
            ("~SEQx(i,9,11) x", "9 a b"),
            ("~SEQ(i,010,011) x", "8 9"),
            ("~LST(i,a,b,c) x", "a b c"),
            ("~LST({i,j},{a,b},{c,d},e) x", "a+b c+d e+"),
            ("~LST(i,) x", ""),
            ("~LST(i,$L) x", "x,y"),
        ];
        for (line, want) in cases {
            assert_eq!(values(line).map(|values| values.join(" ")), Ok(want.to_owned()), "{line}");
        }
    }

    #[test]
    fn a_loop_that_cannot_be_is_refused() {
        let cases = [
            ("~SEQ(i,1,0,3) x", Bad::Step),
            ("~SEQ(i,1,-1,3) x", Bad::Step),
            ("~SEQ(i,1,2,3,4) x", Bad::Count),
            ("~SEQ(i,a) x", Bad::Number),
            ("~SEQ(i,3 x", Bad::Unclosed),
            ("~SEQ(,3) x", Bad::NoVariable),
            ("~SEQx(i,-3) x", Bad::Number),
            ("~SEQ(i,2000000000) x", Bad::TooManyRounds),
            ("~LST({i,j},{a,b,c}) x", Bad::TooManyValues),
            ("~LST(i) x", Bad::NoValue),
        ];
        for (line, want) in cases {
            assert_eq!(values(line), Err(want), "{line}");
        }
        assert_eq!(parse("~FOO(i,3) x", &Definitions::default()), None);
    }
}
