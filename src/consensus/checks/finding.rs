//! What one check finds of a daemon.

use super::Checks;
use crate::consensus::{health::Reason, moment::Moment};

/// What a check finds: one row of the list by which a daemon is used, recovers and votes.
///
/// It is asked for several times in every decision, and nearly always there is nothing: the evidence is put together only for who wants it.
#[derive(Debug, Clone, Copy)]
pub struct Finding {
    /// Whether the daemon must not be used.
    pub holds: bool,
    /// Why, where it must not.
    pub reason: Why,
    /// Whether the poll counts towards recovery: by default where there is no reason.
    pub passes: bool,
    /// Whether the daemon's view may count in the vote: by default it may.
    pub votes: bool,
}

impl Finding {
    /// A check that holds up recovery while it has a reason, and leaves the vote alone.
    pub fn new(holds: bool, reason: Why) -> Self {
        Self { holds, reason, passes: !holds, votes: true }
    }

    /// With a reason the daemon has no vote.
    pub fn bars_vote(self) -> Self {
        Self { votes: !self.holds, ..self }
    }

    /// Whether the poll counts towards recovery rests on something else than the reason.
    pub fn passes_if(self, passes: bool) -> Self {
        Self { passes, ..self }
    }
}

/// Gives the reason of the one check that found something, of all that there are.
type Why = fn(&Checks, Moment) -> Option<Reason>;
