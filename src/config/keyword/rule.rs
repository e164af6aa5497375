//! One line of `virtual_rules` and `static_rules`, in the words of `ip rule`.

use super::draft::{Draft, InstanceDraft, Placed};
use super::iproute::{GROUPS, TABLES, TOS, c_number, named, named_byte, realms};
use super::line::{Line, Rejected, Set, expected, number};
use super::route::{track_group, without_interface};
use super::words::Words;
use crate::config::fault::Fault;
use crate::config::model::{Prefix, Realms, Route, Rule, RuleAction};
use crate::config::source::Place;
use crate::config::tree::Word;
use crate::units::{Family, IfName};

const U32: i64 = 4_294_967_295;

/// A line on its way.
#[derive(Default)]
struct RuleLine {
    family: Option<Family>,
    invert: bool,
    from: Option<Prefix>,
    to: Option<Prefix>,
    preference: Option<u32>,
    tos: u8,
    mark: Mark,
    incoming: Option<IfName>,
    outgoing: Option<IfName>,
    tunnel_id: Option<u64>,
    users: Option<(u32, u32)>,
    ip_protocol: Option<u8>,
    source_ports: Option<(u32, u32)>,
    destination_ports: Option<(u32, u32)>,
    action: Option<RuleAction>,
    realms: Option<Realms>,
    suppress_prefix_length: Option<u32>,
    suppress_group: Option<u32>,
    /// `suppress_*` or `realms`, which only a look-up in a table has.
    of_table: Option<Place>,
    protocol: Option<Placed<u8>>,
    no_track: bool,
    track_group: Option<Placed<String>>,
}

/// `fwmark`: mark and mask.
type Mark = (Option<u32>, Option<u32>);

/// A line of `virtual_rules`.
pub(super) fn virtual_rule(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let (rule, _) = rule(line, false)?;
    draft.rules.push(rule);
    Ok(())
}

/// A line of `static_rules`, which may follow a `track_group`.
pub(super) fn static_rule(draft: &mut Draft, line: &mut Line<'_, '_>) -> Set {
    let (rule, group) = rule(line, true)?;
    draft.statics.follow(group, rule.incoming.as_ref());
    draft.statics.rules.push(rule);
    Ok(())
}

fn rule(line: &mut Line<'_, '_>, of_static: bool) -> Result<(Rule, Option<Placed<String>>), Rejected> {
    let mut rule = RuleLine::default();
    let mut words = Words::new(line.all());
    while let Some(word) = words.next() {
        match &**word {
            "track_group" if of_static => track_group(&mut rule.track_group, word, &mut words, line)?,
            _ => rule.option(word, &mut words, line)?,
        }
    }
    rule.finish(line)
}

