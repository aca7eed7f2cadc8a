//! One connection, and one request at a time over it.

use std::{
    future::poll_fn,
    io,
    mem::MaybeUninit,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};

use super::response::{Malformed, Response, Whole};
use crate::net::Stream;

/// A connection that no request is under way on.
///
/// Whoever asks drives it: between two requests nothing of it runs, nothing wakes anybody, and it has no memory for what may come.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    peer: SocketAddr,
    last_used: Instant,
    reusable: bool,
}

/// Why there is no whole reply.
#[derive(Debug)]
pub(super) enum Lost {
    /// Nothing of a reply came before the connection ended.
    Unanswered(io::Error),
    /// It broke off in the reply.
    Broken(io::Error),
    /// What came is no reply, or too long for one.
    Malformed(Malformed),
}

impl Connection {
    pub(super) fn new(stream: Box<dyn Stream>, peer: SocketAddr) -> Self {
        Self { stream, peer, last_used: Instant::now(), reusable: true }
    }

    /// Whose it is.
    pub(super) fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// How long nothing was sent over it.
    pub(super) fn idle(&self) -> Duration {
        self.last_used.elapsed()
    }

    /// Whether another request may be sent over it: nothing has come since the last reply, not even the connection's end.
    pub(super) async fn is_open(&mut self) -> bool {
        let mut unasked = [0];
        let mut unasked = ReadBuf::new(&mut unasked);
        let stream = &mut self.stream;
        self.reusable
            && poll_fn(|cx| Poll::Ready(Pin::new(&mut *stream).poll_read(cx, &mut unasked).is_pending())).await
    }

    /// The reply to a request, with a body of at most `max_body` bytes. The caller sets the deadline.
    pub(super) async fn exchange(&mut self, request: &[u8], max_body: usize) -> Result<Whole, Lost> {
        self.reusable = false;
        self.write(request).await.map_err(Lost::Unanswered)?;
        let reply = self.read(Response::new(max_body)).await;
        self.last_used = Instant::now();
        reply
    }

    async fn write(&mut self, request: &[u8]) -> io::Result<()> {
        self.stream.write_all(request).await?;
        self.stream.flush().await
    }

    async fn read(&mut self, mut response: Response) -> Result<Whole, Lost> {
        loop {
            match poll_fn(|cx| self.read_some(cx, response.room())).await {
                Ok(0) => return ended(response),
                Ok(_) => {}
                Err(error) => return Err(cut(&response, error)),
            }
            if let Some(whole) = response.advance().map_err(Lost::Malformed)? {
                self.reusable = whole.reusable;
                return Ok(whole);
            }
        }
    }

    /// Adds what has come, and gives how much that is. No memory is set aside before: while many daemons are asked at once, that would be most of
    /// what they take.
    fn read_some(&mut self, cx: &mut Context<'_>, bytes: &mut Vec<u8>) -> Poll<io::Result<usize>> {
        let mut room = [MaybeUninit::uninit(); ROOM];
        let mut room = ReadBuf::uninit(&mut room);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut room))?;
        bytes.extend_from_slice(room.filled());
        Poll::Ready(Ok(room.filled().len()))
    }
}

/// Most replies fit, in one piece.
const ROOM: usize = 4096;

fn ended(response: Response) -> Result<Whole, Lost> {
    let lost = cut(&response, io::ErrorKind::UnexpectedEof.into());
    response.end().ok_or(lost)
}

/// A reply that breaks off says something about the daemon; an end without a reply need not.
fn cut(response: &Response, error: io::Error) -> Lost {
    if response.is_empty() { Lost::Unanswered(error) } else { Lost::Broken(error) }
}
