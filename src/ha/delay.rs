//! How long to wait before the next attempt.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// Delays that double with every failed attempt, each shortened by a random part.
///
/// A server that comes back is found within a second or two, one that is gone for good costs next to nothing, and the
/// clients of one server do not all come at once.
#[derive(Debug, Default)]
pub(super) struct Delay {
    attempts: u32,
}

const SHORTEST: Duration = Duration::from_secs(1);
/// A connection that holds for longer than this counts as one that works.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

impl Delay {
    /// The delay before the next attempt, when the last one brought a connection that held for so long. One that held for
    /// longer than the longest delay starts the delays anew; a server that greets and hangs up does not.
    pub(super) fn after(&mut self, held: Duration) -> Duration {
        self.attempts = if held > LONGEST { 1 } else { self.attempts.saturating_add(1) };
        let whole = SHORTEST.saturating_mul(1 << (self.attempts - 1).min(6)).min(LONGEST);
        whole.mul_f64(0.5 + 0.5 * chance())
    }

    /// How many attempts failed since a connection held.
    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }
}

/// A number from 0 to 1. The standard library draws the keys of its hash maps by chance.
fn chance() -> f64 {
    let bits = RandomState::new().hash_one(());
    bits as f64 / u64::MAX as f64
}

#[cfg(test)]
#[path = "tests/delay.rs"]
mod tests;
