//! `bfd_instance`: a session that watches a path to a neighbour.

use std::net::IpAddr;
use std::num::NonZeroU8;
use std::time::Duration;

use super::draft::{Draft, Placed};
use super::line::{Context, KnownBfd, KnownScript, Line, Rejected, Set, expected, number, plain_address};
use super::number::decimal;
use super::table::{Keyword, Seen, Status, Table};
use crate::config::fault::Fault;
use crate::config::model::BfdInstance;
use crate::config::source::Place;
use crate::config::tree::Statement;
use crate::units::{Family, Weight};

type Row = Keyword<BfdDraft>;

/// Longest name in bytes.
const LONGEST_NAME: usize = 31;

/// The only list of this block's keywords.
pub(super) static BFD_INSTANCE: Table<BfdDraft> = Table::new(
    "bfd_instance",
    &[
        Row::words("neighbor_ip", "<address>", neighbor),
        Row::words("neighbour_ip", "<address>", neighbor),
        Row::words("source_ip", "<address>", |d, l| {
            let word = l.first()?;
            d.source = Some(Placed::new(plain_address(word)?, word.place));
            Ok(())
        }),
        Row::words("min_rx", "<milliseconds>", |d, l| {
            d.min_rx = Some(milliseconds(l, 1)?);
            Ok(())
        }),
        Row::words("min_tx", "<milliseconds>", |d, l| {
            d.min_tx = Some(milliseconds(l, 1)?);
            Ok(())
        }),
        Row::words("idle_tx", "<milliseconds>", |d, l| {
            d.idle_tx = Some(milliseconds(l, 1000)?);
            Ok(())
        }),
        Row::words("multiplier", "<1-255>", |d, l| {
            d.multiplier = NonZeroU8::new(l.number(1, 255)?);
            Ok(())
        }),
        Row::flag("passive", |d| d.passive = true),
        Row::words("ttl", "<1-255>", ttl),
        Row::words("hoplimit", "<1-255>", ttl),
        Row::words("max_hops", "<-1..255>", |d, l| {
            let hops: i16 = l.number(-1, 255)?;
            d.max_hops = Some(Placed::new(u8::try_from(hops).unwrap_or(u8::MAX), l.place()));
            Ok(())
        }),
        Row::boolean("multihop", |d, yes| d.multihop = yes),
        Row::words("weight", "<-253..253> [reverse]", weight),
        Row::flag("vrrp", |d| d.for_vrrp = true),
        Row::flag("checker", |d| d.for_checkers = true),
    ],
)
.part_of(Status::Refused);

/// A block on its way.
#[derive(Debug, Default)]
pub(super) struct BfdDraft {
    neighbor: Option<IpAddr>,
    /// A neighbour was named, if only wrongly, which has been reported.
    neighbor_given: bool,
    source: Option<Placed<IpAddr>>,
    min_rx: Option<Duration>,
    min_tx: Option<Duration>,
    idle_tx: Option<Duration>,
    multiplier: Option<NonZeroU8>,
    passive: bool,
    ttl: Option<NonZeroU8>,
    max_hops: Option<Placed<u8>>,
    multihop: bool,
    weight: Weight,
    reverse: bool,
    for_vrrp: bool,
    for_checkers: bool,
}

/// Reads a block; what cannot be is reported and left out.
pub(super) fn open(draft: &mut Draft, statement: &Statement, context: &mut Context<'_>) {
    let Some(name) = statement.words.get(1) else {
        let (keyword, what) = ("bfd_instance".to_owned(), "a name");
        return context.problems.add(statement.place(), Fault::Incomplete { keyword, what });
    };
    if name.len() > LONGEST_NAME {
        let want = format!("a name of at most {LONGEST_NAME} characters");
        let rejected = expected(name, want);
        return context.problems.add(rejected.place, rejected.fault);
    }
    if context.defined.bfd_instances.contains_key(&**name) {
        let fault = Fault::Redefined { kind: "bfd_instance", name: name.to_string() };
        return context.problems.add(name.place, fault);
    }
    let mut block = BfdDraft::default();
    let statements = statement.block.as_ref().map(|block| &block.statements[..]).unwrap_or_default();
    BFD_INSTANCE.apply(statements, &mut block, &mut Seen::new(), context);
    context.defined.bfd_instances.insert(name.to_string(), block.known());
    let Some(made) = block.finish(name.to_string(), name.place, context) else { return };
    if let Some(twin) = draft.bfd_instances.iter().find(|known| same_session(known, &made)) {
        let what = format!("`{}` watches what `{}` watches and is left out", made.name, twin.name);
        return context.problems.add(name.place, Fault::Adjusted { keyword: "bfd_instance", what });
    }
    draft.bfd_instances.push(made);
}

