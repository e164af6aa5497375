//! `BFD Instance`.

use std::time::Duration;

use vrrpd::config::model::BfdInstance;
use vrrpd::units::Family;

use super::compare::{Expected, Row, Table};
use super::values::one;

type Field = Row<BfdInstance>;

pub(super) static TABLE: Table<BfdInstance> = Table {
    kind: "BFD Instance",
    name: |session| &session.name,
    rows: &[
        Field { key: "Neighbor IP", ours: |b, _| one(b.neighbor) },
        Field { key: "Source IP", ours: |b, _| b.source.and_then(one) },
        Field { key: "Required min RX interval", ours: |b, _| microseconds(b.min_rx) },
        Field { key: "Desired min TX interval", ours: |b, _| microseconds(b.min_tx) },
        Field { key: "Desired idle TX interval", ours: |b, _| microseconds(b.idle_tx) },
        Field { key: "Detection multiplier", ours: |b, _| one(b.multiplier) },
        Field { key: "TTL", ours: |b, _| hops(b, Family::V4) },
        Field { key: "hoplimit", ours: |b, _| hops(b, Family::V6) },
        Field { key: "max_hops", ours: |b, _| one(b.max_hops) },
        Field { key: "passive", ours: |b, _| one(b.passive) },
        Field { key: "send event to VRRP process", ours: |b, _| yes(b.for_vrrp) },
        Field { key: "send event to checker process", ours: |b, _| yes(b.for_checkers) },
    ],
    not_compared: &[
        ("fd_out", "of the moment"),
        ("thread_", "of the moment"),
        ("sands_", "of the moment"),
        ("send error", "of the moment"),
        ("local ", "of the moment"),
        ("remote ", "of the moment"),
        ("!poll", "of the moment"),
        ("poll", "of the moment"),
        ("last_seen", "of the moment"),
    ],
};

fn microseconds(time: Duration) -> Expected {
    one(format!("{} us", time.as_micros()))
}

fn hops(session: &BfdInstance, family: Family) -> Expected {
    (Family::of(session.neighbor) == family).then(|| vec![session.ttl.to_string()])
}

fn yes(holds: bool) -> Expected {
    one(if holds { "Yes" } else { "No" })
}
