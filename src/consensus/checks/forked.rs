//! `forked`: on another branch than most.

use super::Comparison;
use crate::{
    consensus::{block::Height, branch::Place, health::Reason, moment::Moment, rules::Rules},
    remap::Remap,
};

/// Remembers how long and how deep a daemon has been off the branch.
#[derive(Debug, Default)]
pub struct Forked {
    off: Option<Off>,
    reason: Option<Reason>,
}

#[derive(Debug)]
struct Off {
    since: Moment,
    first_at: Height,
    /// Whether it left the branch at another height since: the race has become another one.
    moved: bool,
    deep_rounds: u32,
}

impl Forked {
    /// A fork is deeper than a race at the end of two rounds in a row, or a daemon has been off the branch for
    /// two block targets without a break, over more than one race. One race alone may last as long as the
    /// next block takes.
    pub fn end_of_round(&mut self, now: Moment, comparison: &Comparison, rules: &Rules) {
        let (at, race) = match comparison.place {
            Place::OnBranch => {
                *self = Self::default();
                return;
            }
            // Nothing proves either, until there is nothing left to try.
            Place::Unlinked => {
                self.reason = comparison.fork.clone().or(self.reason.take());
                return;
            }
            Place::Off { at, race, .. } => (at, race),
        };
        let off = self.off.get_or_insert(Off { since: now, first_at: at, moved: false, deep_rounds: 0 });
        off.moved |= at != off.first_at;
        off.deep_rounds = if race { 0 } else { off.deep_rounds + 1 };
        let outlasted = off.moved && now.since(off.since) > 2 * rules.block_target;
        if self.reason.is_some() || off.deep_rounds >= DEEP_ROUNDS || outlasted {
            self.reason = comparison.fork.clone();
        }
    }

    /// Names daemons by their places in the next configuration.
    pub fn move_to(&mut self, remap: &Remap) {
        self.reason = self.reason.take().map(|reason| reason.moved(remap));
    }

    /// Whether the daemon is forked.
    pub fn holds(&self) -> bool {
        self.reason.is_some()
    }

    /// Why the daemon is forked, while it is.
    pub fn reason(&self) -> Option<Reason> {
        self.reason.clone()
    }
}

/// Whether a poll shows a daemon on the branch, or in a race with it.
pub fn passes(comparison: &Comparison) -> bool {
    matches!(comparison.place, Place::OnBranch | Place::Off { race: true, .. })
}

/// One round may see a daemon in the middle of a reorganisation.
const DEEP_ROUNDS: u32 = 2;
