//! Time as an argument: nothing in this part of the crate reads a clock.

use std::time::Duration;

/// One moment on both clocks that judging needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Time since watching began; never goes backwards. Every duration and deadline is measured on it.
    pub elapsed: Duration,
    /// Time since 1970 by the system's clock, which may jump; for the age of a block and for people.
    pub unix: Duration,
}

impl Moment {
    /// How long ago `earlier` was; zero if it is later than this moment.
    pub fn since(self, earlier: Self) -> Duration {
        self.elapsed.saturating_sub(earlier.elapsed)
    }

    /// This moment and so much more.
    pub fn after(self, time: Duration) -> Self {
        Self { elapsed: self.elapsed.saturating_add(time), unix: self.unix.saturating_add(time) }
    }

    /// This moment and so much less.
    pub fn before(self, time: Duration) -> Self {
        Self { elapsed: self.elapsed.saturating_sub(time), unix: self.unix.saturating_sub(time) }
    }

    /// Milliseconds since 1970.
    pub fn unix_millis(self) -> u64 {
        u64::try_from(self.unix.as_millis()).unwrap_or(u64::MAX)
    }
}
