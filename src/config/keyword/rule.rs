//! One line of `virtual_rules` and `static_rules`, in the words of `ip rule`.

use super::iproute::{GROUPS, KEEPALIVED, Named, TABLES, TOS, c_number, named, realms};
use super::line::{Line, Rejected, Set, expected, number};
use super::route::{track_group, without_interface};
use super::words::Words;
use crate::config::fault::Fault;
use crate::config::source::Place;
use crate::config::tree::Word;
use crate::units::Family;

const U32: i64 = 4_294_967_295;

/// A line on its way.
#[derive(Default)]
struct Rule {
    family: Option<Family>,
    preference: Option<u32>,
    action: Option<Action>,
    /// `suppress_*` or `realms`, which only a look-up in a table has.
    of_table: Option<Place>,
    /// `dev` or `iif`.
    incoming: bool,
    foreign_protocol: Option<Place>,
    no_track: bool,
    track_group: Option<Place>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Table,
    Goto(u32),
    /// `blackhole`, `unreachable`, `prohibit`, `nop`.
    Verdict,
}

/// A line of `virtual_rules`.
pub(super) fn virtual_rule(line: &mut Line<'_, '_>) -> Set {
    rule(line, false)
}

/// A line of `static_rules`, which may follow a `track_group`.
pub(super) fn static_rule(line: &mut Line<'_, '_>) -> Set {
    rule(line, true)
}

fn rule(line: &mut Line<'_, '_>, of_static: bool) -> Set {
    let mut rule = Rule::default();
    let mut words = Words::new(line.all());
    while let Some(word) = words.next() {
        match &**word {
            "track_group" if of_static => track_group(&mut rule.track_group, word, &mut words, line)?,
            _ => rule.option(word, &mut words, line)?,
        }
    }
    rule.finish(line)
}

impl Rule {
    fn option(&mut self, word: &Word, words: &mut Words<'_>, line: &mut Line<'_, '_>) -> Set {
        match &**word {
            "inet" | "inet6" => {
                self.is_of(if &**word == "inet" { Family::V4 } else { Family::V6 }, word)?;
                // keepalived passes over the word after it.
                words.next();
            }
            "from" | "to" => self.selector(words.value(word)?, line)?,
            "not" => {}
            "preference" | "order" | "priority" => self.preference = Some(preference(words.value(word)?)?),
            "tos" | "dsfield" => named(words.value(word)?, &TOS, line).map(drop)?,
            "fwmark" => fwmark(words.value(word)?)?,
            "realms" => {
                let value = words.value(word)?;
                self.is_of(Family::V4, word)?;
                realms(value, line)?;
                self.of_table = Some(word.place);
            }
            "suppress_prefixlength" | "sup_pl" => {
                number::<u32>(words.value(word)?, 0, i64::from(i32::MAX))?;
                self.of_table = Some(word.place);
            }
            "suppress_ifgroup" | "sup_group" => {
                named(words.value(word)?, &GROUPS, line)?;
                self.of_table = Some(word.place);
            }
            "dev" | "iif" => {
                line.interface(words.value(word)?)?;
                self.incoming = true;
            }
            "oif" => drop(line.interface(words.value(word)?)?),
            "tunnel-id" => {
                let value = words.value(word)?;
                value.parse::<u64>().map_err(|_| expected(value, "a tunnel key of up to 64 bits"))?;
            }
            "uidrange" | "sport" | "dport" => range(words.value(word)?)?,
            "protocol" => {
                let value = words.value(word)?;
                let own = number::<u8>(value, 0, 255)? == KEEPALIVED;
                self.foreign_protocol = (!own).then_some(value.place);
            }
            "ipproto" => ip_protocol(words.value(word)?, line),
            "no_track" => self.no_track = true,
            "type" => {
                let action = words.value(word)?;
                return self.action(action, words, line);
            }
            _ => return self.action(word, words, line),
        }
        Ok(())
    }