impl RuleLine {
    fn option(&mut self, word: &Word, words: &mut Words<'_>, line: &mut Line<'_, '_>) -> Set {
        match &**word {
            "inet" | "inet6" => {
                self.is_of(if &**word == "inet" { Family::V4 } else { Family::V6 }, word)?;
                // keepalived passes over the word after it.
                words.next();
            }
            "from" => self.from = self.selector(words.value(word)?, line)?,
            "to" => self.to = self.selector(words.value(word)?, line)?,
            "not" => self.invert = true,
            "preference" | "order" | "priority" => self.preference = Some(preference(words.value(word)?)?),
            "tos" | "dsfield" => self.tos = named_byte(words.value(word)?, &TOS, line)?,
            "fwmark" => self.mark = fwmark(words.value(word)?)?,
            "realms" => {
                let value = words.value(word)?;
                self.is_of(Family::V4, word)?;
                self.realms = Some(realms(value, line)?);
                self.of_table = Some(word.place);
            }
            "suppress_prefixlength" | "sup_pl" => {
                self.suppress_prefix_length = Some(number(words.value(word)?, 0, i64::from(i32::MAX))?);
                self.of_table = Some(word.place);
            }
            "suppress_ifgroup" | "sup_group" => {
                self.suppress_group = Some(named(words.value(word)?, &GROUPS, line)?);
                self.of_table = Some(word.place);
            }
            "dev" | "iif" => self.incoming = Some(line.interface(words.value(word)?)?),
            "oif" => self.outgoing = Some(line.interface(words.value(word)?)?),
            "tunnel-id" => {
                let value = words.value(word)?;
                let id = value.parse().map_err(|_| expected(value, "a tunnel key of up to 64 bits"))?;
                self.tunnel_id = Some(id);
            }
            "uidrange" => self.users = Some(range(words.value(word)?)?),
            "sport" => self.source_ports = Some(range(words.value(word)?)?),
            "dport" => self.destination_ports = Some(range(words.value(word)?)?),
            "protocol" => {
                let value = words.value(word)?;
                self.protocol = Some(Placed::new(number(value, 0, 255)?, value.place));
            }
            "ipproto" => {
                let value = words.value(word)?;
                self.ip_protocol = ip_protocol(value, line).or(self.ip_protocol);
            }
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
                match named(value, &TABLES, line)? {
                    0 => return Err(expected(value, "a table that is not 0")),
                    table => RuleAction::Table(table),
                }
            }
            "l3mdev" => RuleAction::L3mdev,
            "goto" => RuleAction::Goto(number(words.value(word)?, 0, U32)?),
            "nop" => RuleAction::Nop,
            "blackhole" => RuleAction::Blackhole,
            "unreachable" => RuleAction::Unreachable,
            "prohibit" => RuleAction::Prohibit,
            text => match c_number(text) {
                Some(6) => RuleAction::Blackhole,
                Some(7) => RuleAction::Unreachable,
                Some(8) => RuleAction::Prohibit,
                _ => return Err(line.unknown_option(word)),
            },
        };
        match self.action.replace(action) {
            None => Ok(()),
            Some(_) => Err(expected(word, "one action for each rule")),
        }
    }

    fn selector(&mut self, word: &Word, line: &mut Line<'_, '_>) -> Result<Option<Prefix>, Rejected> {
        if matches!(&**word, "all" | "any" | "default") {
            // To keepalived it is an IPv4 word once the family is known.
            return match self.family {
                Some(Family::V6) => Err(mixed(word)),
                Some(Family::V4) | None => Ok(None),
            };
        }
        let (prefix, _) = super::address::prefix(word, line)?;
        self.is_of(prefix.family(), word)?;
        Ok(Some(prefix))
    }

    fn is_of(&mut self, family: Family, word: &Word) -> Set {
        if *self.family.get_or_insert(family) == family {
            return Ok(());
        }
        Err(mixed(word))
    }

    fn finish(self, line: &mut Line<'_, '_>) -> Result<(Rule, Option<Placed<String>>), Rejected> {
        let Some(action) = self.action else { return Err(line.missing("an action")) };
        let looks_up = matches!(action, RuleAction::Table(_) | RuleAction::L3mdev);
        if let Some(place) = self.of_table.filter(|_| !looks_up) {
            let what = "take `suppress_*` and `realms` with a table only; the line is left out".to_owned();
            return Err(Rejected { place, fault: Fault::Adjusted { keyword: line.keyword, what } });
        }
        let protocol = self.tracked_protocol(line);
        if let Some(group) = self.track_group.as_ref().filter(|_| self.incoming.is_none()) {
            return Err(without_interface(group.place, "`dev` or `iif` beside it"));
        }
        let family = self.family.unwrap_or(Family::V4);
        let priority = self.priority(action, family, line)?;
        let ports = |range: Option<(u32, u32)>| range.map(|(low, high)| (port(low), port(high)));
        let rule = Rule {
            family,
            invert: self.invert,
            from: self.from,
            to: self.to,
            priority,
            tos: self.tos,
            mark: self.mark.0,
            mask: self.mark.1,
            incoming: self.incoming,
            outgoing: self.outgoing,
            tunnel_id: self.tunnel_id,
            users: self.users,
            ip_protocol: self.ip_protocol,
            source_ports: ports(self.source_ports),
            destination_ports: ports(self.destination_ports),
            action,
            realms: self.realms,
            suppress_prefix_length: self.suppress_prefix_length,
            suppress_group: self.suppress_group,
            protocol,
            no_track: self.no_track,
        };
        Ok((rule, self.track_group))
    }

    fn tracked_protocol(&self, line: &mut Line<'_, '_>) -> u8 {
        let Some(given) = &self.protocol else { return Route::KEEPALIVED };
        if given.value == Route::KEEPALIVED || self.no_track {
            return given.value;
        }
        line.adjusted(given.place, "are tracked with protocol 18 only, which is used; or write `no_track`");
        Route::KEEPALIVED
    }

    fn priority(&self, action: RuleAction, family: Family, line: &mut Line<'_, '_>) -> Result<u32, Rejected> {
        match (action, self.preference) {
            (RuleAction::Goto(target), Some(own)) if target <= own => {
                Err(line.missing("a `goto` beyond its own preference"))
            }
            (RuleAction::Goto(_), None) => Err(line.missing("a `preference` beside `goto`")),
            (_, Some(own)) => Ok(own),
            (_, None) => {
                let next = line.context.defined.rule_preferences.next(family);
                line.adjusted(
                    line.place(),
                    format!("need a `preference`; {next} is used, and one less for each further rule"),
                );
                Ok(next)
            }
        }
    }
}

