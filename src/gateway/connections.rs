//! The clients' connections: how many there are, and which have taken too long.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::Notify,
    time::Instant,
};

/// All connections of one gateway.
#[derive(Default)]
pub(super) struct Connections(Mutex<Vec<Arc<State>>>);

/// What is known of one.
pub(super) struct State {
    began: Instant,
    phase: AtomicU8,
    /// When the phase was first swept over, in milliseconds since the connection began; 0 before that. Every request changes the phase three times,
    /// and to look at the clock each time costs more than is won by knowing it to the second.
    since: AtomicU64,
    /// Since when the client has taken nothing of what is sent to it, in the same way; 0 while it takes what there is.
    stalled: AtomicU64,
    /// Whether a request was refused that the client may still be sending.
    refused: AtomicBool,
    /// Whether an answer has ended before it was complete.
    cut: AtomicBool,
    closes: Notify,
    ended: Notify,
}

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
    /// Nothing, for as long as the client likes: old programs keep a connection for hours.
    Idle = 0,
    /// It brings the head of a request.
    Head = 1,
    /// A request is being asked, or its answer sent.
    Serves = 2,
    /// Its last answer is sent; what still comes of a request that was refused is thrown away.
    Leaves = 3,
}

/// A connection that is in the list of connections for as long as this exists.
pub(super) struct Connection {
    state: Arc<State>,
    all: Weak<Connections>,
}

/// One request and its answer, from the request's head to the answer's end.
pub(super) struct Exchange(Arc<State>);

impl Connections {
    /// Takes a new connection in; where there are too many, the one that has been idle for longest makes room. `None` where none is idle.
    pub(super) fn add(self: &Arc<Self>) -> Option<Connection> {
        let mut all = self.0.lock();
        if all.len() >= MOST {
            let idle = all.iter().filter(|state| state.phase() == Phase::Idle);
            // Of equals the last one is taken: that is to be the oldest.
            let longest = idle.rev().max_by_key(|state| state.lasting())?.clone();
            all.retain(|state| !Arc::ptr_eq(state, &longest));
            longest.ended.notify_one();
        }
        let state = Arc::new(State::new());
        all.push(state.clone());
        Some(Connection { state, all: Arc::downgrade(self) })
    }

    /// Ends those that take too long over a head, or take nothing of their answer.
    pub(super) fn sweep(&self) {
        for state in self.0.lock().iter() {
            state.note_age();
            if state.is_overdue() {
                state.ended.notify_one();
            }
        }
    }

    /// Has each close when the request that is under way on it has its answer, or at once.
    pub(super) fn close(&self) {
        self.0.lock().iter().for_each(|state| state.closes.notify_one());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }

    /// Ends those that do nothing.
    pub(super) fn end_idle(&self) {
        for state in self.0.lock().iter().filter(|state| state.phase() == Phase::Idle) {
            state.ended.notify_one();
        }
    }
}

impl State {
    fn new() -> Self {
        let (phase, since, stalled) = (AtomicU8::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let (closes, ended) = (Notify::new(), Notify::new());
        let (refused, cut) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { began: Instant::now(), phase, since, stalled, refused, cut, closes, ended }
    }

    fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            1 => Phase::Head,
            2 => Phase::Serves,
            3 => Phase::Leaves,
            _ => Phase::Idle,
        }
    }

    fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
        self.since.store(0, Ordering::Relaxed);
    }

    fn note_age(&self) {
        if self.since.load(Ordering::Relaxed) == 0 {
            self.since.store(self.age().max(1), Ordering::Relaxed);
        }
    }

    /// Takes in whether the client took something of what was sent to it.
    fn sends(&self, is_taken: bool) {
        match (is_taken, self.stalled.load(Ordering::Relaxed)) {
            (true, 0) => {}
            (true, _) => self.stalled.store(0, Ordering::Relaxed),
            (false, 0) => self.stalled.store(self.age().max(1), Ordering::Relaxed),
            (false, _) => {}
        }
    }

    fn age(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// How long the phase has lasted, as far as it was swept over.
    fn lasting(&self) -> Duration {
        match self.since.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            since => Duration::from_millis(self.age().saturating_sub(since)),
        }
    }

    fn is_overdue(&self) -> bool {
        let stalled = self.stalled.load(Ordering::Relaxed);
        let is_stalled = stalled > 0 && Duration::from_millis(self.age().saturating_sub(stalled)) > SEND_LIMIT;
        let limit = match self.phase() {
            Phase::Head => HEAD_LIMIT,
            Phase::Leaves => LEAVE_LIMIT,
            Phase::Idle | Phase::Serves => Duration::MAX,
        };
        is_stalled || self.lasting() > limit
    }
}

