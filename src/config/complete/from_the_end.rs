//! Taking a long list apart without holding it twice.

/// How many are taken before room is given back.
const STEP: usize = 512;

/// A list that is taken from its end and becomes smaller meanwhile. What is made of it has room in what it gave back:
/// the drafts of a large file and its Model beside each other would take half as much again.
pub(super) struct FromTheEnd<T>(pub(super) Vec<T>);

impl<T> Iterator for FromTheEnd<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let last = self.0.pop();
        if self.0.len().is_multiple_of(STEP) {
            self.0.shrink_to_fit();
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_taken_and_its_room_given_back() {
        let mut list = FromTheEnd((0..10 * STEP).collect());
        for want in (0..10 * STEP).rev() {
            assert_eq!(list.next(), Some(want));
            assert!(list.0.capacity() <= want + STEP, "{} for {want}", list.0.capacity());
        }
        assert_eq!((list.next(), list.0.capacity()), (None, 0));
    }
}
