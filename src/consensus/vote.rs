//! The vote: which branch of all the chains the pool should follow, and where each daemon stands to it.
//!
//! Every voter votes for its tip and for all known ancestors of it, so tips of different height on one
//! chain agree. From the deepest block that all share the walk goes up, and where the chain branches it
//! takes the branch with more voters. The literature calls this walk LMD-GHOST (Buterin et al., "Combining
//! GHOST and Casper", 2020); here it needs no stake and no epochs, since every voter has one voice.

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use serde::Serialize;

use super::{
    block::{BlockHash, Height},
    branch::{Branch, Place, Split, depth},
    chain::Chain,
};
use crate::daemon::DaemonId;

/// One daemon that takes part in the vote.
#[derive(Debug, Clone, Copy)]
pub struct Voter<'a> {
    /// Which daemon.
    pub daemon: DaemonId,
    /// The blocks it votes for.
    pub chain: &'a Chain,
    /// Whether the pool uses it now: breaks a tie.
    pub in_use: bool,
    /// Whether it got to its height by an incredible jump.
    pub jumped: bool,
}

/// What a vote decided.
#[derive(Debug)]
pub struct Outcome<'a> {
    branch: Branch<'a>,
    head: Head,
    /// The height up to which the branch is believed when the depth of a fork is measured.
    believed: Height,
    sides: HashMap<(Height, BlockHash), Arc<[DaemonId]>>,
    members: Arc<[DaemonId]>,
    votes: Votes,
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
    let reference = reference(voters)?;
    let linked: Vec<_> = voters.iter().filter(|voter| voter.chain.common(reference).is_some()).copied().collect();
    let top = walk(&linked, reference)?;
    let branch = Branch { top, reference };
    let splits: Vec<_> = linked.iter().map(|voter| branch.split(voter.chain)).collect();
    let head = head(&linked, &splits, branch)?;
    // Of more than two voters one may lie, so only what two stand on is believed.
    let believed = if linked.len() > 2 { head.height } else { top.height() };
    let (members, votes) = ([].into(), Votes::default());
    let mut outcome = Outcome { branch, head, believed, sides: HashMap::new(), members, votes };
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

    /// The voters on the branch.
    pub fn members(&self) -> Arc<[DaemonId]> {
        self.members.clone()
    }

    /// The voters on the side that has this chain's block at the fork height.
    pub fn side(&self, chain: &Chain, at: Height) -> Arc<[DaemonId]> {
        let members = chain.at(at).and_then(|hash| self.sides.get(&(at, hash)));
        members.cloned().unwrap_or_default()
    }

    /// Where a chain stands to the branch.
    pub fn place(&self, chain: &Chain) -> Place {
        self.place_of(chain, self.branch.split(chain))
    }

    fn place_of(&self, chain: &Chain, split: Split) -> Place {
        match split {
            Split::None => Place::OnBranch,
            Split::At(at) => {
                let own = depth(chain.height(), at);
                Place::Off { at, depth: own, race: own <= 1 && depth(self.believed, at) <= 1 }
            }
            Split::Unlinked => Place::Unlinked,
        }
    }

    fn count(&mut self, linked: &[Voter<'a>], splits: &[Split]) {
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
        let against: usize = sides.values().map(Vec::len).sum();
        self.votes = Votes { branch: self.members.len(), all: self.members.len() + against };
        self.sides = sides.into_iter().filter_map(|(side, members)| Some((side?, members.into()))).collect();
    }
}

/// The chain that most voters' chains are connected to; of equal ones the one that reaches deepest, then
/// the one that is configured first.
fn reference<'a>(voters: &[Voter<'a>]) -> Option<&'a Chain> {
    let mut candidates: Vec<_> = voters.iter().map(|voter| voter.chain).collect();
    candidates.sort_by_key(|chain| chain.bottom());
    let mut best = None;
    for candidate in candidates.into_iter().take(REFERENCE_CANDIDATES) {
        let links = voters.iter().filter(|voter| voter.chain.common(candidate).is_some()).count();
        if best.is_none_or(|(most, _)| links > most) {
            best = Some((links, candidate));
        }
        if links == voters.len() {
            break;
        }
    }
    best.map(|(_, chain)| chain)
}

