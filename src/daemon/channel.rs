//! Messages over a socket pair: a length of 4 bytes, then JSON.

use std::io;
use std::marker::PhantomData;
use std::os::unix::net::UnixStream as StdUnixStream;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// Longest message: far above any configuration, far below what would exhaust memory.
const MOST: usize = 1 << 30;
/// Bytes of the length.
const HEAD: usize = 4;

/// Reads messages of one kind.
pub(super) struct Receiver<In> {
    stream: OwnedReadHalf,
    buffer: Vec<u8>,
    kind: PhantomData<In>,
}

/// Writes messages of one kind.
pub(super) struct Sender<Out> {
    stream: OwnedWriteHalf,
    kind: PhantomData<Out>,
}

/// Both ends of our side of a socket pair. Needs the runtime that will wait for it.
pub(super) fn open<In, Out>(stream: StdUnixStream) -> io::Result<(Receiver<In>, Sender<Out>)> {
    stream.set_nonblocking(true)?;
    let (read, write) = UnixStream::from_std(stream)?.into_split();
    let receiver = Receiver { stream: read, buffer: Vec::new(), kind: PhantomData };
    Ok((receiver, Sender { stream: write, kind: PhantomData }))
}

impl<In: DeserializeOwned> Receiver<In> {
    /// Waits for the next message; `None` when the other side is gone. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> io::Result<Option<In>> {
        loop {
            if let Some(message) = self.take()? {
                return Ok(Some(message));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// A whole message out of what has been read so far.
    fn take(&mut self) -> io::Result<Option<In>> {
        let Some((head, rest)) = self.buffer.split_first_chunk::<HEAD>() else { return Ok(None) };
        let len = u32::from_be_bytes(*head) as usize;
        if len > MOST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let Some(body) = rest.get(..len) else { return Ok(None) };
        let message = serde_json::from_slice(body)?;
        self.buffer.drain(..HEAD + len);
        Ok(Some(message))
    }
}

impl<Out: Serialize> Sender<Out> {
    /// Writes a message, however long the other side takes to read it.
    pub(super) async fn send(&mut self, message: &Out) -> io::Result<()> {
        let mut frame = vec![0; HEAD];
        serde_json::to_writer(&mut frame, message)?;
        let len = frame.len() - HEAD;
        let head = u32::try_from(len).ok().filter(|_| len <= MOST).ok_or(io::ErrorKind::InvalidData)?;
        frame[..HEAD].copy_from_slice(&head.to_be_bytes());
        self.stream.write_all(&frame).await
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn messages_arrive_whole_and_in_order() {
        block_on(async {
            let (here, there) = StdUnixStream::pair().unwrap();
            let (_, mut sender) = open::<String, String>(here).unwrap();
            let (mut receiver, _keep) = open::<String, String>(there).unwrap();
            let long = "x".repeat(200_000);
            let sending = async {
                sender.send(&"first".to_owned()).await.unwrap();
                sender.send(&long).await.unwrap();
                drop(sender);
            };
            let receiving = async {
                assert_eq!(receiver.next().await.unwrap().as_deref(), Some("first"));
                assert_eq!(receiver.next().await.unwrap(), Some(long.clone()));
            };
            tokio::join!(sending, receiving);
        });
    }

    #[test]
    fn the_end_of_the_other_side_is_no_message() {
        block_on(async {
            let (here, there) = StdUnixStream::pair().unwrap();
            let (mut receiver, _keep) = open::<String, String>(there).unwrap();
            drop(here);
            assert_eq!(receiver.next().await.unwrap(), None);
        });
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        for bytes in [&[0xff; 8][..], &[0, 0, 0, 1, b'{']] {
            block_on(async {
                let (mut here, there) = StdUnixStream::pair().unwrap();
                let (mut receiver, _keep) = open::<String, String>(there).unwrap();
                here.write_all(bytes).unwrap();
                assert!(receiver.next().await.is_err(), "{bytes:?}");
            });
        }
    }
}
