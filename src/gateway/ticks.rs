//! Moments to look again, for all requests together.

use std::{
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, task::AbortHandle, time::Instant};

use super::alarm::Alarm;

/// What requests wait with: one timer for all of them, which runs only while somebody waits. A timer each would cost a request more than
/// reading it does, since nearly all are answered long before.
#[derive(Debug, Default)]
pub(super) struct Ticks {
    ticked: Notify,
    waiting: AtomicUsize,
    runs: AtomicBool,
    clock: OnceLock<Clock>,
}

#[derive(Debug)]
struct Clock {
    alarm: Arc<Alarm>,
    task: AbortHandle,
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
        if !self.runs.swap(true, Ordering::AcqRel) {
            self.clock.get_or_init(|| Clock::new(Arc::downgrade(self))).alarm.set();
        }
    }

    /// Takes in that the alarm has rung. Says whether it has to ring again.
    fn tick(&self) -> bool {
        if self.waiting.load(Ordering::Acquire) == 0 {
            self.runs.store(false, Ordering::Release);
            // Whoever came in between has found it running, and would wait for good.
            if self.waiting.load(Ordering::Acquire) == 0 || self.runs.swap(true, Ordering::AcqRel) {
                return false;
            }
        }
        self.ticked.notify_waiters();
        true
    }
}

impl Clock {
    fn new(ticks: Weak<Ticks>) -> Self {
        let alarm = Arc::new(Alarm::new(TICK));
        let task = tokio::spawn(run(ticks, alarm.clone())).abort_handle();
        Self { alarm, task }
    }
}

async fn run(ticks: Weak<Ticks>, alarm: Arc<Alarm>) {
    loop {
        alarm.rings().await;
        let Some(ticks) = ticks.upgrade() else { return };
        if ticks.tick() {
            alarm.set();
        }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.task.abort();
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
