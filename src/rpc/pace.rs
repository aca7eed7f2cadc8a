//! How often a daemon lets itself be asked. Pure: time is an argument.

use std::time::{Duration, Instant};

/// The pace at which a daemon is asked: as fast as there is reason to, until something on the way to it says that this is too often.
///
/// Such limits are given in requests a second and are told nowhere, so the pause between two requests grows until they are met. After a
/// long time without a refusal it is gone, and found anew if need be.
#[derive(Debug, Default)]
pub(super) struct Pace {
    gap: Duration,
    /// Before this nothing is to be asked.
    next: Option<Instant>,
    refused: Option<Instant>,
}

impl Pace {
    /// Whether requests have to wait for one another.
    pub(super) fn is_slow(&self) -> bool {
        !self.gap.is_zero()
    }

    /// From one request to the next.
    pub(super) fn gap(&self) -> Duration {
        self.gap
    }

    /// How long the next request has to wait.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        self.next.map_or(Duration::ZERO, |next| next.saturating_duration_since(now))
    }

    /// A request leaves now.
    pub(super) fn sent(&mut self, now: Instant) {
        if self.refused.is_some_and(|refused| now.saturating_duration_since(refused) >= FORGIVEN_AFTER) {
            *self = Self::default();
        }
        self.next = self.is_slow().then(|| now + self.gap);
    }

    /// It came too soon. `said` is how long to wait, where that is told; `is_certain` where nothing else can be meant: a proxy without
    /// a daemon behind it may say the same, and is to be seen to be back.
    pub(super) fn refuse(&mut self, now: Instant, said: Option<Duration>, is_certain: bool) {
        let longest = if is_certain { LONGEST } else { LONGEST_IN_DOUBT };
        let said = said.map(|said| said.clamp(SHORTEST, LONGEST_SAID));
        // What is told is no reason to become faster, but one to wait just as long.
        let grown = (self.gap * 2).clamp(SHORTEST, longest).max(self.gap);
        self.gap = said.filter(|said| *said <= longest).unwrap_or(grown).max(self.gap);
        self.next = Some(now + said.unwrap_or(self.gap).max(self.gap));
        self.refused = Some(now);
    }
}

const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);
const LONGEST_IN_DOUBT: Duration = Duration::from_secs(1);
const LONGEST_SAID: Duration = Duration::from_secs(60);
/// A limit that was not met for so long may be gone.
const FORGIVEN_AFTER: Duration = Duration::from_secs(600);

#[cfg(test)]
#[path = "tests/pace.rs"]
mod tests;
