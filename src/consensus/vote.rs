//! The vote: which branch of all the chains the pool should follow, and where each daemon stands in relation to it.
//!
//! Every voter votes for its tip and for all known ancestors of it, so tips of different height on one
//! chain agree. From the deepest block that all share the walk goes up, and where the chain branches it
//! takes the branch with more voters. The literature calls this walk LMD-GHOST (Buterin et al., "Combining
//! GHOST and Casper", 2020); here it needs no stake and no epochs, since every voter has one voice.

use std::{cell::OnceCell, collections::BTreeSet, sync::Arc};

use serde::Serialize;

use super::{
    block::{BlockHash, Height},
    branch::{Branch, Place, Split, depth},
    chain::Chain,
    climb::{Party, climb},
    questions::Wanted,
    relation::Relation,
    voter::Voter,
};
use crate::{endpoint::DaemonId, order::sort_by_key};

/// What a vote decided.
#[derive(Debug)]
pub struct Outcome<'a> {
    branch: Branch<'a>,
    head: Head,
    /// The height up to which the branch is believed when the depth of a fork is measured.
    believed: Height,
    /// Those that take part, in configuration order.
    stands: Vec<Stand<'a>>,
    /// In ascending order of the blocks with which they begin.
    sides: Vec<Side>,
    members: Arc<[DaemonId]>,
    opponents: Vec<DaemonId>,
    votes: Votes,
    contested: Vec<Wanted>,
    /// Nobody asks unless there is a race.
    reach: OnceCell<Reach>,
}

/// A voter whose chain is connected to the others'.
#[derive(Debug, Clone, Copy)]
struct Stand<'a> {
    voter: Voter<'a>,
    split: Split<'a>,
}

/// The voters that left the branch with one block.
#[derive(Debug)]
struct Side {
    begins: (Height, BlockHash),
    members: Arc<[DaemonId]>,
}

