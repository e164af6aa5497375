//! The system log: datagrams to `/dev/log` (RFC 3164).

use std::io::{self, ErrorKind};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use super::lossy::Outlet;

/// A connection to the system log that is made again when the log was restarted.
pub(super) struct Syslog {
    path: PathBuf,
    socket: Option<UnixDatagram>,
}

impl Syslog {
    /// Where the system log listens.
    pub(super) const PATH: &'static str = "/dev/log";

    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), socket: connect(path).ok() }
    }

    fn send(&self, line: &[u8]) -> io::Result<()> {
        let socket = self.socket.as_ref().ok_or(ErrorKind::NotConnected)?;
        socket.send(line).map(drop)
    }
}

impl Outlet for Syslog {
    fn offer(&mut self, line: &[u8]) -> bool {
        match self.send(line) {
            Ok(()) => true,
            // The log is there but slow: a new connection would be no faster.
            Err(error) if is_full(&error) => false,
            Err(_) => {
                self.socket = connect(&self.path).ok();
                self.send(line).is_ok()
            }
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock || error.raw_os_error() == Some(libc::ENOBUFS)
}

fn connect(path: &Path) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Shutdown;

    fn received(log: &UnixDatagram) -> String {
        let mut buffer = [0; 256];
        let length = log.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn a_restarted_log_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut syslog = Syslog::new(&path);
        assert!(!syslog.offer(b"too early"), "nobody listens yet");
        let first = UnixDatagram::bind(&path).unwrap();
        assert!(syslog.offer(b"one"));
        assert_eq!(received(&first), "one");
        // Dropping it would not do: a child that another test starts may hold it for a moment.
        first.shutdown(Shutdown::Both).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(!syslog.offer(b"nobody is there"));
        let second = UnixDatagram::bind(&path).unwrap();
        assert!(syslog.offer(b"two"));
        assert_eq!(received(&second), "two");
    }

    #[test]
    fn a_log_that_does_not_read_makes_nobody_wait() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = UnixDatagram::bind(&path).unwrap();
        let mut syslog = Syslog::new(&path);
        let taken = (0..100_000).take_while(|_| syslog.offer(b"line")).count();
        assert!(taken < 100_000, "the queue of a socket is finite");
        assert_eq!(received(&log), "line");
        assert!(syslog.offer(b"line"), "and works again once it is read");
    }
}
