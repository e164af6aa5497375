//! What the kernel keeps as metrics of a route: `mtu`, `rtt`, `congctl` and their kin.

use super::line::{Line, Rejected, Set, expected, number};
use super::number::decimal;
use super::words::Words;
use crate::config::model::{CongestionControl, MetricValue, Route, RouteMetric};
use crate::config::tree::Word;

const U32: i64 = 4_294_967_295;

/// Reads a metric into `route`; `None` when the word is none.
pub(super) fn metric(
    route: &mut Route,
    word: &Word,
    words: &mut Words<'_>,
    line: &mut Line<'_, '_>,
) -> Option<Set> {
    if let Some(kind) = whole_kind(word) {
        return Some(
            lockable(word, words).and_then(|(value, locked)| keep(route, kind, whole(value)?, locked)),
        );
    }
    if let Some((kind, per_ms)) = time_kind(word) {
        return Some(
            lockable(word, words)
                .and_then(|(value, locked)| keep(route, kind, time(value, per_ms, line)?, locked)),
        );
    }
    if &**word == "congctl" {
        return Some(lockable(word, words).map(|(name, locked)| {
            route.congestion_control = Some(CongestionControl { name: name.to_string(), locked });
        }));
    }
    let (kind, most) = plain_kind(word)?;
    Some(words.value(word).and_then(|value| plain(route, kind, value, most, line)))
}

/// Metrics with `lock` that are whole numbers.
fn whole_kind(word: &str) -> Option<RouteMetric> {
    Some(match word {
        "mtu" => RouteMetric::Mtu,
        "advmss" => RouteMetric::AdvMss,
        "reordering" => RouteMetric::Reordering,
        "cwnd" => RouteMetric::Cwnd,
        "ssthresh" => RouteMetric::SsThresh,
        _ => return None,
    })
}

/// Metrics with `lock` that are times, with the kernel's units to a millisecond.
fn time_kind(word: &str) -> Option<(RouteMetric, u32)> {
    Some(match word {
        "rtt" => (RouteMetric::Rtt, 8),
        "rttvar" => (RouteMetric::RttVar, 4),
        "rto_min" => (RouteMetric::RtoMin, 1),
        _ => return None,
    })
}

/// Metrics without `lock`, with their largest value.
fn plain_kind(word: &str) -> Option<(RouteMetric, i64)> {
    Some(match word {
        "window" => (RouteMetric::Window, U32),
        "initcwnd" => (RouteMetric::InitCwnd, U32),
        "initrwnd" => (RouteMetric::InitRwnd, U32),
        "hoplimit" => (RouteMetric::HopLimit, 255),
        "quickack" => (RouteMetric::QuickAck, 1),
        "fastopen_no_cookie" => (RouteMetric::FastOpenNoCookie, 1),
        "features" => (RouteMetric::Features, 0),
        _ => return None,
    })
}

fn plain(route: &mut Route, kind: RouteMetric, word: &Word, most: i64, line: &mut Line<'_, '_>) -> Set {
    match kind {
        RouteMetric::Features if &**word == "ecn" => keep(route, kind, RouteMetric::ECN, false),
        RouteMetric::Features => {
            line.reject(expected(word, "ecn"));
            Ok(())
        }
        _ => keep(route, kind, number(word, 0, most)?, false),
    }
}

/// The last value counts; a lock, once said, stays.
fn keep(route: &mut Route, kind: RouteMetric, value: u32, locked: bool) -> Set {
    let before = route.metrics.get(&kind).is_some_and(|before| before.locked);
    route.metrics.insert(kind, MetricValue { value, locked: locked || before });
    Ok(())
}

/// A whole number of 32 bits.
pub(super) fn whole(word: &Word) -> Result<u32, Rejected> {
    number(word, 0, U32)
}

/// `[lock] VALUE`.
fn lockable<'l>(word: &Word, words: &mut Words<'l>) -> Result<(&'l Word, bool), Rejected> {
    let value = words.value(word)?;
    if &**value == "lock" { Ok((words.value(value)?, true)) } else { Ok((value, false)) }
}

/// A time with a unit, or a whole number of the kernel's units, `per_ms` to a millisecond; in the kernel's units.
fn time(word: &Word, per_ms: u32, line: &mut Line<'_, '_>) -> Result<u32, Rejected> {
    const SHORTEST: i64 = 200_000;
    const LONGEST: i64 = 120_000_000;
    let want = "0.2 to 120 seconds";
    let lower = word.to_ascii_lowercase();
    let units = [("ms", 1000, 3), ("secs", 1, 3), ("sec", 1, 3), ("s", 1, 3)];
    let with_unit =
        units.iter().find_map(|(unit, parts, places)| Some((lower.strip_suffix(unit)?, *parts, *places)));
    let (digits, parts, places) = with_unit.unwrap_or((&lower, 1000 * i64::from(per_ms), 0));
    let read = decimal(digits, places).ok_or_else(|| expected(word, want))?;
    let micros = read.micros / parts;
    if micros > LONGEST {
        return Err(expected(word, want));
    }
    if read.rounded {
        line.adjusted(word.place, format!("take {places} decimal places here; the value is rounded"));
    }
    if micros < SHORTEST {
        line.adjusted(word.place, format!("have {want} here; 0.2 seconds are used"));
    }
    u32::try_from(micros.max(SHORTEST) * i64::from(per_ms) / 1000).map_err(|_| expected(word, want))
}
