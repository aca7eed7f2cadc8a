//! What the task of one daemon has to do.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{consensus::questions::Question, core::Look};

/// What the task of one daemon has to do. Orders wait in here for a task that is being started again.
#[derive(Debug, Default)]
pub struct Orders {
    tries: Notify,
    /// What the next try is to be like.
    look: Mutex<Look>,
    question: Mutex<Option<Question>>,
    wants_peers: AtomicBool,
    asks: Notify,
}

/// What a daemon is asked beside its polls.
#[derive(Debug, Clone, Copy)]
pub enum Ask {
    /// For a single block.
    Block(Question),
    /// For a list of its connections.
    Peers,
}

impl Orders {
    /// Orders a look at the daemon.
    pub fn try_once(&self, look: Look) {
        *self.look.lock() = look;
        self.tries.notify_one();
    }

    /// Waits for the order to look at the daemon.
    pub async fn next_try(&self) -> Look {
        self.tries.notified().await;
        *self.look.lock()
    }

    /// Puts a question to the daemon, beside its polls. One that still waits here is replaced.
    pub fn ask(&self, question: Question) {
        *self.question.lock() = Some(question);
        self.asks.notify_one();
    }

    /// Asks the daemon for a list of its connections, beside its polls.
    pub fn ask_for_peers(&self) {
        self.wants_peers.store(true, Ordering::Relaxed);
        self.asks.notify_one();
    }

    /// What to ask next, as soon as there is something.
    pub async fn next_ask(&self) -> Ask {
        loop {
            if self.wants_peers.swap(false, Ordering::Relaxed) {
                return Ask::Peers;
            }
            if let Some(question) = self.question.lock().take() {
                return Ask::Block(question);
            }
            self.asks.notified().await;
        }
    }
}
