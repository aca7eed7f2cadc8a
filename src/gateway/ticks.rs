//! Moments to look again, for all requests together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

/// What requests wait with: one timer for all of them, which runs only while somebody waits. A timer each would cost a request more than
/// reading it does, since nearly all are answered long before.
#[derive(Debug, Default)]
pub(super) struct Ticks {
    ticked: Notify,
    waiting: AtomicUsize,
    runs: AtomicBool,
}

/// Somebody who waits, for as long as this exists.
struct Waiting<'a>(&'a Ticks);

impl Ticks {
    /// Resolves when a moment is reached, at most [`TICK`] late.
    pub(super) async fn reach(self: &Arc<Self>, moment: Instant) {
        let _waiting = Waiting::new(self);
        while Instant::now() < moment {
            let ticked = self.ticked.notified();
            self.run();
            ticked.await;
        }
    }

    fn run(self: &Arc<Self>) {
        if self.runs.swap(true, Ordering::AcqRel) {
            return;
        }
        let ticks = self.clone();
        tokio::spawn(async move {
            loop {
                sleep(TICK).await;
                if ticks.waiting.load(Ordering::Acquire) == 0 {
                    ticks.runs.store(false, Ordering::Release);
                    // Whoever came in between has found it running, and would wait for good.
                    if ticks.waiting.load(Ordering::Acquire) == 0 || ticks.runs.swap(true, Ordering::AcqRel) {
                        return;
                    }
                }
                ticks.ticked.notify_waiters();
            }
        });
    }
}

impl<'a> Waiting<'a> {
    fn new(ticks: &'a Ticks) -> Self {
        ticks.waiting.fetch_add(1, Ordering::AcqRel);
        Self(ticks)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Less than half of the shortest time that is waited for.
const TICK: Duration = Duration::from_millis(20);

#[cfg(test)]
#[path = "tests/ticks.rs"]
mod tests;
