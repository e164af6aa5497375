//! One line on its way into a draft: its words, checked reading of them, and where to report.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use super::draft::Placed;
use super::number::{decimal, whole};
use super::rule::RulePreferences;
use super::script::{Lexed, command};
use crate::config::fault::Fault;
use crate::config::host::Host;
use crate::config::iproute_names::IprouteFolders;
use crate::config::model::{Account, Command, VrrpScript};
use crate::config::problem::Problems;
use crate::config::source::Place;
use crate::config::tree::{Statement, Word};
use crate::units::{IfName, Weight};

/// A line that does not count, and why.
#[derive(Debug)]
pub(super) struct Rejected {
    pub(super) place: Place,
    pub(super) fault: Fault,
}

/// What came of a line.
pub(super) type Set = Result<(), Rejected>;

/// What every keyword may have to know.
pub(in crate::config) struct Context<'c> {
    pub(in crate::config) problems: &'c mut Problems,
    pub(in crate::config) host: &'c dyn Host,
    /// `-P`: virtual servers are none of our business.
    pub(in crate::config) vrrp_only: bool,
    /// `dynamic_interfaces` was given.
    pub(in crate::config) dynamic_interfaces: bool,
    /// An interface is missing, at which keepalived stops before it looks at scripts.
    pub(in crate::config) interface_missing: bool,
    /// The `vrrp_script` blocks read so far; the first of a name counts.
    pub(in crate::config) scripts: HashMap<String, KnownScript>,
    /// Other things that must be defined before they are used.
    pub(in crate::config) defined: Defined,
}

/// What the blocks before a line define.
#[derive(Debug, Default)]
pub(in crate::config) struct Defined {
    /// `track_file` blocks, each with its weight.
    pub(super) files: HashMap<String, KnownScript>,
    /// `vrrp_track_process` blocks, each with its weight.
    pub(super) processes: HashMap<String, KnownScript>,
    /// `bfd_instance` blocks, those too that are left out: what they lack is found when they are complete.
    pub(super) bfd_instances: HashMap<String, KnownBfd>,
    pub(super) track_groups: HashMap<String, Place>,
    /// Interfaces that are in a `garp_group`.
    pub(super) grouped_interfaces: HashMap<IfName, Place>,
    /// Names that `use_vmac` and `use_ipvlan` give.
    pub(in crate::config) own_interfaces: HashSet<IfName>,
    /// `iproute_etc_dir` and `iproute_usr_dir`.
    pub(super) iproute: IprouteFolders,
    /// `default_interface`.
    pub(super) default_interface: Option<IfName>,
    /// What the next rule without a preference gets.
    pub(super) rule_preferences: RulePreferences,
}

/// What a line of a `track_*` block takes over from what it names.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::config) struct KnownScript {
    pub(super) weight: Weight,
    pub(super) reverse: bool,
}

/// What other blocks may know of a `bfd_instance`.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct KnownBfd {
    /// What a `track_bfd` takes over from it.
    pub(super) weight: KnownScript,
    /// Whether a `track_bfd` may name it.
    pub(super) for_vrrp: bool,
    /// Whether a `BFD_CHECK` may name it.
    pub(super) for_checkers: bool,
}

impl KnownScript {
    pub(super) fn of(script: &VrrpScript) -> Self {
        Self { weight: script.weight, reverse: script.reverse }
    }
}

impl Context<'_> {
    /// The number that iproute2's lists, where `global_defs` says that they are, give this name.
    pub(super) fn number_of(&self, file: &'static str, name: &str) -> Option<u32> {
        self.host.number_of(&self.defined.iproute, file, name)
    }

    /// Reports an interface that this host does not have.
    pub(in crate::config) fn check_interface(&mut self, name: &IfName, place: Place) {
        if !self.dynamic_interfaces && self.host.link(name).is_none() {
            self.interface_missing = true;
            self.problems.add(place, Fault::NoInterface { name: name.to_string(), ends: true });
        }
    }
}

/// A statement or an entry.
pub(super) struct Line<'l, 'c> {
    statement: &'l Statement,
    /// The keyword, also for entries of its block.
    pub(super) keyword: &'static str,
    pub(super) context: &'l mut Context<'c>,
    /// The words change nothing, so it need not be said that they have no effect.
    pub(super) idle: bool,
}

