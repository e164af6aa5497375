//! argv as `getopt_long` reads it: clusters, abbreviations, attached optional arguments, words anywhere.
//!
//! The result is one [`Item`] per option or word, with the option's full name, so that clap has nothing left to guess.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use clap::{Arg, Command};

/// One thing found on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A known option by its long name, with its argument if it has one.
    Option(String, Option<OsString>),
    /// A word that belongs to no option.
    Operand(OsString),
    /// What stands here is wrong.
    Fault(Fault),
}

/// Why an option cannot be taken, with its name as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// No such option, an abbreviation of several, or an argument to an option that takes none.
    #[error("Unknown option {0}")]
    Unknown(String),
    /// The mandatory argument is missing or attached and empty.
    #[error("Missing parameter for option {0}")]
    Missing(String),
}

/// Reads `args` (without the program's name) by the options of `command`.
pub(super) fn read(command: &mut Command, args: impl IntoIterator<Item = OsString>) -> Vec<Item> {
    command.build();
    let table: Vec<Opt> = command.get_arguments().filter_map(Opt::of).collect();
    let mut args = args.into_iter();
    let mut items = Vec::new();
    while let Some(word) = args.next() {
        match word.as_bytes() {
            b"--" => items.extend(args.by_ref().map(Item::Operand)),
            [b'-', b'-', long @ ..] => items.push(read_long(&table, long, &mut args)),
            [b'-', cluster @ ..] if !cluster.is_empty() => {
                read_cluster(&table, cluster, &mut args, &mut items)
            }
            _ => items.push(Item::Operand(word)),
        }
    }
    items
}

/// The words that clap reads without any rule of its own.
pub(super) fn canonical(items: &[Item]) -> Vec<OsString> {
    let options = items.iter().filter_map(|item| match item {
        Item::Option(name, value) => Some(long_word(name, value.as_deref())),
        Item::Operand(_) | Item::Fault(_) => None,
    });
    let operands = items.iter().filter_map(|item| match item {
        Item::Operand(word) => Some(word.clone()),
        Item::Option(..) | Item::Fault(_) => None,
    });
    options.chain([OsString::from("--")]).chain(operands).collect()
}

fn long_word(name: &str, value: Option<&OsStr>) -> OsString {
    let mut word = OsString::from(format!("--{name}"));
    if let Some(value) = value {
        word.push("=");
        word.push(value);
    }
    word
}

/// Whether an option has an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Attached,
    Always,
}

/// What getopt must know of an option.
struct Opt {
    short: Option<char>,
    long: String,
    takes: Takes,
}

impl Opt {
    fn of(arg: &Arg) -> Option<Self> {
        let optional = arg.get_num_args().is_some_and(|range| range.min_values() == 0);
        let takes = match arg.get_action().takes_values() {
            false => Takes::Nothing,
            true if optional => Takes::Attached,
            true => Takes::Always,
        };
        Some(Self { short: arg.get_short(), long: arg.get_long()?.to_owned(), takes })
    }
}

fn read_long(table: &[Opt], typed: &[u8], rest: &mut impl Iterator<Item = OsString>) -> Item {
    let (name, attached) = match typed.iter().position(|byte| *byte == b'=') {
        Some(at) => (&typed[..at], Some(OsString::from_vec(typed[at + 1..].to_vec()))),
        None => (typed, None),
    };
    let shown = || format!("--{}", String::from_utf8_lossy(name));
    let Some(option) = named(table, name) else {
        return Item::Fault(Fault::Unknown(format!("--{}", String::from_utf8_lossy(typed))));
    };
    let value = match (option.takes, attached) {
        (Takes::Nothing, Some(_)) => {
            return Item::Fault(Fault::Unknown(format!("--{}", String::from_utf8_lossy(typed))));
        }
        (Takes::Always, None) => rest.next(),
        (_, attached) => attached,
    };
    // keepalived takes an empty argument of a short option, but not of a long one.
    if option.takes == Takes::Always && value.as_ref().is_none_or(|value| value.is_empty()) {
        return Item::Fault(Fault::Missing(shown()));
    }
    Item::Option(option.long.clone(), value)
}

/// The option of this name, or the only one that it abbreviates.
fn named<'a>(table: &'a [Opt], name: &[u8]) -> Option<&'a Opt> {
    if let Some(exact) = table.iter().find(|option| option.long.as_bytes() == name) {
        return Some(exact);
    }
    let mut longer = table.iter().filter(|option| option.long.as_bytes().starts_with(name));
    let found = longer.next()?;
    longer.next().is_none().then_some(found)
}

