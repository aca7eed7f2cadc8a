//! What daemons' connections prove: whether a group of them has a peer outside of it.
//!
//! Between two daemons there is at most one connection in each direction, and every connection within a group is one
//! outgoing here and one incoming there. What does not fit into that comes from outside.

use super::observation::Observation;

/// How many live connections a daemon has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Opened by its peers.
    pub incoming: u32,
    /// Opened by itself.
    pub outgoing: u32,
}

impl Counts {
    /// What the daemon tells; `None` where it hides one of the two.
    pub fn of(observation: &Observation) -> Option<Self> {
        Some(Self { incoming: observation.incoming?, outgoing: observation.outgoing? })
    }

    /// Whether there is no connection at all.
    pub fn is_none(self) -> bool {
        self.incoming == 0 && self.outgoing == 0
    }
}

/// Daemons that are tested together.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The counts of those that tell theirs.
    pub counts: Vec<Counts>,
    /// How many more are known to belong to it, whose counts are not known now.
    pub silent: usize,
    /// How many more may belong to it, but may as well be its way to the outside.
    pub doubtful: usize,
}

/// What a group's connections prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proof {
    /// There are as many peers outside as there have to be.
    Outside,
    /// All connections fit into the group.
    Nothing,
    /// Too little is known to say either.
    #[default]
    Unclear,
}

impl Group {
    /// What the connections prove, where `least` of them have to lead outside.
    pub fn proof(&self, least: u32) -> Proof {
        let shows_enough = |others: usize| self.shown(others) >= i64::from(least);
        if self.counts.is_empty() {
            Proof::Unclear
        } else if shows_enough(self.silent + self.doubtful) {
            Proof::Outside
        } else if shows_enough(self.silent) {
            Proof::Unclear
        } else {
            Proof::Nothing
        }
    }

    /// How many connections cannot lead to one another, nor to `others` that tell no counts.
    fn shown(&self, others: usize) -> i64 {
        let counts = || self.counts.iter().map(|it| (i64::from(it.outgoing), i64::from(it.incoming)));
        let (telling, others) = (self.counts.len() as i64, others as i64);
        let most = counts().map(|(outgoing, incoming)| outgoing.max(incoming)).max().unwrap_or(0);
        let sums: i64 = counts().map(|(outgoing, incoming)| outgoing - incoming).sum();
        (most - (telling + others - 1)).max(sums.abs() - telling * others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_that_know_only_one_another_prove_nothing() {
        assert_eq!(group(&[(3, 3); 4]).proof(1), Proof::Nothing);
        assert_eq!(group(&[(2, 1), (1, 1), (0, 1)]).proof(1), Proof::Nothing);
        assert_eq!(group(&[(0, 0)]).proof(1), Proof::Nothing);
    }

    #[test]
    fn more_connections_than_siblings_in_either_direction_prove_a_peer_outside() {
        assert_eq!(group(&[(4, 4), (3, 3), (3, 3), (3, 3)]).proof(1), Proof::Outside);
        assert_eq!(group(&[(3, 0), (0, 3)]).proof(1), Proof::Outside);
        assert_eq!(group(&[(1, 0)]).proof(1), Proof::Outside);
    }

    #[test]
    fn unequal_sums_prove_a_peer_outside_for_the_group() {
        assert_eq!(group(&[(1, 0), (1, 0), (1, 0), (0, 2)]).proof(1), Proof::Outside);
    }

    #[test]
    fn as_many_have_to_be_proven_as_are_asked_for() {
        assert_eq!(group(&[(4, 4); 3]).proof(2), Proof::Outside);
        assert_eq!(group(&[(4, 4); 3]).proof(3), Proof::Nothing);
    }

    #[test]
    fn a_daemon_that_hides_its_counts_proves_nothing_either_way() {
        assert_eq!(Group { doubtful: 4, ..group(&[]) }.proof(1), Proof::Unclear);
        // The third connection of each may be to it, and it may be connected to everybody.
        assert_eq!(Group { doubtful: 1, ..group(&[(3, 3); 3]) }.proof(1), Proof::Unclear);
        // It has no connection that could lead to it.
        assert_eq!(Group { doubtful: 1, ..group(&[(2, 2); 3]) }.proof(1), Proof::Nothing);
        assert_eq!(Group { doubtful: 1, ..group(&[(4, 3), (3, 3), (3, 3)]) }.proof(1), Proof::Outside);
    }

    #[test]
    fn a_member_that_is_silent_stays_one_of_the_group() {
        assert_eq!(Group { silent: 1, ..group(&[(4, 4); 4]) }.proof(1), Proof::Nothing);
        assert_eq!(Group { silent: 1, ..group(&[(1, 0), (1, 0)]) }.proof(1), Proof::Nothing);
        assert_eq!(Group { silent: 1, ..group(&[(5, 4); 4]) }.proof(1), Proof::Outside);
    }

    #[test]
    fn fantastic_counts_are_only_large() {
        assert_eq!(group(&[(u32::MAX, u32::MAX); 50]).proof(1), Proof::Outside);
        assert_eq!(group(&[(u32::MAX, 0); 50]).proof(u32::MAX), Proof::Outside);
    }

    fn group(counts: &[(u32, u32)]) -> Group {
        let counts = counts.iter().map(|(outgoing, incoming)| Counts { incoming: *incoming, outgoing: *outgoing });
        Group { counts: counts.collect(), ..Group::default() }
    }
}