impl Connection {
    /// What a request on this connection lasts for.
    pub(super) fn exchange(&self) -> Exchange {
        self.state.enter(Phase::Serves);
        Exchange(self.state.clone())
    }

    /// The request is refused, and not read to its end.
    pub(super) fn refuse(&self) {
        self.state.refused.store(true, Ordering::Relaxed);
    }

    /// Resolves when the connection is to close after the request that is under way.
    pub(super) async fn closes(&self) {
        self.state.closes.notified().await;
    }

    /// Resolves when the connection has to end, whatever is under way.
    pub(super) async fn ended(&self) {
        self.state.ended.notified().await;
    }

    /// The client's bytes, counted.
    pub(super) fn watch(&self, stream: TcpStream) -> Watched {
        Watched { stream, state: self.state.clone(), left: MOST_DISCARDED }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(all) = self.all.upgrade() {
            all.0.lock().retain(|state| !Arc::ptr_eq(state, &self.state));
        }
    }
}

impl Exchange {
    /// The answer ends before it is complete.
    pub(super) fn cut(&self) {
        self.0.cut.store(true, Ordering::Relaxed);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.enter(Phase::Idle);
    }
}

/// A client's connection whose bytes tell what it does.
pub(super) struct Watched {
    stream: TcpStream,
    state: Arc<State>,
    /// How much of a refused request is still read.
    left: usize,
}

impl Watched {
    /// Reads what the client still sends, until it has seen the answer and closes. What lies unread at the close would make the system reset the
    /// connection, and the client lose the answer.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut room = [0; 8 * 1024];
        loop {
            let mut piece = ReadBuf::new(&mut room);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut piece));
            self.left = self.left.saturating_sub(piece.filled().len());
            if read.is_err() || piece.filled().is_empty() || self.left == 0 {
                return Poll::Ready(());
            }
        }
    }
}

impl Drop for Watched {
    /// To a client of HTTP/1.0 an orderly end of the connection would be the end of the answer.
    fn drop(&mut self) {
        if self.state.cut.load(Ordering::Relaxed) {
            drop(self.stream.set_zero_linger());
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before && self.state.phase() == Phase::Idle {
            self.state.enter(Phase::Head);
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.state.sends(written.is_ready());
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The connection is dropped right after, which says the same to a client that has sent all it had to send.
        if !self.state.refused.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        if self.state.phase() != Phase::Leaves {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.state.enter(Phase::Leaves);
        }
        self.poll_discard(cx).map(Ok)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.state.sends(written.is_ready());
        written
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

/// More than a pool and its wallets have; what each costs is some 10 kB.
pub(super) const MOST: usize = 2048;
/// A head comes in one piece, or nobody is in a hurry to send it.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// A client that is told that its request is refused has read that by then.
const LEAVE_LIMIT: Duration = Duration::from_secs(2);
/// Twice the longest body that is taken.
const MOST_DISCARDED: usize = 32 << 20;
/// A client that takes nothing of its answer for so long is gone.
const SEND_LIMIT: Duration = Duration::from_secs(60);
