//! Overtaken: still within what a healthy daemon may be behind or beside the others, but for long enough that the pool is better
//! off with one of them.

use std::time::Duration;

use super::Comparison;
use crate::consensus::{block::Height, estimate::Estimate, moment::Moment, rules::Rules};

/// Remembers since when others have had a block that this daemon has not.
///
/// No reason to call a daemon unhealthy: it only is not used while one of the others can be.
#[derive(Debug, Default)]
pub struct Overtaken {
    misses: Option<Missing>,
    counts: bool,
    /// The head when the daemon was last compared.
    head: Option<Height>,
    delays: Estimate,
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
    /// longer than this daemon usually needs. That the next one is missed already when the first has come happens to every daemon.
    pub fn compare(&mut self, now: Moment, seen: Moment, comparison: &Comparison, rules: &Rules) {
        let begins = |height| Missing { height, since: now };
        let goes_on = |height| self.misses.filter(|missing| height <= missing.height);
        let misses = comparison.misses.map(|height| goes_on(height).unwrap_or(begins(height)));
        self.learn(seen, misses, comparison.head, rules);
        self.misses = misses;
        self.counts = self.misses.is_some_and(|missing| seen.since(missing.since) >= self.limit(rules));
    }

    /// Starts anew, but for what was learnt: the daemon has stopped answering.
    pub fn forget(&mut self) {
        *self = Self { delays: self.delays, ..Self::default() };
    }

    /// How long after the others it usually gets a block; `None` while too little is known.
    pub fn usual(&self) -> Option<Duration> {
        self.delays.usual()
    }

    /// The time after which the daemon is overtaken if its view still misses a block, where that is still to come.
    pub fn due(&self, rules: &Rules) -> Option<Duration> {
        let missing = self.misses.filter(|_| !self.counts)?;
        Some(missing.since.elapsed + self.limit(rules))
    }

    fn limit(&self, rules: &Rules) -> Duration {
        self.delays.limit(TIMES, LEAST, rules.overtaken_after())
    }

    /// A block that was missed has come, or the head has moved and the daemon with it. What it got later than is ever waited for is a fault
    /// and no habit, and counts as the longest that is waited for.
    fn learn(&mut self, seen: Moment, misses: Option<Missing>, head: Height, rules: &Rules) {
        let is_next = self.head.is_some_and(|before| head > before);
        let came = self.misses.filter(|before| misses.is_none_or(|now| now.height > before.height));
        match came {
            Some(missing) => self.delays.note(seen.since(missing.since).min(rules.overtaken_after()), MEMORY),
            None if is_next && misses.is_none() => self.delays.note(Duration::ZERO, MEMORY),
            None => {}
        }
        self.head = Some(head);
    }

    /// Whether the daemon is overtaken.
    pub fn counts(&self) -> bool {
        self.counts
    }
}

/// So many times the longest of the latest delays is no chance: delays have long tails, and a switch for a block that comes a moment later is one too many.
const TIMES: u32 = 3;
/// Two hours of TurtleCoin's blocks. A daemon that got one 3 s late an hour ago is not slower than usual when it gets another one so.
const MEMORY: u32 = 256;
/// Twice the time within which views are of one moment, and one poll that looks for a block follows another.
const LEAST: Duration = Duration::from_secs(2);
