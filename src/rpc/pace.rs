//! How often a daemon lets itself be asked. Pure: time is an argument.

use std::time::{Duration, Instant};

/// The pace at which a daemon is asked, by polls and by the gateway's requests together: as fast as there is reason to, until something on the
/// way to it says that this is too often.
///
/// Such limits are given in requests a second and are told nowhere, so the pause between two requests grows until they are met. After a
/// long time without a refusal it is gone, and found anew if need be.
#[derive(Debug, Default)]
pub(super) struct Pace {
    gap: Duration,
    /// Before this nothing is to be asked.
    next: Option<Instant>,
    refused: Option<Instant>,
    /// When a request of the gateway's last took a turn, or found none.
    requested: Option<Instant>,
    /// Until when the next turn is a poll's, which has waited for one long enough.
    claimed_until: Option<Instant>,
    /// Until when the next turn is an offer's of a block.
    offers_until: Option<Instant>,
    /// When something that could not wait last left out of turn.
    forced: Option<Instant>,
}

/// Who wants a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// A poll, which has time: it takes what requests leave.
    Patient,
    /// A poll that has waited for what requests leave: it takes the next turn.
    Due,
    /// A request of the gateway's.
    Request,
    /// An offer of a block, which is worth more than all else.
    Offer,
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

    /// Takes a turn, or tells how long to wait before it is worth trying again.
    pub(super) fn take(&mut self, now: Instant, turn: Turn) -> Result<(), Duration> {
        let wait = self.wait(now, turn);
        if turn == Turn::Request && self.is_slow() {
            self.requested = Some(now);
        }
        if !wait.is_zero() {
            match turn {
                Turn::Due => self.claim(now),
                Turn::Offer => self.offers_until = Some(now + wait + OFFER_KEPT),
                Turn::Patient | Turn::Request => {}
            }
            return Err(wait);
        }
        match turn {
            Turn::Patient | Turn::Due => self.claimed_until = None,
            Turn::Offer => self.offers_until = None,
            Turn::Request => {}
        }
        self.sent(now);
        Ok(())
    }

    /// The next turn is a poll's.
    pub(super) fn claim(&mut self, now: Instant) {
        self.claimed_until = self.is_slow().then(|| now + CLAIM_KEPT);
    }

    /// A request leaves now though it is not its turn. False where it may not, since an offer of a block waits for the next one.
    pub(super) fn force(&mut self, now: Instant) -> bool {
        if self.is_offering(now) {
            return false;
        }
        self.forced = Some(now);
        self.sent(now);
        true
    }

    /// The same for an offer of a block, which nothing holds back: the turn that was kept for it is free.
    pub(super) fn force_offer(&mut self, now: Instant) {
        self.offers_until = None;
        self.force(now);
    }

    fn is_offering(&self, now: Instant) -> bool {
        self.offers_until.is_some_and(|until| now < until)
    }

    /// How long a request would have to wait.
    pub(super) fn wait_of_request(&self, now: Instant) -> Duration {
        self.wait(now, Turn::Request)
    }

    fn sent(&mut self, now: Instant) {
        if self.refused.is_some_and(|refused| now.saturating_duration_since(refused) >= FORGIVEN_AFTER) {
            *self = Self::default();
        }
        // Requests that leave so far apart may arrive a little closer.
        self.next = self.is_slow().then(|| now + self.gap + self.gap / MARGIN);
    }

    /// What left at `sent` came too soon. `said` is how long to wait, where that is told; `is_certain` where nothing else can be meant: a proxy
    /// without a daemon behind it may say the same, and is to be seen to be back.
    pub(super) fn refuse(&mut self, sent: Instant, now: Instant, said: Option<Duration>, is_certain: bool) {
        let longest = if is_certain { LONGEST } else { LONGEST_IN_DOUBT };
        let said = said.map(|said| said.clamp(SHORTEST, LONGEST_SAID));
        // Several may have left before the first was refused: that says once that the pace is too fast. What left out of turn says nothing.
        let was_forced = self.forced.is_some_and(|forced| now.saturating_duration_since(forced) < self.gap);
        let is_news = !was_forced && self.refused.is_none_or(|refused| sent >= refused);
        // What is told is no reason to become faster, but one to wait just as long.
        let grown = if is_news { (self.gap * 2).clamp(SHORTEST, longest).max(self.gap) } else { self.gap };
        self.gap = said.filter(|said| *said <= longest).unwrap_or(grown).max(self.gap);
        let next = now + said.unwrap_or(self.gap).max(self.gap);
        self.next = Some(next);
        self.refused = Some(now);
    }

    fn wait(&self, now: Instant, turn: Turn) -> Duration {
        let until = |at: Option<Instant>| at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        let free = until(self.next);
        if turn != Turn::Offer && self.is_offering(now) {
            return free + self.gap;
        }
        match turn {
            Turn::Due | Turn::Offer => free,
            // Requests come at the pool's own times: half a pause is theirs alone while there are any.
            Turn::Patient => {
                let is_wanted = self.requested.is_some_and(|at| now.saturating_duration_since(at) < self.gap * 4);
                until(self.next.filter(|_| is_wanted).map(|next| next + self.gap / 2)).max(free)
            }
            Turn::Request if self.claimed_until.is_some_and(|claimed| now < claimed) => free + self.gap,
            Turn::Request => free,
        }
    }
}

const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);
const LONGEST_IN_DOUBT: Duration = Duration::from_secs(1);
const LONGEST_SAID: Duration = Duration::from_secs(60);
/// A twentieth of a pause on top of it.
const MARGIN: u32 = 20;
/// An offer comes back for its turn at once.
const OFFER_KEPT: Duration = Duration::from_millis(100);
/// A limit that was not met for so long may be gone.
const FORGIVEN_AFTER: Duration = Duration::from_secs(600);
/// A poll that found no turn comes back within that; if not, nobody waits for it.
const CLAIM_KEPT: Duration = Duration::from_secs(10);

#[cfg(test)]
#[path = "tests/pace.rs"]
mod tests;