fn read_cluster(
    table: &[Opt],
    cluster: &[u8],
    rest: &mut impl Iterator<Item = OsString>,
    items: &mut Vec<Item>,
) {
    let mut letters = cluster;
    while let [letter, after @ ..] = letters {
        letters = after;
        let shown = || format!("-{}", String::from_utf8_lossy(&[*letter]));
        let Some(option) = table.iter().find(|option| option.short == Some(char::from(*letter))) else {
            items.push(Item::Fault(Fault::Unknown(shown())));
            continue;
        };
        let attached = (!after.is_empty()).then(|| OsString::from_vec(after.to_vec()));
        let value = match option.takes {
            Takes::Nothing => None,
            Takes::Attached => attached,
            Takes::Always => match attached.or_else(|| rest.next()) {
                Some(value) => Some(value),
                None => return items.push(Item::Fault(Fault::Missing(shown()))),
            },
        };
        items.push(Item::Option(option.long.clone(), value));
        if option.takes != Takes::Nothing {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::flags::Flags;
    use clap::CommandFactory;

    /// What `line`, split at spaces, comes to: `name`, `name=value`, `(operand)`, `!fault`.
    fn said(line: &str) -> String {
        let items = read(&mut Flags::command(), line.split(' ').map(OsString::from));
        let words: Vec<String> = items.iter().map(show).collect();
        words.join(" ")
    }

    fn show(item: &Item) -> String {
        match item {
            Item::Option(name, None) => name.clone(),
            Item::Option(name, Some(value)) => format!("{name}={}", value.display()),
            Item::Operand(word) => format!("({})", word.display()),
            Item::Fault(fault) => format!("!{fault}!"),
        }
    }

    #[test]
    fn options_are_read_as_getopt_long_reads_them() {
        // Each was given to keepalived 2.4.3, which took it so or answered with this fault.
        let cases = [
            ("-nlD", "dont-fork log-console log-detail"),
            ("-nf/a", "dont-fork use-file=/a"),
            ("-f /a -f /b", "use-file=/a use-file=/b"),
            ("--use-file=/a", "use-file=/a"),
            ("--use-file /a", "use-file=/a"),
            ("--log-d", "log-detail"),
            ("--config-te", "config-test"),
            ("--conf", "!Unknown option --conf!"),
            ("--check", "check"),
            ("--check-c", "check-config"),
            ("-t FILE", "config-test (FILE)"),
            ("-tFILE", "config-test=FILE"),
            ("-nt-D", "dont-fork config-test=-D"),
            ("--config-test=FILE", "config-test=FILE"),
            ("foo -n bar", "(foo) dont-fork (bar)"),
            ("-n -- -Z -t", "dont-fork (-Z) (-t)"),
            ("-", "(-)"),
            ("-Z -Y -f", "!Unknown option -Z! !Unknown option -Y! !Missing parameter for option -f!"),
            ("-nZl", "dont-fork !Unknown option -Z! log-console"),
            ("--bogus=1", "!Unknown option --bogus=1!"),
            ("--vrrp=x", "!Unknown option --vrrp=x!"),
            ("--pid=", "!Missing parameter for option --pid!"),
            ("--pid", "!Missing parameter for option --pid!"),
            ("-p  -n", "pid= dont-fork"),
            ("--pid  -n", "!Missing parameter for option --pid! dont-fork"),
            ("--signum=", "!Missing parameter for option --signum!"),
            ("-t=/log", "config-test==/log"),
            ("--config-test=", "config-test="),
            ("-f -n", "use-file=-n"),
            ("--vrrp_p x", "vrrp_pid=x"),
            ("--vr", "!Unknown option --vr!"),
            ("--no", "!Unknown option --no!"),
            ("--no_", "no_bfd"),
            ("--core", "!Unknown option --core!"),
            ("--log-f x", "!Unknown option --log-f! (x)"),
            ("--check=1", "!Unknown option --check=1!"),
            ("--sig STOP", "signum=STOP"),
            ("-i", "!Missing parameter for option -i!"),
            ("--use /a", "use-file=/a"),
            ("--all-c --all", "all-config all"),
            ("--dont-re", "!Unknown option --dont-re!"),
        ];
        for (line, want) in cases {
            assert_eq!(said(line), want, "{line}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_pass_through_values_and_are_named_in_faults() {
        let word = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let items = read(&mut Flags::command(), [word(b"-f\xff"), word(b"-\xfe")]);
        assert_eq!(items[0], Item::Option("use-file".into(), Some(word(b"\xff"))));
        assert!(matches!(items[1], Item::Fault(Fault::Unknown(_))), "{items:?}");
        assert_eq!(canonical(&items), [word(b"--use-file=\xff"), word(b"--")]);
    }
}
