//! The event that another daemon is in use.

use serde::Serialize;

use crate::{
    consensus::{
        select::{Cause, Mode},
        {health::Health, moment::Moment, vote::Votes},
    },
    endpoint::Endpoint,
};

/// Another daemon is in use. Serialises to the `SwitchEvent` of `index.d.ts`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SwitchEvent {
    /// The daemon before.
    pub from: Endpoint,
    /// The daemon from now on.
    pub to: Endpoint,
    /// Why, from a closed list.
    pub code: &'static str,
    /// Why, as a sentence for people.
    pub reason: String,
    /// How the vote stood at the end of the last round, in which the daemon before may have had one.
    pub votes: VoteCount,
    /// The mode from now on.
    pub mode: Mode,
    /// One more than at the switch before.
    pub epoch: u64,
    /// When, in milliseconds since 1970.
    pub at: u64,
}

/// Voters on the branch, and all voters that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct VoteCount {
    /// Voters on the branch.
    pub branch: usize,
    /// All voters that count.
    pub all: usize,
}

impl From<Votes> for VoteCount {
    fn from(votes: Votes) -> Self {
        Self { branch: votes.branch, all: votes.all }
    }
}

/// What a switch is made of.
pub struct Switch<'a> {
    /// The daemon before.
    pub from: &'a Endpoint,
    /// The verdict on it.
    pub left: &'a Health,
    /// The daemon from now on.
    pub to: &'a Endpoint,
    /// Why.
    pub cause: Cause,
    /// How the vote stood at the end of the last round.
    pub votes: Votes,
    /// How it stands now, without the daemon that is left: that one does not speak for leaving it.
    pub others: Votes,
    /// The mode from now on.
    pub mode: Mode,
    /// How many daemons are healthy.
    pub healthy: usize,
}

impl Switch<'_> {
    /// The event for the outside.
    pub fn event(&self, epoch: u64, now: Moment) -> SwitchEvent {
        SwitchEvent {
            from: self.from.clone(),
            to: self.to.clone(),
            code: self.code(),
            reason: self.sentence(),
            votes: self.votes.into(),
            mode: self.mode,
            epoch,
            at: now.unix_millis(),
        }
    }

    fn code(&self) -> &'static str {
        match self.cause {
            Cause::Start => "start",
            Cause::Failback => "failback",
            Cause::Fallback => "fallback",
            Cause::Recovered => "recovered",
            Cause::Pinned => "pinned",
            Cause::Unpinned => "unpinned",
            Cause::Overtaken => "overtaken",
            Cause::Alone => "unconfirmed",
            Cause::Unsteady => "unsteady",
            Cause::Reconfigured => "reconfigured",
            // A healthy daemon is left for another cause; the word is for the reader who finds it in a log.
            Cause::Health => self.left.code().unwrap_or("recovered"),
        }
    }

    fn sentence(&self) -> String {
        let Self { from, to, healthy, .. } = self;
        let left = self
            .left
            .message()
            .unwrap_or_else(|| if self.left.is_healthy() { "healthy" } else { "not judged yet" }.into());
        let votes = self.votes_of_others();
        match self.cause {
            Cause::Start => format!("Starting with {to}, because {from}: {left}."),
            Cause::Failback => {
                format!("Back to the primary {to}, because it has been healthy for as long as failback says.")
            }
            Cause::Fallback => format!("Back to the primary {to}, because too few daemons are healthy ({healthy})."),
            Cause::Recovered => {
                format!("From {from} to {to}, because enough daemons are healthy again ({healthy}); {from}: {left}.")
            }
            Cause::Pinned => format!("From {from} to {to}, because the operator pinned it; {from}: {left}."),
            Cause::Unpinned => format!("From {from} to {to}, because the operator's pin ended."),
            Cause::Alone => {
                format!("Back to the primary {to}, because no other daemon has the latest blocks of {from}.")
            }
            Cause::Unsteady => format!("From {from} to {to}, because {from} fails again and again."),
            Cause::Overtaken => {
                format!("From {from} to {to}, because {from} misses a block that others have{votes}.")
            }
            Cause::Reconfigured => format!("From {from} to {to}, because the configuration was replaced."),
            Cause::Health => format!("From {from} to {to}, because {from}: {left}{votes}."),
        }
    }

    /// The end of a sentence; nothing where nobody else has a vote.
    fn votes_of_others(&self) -> String {
        match self.others {
            Votes { all: 0, .. } => String::new(),
            Votes { branch, all } => format!("; {branch} of {all} other votes agree"),
        }
    }
}
