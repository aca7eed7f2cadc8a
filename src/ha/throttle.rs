//! A connection that is read no faster than its other end has reason to talk.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// A stream whose reads take turns with pauses once more has come than fits. What waits meanwhile is held up at the
/// sender by TCP itself, so a flood costs neither memory nor the processor's time.
pub(super) struct Throttle<S> {
    stream: S,
    /// When everything read so far will have had its time.
    due: Instant,
    pause: Pin<Box<Sleep>>,
}

/// Far more than a turtlecoind-ha has to say in the long run: some events per block, of a few kilobytes each.
const BYTES_PER_SECOND: u32 = 64 * 1024;

/// As much as that many seconds' worth may come at once: a full block, with all its transactions.
const AT_ONCE: Duration = Duration::from_secs(8);

impl<S> Throttle<S> {
    pub(super) fn new(stream: S) -> Self {
        let now = Instant::now();
        Self { stream, due: now, pause: Box::pin(sleep_until(now)) }
    }

    fn note(&mut self, bytes: usize) {
        let now = Instant::now();
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.due = self.due.max(now) + Duration::from_secs(1) * bytes / BYTES_PER_SECOND;
        if self.due > now + AT_ONCE {
            self.pause.as_mut().reset(self.due - AT_ONCE);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Throttle<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.pause.as_mut().poll(cx));
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        self.note(buf.filled().len() - before);
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Throttle<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
