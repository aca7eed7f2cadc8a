//! The vote: which branch of all the chains the pool should follow, and where each daemon stands in relation to it.
//!
//! Every voter votes for its tip and for all known ancestors of it, so tips of different height on one
//! chain agree. From the deepest block that all share the walk goes up, and where the chain branches it
//! takes the branch with more voters. The literature calls this walk LMD-GHOST (Buterin et al., "Combining
//! GHOST and Casper", 2020); here it needs no stake and no epochs, since every voter has one voice.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use serde::Serialize;

use super::{
    block::{BlockHash, Height},
    branch::{Branch, Place, Split, depth},
    chain::Chain,
    climb,
    questions::Wanted,
    relation::Relation,
    voter::Voter,
};
use crate::endpoint::DaemonId;

/// What a vote decided.
#[derive(Debug)]
pub struct Outcome<'a> {
    branch: Branch<'a>,
    head: Head,
    /// The height up to which the branch is believed when the depth of a fork is measured.
    believed: Height,
    sides: HashMap<(Height, BlockHash), Arc<[DaemonId]>>,
    members: Arc<[DaemonId]>,
    opponents: Vec<DaemonId>,
    votes: Votes,
    contested: Vec<Wanted>,
    /// How high the linked voters are, in ascending order.
    heights: Vec<Height>,
    /// The highest block of the branch that each of them has, in ascending order; those that share none with it are left out.
    agreed: Vec<Height>,
    /// The highest block of the branch that the primary has, where that is linked.
    primary: Option<Height>,
}

/// The highest block of the branch that at least two voters stand on or above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Its height.
    pub height: Height,
    /// Its hash.
    pub hash: BlockHash,
}

/// How many voters agree. A voter below a fork point counts for neither side of it, and a race is no
/// disagreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Votes {
    /// Voters on the branch.
    pub branch: usize,
    /// All voters that count.
    pub all: usize,
}

impl Votes {
    /// Whether more than half of the voters are on the branch.
    pub fn majority(self) -> bool {
        self.branch * 2 > self.all
    }

    /// Whether some voter is on another branch.
    pub fn disagree(self) -> bool {
        self.branch < self.all
    }
}

/// Holds the vote; `None` without voters.
///
/// Voters whose blocks are not connected to the others' are left out. Equal branches: the one with the
/// primary wins, then the one with more work since the fork (where all its blocks are known), then the one
/// with the daemon in use, then the one with the daemon that is configured first.
pub fn vote<'a>(voters: &[Voter<'a>]) -> Option<Outcome<'a>> {
    let guide = climb::guide(voters)?;
    let linked: Vec<_> = voters.iter().filter(|voter| climb::link(voter, guide.chain).is_some()).copied().collect();
    let mut contested = vec![];
    let branch = climb::climb(linked.clone(), guide, &mut contested)?;
    let splits: Vec<_> = linked.iter().map(|voter| branch.split(voter.chain)).collect();
    let head = head(&linked, &splits, &branch)?;
    // Of more than two voters one may lie, so only what two stand on is believed.
    let believed = if linked.len() > 2 { head.height } else { branch.top().height() };
    let (members, opponents, votes) = ([].into(), vec![], Votes::default());
    let stands = || linked.iter().zip(&splits).filter(|(_, split)| !matches!(split, Split::Unlinked(_)));
    let heights = ascending(stands().map(|(voter, _)| voter.chain.height()));
    let all_agreed = ascending(stands().filter_map(|(voter, split)| agreed(voter.chain, *split)));
    let primary = stands().find(|(voter, _)| voter.daemon.is_primary());
    let primary = primary.and_then(|(voter, split)| agreed(voter.chain, *split));
    let sides = HashMap::new();
    let mut outcome = Outcome {
        branch,
        head,
        believed,
        sides,
        members,
        opponents,
        votes,
        contested,
        heights,
        agreed: all_agreed,
        primary,
    };
    outcome.count(&linked, &splits);
    Some(outcome)
}

impl<'a> Outcome<'a> {
    /// The highest block of the branch that at least two voters stand on or above.
    pub fn head(&self) -> Head {
        self.head
    }

    /// How many voters agree.
    pub fn votes(&self) -> Votes {
        self.votes
    }

    /// How many of the others agree, where one daemon's own vote is left out.
    pub fn votes_without(&self, daemon: DaemonId) -> Votes {
        let others = |voters: &[DaemonId]| voters.iter().filter(|voter| **voter != daemon).count();
        let branch = others(&self.members);
        Votes { branch, all: branch + others(&self.opponents) }
    }

    /// The voters on the branch.
    pub fn members(&self) -> Arc<[DaemonId]> {
        self.members.clone()
    }

    /// The voters on the side that has this chain's block at the fork height.
    pub fn side(&self, chain: &Chain, at: Height) -> Arc<[DaemonId]> {
        let members = chain.at(at).and_then(|hash| self.sides.get(&(at, hash)));
        members.cloned().unwrap_or_default()
    }

    /// Whether the vote went against a chain that left the branch at this height: always, but in a race only where the primary
    /// is on the branch, or a strict majority, of two at least.
    pub fn outvotes(&self, chain: &Chain, at: Height) -> bool {
        if !matches!(self.place(chain), Place::Off { race: true, .. }) {
            return true;
        }
        let (on, all) = (reaching(&self.agreed, at), reaching(&self.heights, at));
        self.primary >= Some(at) || on >= 2 && on * 2 > all
    }

