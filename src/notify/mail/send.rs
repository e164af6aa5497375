//! One attempt to hand one mail to the relay.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tracing::{debug, warn};

use super::dialogue::{Dialogue, Next, Rejection};
use super::envelope::Mail;
use crate::config::model::MailServer;

/// Longest line of a reply; RFC 5321 §4.5.3.1.5 says 512.
const MAX_LINE: u64 = 4096;
/// Lines of one reply.
const MAX_LINES: usize = 128;

/// Why a mail has not been taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// The relay cannot be reached, or the connection broke.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A step took too long.
    #[error("no answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// It said no.
    #[error("{0}")]
    Rejected(#[from] Rejection),
}

impl SendError {
    /// Whether another attempt may go better.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Io(_) | Self::Timeout(_) => true,
            Self::Rejected(rejection) => rejection.is_temporary(),
        }
    }
}

/// Looks the relay up, connects and speaks; each step may take `patience`.
///
/// Must run within a runtime that may have a thread for looking up names.
pub(super) async fn send(server: &MailServer, patience: Duration, mail: &Mail) -> Result<(), SendError> {
    let stream = within(patience, TcpStream::connect((server.host.as_str(), server.port))).await?;
    debug!("Remote SMTP server [{}]:{} connected.", server.host, server.port);
    let mut stream = BufReader::new(stream);
    let mut dialogue = Dialogue::new(mail);
    let outcome = loop {
        let code = within(patience, reply(&mut stream)).await?;
        let line = match dialogue.reply(code) {
            Next::Write(line) => line,
            Next::Without(line, rejection) => {
                warn!("SMTP alert goes to fewer recipients: {rejection}");
                line
            }
            Next::Done => break Ok(()),
            Next::Failed(rejection) => break Err(rejection.into()),
        };
        within(patience, stream.write_all(line.as_bytes())).await?;
    };
    // It has the mail or does not want it; how the farewell goes changes nothing.
    if within(patience, stream.write_all(b"QUIT\r\n")).await.is_ok() {
        drop(within(patience, reply(&mut stream)).await);
    }
    outcome
}

async fn within<T>(patience: Duration, step: impl Future<Output = io::Result<T>>) -> Result<T, SendError> {
    match timeout(patience, step).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(SendError::Timeout(patience)),
    }
}

/// The code of a reply of one or more lines (RFC 5321 §4.2).
async fn reply(stream: &mut BufReader<TcpStream>) -> io::Result<u16> {
    for _ in 0..MAX_LINES {
        let mut line = Vec::new();
        if (&mut *stream).take(MAX_LINE).read_until(b'\n', &mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let code = line.get(..3).and_then(|code| std::str::from_utf8(code).ok()?.parse().ok());
        let code = code.ok_or(io::ErrorKind::InvalidData)?;
        if line.get(3) != Some(&b'-') {
            return Ok(code);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}