fn mixed(word: &Word) -> Rejected {
    expected(word, "what is of one family with the words before it")
}

/// What rules without a preference get: one less each time.
#[derive(Clone, Copy, Debug)]
pub(super) struct RulePreferences {
    v4: u32,
    v6: u32,
}

impl Default for RulePreferences {
    fn default() -> Self {
        const FIRST: u32 = 16_384;
        Self { v4: FIRST, v6: FIRST }
    }
}

impl RulePreferences {
    fn next(&mut self, family: Family) -> u32 {
        let of_family = match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        };
        let next = *of_family;
        *of_family = next.saturating_sub(1);
        next
    }
}

fn preference(word: &Word) -> Result<u32, Rejected> {
    let value = c_number(word).and_then(|value| u32::try_from(value).ok());
    value.ok_or_else(|| expected(word, "0 to 4294967295"))
}

/// `MARK[/MASK]`; either may be empty.
fn fwmark(word: &Word) -> Result<Mark, Rejected> {
    let read = |text: &str| match text {
        "" => Some(0),
        _ => c_number(text).and_then(|mark| u32::try_from(mark).ok()),
    };
    let wrong = || expected(word, "a mark of 32 bits, with or without /mask");
    let (mark, mask) = match word.split_once('/') {
        Some((mark, mask)) => (mark, (!mask.is_empty()).then_some(mask)),
        None => (&**word, None),
    };
    let mask = mask.map(|mask| read(mask).ok_or_else(wrong)).transpose()?;
    Ok((Some(read(mark).ok_or_else(wrong)?), mask))
}

/// `A-B`; keepalived looks no further than that both are numbers.
fn range(word: &Word) -> Result<(u32, u32), Rejected> {
    let digits = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text.get(..end).filter(|digits| !digits.is_empty()).map(|digits| digits.parse().unwrap_or(u32::MAX))
    };
    let read = word.split_once('-').and_then(|(low, high)| {
        let whole = low.bytes().all(|byte| byte.is_ascii_digit());
        Some((digits(low).filter(|_| whole)?, digits(high)?))
    });
    read.ok_or_else(|| expected(word, "a range, as 1000-2000"))
}

/// The lower 16 bits, as keepalived takes them.
fn port(number: u32) -> u16 {
    u16::try_from(number & 0xffff).unwrap_or(u16::MAX)
}

fn ip_protocol(word: &Word, line: &mut Line<'_, '_>) -> Option<u8> {
    let number = c_number(word).and_then(|number| u8::try_from(number).ok());
    let protocol = number.or_else(|| line.context.host.ip_protocol(word));
    if protocol.is_none() {
        line.reject(expected(word, "an IP protocol by name or 0 to 255"));
    }
    protocol
}
