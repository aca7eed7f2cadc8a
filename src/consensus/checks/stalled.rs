//! `stalled`: its chain stands still while others go on.

use crate::consensus::{
    block::{BlockHash, Height},
    health::Reason,
    moment::Moment,
    rules::Rules,
};

/// Remembers since when a daemon has had no new block, and since when another one has passed it.
///
/// On any chain: a daemon on a side branch, or one whose network claims nothing higher, is found by this alone.
#[derive(Debug, Default)]
pub struct Stalled {
    tip: Option<(Height, BlockHash)>,
    last_block: Option<Moment>,
    passed_since: Option<Moment>,
    counts: bool,
}

/// A daemon that got blocks: when the latest came, and how high it stands since.
#[derive(Debug, Clone, Copy)]
pub struct Gain {
    /// When its height last grew.
    pub at: Moment,
    /// Its height since.
    pub height: Height,
}

impl Stalled {
    /// Takes in the tip that a poll saw.
    pub fn observe(&mut self, now: Moment, tip: (Height, BlockHash)) {
        if self.tip != Some(tip) {
            *self = Self { tip: Some(tip), last_block: Some(now), passed_since: None, counts: false };
        }
    }

    /// A daemon is stalled that has had no new block for `stallAfter` while another one gained blocks and stands at
    /// least as high. After a pause of the whole network the next block reaches some daemons first, so the others
    /// have `devianceGrace` to follow.
    pub fn end_of_round(&mut self, now: Moment, gains: &[Gain], rules: &Rules) {
        let passed = self.is_overdue(now, rules) && gains.iter().any(|gain| self.is_passed_by(*gain, rules));
        self.passed_since = if passed { self.passed_since.or(Some(now)) } else { None };
        self.counts = self.passed_since.is_some_and(|since| now.since(since) > rules.deviance_grace);
    }

    /// Whether the daemon is stalled.
    pub fn holds(&self) -> bool {
        self.counts
    }

    /// Why the daemon is stalled, while it is.
    pub fn reason(&self, now: Moment) -> Option<Reason> {
        let for_seconds = now.since(self.last_block?).as_secs();
        self.counts.then_some(Reason::Stalled { for_seconds })
    }

    fn is_overdue(&self, now: Moment, rules: &Rules) -> bool {
        self.last_block.is_some_and(|last| now.since(last) > rules.stall_after)
    }

    /// Daemons that got the same block are polled one after the other: only a gain that is clearly later is another block's.
    fn is_passed_by(&self, gain: Gain, rules: &Rules) -> bool {
        let later = self.last_block.is_some_and(|last| gain.at.since(last) > rules.deviance_grace);
        later && self.tip.is_some_and(|(height, _)| gain.height >= height)
    }
}