/// Whether packets could belong to both.
fn same_session(one: &BfdInstance, two: &BfdInstance) -> bool {
    let sources = matches!((one.source, two.source), (Some(one), Some(two)) if one != two);
    one.neighbor == two.neighbor && one.multihop == two.multihop && !sources
}

impl BfdDraft {
    /// What other blocks see of it: neither `vrrp` nor `checker` means both.
    fn known(&self) -> KnownBfd {
        let both = self.for_vrrp == self.for_checkers;
        KnownBfd {
            weight: KnownScript { weight: self.weight, reverse: self.reverse },
            for_vrrp: both || self.for_vrrp,
            for_checkers: both || self.for_checkers,
        }
    }

    fn finish(self, name: String, place: Place, context: &mut Context<'_>) -> Option<BfdInstance> {
        let known = self.known();
        let mut adjusted =
            |place, keyword, what| context.problems.add(place, Fault::Adjusted { keyword, what });
        let Some(neighbor) = self.neighbor else {
            if !self.neighbor_given {
                adjusted(place, "bfd_instance", format!("`{name}` has no `neighbor_ip` and is left out"));
            }
            return None;
        };
        if let Some(source) = self.source.as_ref().filter(|source| !same_family(source.value, neighbor)) {
            let what = "is not of the neighbour's family; the block is left out".to_owned();
            adjusted(source.place, "source_ip", what);
            return None;
        }
        let default_ttl = if neighbor.is_ipv4() { u8::MAX } else { 64 };
        let ttl = self.ttl.or(NonZeroU8::new(default_ttl))?;
        let mut max_hops = self.max_hops.as_ref().map_or(0, |hops| hops.value);
        if let Some(hops) = self.max_hops.filter(|hops| hops.value > ttl.get()) {
            adjusted(hops.place, "max_hops", format!("is more than the ttl; {ttl} is used"));
            max_hops = ttl.get();
        }
        let ms = Duration::from_millis;
        Some(BfdInstance {
            name,
            neighbor,
            source: self.source.map(|source| source.value),
            min_rx: self.min_rx.unwrap_or(ms(10)),
            min_tx: self.min_tx.unwrap_or(ms(10)),
            idle_tx: self.idle_tx.unwrap_or(ms(1000)),
            multiplier: self.multiplier.or(NonZeroU8::new(5))?,
            passive: self.passive,
            ttl,
            max_hops,
            multihop: self.multihop,
            weight: self.weight,
            reverse: self.reverse,
            for_vrrp: known.for_vrrp,
            for_checkers: known.for_checkers,
        })
    }
}

fn same_family(one: IpAddr, two: IpAddr) -> bool {
    Family::of(one) == Family::of(two)
}

fn neighbor(draft: &mut BfdDraft, line: &mut Line<'_, '_>) -> Set {
    draft.neighbor_given = true;
    draft.neighbor = None;
    draft.neighbor = Some(plain_address(line.first()?)?);
    Ok(())
}

fn ttl(draft: &mut BfdDraft, line: &mut Line<'_, '_>) -> Set {
    draft.ttl = NonZeroU8::new(line.number(1, 255)?);
    Ok(())
}

/// Milliseconds with three decimal places.
fn milliseconds(line: &mut Line<'_, '_>, low: i64) -> Result<Duration, Rejected> {
    const HIGH: i64 = 4_294_967;
    const MICROS: i64 = 1_000_000;
    let word = line.first()?;
    let fits = |micros: i64| (low * MICROS..=HIGH * MICROS).contains(&micros);
    let read = decimal(word, 3).filter(|read| fits(read.micros));
    let read = read.ok_or_else(|| expected(word, format!("{low} to {HIGH} milliseconds")))?;
    if read.rounded {
        line.adjusted(word.place, "takes 3 decimal places; the value is rounded");
    }
    Ok(Duration::from_nanos(read.micros.unsigned_abs()))
}

fn weight(draft: &mut BfdDraft, line: &mut Line<'_, '_>) -> Set {
    let value: i16 = number(line.first()?, -253, 253)?;
    draft.weight = Weight::new(value).unwrap_or_default();
    draft.reverse |= line.reverse()?;
    Ok(())
}
