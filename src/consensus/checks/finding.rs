//! What one check finds of a daemon.

use crate::consensus::health::Reason;

/// What a check finds: one row of the list by which a daemon is used, recovers and votes.
#[derive(Debug)]
pub struct Finding {
    /// Why the daemon must not be used, if it must not.
    pub reason: Option<Reason>,
    /// Whether the poll counts towards recovery: by default where there is no reason.
    pub passes: bool,
    /// Whether the daemon's view may count in the vote: by default it may.
    pub votes: bool,
}

impl Finding {
    /// A check that holds up recovery while it has a reason, and leaves the vote alone.
    pub fn new(reason: Option<Reason>) -> Self {
        Self { passes: reason.is_none(), votes: true, reason }
    }

    /// With a reason the daemon has no vote.
    pub fn bars_vote(self) -> Self {
        Self { votes: self.reason.is_none(), ..self }
    }

    /// Whether the poll counts towards recovery rests on something else than the reason.
    pub fn passes_if(self, passes: bool) -> Self {
        Self { passes, ..self }
    }
}
