//! One pace for each daemon, whoever asks it: polls, questions beside them, and the gateway's requests.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::time::sleep;

use super::pace::{Pace, Turn};
use crate::endpoint::Endpoint;

/// What all who ask one daemon have in common: how often it lets itself be asked.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    pace: Mutex<Pace>,
}

impl Turns {
    /// Those of a daemon, for as long as somebody asks it.
    pub(crate) fn of(endpoint: &Endpoint) -> Arc<Self> {
        static ALL: Mutex<Vec<(Endpoint, Weak<Turns>)>> = Mutex::new(vec![]);
        let mut all = ALL.lock();
        all.retain(|(_, turns)| turns.strong_count() > 0);
        if let Some(turns) = all.iter().find(|(it, _)| it == endpoint).and_then(|(_, turns)| turns.upgrade()) {
            return turns;
        }
        let turns = Arc::<Self>::default();
        all.push((endpoint.clone(), Arc::downgrade(&turns)));
        turns
    }

    /// Whether requests have to wait for one another.
    pub(super) fn are_slow(&self) -> bool {
        self.pace.lock().is_slow()
    }

    /// From one request to the next.
    pub(super) fn gap(&self) -> Duration {
        self.pace.lock().gap()
    }

    /// A poll's turn: it takes what requests leave until `due`, and then the next one. False where there is none before `until`.
    pub(super) async fn poll(&self, due: Instant, until: Instant) -> bool {
        loop {
            let now = Instant::now();
            let turn = if now < due { Turn::Patient } else { Turn::Due };
            let Err(wait) = self.pace.lock().take(now, turn) else { return true };
            // When it is due it may be its turn earlier.
            let wait = if now < due { wait.min(due - now) } else { wait };
            if now + wait > until {
                // The next one is its own, when it comes back.
                self.pace.lock().claim(now);
                return false;
            }
            sleep(wait).await;
        }
    }

    /// A request's turn, if there is one within this time; otherwise how long it takes from now on at least.
    pub(crate) async fn request(&self, patience: Duration) -> Result<(), Duration> {
        self.wait_for(Turn::Request, patience).await
    }

    /// A request's turn, if there is one within this time; otherwise it is sent nonetheless, unless an offer of a block waits too: then false.
    pub(crate) async fn insist(&self, patience: Duration) -> bool {
        self.request(patience).await.is_ok() || self.pace.lock().force(Instant::now())
    }

    /// The turn of an offer of a block, which is the next one; where that takes longer than this, it does not wait for it.
    pub(crate) async fn offer(&self, patience: Duration) {
        if self.wait_for(Turn::Offer, patience).await.is_err() {
            self.pace.lock().force_offer(Instant::now());
        }
    }

    async fn wait_for(&self, turn: Turn, patience: Duration) -> Result<(), Duration> {
        let mut now = Instant::now();
        let until = now + patience;
        loop {
            let Err(wait) = self.pace.lock().take(now, turn) else { return Ok(()) };
            if now + wait > until {
                return Err(wait);
            }
            sleep(wait).await;
            now = Instant::now();
        }
    }

    /// How long a request would have to wait now.
    pub(crate) fn wait(&self) -> Duration {
        self.pace.lock().wait_of_request(Instant::now())
    }

    /// What left at `sent` came too soon; see [`Pace::refuse`].
    pub(crate) fn refuse(&self, sent: Instant, said: Option<Duration>, is_certain: bool) {
        self.pace.lock().refuse(sent, Instant::now(), said, is_certain);
    }
}
