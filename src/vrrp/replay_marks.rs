//! The last stamp of each sender of signed adverts, of a bounded number of senders.

use std::net::IpAddr;

use crate::packet::Stamp;

/// Senders remembered in a multicast group, where nobody says how many there are; keepalived's number.
const OF_A_GROUP: usize = 4;

/// Marks of senders, the one heard last first; when there are too many, the one heard longest ago is forgotten.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    marks: Vec<(IpAddr, Stamp)>,
    most: usize,
}

impl Marks {
    /// For the senders of a multicast group.
    pub(super) fn of_a_group() -> Self {
        Self::of_peers(OF_A_GROUP)
    }

    /// For this many unicast peers.
    pub(super) fn of_peers(most: usize) -> Self {
        let most = most.max(1);
        Self { marks: Vec::with_capacity(most), most }
    }

    /// The mark of a sender.
    pub(super) fn of(&self, sender: IpAddr) -> Option<Stamp> {
        self.marks.iter().find(|(known, _)| *known == sender).map(|(_, stamp)| *stamp)
    }

    /// Sets the mark of a sender; allocates nothing.
    pub(super) fn set(&mut self, sender: IpAddr, stamp: Stamp) {
        let known = self.marks.iter().position(|(known, _)| *known == sender);
        let place = known.unwrap_or_else(|| {
            if self.marks.len() == self.most {
                self.marks.pop();
            }
            self.marks.push((sender, stamp));
            self.marks.len() - 1
        });
        if let Some(front) = self.marks.get_mut(..=place) {
            front.rotate_right(1);
            front[0] = (sender, stamp);
        }
    }

    /// All of them, the one heard longest ago first, so that setting them in this order restores the order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (IpAddr, Stamp)> {
        self.marks.iter().rev().copied()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn sender(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    fn stamp(second: u64) -> Stamp {
        Stamp::at(Duration::from_secs(second))
    }

    #[test]
    fn of_too_many_senders_the_one_heard_longest_ago_is_forgotten() {
        let mut marks = Marks::of_a_group();
        (1..=4).for_each(|n| marks.set(sender(n), stamp(n.into())));
        marks.set(sender(1), stamp(10));
        marks.set(sender(5), stamp(11));
        let known: Vec<_> = (1..=5).map(|n| marks.of(sender(n))).collect();
        assert_eq!(known, [Some(stamp(10)), None, Some(stamp(3)), Some(stamp(4)), Some(stamp(11))]);
        let order: Vec<_> = marks.iter().map(|(from, _)| from).collect();
        assert_eq!(order, [sender(3), sender(4), sender(1), sender(5)]);
    }

    #[test]
    fn without_peers_there_is_still_a_bound() {
        let mut marks = Marks::of_peers(0);
        (1..=9).for_each(|n| marks.set(sender(n), stamp(1)));
        assert_eq!(marks.iter().collect::<Vec<_>>(), [(sender(9), stamp(1))]);
    }
}
