//! Lines that a FIFO has no room for.

use std::collections::VecDeque;

/// What waits for a reader; the oldest line gives way when there is too much.
#[derive(Debug, Default)]
pub(super) struct Pending {
    lines: VecDeque<Vec<u8>>,
    /// Bytes of the first line that have been written.
    written: usize,
    bytes: usize,
    lost: u64,
}

impl Pending {
    /// Bytes that may wait, beside the 64 KiB that the kernel keeps: two states of 10,000 instances.
    pub(super) const MAX_BYTES: usize = 1 << 20;

    /// Adds a line; answers whether this is the first time that one was lost for it.
    pub(super) fn push(&mut self, line: Vec<u8>) -> bool {
        let before = self.lost;
        self.bytes += line.len();
        self.lines.push_back(line);
        while self.bytes > Self::MAX_BYTES && self.drop_oldest() {}
        before == 0 && self.lost > 0
    }

    /// Leaves out the oldest line of which nothing was written.
    fn drop_oldest(&mut self) -> bool {
        let whole = usize::from(self.written > 0);
        let Some(line) = self.lines.remove(whole) else { return false };
        self.bytes -= line.len();
        self.lost += 1;
        true
    }

    /// The bytes to be written next.
    pub(super) fn first(&self) -> Option<&[u8]> {
        self.lines.front().and_then(|line| line.get(self.written..))
    }

    /// So many bytes of [`Self::first`] have been written.
    pub(super) fn wrote(&mut self, count: usize) {
        self.written += count;
        if let Some(line) = self.lines.front().filter(|line| self.written >= line.len()) {
            self.bytes -= line.len();
            self.lines.pop_front();
            self.written = 0;
        }
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Lines that wait.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// How many lines were lost, once nothing waits any more; counted anew from here.
    pub(super) fn take_lost(&mut self) -> Option<u64> {
        (self.is_empty() && self.lost > 0).then(|| std::mem::take(&mut self.lost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_leave_whole_and_in_order_however_little_fits() {
        let mut pending = Pending::default();
        for line in ["one\n", "two\n"] {
            assert!(!pending.push(line.into()));
        }
        let mut said = Vec::new();
        while let Some(first) = pending.first() {
            let count = first.len().min(3);
            said.extend_from_slice(&first[..count]);
            pending.wrote(count);
        }
        assert_eq!(said, b"one\ntwo\n");
        assert_eq!((pending.len(), pending.bytes, pending.take_lost()), (0, 0, None));
    }

    #[test]
    fn the_oldest_lines_are_lost_and_counted_but_none_is_torn() {
        let line = |n: u8| vec![n; Pending::MAX_BYTES / 4];
        let mut pending = Pending::default();
        for n in 0..4 {
            assert!(!pending.push(line(n)));
        }
        pending.wrote(1);
        assert!(pending.push(line(4)), "the first loss is told");
        assert!(!pending.push(line(5)), "and only the first");
        assert_eq!(pending.take_lost(), None, "not before all was read");
        let mut order = Vec::new();
        while let Some(first) = pending.first() {
            order.push((first[0], first.len() == Pending::MAX_BYTES / 4));
            pending.wrote(first.len());
        }
        assert_eq!(order, [(0, false), (3, true), (4, true), (5, true)]);
        assert_eq!(pending.take_lost(), Some(2));
        assert_eq!(pending.take_lost(), None);
    }
}