impl<'l, 'c> Line<'l, 'c> {
    pub(super) fn new(statement: &'l Statement, keyword: &'static str, context: &'l mut Context<'c>) -> Self {
        Self { statement, keyword, context, idle: false }
    }

    /// All words, the keyword or the entry's first word included.
    pub(super) fn all(&self) -> &'l [Word] {
        &self.statement.words
    }

    /// The words after the keyword.
    pub(super) fn arguments(&self) -> &'l [Word] {
        self.statement.words.get(1..).unwrap_or_default()
    }

    /// The first word after the keyword.
    pub(super) fn first(&self) -> Result<&'l Word, Rejected> {
        self.arguments().first().ok_or_else(|| self.missing("a value"))
    }

    pub(super) fn place(&self) -> Place {
        self.statement.place()
    }

    /// Reports and goes on.
    pub(super) fn report(&mut self, place: Place, fault: Fault) {
        self.context.problems.add(place, fault);
    }

    pub(super) fn reject(&mut self, rejected: Rejected) {
        self.report(rejected.place, rejected.fault);
    }

    pub(super) fn missing(&self, what: &'static str) -> Rejected {
        Rejected { place: self.place(), fault: Fault::Incomplete { keyword: self.keyword.to_owned(), what } }
    }

    /// The keyword's words changed or were dropped.
    pub(super) fn adjusted(&mut self, place: Place, what: impl Into<String>) {
        self.report(place, Fault::Adjusted { keyword: self.keyword, what: what.into() });
    }

    pub(super) fn unknown_option(&self, word: &Word) -> Rejected {
        let fault = Fault::UnknownOption { keyword: self.keyword.to_owned(), word: word.to_string() };
        Rejected { place: word.place, fault }
    }

    /// Refuses words beyond the first `count` arguments.
    pub(super) fn at_most(&self, count: usize) -> Set {
        match self.arguments().get(count) {
            Some(word) => Err(self.surplus(word)),
            None => Ok(()),
        }
    }

    pub(super) fn surplus(&self, word: &Word) -> Rejected {
        let fault = Fault::SurplusWord { keyword: self.keyword.to_owned(), word: word.to_string() };
        Rejected { place: word.place, fault }
    }

    /// The first argument as a number in a range.
    pub(super) fn number<T: TryFrom<i64>>(&self, low: i64, high: i64) -> Result<T, Rejected> {
        number(self.first()?, low, high)
    }

    /// As [`Self::number`], where 0 is an error that keepalived mends to 1.
    pub(super) fn number_from_one(&mut self, high: i64) -> Result<u32, Rejected> {
        let word = self.first()?;
        let value: u32 = number(word, 0, high)?;
        if value == 0 {
            self.adjusted(word.place, "is at least 1, which is used instead of 0");
        }
        Ok(value.max(1))
    }

    /// The first argument in seconds, given in millionths of them for the range.
    pub(super) fn seconds(&mut self, places: u32, low: i64, high: i64) -> Result<Duration, Rejected> {
        let word = self.first()?;
        self.seconds_of(word, places, low, high)
    }

    pub(super) fn seconds_of(
        &mut self,
        word: &Word,
        places: u32,
        low: i64,
        high: i64,
    ) -> Result<Duration, Rejected> {
        let want = || format!("{} to {} seconds", plain_seconds(low), plain_seconds(high));
        let read = decimal(word, places).ok_or_else(|| expected(word, want()))?;
        if !(low..=high).contains(&read.micros) {
            return Err(expected(word, want()));
        }
        if read.rounded {
            self.adjusted(word.place, format!("takes {places} decimal places; the value is rounded"));
        }
        Ok(Duration::from_micros(read.micros.unsigned_abs()))
    }

    /// `true on yes false off no`; none means true.
    pub(super) fn boolean(&self) -> Result<bool, Rejected> {
        match self.arguments().first() {
            None => Ok(true),
            Some(word) => match &**word {
                "true" | "on" | "yes" => Ok(true),
                "false" | "off" | "no" => Ok(false),
                _ => Err(expected(word, "true, on, yes, false, off or no")),
            },
        }
    }

    /// An interface name, looked up on the host.
    pub(super) fn interface(&mut self, word: &Word) -> Result<IfName, Rejected> {
        let name =
            IfName::new(word).ok_or_else(|| expected(word, "an interface name of 1 to 15 characters"))?;
        self.context.check_interface(&name, word.place);
        Ok(name)
    }

    /// The rest of the line as command, user and group; `None` when the user is unknown, which drops the script.
    pub(super) fn script(&mut self) -> Result<Option<Placed<Command>>, Rejected> {
        let rest = &self.statement.rest;
        if rest.is_empty() {
            return Ok(None);
        }
        let Lexed::Words(made) = command(rest) else {
            return Err(expected(rest, "a script with its quotes closed"));
        };
        let Some(made) = made else { return Err(self.missing("a script")) };
        // Words end at double quotes whatever stands before them, here as anywhere.
        if rest.matches('"').count() % 2 == 1 {
            return Err(Rejected { place: rest.place, fault: Fault::UnclosedQuote });
        }
        if let Some(account) = &made.account
            && !self.context.host.account(&account.user, account.group.as_deref())
        {
            let why = format!("runs as {} that does not exist", account_name(account));
            let path = made.argv.first().cloned().unwrap_or_default();
            let noted = !matches!(self.keyword, "startup_script" | "shutdown_script");
            self.report(rest.place, Fault::Script { path, why, noted });
            return Ok(None);
        }
        Ok(Some(Placed::new(made, rest.place)))
    }

    /// Whether a weight is followed by `reverse`.
    pub(super) fn reverse(&self) -> Result<bool, Rejected> {
        match self.arguments().get(1) {
            None => Ok(false),
            Some(word) if &**word == "reverse" => Ok(true),
            Some(word) => Err(self.unknown_option(word)),
        }
    }

    /// `<user> [<group>]`; an unknown one is a problem, for which `what` is left out.
    pub(super) fn account(&self, what: &str) -> Result<Account, Rejected> {
        let user = self.first()?;
        let group = self.arguments().get(1).map(|word| word.to_string());
        let account = Account { user: user.to_string(), group };
        if self.context.host.account(&account.user, account.group.as_deref()) {
            return Ok(account);
        }
        let what = format!("names {} that does not exist; the {what} is left out", account_name(&account));
        Err(Rejected { place: user.place, fault: Fault::Adjusted { keyword: "user", what } })
    }

    /// The raw text after the keyword.
    pub(super) fn rest(&self) -> &'l Word {
        &self.statement.rest
    }
}