    /// Where a chain stands in relation to the branch.
    pub fn place(&self, chain: &Chain) -> Place {
        self.place_of(chain, self.branch.split(chain))
    }

    /// The lowest height at which a chain that is not linked is known to differ from the branch.
    pub fn apart(&self, chain: &Chain) -> Option<Height> {
        match self.branch.split(chain) {
            Split::Unlinked(voter) => Relation::between(chain, voter.chain).apart(),
            Split::None | Split::At(_) => None,
        }
    }

    /// The blocks that the voters have to show at forks, so that no vote depends on what another daemon says.
    pub fn contested(&self) -> &[Wanted] {
        &self.contested
    }

    /// The blocks that link a daemon's chain to the branch, or come nearer to it; none where it is linked.
    pub fn wanted(&self, daemon: DaemonId, chain: &Chain) -> impl Iterator<Item = Wanted> {
        let wanted = match self.branch.split(chain) {
            Split::Unlinked(voter) => Relation::between(chain, voter.chain)
                .next_height()
                .map(|height| [Wanted::of(daemon, chain, height), Wanted::of(voter.daemon, voter.chain, height)]),
            Split::None | Split::At(_) => None,
        };
        wanted.into_iter().flatten().flatten()
    }

    /// The heights at which it was seen how chains are connected to the branch.
    pub fn compared<'c>(&self, chains: impl Iterator<Item = &'c Chain>) -> BTreeSet<Height> {
        let guides = || self.branch.stretches.iter().map(|stretch| stretch.guide.chain);
        chains.flat_map(|chain| guides().flat_map(|guide| Relation::between(chain, guide).bounds())).collect()
    }

    fn place_of(&self, chain: &Chain, split: Split<'_>) -> Place {
        match split {
            Split::None => Place::OnBranch,
            Split::At(at) => {
                let own = depth(chain.height(), at);
                Place::Off { at, depth: own, race: own <= 1 && depth(self.believed, at) <= 1 }
            }
            Split::Unlinked(_) => Place::Unlinked,
        }
    }

    fn count(&mut self, linked: &[Voter<'a>], splits: &[Split<'_>]) {
        let mut sides: HashMap<_, Vec<_>> = HashMap::new();
        let mut agreeing = Vec::with_capacity(linked.len());
        for (voter, split) in linked.iter().zip(splits) {
            match self.place_of(voter.chain, *split) {
                Place::OnBranch | Place::Off { race: true, .. } => agreeing.push(voter),
                Place::Off { at, .. } => {
                    let side = voter.chain.at(at).map(|hash| (at, hash));
                    sides.entry(side).or_default().push(voter.daemon);
                }
                Place::Unlinked => {}
            }
        }
        let lowest_fork = sides.keys().flatten().map(|(at, _)| *at).min();
        let takes_part = |voter: &&&Voter<'_>| lowest_fork.is_none_or(|fork| voter.chain.height() >= fork);
        self.members = agreeing.iter().filter(takes_part).map(|voter| voter.daemon).collect();
        self.opponents = sides.values().flatten().copied().collect();
        self.votes = Votes { branch: self.members.len(), all: self.members.len() + self.opponents.len() };
        self.sides = sides.into_iter().filter_map(|(side, members)| Some((side?, members.into()))).collect();
    }
}

fn head(linked: &[Voter<'_>], splits: &[Split<'_>], branch: &Branch<'_>) -> Option<Head> {
    let support: Vec<_> = linked.iter().zip(splits).map(|(voter, split)| support(voter.chain, *split)).collect();
    let mut heights = support.clone();
    let second = heights.len().min(2) - 1;
    let (_, supported, _) = heights.select_nth_unstable_by(second, |one, other| other.cmp(one));
    let mut height = *supported;
    if let [one, other] = linked
        && splits.iter().all(|split| matches!(split, Split::None))
    {
        // Of two voters on one chain the higher is believed, so that the other's lag shows; not a jump, though.
        let higher = if other.chain.height() > one.chain.height() { other } else { one };
        height = if higher.jumped { height } else { higher.chain.height() };
    }
    let standing = || linked.iter().zip(support).filter(|(_, support)| *support >= height);
    let hash = branch.at(height).or_else(|| standing().find_map(|(voter, _)| voter.chain.at(height)))?;
    Some(Head { height, hash })
}

/// The highest block of the branch that a linked voter has; `None` where it left it at the first.
fn agreed(chain: &Chain, split: Split<'_>) -> Option<Height> {
    match split {
        Split::At(at) => at.below(1),
        Split::None | Split::Unlinked(_) => Some(chain.height()),
    }
}

fn ascending(heights: impl Iterator<Item = Height>) -> Vec<Height> {
    let mut heights: Vec<_> = heights.collect();
    heights.sort_unstable();
    heights
}

/// How many of these are at least as high.
fn reaching(ascending: &[Height], height: Height) -> usize {
    ascending.len() - ascending.partition_point(|it| *it < height)
}

/// The height of the highest block of the branch that a voter stands on or above.
fn support(chain: &Chain, split: Split<'_>) -> Height {
    match split {
        Split::None => chain.height(),
        Split::At(at) => at.below(1).unwrap_or(Height::GENESIS),
        Split::Unlinked(_) => Height::GENESIS,
    }
}
