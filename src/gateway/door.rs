//! Where clients come in, until it is closed.

use std::{future::poll_fn, io, task::Poll};

use parking_lot::Mutex;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// Where clients come in. It is closed in the very moment in which that is asked for, by whatever thread: the next listener at the same port comes at once.
#[derive(Default)]
pub(super) struct Door {
    state: Mutex<State>,
    closed: Notify,
}

#[derive(Default)]
enum State {
    /// Nobody listens yet: somebody else may have the port.
    #[default]
    Waiting,
    Open(TcpListener),
    Closed,
}

impl Door {
    /// Lets in who comes to a listener. False where it has been closed before: the listener is dropped then.
    pub(super) fn open(&self, listener: TcpListener) -> bool {
        let mut state = self.state.lock();
        let is_closed = matches!(*state, State::Closed);
        if !is_closed {
            *state = State::Open(listener);
        }
        !is_closed
    }

    /// Gives the port back, and lets nobody in any more.
    pub(super) fn close(&self) {
        *self.state.lock() = State::Closed;
        self.closed.notify_one();
    }

    /// The next client; `None` once it is closed. For one asker.
    pub(super) async fn next(&self) -> Option<io::Result<TcpStream>> {
        let next = poll_fn(|cx| match &*self.state.lock() {
            State::Open(listener) => listener.poll_accept(cx).map(Some),
            State::Waiting | State::Closed => Poll::Ready(None),
        });
        tokio::select! {
            biased;
            accepted = next => accepted.map(|accepted| accepted.map(|(stream, _)| stream)),
            // A listener that is dropped wakes nobody.
            () = self.closed.notified() => None,
        }
    }
}