/// How people name an account.
pub(super) fn account_name(account: &Account) -> String {
    match &account.group {
        Some(group) => format!("user `{}` and group `{group}`, one", account.user),
        None => format!("user `{}`", account.user),
    }
}

/// A word that is not what its keyword takes.
pub(super) fn expected(word: &Word, want: impl Into<String>) -> Rejected {
    let fault = Fault::Expected { want: want.into(), found: word.to_string(), instead: "" };
    Rejected { place: word.place, fault }
}

/// A whole number in a range.
pub(super) fn number<T: TryFrom<i64>>(word: &Word, low: i64, high: i64) -> Result<T, Rejected> {
    let value =
        whole(word).filter(|value| (low..=high).contains(value)).and_then(|value| T::try_from(value).ok());
    value.ok_or_else(|| expected(word, format!("{low} to {high}")))
}

/// An address.
pub(super) fn address(word: &Word) -> Result<IpAddr, Rejected> {
    IpAddr::from_str(word).map_err(|_| expected(word, "an IP address"))
}

/// An address where keepalived passes over a prefix length or the end of a range.
pub(super) fn plain_address(word: &Word) -> Result<IpAddr, Rejected> {
    let end = word.find(['/', '-']).unwrap_or(word.len());
    IpAddr::from_str(word.get(..end).unwrap_or_default()).map_err(|_| expected(word, "an IP address"))
}

fn plain_seconds(micros: i64) -> String {
    let (whole, part) = (micros / 1_000_000, micros % 1_000_000);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:06}").trim_end_matches('0').to_owned() }
}
