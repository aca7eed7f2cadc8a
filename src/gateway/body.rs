//! Bodies: read whole within bounds, or passed on piece by piece.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

use super::{connections::Exchange, upstream::Lease};

/// Why a body was not read to its end.
#[derive(Debug)]
pub(super) enum Unread {
    /// There is more of it than is taken. What has come so far, and the rest.
    Long(Bytes, Incoming),
    /// It ended before it was complete.
    Broken(hyper::Error),
}

/// The whole of a body of at most so many bytes.
pub(super) async fn collect(mut body: Incoming, most: usize) -> Result<Bytes, Unread> {
    let mut whole = BytesMut::new();
    let mut first: Option<Bytes> = None;
    while let Some(frame) = next_frame(&mut body).await {
        let Ok(data) = frame.map_err(Unread::Broken)?.into_data() else { continue };
        // Nearly all come in one piece, which is not copied.
        match first.take() {
            None if whole.is_empty() => first = Some(data),
            before => {
                whole.extend_from_slice(&before.unwrap_or_default());
                whole.extend_from_slice(&data);
            }
        }
        if whole.len() + first.as_ref().map_or(0, Bytes::len) > most {
            let so_far = first.unwrap_or_else(|| whole.freeze());
            return Err(Unread::Long(so_far, body));
        }
        // Where its length is known, nothing more has to be waited for.
        if body.is_end_stream() {
            break;
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

/// The next piece of a body, or its trailers.
pub(super) async fn next_frame(body: &mut Incoming) -> Option<Result<Frame<Bytes>, hyper::Error>> {
    std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
}

/// The body of an answer: what is at hand, and then what still comes from a daemon.
pub(super) struct Reply {
    at_hand: Option<Bytes>,
    rest: Option<Rest>,
    exchange: Option<Arc<Exchange>>,
}

/// What still comes, over a connection that is given back at its end.
struct Rest {
    body: Incoming,
    lease: Option<Lease>,
    /// When the next piece comes too late, while it is waited for. What waits for the client to take what has come is another one's.
    late: Option<Pin<Box<Sleep>>>,
}

impl Rest {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.late = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(|_| Cut)));
        }
        let late = self.late.get_or_insert_with(|| Box::pin(sleep(PIECE_LIMIT)));
        late.as_mut().poll(cx).map(|()| Some(Err(Cut)))
    }
}

impl Reply {
    /// A whole body.
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self { at_hand: Some(bytes), rest: None, exchange: None }
    }

    /// A body that is passed on as it comes.
    pub(super) fn stream(at_hand: Bytes, body: Incoming, lease: Lease) -> Self {
        let at_hand = Some(at_hand).filter(|bytes| !bytes.is_empty());
        Self { at_hand, rest: Some(Rest { body, lease: Some(lease), late: None }), exchange: None }
    }

    /// Keeps an exchange with a client going until the body is sent.
    pub(super) fn during(mut self, exchange: Arc<Exchange>) -> Self {
        self.exchange = Some(exchange);
        self
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(bytes) = self.at_hand.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        let frame = ready!(rest.poll_frame(cx));
        if let Some(Err(Cut)) = frame {
            self.exchange.iter().for_each(|exchange| exchange.cut());
        } else if frame.is_none() {
            rest.lease.take().into_iter().for_each(Lease::end);
            self.rest = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.at_hand.is_none() && self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let at_hand = self.at_hand.as_ref().map_or(0, |bytes| bytes.len() as u64);
        match &self.rest {
            None => SizeHint::with_exact(at_hand),
            Some(rest) => match rest.body.size_hint().exact() {
                Some(exact) => SizeHint::with_exact(at_hand + exact),
                None => SizeHint::default(),
            },
        }
    }
}

/// What a daemon sent ended too early, or stopped in the middle. The client's connection ends too, so that it does not take half an answer for a whole one.
#[derive(Debug, thiserror::Error)]
#[error("the daemon's answer ended before it was complete")]
pub(super) struct Cut;

/// The largest answer that is read whole: templates and headers are some kB.
pub(super) const LONGEST_READ: usize = 1 << 20;
/// A daemon that brings nothing more of an answer for so long will not; until then the answer has one of its few connections.
const PIECE_LIMIT: Duration = Duration::from_secs(60);

#[cfg(test)]
#[path = "tests/body.rs"]
mod tests;
