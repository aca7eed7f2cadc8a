//! One connection, and one request at a time over it.

use std::{
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hyper::{
    Request, Response,
    body::{Body, Incoming},
    client::conn::http1::{self, SendRequest},
    rt::{Read, Write},
};

use super::dialect::Reply;

/// A connection that no request is under way on.
///
/// Whoever asks drives it: between two requests nothing of it runs, and nothing wakes anybody.
pub(super) struct Connection {
    sender: SendRequest<String>,
    driver: Option<Driver>,
    peer: SocketAddr,
    last_used: Instant,
}

/// What bytes go over.
pub(crate) trait Stream: Read + Write + Send + Unpin {}

impl<S: Read + Write + Send + Unpin> Stream for S {}

type Driver = http1::Connection<Box<dyn Stream>, String>;

/// Why there is no whole reply.
#[derive(Debug)]
pub(super) enum Lost {
    /// Nothing of a reply came before the connection ended.
    Unanswered(hyper::Error),
    /// It broke off in the reply.
    Broken(hyper::Error),
    /// The reply's body is too long.
    TooLong,
}

impl Connection {
    pub(super) fn new(sender: SendRequest<String>, driver: Driver, peer: SocketAddr) -> Self {
        Self { sender, driver: Some(driver), peer, last_used: Instant::now() }
    }

    /// Whose it is.
    pub(super) fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// How long nothing was sent over it.
    pub(super) fn idle(&self) -> Duration {
        self.last_used.elapsed()
    }

    /// Whether another request may be sent over it.
    pub(super) fn is_open(&self) -> bool {
        self.driver.is_some()
    }

    /// The reply to a request, with a body of at most `max_body` bytes. The caller sets the deadline.
    pub(super) async fn exchange(&mut self, request: Request<String>, max_body: usize) -> Result<Reply, Lost> {
        let Self { sender, driver, .. } = self;
        let asking = async {
            // The first thing to notice an end that came meanwhile.
            sender.ready().await.map_err(Lost::Unanswered)?;
            let response = sender.send_request(request).await.map_err(of_head)?;
            read(response, max_body).await
        };
        let reply = driven(driver, asking).await;
        self.last_used = Instant::now();
        reply
    }
}

/// Runs the connection beside what needs it.
async fn driven<T>(driver: &mut Option<Driver>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(done);
        }
        drive(driver, context);
        work.as_mut().poll(context)
    })
    .await
}

/// Once it has ended, for whatever reason, the request under way hears of that.
fn drive(driver: &mut Option<Driver>, context: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| Pin::new(driver).poll(context).is_ready()) {
        *driver = None;
    }
}

async fn read(response: Response<Incoming>, max_body: usize) -> Result<Reply, Lost> {
    let status = response.status().as_u16();
    let mut incoming = response.into_body();
    let mut body = Vec::new();
    if !Reply::has_meaning(status) {
        return Ok(Reply { status, body });
    }
    // What the daemon announces is no reason to reserve memory, but reason enough to hang up.
    if incoming.size_hint().lower() > max_body as u64 {
        return Err(Lost::TooLong);
    }
    while let Some(frame) = poll_fn(|context| Pin::new(&mut incoming).poll_frame(context)).await {
        let Ok(data) = frame.map_err(Lost::Broken)?.into_data() else { continue };
        if body.len() + data.len() > max_body {
            return Err(Lost::TooLong);
        }
        body.extend_from_slice(&data);
    }
    Ok(Reply { status, body })
}

/// An answer that is none says something about the daemon; an end without an answer need not.
fn of_head(error: hyper::Error) -> Lost {
    if error.is_parse() { Lost::Broken(error) } else { Lost::Unanswered(error) }
}