/// How high the voters are.
#[derive(Debug)]
struct Reach {
    /// All linked ones, in ascending order.
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
    let party = Party::of(voters)?;
    let linked = party.members.clone();
    let mut contested = vec![];
    let branch = climb(party, &mut contested)?;
    let stand = |voter: Voter<'a>, link| Stand { voter, split: branch.split(voter.chain, Some(link)) };
    let stands: Vec<_> = linked.iter().map(|it| stand(it.voter, it.link)).collect();
    let head = head(&stands, &branch)?;
    // Of more than two voters one may lie, so only what two stand on is believed.
    let believed = if stands.len() > 2 { head.height } else { branch.top().height() };
    let (sides, members, opponents) = (vec![], [].into(), vec![]);
    let (votes, reach) = (Votes::default(), OnceCell::new());
    let mut outcome = Outcome { branch, head, believed, stands, sides, members, opponents, votes, contested, reach };
    outcome.count();
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
        let place = |hash| self.sides.binary_search_by_key(&(at, hash), |side| side.begins).ok();
        chain.at(at).and_then(place).map(|place| self.sides[place].members.clone()).unwrap_or_default()
    }

    /// Whether the vote went against a chain that left the branch at this height: always, but in a race only where the primary is on the branch, or
    /// a strict majority, of two at least. Against a chain that two or more have, a race is not lost by one vote: either block may still win,
    /// and a block of the pool's own wins for the side on which it is found.
    pub fn outvotes(&self, chain: &Chain, at: Height, race: bool) -> bool {
        if !race {
            return true;
        }
        let Reach { heights, agreed, primary } = self.reach.get_or_init(|| Reach::of(&self.stands));
        let (on, all) = (reaching(agreed, at), reaching(heights, at));
        let with = self.stands.iter().filter(|stand| stand.voter.chain.at(at) == chain.at(at)).count();
        let is_open = with >= 2 && with + 1 >= on;
        !is_open && (*primary >= Some(at) || on >= 2 && on * 2 > all)
    }

    /// Where a daemon's chain stands in relation to the branch.
    pub fn place(&self, daemon: DaemonId, chain: &Chain) -> Place {
        self.place_of(chain, self.split(daemon, chain))
    }

    /// The lowest height at which a chain that is not linked is known to differ from the branch.
    pub fn apart(&self, daemon: DaemonId, chain: &Chain) -> Option<Height> {
        match self.split(daemon, chain) {
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
        let wanted = match self.split(daemon, chain) {
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

    /// Where a daemon's chain leaves the branch: known already where it votes.
    fn split(&self, daemon: DaemonId, chain: &Chain) -> Split<'a> {
        match self.stands.binary_search_by_key(&daemon, |stand| stand.voter.daemon) {
            Ok(place) => self.stands[place].split,
            Err(_) => self.branch.split(chain, None),
        }
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

    fn count(&mut self) {
        let mut agreeing = Vec::with_capacity(self.stands.len());
        let mut off = vec![];
        for Stand { voter, split } in &self.stands {
            match self.place_of(voter.chain, *split) {
                Place::OnBranch | Place::Off { race: true, .. } => agreeing.push(voter),
                Place::Off { at, .. } => off.push((voter.chain.at(at).map(|hash| (at, hash)), voter.daemon)),
                Place::Unlinked => {}
            }
        }
        sort_by_key(&mut off, |it| *it);
        let lowest_fork = off.iter().find_map(|(side, _)| side.map(|(at, _)| at));
        let takes_part = |voter: &&&Voter<'_>| lowest_fork.is_none_or(|fork| voter.chain.height() >= fork);
        self.members = agreeing.iter().filter(takes_part).map(|voter| voter.daemon).collect();
        self.opponents = off.iter().map(|(_, daemon)| *daemon).collect();
        self.votes = Votes { branch: self.members.len(), all: self.members.len() + self.opponents.len() };
        let sides = off.chunk_by(|(one, _), (other, _)| one == other);
        let members = |side: &[(_, DaemonId)]| side.iter().map(|(_, daemon)| *daemon).collect();
        let side = |side: &[(Option<_>, DaemonId)]| Some(Side { begins: side[0].0?, members: members(side) });
        self.sides = sides.filter_map(side).collect();
    }
}

impl Reach {
    fn of(stands: &[Stand<'_>]) -> Self {
        let linked = || stands.iter().filter(|stand| !matches!(stand.split, Split::Unlinked(_)));
        let primary = linked().find(|stand| stand.voter.daemon.is_primary());
        Self {
            heights: ascending(linked().map(|stand| stand.voter.chain.height())),
            agreed: ascending(linked().filter_map(agreed)),
            primary: primary.and_then(agreed),
        }
    }
}

fn head(stands: &[Stand<'_>], branch: &Branch<'_>) -> Option<Head> {
    // What two support; a voter that is alone supports it alone.
    let (mut highest, mut second) = (None, None);
    for height in stands.iter().map(support) {
        second = second.max(Some(height).min(highest));
        highest = highest.max(Some(height));
    }
    let mut height = second.or(highest)?;
    if let [one, other] = stands
        && stands.iter().all(|stand| matches!(stand.split, Split::None))
    {
        // Of two voters on one chain the higher is believed, so that the other's lag shows; not a jump, though.
        let (one, other) = (one.voter, other.voter);
        let higher = if other.chain.height() > one.chain.height() { other } else { one };
        height = if higher.jumped { height } else { higher.chain.height() };
    }
    let standing = || stands.iter().filter(|stand| support(stand) >= height);
    let hash = branch.at(height).or_else(|| standing().find_map(|stand| stand.voter.chain.at(height)))?;
    Some(Head { height, hash })
}

/// The highest block of the branch that a linked voter has; `None` where it left it at the first.
fn agreed(stand: &Stand<'_>) -> Option<Height> {
    match stand.split {
        Split::At(at) => at.below(1),
        Split::None | Split::Unlinked(_) => Some(stand.voter.chain.height()),
    }
}

fn ascending(heights: impl Iterator<Item = Height>) -> Vec<Height> {
    let mut heights: Vec<_> = heights.collect();
    sort_by_key(&mut heights, |it| *it);
    heights
}

/// How many of these are at least as high.
fn reaching(ascending: &[Height], height: Height) -> usize {
    ascending.len() - ascending.partition_point(|it| *it < height)
}

/// The height of the highest block of the branch that a voter stands on or above.
fn support(stand: &Stand<'_>) -> Height {
    match stand.split {
        Split::None => stand.voter.chain.height(),
        Split::At(at) => at.below(1).unwrap_or(Height::GENESIS),
        Split::Unlinked(_) => Height::GENESIS,
    }
}
