//! The climb from the deepest block that all voters share up to the last block of the branch that most of them stand on.

use std::{
    cell::LazyCell,
    cmp::{Ordering, Reverse},
};

use super::{
    block::{BlockHash, Height},
    branch::{Branch, Stretch},
    questions::Wanted,
    relation::{Link, Relation},
    voter::Voter,
};
use crate::order::sort_by_key;

/// Voters that go the same way up, as far as is known.
#[derive(Debug, Clone)]
pub struct Party<'a> {
    /// The one whose chain stands for all.
    pub guide: Voter<'a>,
    /// All whose chains are connected to it, itself included, in the order of the voters.
    pub members: Vec<Member<'a>>,
}

/// A voter whose chain is connected to the guide's.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Which voter.
    pub voter: Voter<'a>,
    /// How.
    pub link: Link,
}

impl<'a> Party<'a> {
    /// The one whose guide most voters' chains are connected to. Of equal ones one that the primary is connected to, then one
    /// that answers questions, then the one whose blocks are known furthest down, then the one that is configured first.
    pub fn of(voters: &[Voter<'a>]) -> Option<Self> {
        let mut candidates = voters.to_vec();
        sort_by_key(&mut candidates, |voter| (voter.silent, voter.chain.bottom()));
        let mut best: Option<Self> = None;
        for candidate in candidates.into_iter().take(GUIDE_CANDIDATES) {
            let party = Self::behind(candidate, voters);
            let is_whole = party.members.len() == voters.len();
            if best.as_ref().is_none_or(|best| party.rank() > best.rank()) {
                best = Some(party);
            }
            if is_whole {
                break;
            }
        }
        best
    }

    fn behind(guide: Voter<'a>, voters: &[Voter<'a>]) -> Self {
        let mut members = Vec::with_capacity(voters.len());
        let link = |voter: &Voter<'_>| Relation::between(voter.chain, guide.chain).link();
        members.extend(voters.iter().filter_map(|voter| Some(Member { voter: *voter, link: link(voter)? })));
        Self { guide, members }
    }

    fn rank(&self) -> (usize, bool) {
        (self.members.len(), self.members.iter().any(|it| it.voter.daemon.is_primary()))
    }
}

/// Usually the first candidate links everybody. More are tried only where somebody lies or is far away, and
/// this many hold at least one honest daemon in any set that a pool would configure.
const GUIDE_CANDIDATES: usize = 16;

/// Climbs from the deepest block that all share, and notes which blocks have to be asked for.
///
/// On the way a guide's chain stands for all that are connected to it, until some leave it: then the voters on each side count,
/// and the winners go on with a guide of their own.
pub fn climb<'a>(mut party: Party<'a>, wanted: &mut Vec<Wanted>) -> Option<Branch<'a>> {
    let mut stretches = vec![];
    loop {
        let Party { guide, mut members } = party;
        let fork = members.iter().filter_map(|it| fork_height(it.link)).min();
        if let Some(at) = fork {
            members.retain(|it| it.voter.chain.height() >= at);
            wanted.extend(members.iter().flat_map(|it| at_fork(&it.voter, at)));
            // A voter that has not shown its block there stands on the guide's, since the two are connected above.
            let block = |it: &Member<'_>| it.voter.chain.at(at).or_else(|| guide.chain.at(at));
            members = preferred(members, at, block);
            let won = members.first().and_then(block);
            if won == guide.chain.at(at) {
                party = Party { guide, members };
                continue;
            }
            stretches.push(Stretch { guide, end: at, fork: won });
        } else {
            stretches.push(Stretch { guide, end: guide.chain.height().next(), fork: None });
            members.retain(|it| it.voter.chain.height() > guide.chain.height());
            if members.is_empty() {
                return Some(Branch { stretches });
            }
        }
        let standing: Vec<_> = members.iter().map(|it| it.voter).collect();
        party = Party::of(&standing)?;
    }
}

/// What a voter has not yet shown of the two blocks at a fork. Once it has, it stays linked whoever is the guide.
fn at_fork(voter: &Voter<'_>, at: Height) -> impl Iterator<Item = Wanted> {
    let heights = [Some(at), at.below(1)].into_iter().flatten();
    heights.filter_map(|height| Wanted::of(voter.daemon, voter.chain, height))
}

fn fork_height(link: Link) -> Option<Height> {
    match link {
        Link::OneChain => None,
        Link::Fork(at) => Some(at),
    }
}

/// The winning side of a fork at this height, which all of them reach.
fn preferred<'a>(
    mut members: Vec<Member<'a>>,
    at: Height,
    block: impl Fn(&Member<'_>) -> Option<BlockHash>,
) -> Vec<Member<'a>> {
    sort_by_key(&mut members, |it| (block(it), it.voter.daemon));
    let sides: Vec<&[Member<'_>]> = members.chunk_by(|one, other| block(one) == block(other)).collect();
    let votes = |index: usize| (sides[index].len(), sides[index].iter().any(|it| it.voter.daemon.is_primary()));
    // Of all sides or of none.
    let work: LazyCell<Option<Vec<u128>>, _> = LazyCell::new(|| sides.iter().map(|side| work(side, at)).collect());
    let rank = |index: usize| {
        let work = work.as_ref().map(|work| work[index]);
        let first_configured = sides[index].iter().map(|it| it.voter.daemon).min();
        (work, sides[index].iter().any(|it| it.voter.in_use), Reverse(first_configured))
    };
    let compare = |one: &usize, other: &usize| -> Ordering {
        votes(*one).cmp(&votes(*other)).then_with(|| rank(*one).cmp(&rank(*other)))
    };
    let winner = (0..sides.len()).max_by(compare).unwrap_or(0);
    sides[winner].to_vec()
}

/// The most work that a member of a side has from the fork's height on.
fn work(side: &[Member<'_>], at: Height) -> Option<u128> {
    let work = |it: &Member<'_>| match at.below(1) {
        Some(fork_point) => it.voter.chain.work_above(fork_point),
        None => None,
    };
    side.iter().map(work).collect::<Option<Vec<_>>>()?.into_iter().max()
}
