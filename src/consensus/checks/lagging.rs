//! `lagging`: on the right chain, but behind.

use super::Comparison;
use crate::consensus::{branch::Place, health::Reason, moment::Moment, rules::Rules};

/// Remembers since when a daemon has been behind the head.
#[derive(Debug, Default)]
pub struct Lagging {
    behind_since: Option<Moment>,
    by: u64,
    counts: bool,
}

impl Lagging {
    /// A lag counts at once when it is larger than `maxDeviance`, and any lag once it lasts longer than
    /// `devianceGrace`.
    pub fn end_of_round(&mut self, now: Moment, comparison: &Comparison, rules: &Rules) {
        self.by = match comparison.place {
            // Nothing proves that it left the chain: it goes on lagging while its new blocks are being linked.
            Place::Unlinked if self.counts => behind(comparison),
            _ => lag(comparison),
        };
        self.behind_since = if self.by == 0 { None } else { self.behind_since.or(Some(now)) };
        self.counts = self.by > rules.max_deviance || self.outlasts_grace(now, rules);
    }

    /// Whether a poll shows a lag that does not count.
    pub fn passes(&self, now: Moment, comparison: &Comparison, rules: &Rules) -> bool {
        match lag(comparison) {
            0 => true,
            by => by <= rules.max_deviance && !self.outlasts_grace(now, rules),
        }
    }

    /// Whether the daemon lags.
    pub fn holds(&self) -> bool {
        self.counts
    }

    /// Why the daemon lags, while it does.
    pub fn reason(&self) -> Option<Reason> {
        self.counts.then_some(Reason::Lagging { by: self.by })
    }

    fn outlasts_grace(&self, now: Moment, rules: &Rules) -> bool {
        self.behind_since.is_some_and(|since| now.since(since) > rules.deviance_grace)
    }
}

/// Blocks behind the head, for a daemon on the branch; whoever is off it is no laggard.
fn lag(comparison: &Comparison) -> u64 {
    match comparison.place {
        Place::OnBranch => behind(comparison),
        Place::Off { .. } | Place::Unlinked => 0,
    }
}

fn behind(comparison: &Comparison) -> u64 {
    u64::try_from(comparison.lag).unwrap_or(0)
}
