//! Where clients come in, until it is closed.

use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    net,
    sync::Arc,
    task::Poll,
};

use parking_lot::Mutex;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use super::connections::{Connections, MOST};

/// Where clients come in. It is closed in the very moment in which that is asked for, by whatever thread: the next listener at the same port comes at once.
#[derive(Default)]
pub(super) struct Door {
    state: Mutex<State>,
    closed: Notify,
    /// Those who have come in, and have not left.
    pub(super) connections: Arc<Connections>,
}

#[derive(Default)]
enum State {
    /// Nobody listens yet: somebody else may have the port.
    #[default]
    Waiting,
    Open(TcpListener),
    /// With those who were waiting when it was closed, until they have been let in.
    Closed(Option<Vec<net::TcpStream>>),
}

impl Door {
    /// Lets in who comes to a listener. False where it has been closed before: the listener is dropped then.
    pub(super) fn open(&self, listener: TcpListener) -> bool {
        let mut state = self.state.lock();
        let is_closed = matches!(*state, State::Closed(_));
        if !is_closed {
            *state = State::Open(listener);
        }
        !is_closed
    }

    /// Gives the port back, and lets nobody in any more.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        *state = match std::mem::take(&mut *state) {
            State::Waiting => State::Closed(None),
            State::Open(listener) => State::Closed(Some(waiting_at(listener))),
            closed @ State::Closed(_) => closed,
        };
        self.closed.notify_one();
    }

    /// Whether somebody who came in is still there.
    pub(super) fn is_busy(&self) -> bool {
        let is_letting_in = matches!(&*self.state.lock(), State::Closed(Some(_)));
        is_letting_in || !self.connections.is_empty()
    }

    /// Lets in those who were waiting when it was closed, in their order.
    pub(super) fn let_rest_in(&self, take: impl Fn(TcpStream)) {
        let mut state = self.state.lock();
        if let State::Closed(left) = &mut *state {
            left.take().into_iter().flatten().flat_map(TcpStream::from_std).for_each(take);
        }
    }

    /// The next client; `None` once it is closed. For one asker.
    pub(super) async fn next(&self) -> Option<io::Result<TcpStream>> {
        let next = poll_fn(|cx| match &*self.state.lock() {
            State::Open(listener) => listener.poll_accept(cx).map(Some),
            State::Waiting | State::Closed(_) => Poll::Ready(None),
        });
        tokio::select! {
            biased;
            accepted = next => accepted.map(|accepted| accepted.map(|(stream, _)| stream)),
            // A listener that is dropped wakes nobody.
            () = self.closed.notified() => None,
        }
    }
}

/// Lets in everybody who waits at a listener, within bounds, and closes it.
fn waiting_at(listener: TcpListener) -> Vec<net::TcpStream> {
    let Ok(listener) = listener.into_std() else { return vec![] };
    // One that has left again is no reason to leave the others outside.
    let next = || loop {
        match listener.accept() {
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
            accepted => return accepted.ok().map(|(stream, _)| stream),
        }
    };
    let waiting = std::iter::from_fn(next).take(MOST);
    waiting.filter(|stream| stream.set_nonblocking(true).is_ok()).collect()
}