/// Usually the first candidate links everybody. More are tried only where somebody lies or is far away, and
/// this many hold at least one honest daemon in any set that a pool would configure.
const REFERENCE_CANDIDATES: usize = 16;

/// Walks up from the deepest block that all share; gives a chain that ends with the branch's last block.
fn walk<'a>(linked: &[Voter<'a>], reference: &Chain) -> Option<&'a Chain> {
    let shared = linked.iter().filter_map(|voter| voter.chain.common(reference)).min()?;
    let mut height = shared;
    let mut standing = linked.to_vec();
    loop {
        let next = height.next();
        standing.retain(|voter| voter.chain.height() >= height);
        let reaching: Vec<_> = standing.iter().filter(|voter| voter.chain.height() >= next).copied().collect();
        if reaching.is_empty() {
            return standing.first().map(|voter| voter.chain);
        }
        // Below its own window a voter stands on what the reference stands on, since the two are connected above.
        let block = |voter: &Voter<'_>| voter.chain.at(next).or_else(|| reference.at(next));
        standing = preferred(reaching, height, block);
        height = next;
    }
}

/// The voters of the winning side at one height.
fn preferred<'a>(
    mut voters: Vec<Voter<'a>>,
    fork_point: Height,
    block: impl Fn(&Voter<'_>) -> Option<BlockHash>,
) -> Vec<Voter<'a>> {
    if voters.iter().all(|voter| block(voter) == block(&voters[0])) {
        return voters;
    }
    voters.sort_by_key(|voter| (block(voter), voter.daemon));
    let sides: Vec<&[Voter<'_>]> = voters.chunk_by(|one, other| block(one) == block(other)).collect();
    let work: Option<Vec<u128>> = sides.iter().map(|side| work(side, fork_point)).collect();
    let rank = |index: usize| {
        let side = sides[index];
        let work = work.as_ref().map(|work| work[index]);
        (side.len(), side.iter().any(|voter| voter.daemon.is_primary()), work, side.iter().any(|voter| voter.in_use))
    };
    let first_configured = |index: usize| std::cmp::Reverse(sides[index].iter().map(|voter| voter.daemon).min());
    let compare = |one: &usize, other: &usize| -> Ordering {
        rank(*one).cmp(&rank(*other)).then_with(|| first_configured(*one).cmp(&first_configured(*other)))
    };
    let winner = (0..sides.len()).max_by(compare).unwrap_or(0);
    sides[winner].to_vec()
}

/// The most work that a member of a side has since the fork.
fn work(side: &[Voter<'_>], fork_point: Height) -> Option<u128> {
    side.iter().map(|voter| voter.chain.work_above(fork_point)).collect::<Option<Vec<_>>>()?.into_iter().max()
}

fn head(linked: &[Voter<'_>], splits: &[Split], branch: Branch<'_>) -> Option<Head> {
    let mut heights: Vec<_> = linked.iter().zip(splits).map(|(voter, split)| support(voter.chain, *split)).collect();
    let second = heights.len().min(2) - 1;
    let (_, supported, _) = heights.select_nth_unstable_by(second, |one, other| other.cmp(one));
    let mut height = *supported;
    if let [one, other] = linked
        && splits.iter().all(|split| *split == Split::None)
    {
        // Of two voters on one chain the higher is believed, so that the other's lag shows; not a jump, though.
        let higher = if other.chain.height() > one.chain.height() { other } else { one };
        height = if higher.jumped { height } else { higher.chain.height() };
    }
    Some(Head { height, hash: branch.at(height)? })
}

/// The height of the highest block of the branch that a voter stands on or above.
fn support(chain: &Chain, split: Split) -> Height {
    match split {
        Split::None => chain.height(),
        Split::At(at) => at.below(1).unwrap_or(Height::GENESIS),
        Split::Unlinked => Height::GENESIS,
    }
}
