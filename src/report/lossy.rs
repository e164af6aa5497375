//! Outlets that may lose lines, but never make anyone wait and never lose one in silence.

/// Something that takes whole lines or refuses them at once.
pub(super) trait Outlet {
    /// Whether the line was taken.
    fn offer(&mut self, line: &[u8]) -> bool;
}

impl Outlet for Box<dyn Outlet + Send> {
    fn offer(&mut self, line: &[u8]) -> bool {
        (**self).offer(line)
    }
}

/// An outlet with a count of the lines that it refused.
pub(super) struct Lossy<O> {
    outlet: O,
    lost: u64,
}

impl<O: Outlet> Lossy<O> {
    pub(super) fn new(outlet: O) -> Self {
        Self { outlet, lost: 0 }
    }

    /// Counts lines that were lost before they came here.
    pub(super) fn lose(&mut self, lines: u64) {
        self.lost += lines;
    }

    /// Offers a line; when lines were lost before it, `notice` makes the line that tells how many.
    pub(super) fn say(&mut self, line: &[u8], notice: impl FnOnce(u64) -> String) {
        if self.lost > 0 && self.outlet.offer(notice(self.lost).as_bytes()) {
            self.lost = 0;
        }
        if self.lost > 0 || !self.outlet.offer(line) {
            self.lost += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes lines while it has room.
    struct Shelf {
        room: usize,
        lines: Vec<String>,
    }

    impl Outlet for Shelf {
        fn offer(&mut self, line: &[u8]) -> bool {
            let fits = self.lines.len() < self.room;
            if fits {
                self.lines.push(String::from_utf8(line.to_vec()).unwrap());
            }
            fits
        }
    }

    #[test]
    fn lost_lines_are_counted_and_told_before_the_next_line() {
        let mut outlet = Lossy::new(Shelf { room: 1, lines: vec![] });
        for line in ["a", "b", "c"] {
            outlet.say(line.as_bytes(), |lost| format!("{lost} lost"));
        }
        outlet.outlet.room = 4;
        for line in ["d", "e"] {
            outlet.say(line.as_bytes(), |lost| format!("{lost} lost"));
        }
        assert_eq!(outlet.outlet.lines, ["a", "2 lost", "d", "e"]);
    }
}
