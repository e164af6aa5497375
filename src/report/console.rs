//! Standard error, which may be a pipe that nobody empties.

use std::io::Write;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::lossy::Outlet;

/// A descriptor that is written to only while it has room.
pub(super) struct Console<W> {
    to: W,
}

impl<W: Write + AsFd> Console<W> {
    /// A pipe that polls as writable takes this much without waiting (`PIPE_BUF`).
    pub(super) const MAX: usize = 4096;

    pub(super) fn new(to: W) -> Self {
        Self { to }
    }

    fn has_room(&self) -> bool {
        let mut asked = [PollFd::new(self.to.as_fd(), PollFlags::POLLOUT)];
        let answered = poll(&mut asked, PollTimeout::ZERO).is_ok();
        answered && asked[0].revents().is_some_and(|events| events.contains(PollFlags::POLLOUT))
    }
}

impl<W: Write + AsFd> Outlet for Console<W> {
    fn offer(&mut self, line: &[u8]) -> bool {
        let line = &line[..line.len().min(Self::MAX)];
        self.has_room() && self.to.write_all(line).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::{Read, pipe};

    #[test]
    fn a_pipe_that_nobody_empties_makes_nobody_wait() {
        let (mut reader, writer) = pipe().unwrap();
        let mut console = Console::new(writer);
        let line = [b'x'; 1000];
        let taken = (0..10_000).take_while(|_| console.offer(&line)).count();
        assert!((1..10_000).contains(&taken), "{taken} lines");
        let mut buffer = vec![0; taken * line.len()];
        reader.read_exact(&mut buffer).unwrap();
        assert!(console.offer(&line), "and works again once it is emptied");
    }

    #[test]
    fn a_descriptor_that_takes_nothing_is_no_error() {
        let read_only = File::open("/dev/null").unwrap();
        assert!(!Console::new(read_only).offer(b"line"));
    }
}