    /// What a packet meets that the rule selects.
    fn action(&mut self, word: &Word, words: &mut Words<'_>, line: &Line<'_, '_>) -> Set {
        let action = match &**word {
            "table" | "lookup" => {
                let value = words.value(word)?;
                if named(value, &TABLES, line)? == Named::Number(0) {
                    return Err(expected(value, "a table that is not 0"));
                }
                Action::Table
            }
            "l3mdev" => Action::Table,
            "goto" => Action::Goto(number(words.value(word)?, 0, U32)?),
            "nop" | "blackhole" | "unreachable" | "prohibit" => Action::Verdict,
            text if c_number(text).is_some_and(|number| (6..=8).contains(&number)) => Action::Verdict,
            _ => return Err(line.unknown_option(word)),
        };
        match self.action.replace(action) {
            None => Ok(()),
            Some(_) => Err(expected(word, "one action for each rule")),
        }
    }

    fn selector(&mut self, word: &Word, line: &mut Line<'_, '_>) -> Set {
        if matches!(&**word, "all" | "any" | "default") {
            return Ok(());
        }
        let (prefix, _) = super::address::prefix(word, line)?;
        self.is_of(prefix.family(), word)
    }

    fn is_of(&mut self, family: Family, word: &Word) -> Set {
        if *self.family.get_or_insert(family) == family {
            return Ok(());
        }
        Err(expected(word, "what is of one family with the words before it"))
    }

    fn finish(self, line: &mut Line<'_, '_>) -> Set {
        let Some(action) = self.action else { return Err(line.missing("an action")) };
        if let Some(place) = self.of_table.filter(|_| action != Action::Table) {
            let what = "take `suppress_*` and `realms` with a table only; the line is left out".to_owned();
            return Err(Rejected { place, fault: Fault::Adjusted { keyword: line.keyword, what } });
        }
        if let Some(place) = self.foreign_protocol.filter(|_| !self.no_track) {
            line.adjusted(place, "are tracked with protocol 18 only, which is used; or write `no_track`");
        }
        if let Some(place) = self.track_group.filter(|_| !self.incoming) {
            return Err(without_interface(place, "`dev` or `iif` beside it"));
        }
        match (action, self.preference) {
            (Action::Goto(target), Some(own)) if target <= own => {
                Err(line.missing("a `goto` beyond its own preference"))
            }
            (Action::Goto(_), None) => Err(line.missing("a `preference` beside `goto`")),
            (_, None) => {
                line.adjusted(
                    line.place(),
                    "need a `preference`; 16384 is used, and one less for each further rule",
                );
                Ok(())
            }
            (_, Some(_)) => Ok(()),
        }
    }
}

fn preference(word: &Word) -> Result<u32, Rejected> {
    let value = c_number(word).and_then(|value| u32::try_from(value).ok());
    value.ok_or_else(|| expected(word, "0 to 4294967295"))
}

/// `MARK[/MASK]`; either may be empty.
fn fwmark(word: &Word) -> Set {
    let fits = |text: &str| text.is_empty() || c_number(text).is_some_and(|mark| u32::try_from(mark).is_ok());
    let (mark, mask) = word.split_once('/').unwrap_or((word, ""));
    if fits(mark) && fits(mask) {
        Ok(())
    } else {
        Err(expected(word, "a mark of 32 bits, with or without /mask"))
    }
}

/// `A-B`; keepalived looks no further than that both are numbers.
fn range(word: &Word) -> Set {
    let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let whole = |text: &str| begins(text) && text.bytes().all(|byte| byte.is_ascii_digit());
    match word.split_once('-') {
        Some((low, high)) if whole(low) && begins(high) => Ok(()),
        _ => Err(expected(word, "a range, as 1000-2000")),
    }
}

fn ip_protocol(word: &Word, line: &mut Line<'_, '_>) {
    let number = c_number(word).is_some_and(|number| (0..=255).contains(&number));
    if !number && !line.context.host.knows_protocol(word) {
        line.reject(expected(word, "an IP protocol by name or 0 to 255"));
    }
}
