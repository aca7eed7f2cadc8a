//! Alone: above the head with blocks that nobody else gets, though within what is believed of a healthy daemon.

use super::Comparison;
use crate::consensus::{block::Height, moment::Moment, rules::Rules};

/// Remembers since when a daemon has had a block that all others lack.
#[derive(Debug, Default)]
pub struct Alone {
    block: Option<(Height, Moment)>,
    counts: bool,
}

impl Alone {
    /// Counts when the primary, seen nearly an interval later, has not got it either. It starts anew with every block that
    /// the others get meanwhile.
    pub fn compare(&mut self, now: Moment, comparison: &Comparison, rules: &Rules) {
        let since = |height| self.block.filter(|(first, _)| *first == height).map_or(now, |(_, since)| since);
        self.block = comparison.alone.map(|(height, _)| (height, since(height)));
        let seen = comparison.alone.map(|(_, seen)| seen);
        let lasts = seen.zip(self.block).map(|(seen, (_, since))| seen.since(since));
        self.counts = lasts.is_some_and(|lasts| lasts >= rules.overtaken_after());
    }

    /// Whether the daemon has been alone for long enough.
    pub fn counts(&self) -> bool {
        self.counts
    }
}
