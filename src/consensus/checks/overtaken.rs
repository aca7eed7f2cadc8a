//! Overtaken: still within what a healthy daemon may be behind or beside the others, but for long enough that the pool is better
//! off with one of them.

use super::Comparison;
use crate::consensus::{block::Height, moment::Moment, rules::Rules};

/// Remembers since when others have had a block that this daemon has not.
///
/// No reason to call a daemon unhealthy: it only is not used while one of the others can be.
#[derive(Debug, Default)]
pub struct Overtaken {
    misses: Option<Missing>,
    counts: bool,
}

/// A block that a daemon misses.
#[derive(Debug, Clone, Copy)]
struct Missing {
    height: Height,
    since: Moment,
}

impl Overtaken {
    /// Takes in how a view compares that was taken at `seen`; the others may have been looked at since.
    ///
    /// Blocks need a moment to get everywhere, so it counts only when a view still misses a block that others have had for
    /// nearly an interval. That the next one is missed already when the first has come happens to every daemon.
    pub fn compare(&mut self, now: Moment, seen: Moment, comparison: &Comparison, rules: &Rules) {
        let begins = |height| Missing { height, since: now };
        let goes_on = |height| self.misses.filter(|missing| height <= missing.height);
        self.misses = comparison.misses.map(|height| goes_on(height).unwrap_or(begins(height)));
        self.counts = self.misses.is_some_and(|missing| seen.since(missing.since) >= rules.overtaken_after());
    }

    /// Whether the daemon is overtaken.
    pub fn counts(&self) -> bool {
        self.counts
    }
}
