//! `isolated`: no peer but the other configured daemons.

use crate::consensus::{
    groups::Standing,
    health::Reason,
    moment::Moment,
    observation::Observation,
    peers::{ConnectionCounts, Proof},
    rules::Rules,
};

/// Remembers for how long nothing has proven that a daemon has a peer outside.
#[derive(Debug, Default)]
pub struct Isolated {
    counts: Option<ConnectionCounts>,
    /// It has no connection at all, which needs no comparison.
    alone: bool,
    standing: Standing,
    unproven_since: Option<Moment>,
    cut_off_since: Option<Moment>,
    proven_rounds: u32,
    counts_as_isolated: bool,
}

impl Isolated {
    /// Takes in the connections that a poll saw.
    pub fn observe(&mut self, observation: &Observation, rules: &Rules) {
        self.counts = ConnectionCounts::of(observation);
        self.alone = rules.min_outside_peers > 0 && self.counts.is_some_and(ConnectionCounts::is_none);
        if self.counts.is_none() {
            // What is hidden proves nothing, and neither does what was seen before.
            *self = Self::default();
        }
    }

    /// Nothing has proven a peer outside for two block targets; or, where tips differ, those it stands with have proven
    /// none for `devianceGrace`, while others have. One proof ends the waiting, but not the verdict: daemons are polled
    /// one after the other, and a connection that begins or ends in between is seen at one end only.
    pub fn end_of_round(&mut self, now: Moment, standing: Standing, rules: &Rules) {
        if rules.min_outside_peers == 0 {
            *self = Self::default();
            return;
        }
        self.standing = standing;
        let since = |it: Option<Moment>, holds: bool| if holds { it.or(Some(now)) } else { None };
        self.unproven_since = since(self.unproven_since, standing.whole == Proof::Nothing);
        self.cut_off_since = since(self.cut_off_since, standing.cut_off);
        let lasts = |it: Option<Moment>, limit| it.is_some_and(|it| now.since(it) > limit);
        let overdue =
            lasts(self.unproven_since, 2 * rules.block_target) || lasts(self.cut_off_since, rules.deviance_grace);
        let proven = standing.whole == Proof::Outside && !standing.cut_off;
        self.proven_rounds = if proven { self.proven_rounds.saturating_add(1) } else { 0 };
        self.counts_as_isolated = overdue || self.counts_as_isolated && self.proven_rounds < PROVEN_ROUNDS;
    }

    /// Whether what the daemon is measured by proves no peer outside, while it does itself. That cannot last: either one
    /// proves to be connected, or it loses its vote.
    pub fn is_measured_by_isolated(&self) -> bool {
        self.standing.ahead_cut_off
    }

    /// Whether nothing speaks against the daemon in the last round.
    pub fn passes(&self) -> bool {
        !self.alone && (!self.counts_as_isolated || self.proven_rounds > 0)
    }

    /// Whether the daemon is isolated.
    pub fn holds(&self) -> bool {
        self.counts.is_some() && (self.alone || self.counts_as_isolated)
    }

    /// Why the daemon is isolated, while it is.
    pub fn reason(&self) -> Option<Reason> {
        let ConnectionCounts { incoming, outgoing } = self.counts.filter(|_| self.holds())?;
        Some(Reason::Isolated { incoming, outgoing })
    }
}

/// In a row: one round may see a connection at one of its ends only.
const PROVEN_ROUNDS: u32 = 2;

#[cfg(test)]
#[path = "tests/isolated.rs"]
mod tests;
