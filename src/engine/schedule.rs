//! Which slot is due next: a binary heap whose entries can be moved.

use crate::units::Instant;

/// One deadline a slot; slots are numbered from 0. Changing a deadline costs the logarithm of their number and
/// allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// Slots, the earliest deadline first.
    heap: Vec<usize>,
    /// By slot: its deadline, and where it stands in the heap.
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    at: Instant,
    place: usize,
}

impl Schedule {
    /// Room for `slots` slots, none of which is ever due.
    pub(super) fn with_slots(slots: usize) -> Self {
        Self {
            heap: (0..slots).collect(),
            slots: (0..slots).map(|place| Slot { at: Instant::MAX, place }).collect(),
        }
    }

    /// Sets when `slot` is due; `None` is never.
    pub(super) fn set(&mut self, slot: usize, deadline: Option<Instant>) {
        let at = deadline.unwrap_or(Instant::MAX);
        let Slot { at: before, place } = self.slots[slot];
        self.slots[slot].at = at;
        if at < before {
            self.rise(place);
        } else if at > before {
            self.sink(place);
        }
    }

    /// The slot that is due first, with its deadline.
    pub(super) fn first(&self) -> Option<(usize, Instant)> {
        let slot = *self.heap.first()?;
        let at = self.slots[slot].at;
        (at != Instant::MAX).then_some((slot, at))
    }

    fn at(&self, place: usize) -> Instant {
        self.slots[self.heap[place]].at
    }

    fn rise(&mut self, mut place: usize) {
        while place > 0 && self.at(place) < self.at((place - 1) / 2) {
            self.swap(place, (place - 1) / 2);
            place = (place - 1) / 2;
        }
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let children =
                [2 * place + 1, 2 * place + 2].into_iter().filter(|&child| child < self.heap.len());
            let Some(earliest) = children.min_by_key(|&child| self.at(child)) else { return };
            if self.at(place) <= self.at(earliest) {
                return;
            }
            self.swap(place, earliest);
            place = earliest;
        }
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.heap.swap(one, other);
        self.slots[self.heap[one]].place = one;
        self.slots[self.heap[other]].place = other;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_is_always_the_earliest(
            changes in prop::collection::vec((0..12usize, prop::option::of(0..1_000u64)), 1..200),
        ) {
            let mut schedule = Schedule::with_slots(12);
            let mut model = [None; 12];
            for (slot, nanos) in changes {
                model[slot] = nanos.map(Instant::from_nanos);
                schedule.set(slot, model[slot]);
                let earliest = model.iter().flatten().min().copied();
                prop_assert_eq!(schedule.first().map(|(_, at)| at), earliest);
                if let Some((first, at)) = schedule.first() {
                    prop_assert_eq!(model[first], Some(at));
                }
            }
        }
    }
}
