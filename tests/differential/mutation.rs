//! Files with a slip of the kind that people make, by a fixed seed: the n-th mutation of a text is always the same.

use crate::corpus::File;
use crate::judge::Case;

/// Mutations of each file when nothing else is asked for.
pub(crate) const EACH: u64 = 4;

/// Slips that people make.
#[derive(Clone, Copy, Debug)]
enum Slip {
    DeletedLine,
    DeletedBrace,
    AddedBrace,
    SwappedLines,
    SwappedLetters,
    OutOfRange,
    DoubledLine,
    OtherWord,
    MissingWords,
    MissingWord,
}

const SLIPS: &[Slip] = &[
    Slip::DeletedLine,
    Slip::DeletedBrace,
    Slip::AddedBrace,
    Slip::SwappedLines,
    Slip::SwappedLetters,
    Slip::OutOfRange,
    Slip::DoubledLine,
    Slip::OtherWord,
    Slip::MissingWords,
    Slip::MissingWord,
];

/// Numbers that few keywords take.
const NUMBERS: &[&str] = &["0", "-1", "256", "99999", "x", "1.5", "254", "5000000000"];
/// Values that stand in the wrong place.
const WORDS: &[&str] = &["foo", "100", "", "\"a b\"", "eth9", "10.1.1.1", "yes", "\""];

/// The mutations of a file; every fourth has two slips.
pub(crate) fn all(file: &File) -> impl Iterator<Item = Case> + '_ {
    let each = std::env::var("DIFFERENTIAL_MUTATIONS").map_or(EACH, |text| text.parse().unwrap());
    (0..each).map(move |number| {
        let mut random = Random::of(&file.id, number);
        let mut lines: Vec<String> = file.text.lines().map(str::to_owned).collect();
        let mut slips = vec![slip(&mut lines, &mut random)];
        if number % 4 == 3 {
            slips.push(slip(&mut lines, &mut random));
        }
        let text = lines.join("\n") + "\n";
        Case {
            id: format!("{}~{number}", file.id),
            folder: file.folder.clone(),
            text,
            slips: slips.join(", "),
        }
    })
}

/// Makes one slip; says which, and in which line.
fn slip(lines: &mut Vec<String>, random: &mut Random) -> String {
    let meaningful =
        |line: &&usize| !matches!(lines[**line].trim_start().chars().next(), None | Some('!' | '#'));
    let candidates: Vec<usize> =
        (0..lines.len()).collect::<Vec<_>>().iter().filter(meaningful).copied().collect();
    let Some(&line) = random.pick(&candidates) else { return "nothing".to_owned() };
    let kind = *random.pick(SLIPS).unwrap();
    make(kind, line, &candidates, lines, random);
    format!("{kind:?} in line {}", line + 1)
}

fn make(kind: Slip, at: usize, candidates: &[usize], lines: &mut Vec<String>, random: &mut Random) {
    let words: Vec<String> = lines[at].split_whitespace().map(str::to_owned).collect();
    match kind {
        Slip::DeletedLine => drop(lines.remove(at)),
        Slip::DoubledLine => lines.insert(at, lines[at].clone()),
        Slip::SwappedLines => lines.swap(at, *random.pick(candidates).unwrap()),
        Slip::AddedBrace => lines[at].push_str(random.pick(&[" {", " }"]).unwrap()),
        Slip::DeletedBrace => {
            let braces: Vec<(usize, usize)> = candidates
                .iter()
                .flat_map(|&line| {
                    lines[line].match_indices(['{', '}']).map(move |(column, _)| (line, column))
                })
                .collect();
            if let Some(&(line, column)) = random.pick(&braces) {
                lines[line].remove(column);
            }
        }
        Slip::SwappedLetters => lines[at] = with_first_word(&lines[at], |word| swapped(word, random)),
        Slip::OutOfRange => {
            let number = random.pick(NUMBERS).unwrap();
            lines[at] = with_first_number(&lines[at], number);
        }
        Slip::OtherWord if words.len() > 1 => {
            let mut words = words;
            let which = 1 + random.below(words.len() - 1);
            words[which] = (*random.pick(WORDS).unwrap()).to_owned();
            lines[at] = words.join(" ");
        }
        Slip::MissingWord if words.len() > 1 => {
            let mut words = words;
            words.remove(1 + random.below(words.len() - 1));
            lines[at] = words.join(" ");
        }
        Slip::MissingWords => lines[at] = words.into_iter().next().unwrap_or_default(),
        Slip::OtherWord | Slip::MissingWord => lines[at].clear(),
    }
}

/// Two neighbouring letters changed places.
fn swapped(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() > 2 {
        let at = random.below(letters.len() - 1);
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

fn with_first_word(line: &str, change: impl FnOnce(&str) -> String) -> String {
    let start = line.len() - line.trim_start().len();
    let end = line[start..].find(char::is_whitespace).map_or(line.len(), |length| start + length);
    format!("{}{}{}", &line[..start], change(&line[start..end]), &line[end..])
}

fn with_first_number(line: &str, number: &str) -> String {
    let Some(start) = line.find(|c: char| c.is_ascii_digit()) else { return line.to_owned() };
    let end = line[start..].find(|c: char| !c.is_ascii_digit()).map_or(line.len(), |length| start + length);
    format!("{}{number}{}", &line[..start], &line[end..])
}

/// splitmix64.
struct Random(u64);

impl Random {
    /// By the text of an id and a number (FNV-1a), so that one more file changes no other's mutations.
    fn of(id: &str, number: u64) -> Self {
        let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        (!from.is_empty()).then(|| &from[self.below(from.len())])
    }
}
