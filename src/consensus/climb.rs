//! The climb from the deepest block that all voters share up to the last block of the branch that most of them stand on.

use std::cmp::{Ordering, Reverse};

use super::{
    block::{BlockHash, Height},
    branch::{Branch, Stretch},
    chain::Chain,
    questions::Wanted,
    relation::{Link, Relation},
    voter::Voter,
};

/// The voter whose chain most voters' chains are connected to. Of equal ones one that the primary is connected to, then one
/// that answers questions, then the one whose blocks are known furthest down, then the one that is configured first.
pub fn guide<'a>(voters: &[Voter<'a>]) -> Option<Voter<'a>> {
    let mut candidates = voters.to_vec();
    candidates.sort_by_key(|voter| (voter.silent, voter.chain.bottom()));
    let mut best = None;
    for candidate in candidates.into_iter().take(GUIDE_CANDIDATES) {
        let linked = || voters.iter().filter(|voter| link(voter, candidate.chain).is_some());
        let rank = (linked().count(), linked().any(|voter| voter.daemon.is_primary()));
        if best.is_none_or(|(most, _)| rank > most) {
            best = Some((rank, candidate));
        }
        if rank.0 == voters.len() {
            break;
        }
    }
    best.map(|(_, guide)| guide)
}

/// Usually the first candidate links everybody. More are tried only where somebody lies or is far away, and
/// this many hold at least one honest daemon in any set that a pool would configure.
const GUIDE_CANDIDATES: usize = 16;

/// Climbs from the deepest block that all share, and notes which blocks have to be asked for.
///
/// On the way a guide's chain stands for all that are connected to it, until some leave it: then the voters on each side count,
/// and the winners go on with a guide of their own.
pub fn climb<'a>(mut standing: Vec<Voter<'a>>, mut guide: Voter<'a>, wanted: &mut Vec<Wanted>) -> Option<Branch<'a>> {
    let mut stretches = vec![];
    loop {
        let linked = |voter: &Voter<'a>| Some((*voter, link(voter, guide.chain)?));
        let links: Vec<_> = standing.iter().filter_map(linked).collect();
        standing = links.iter().map(|(voter, _)| *voter).collect();
        let fork = links.iter().filter_map(|(_, link)| fork_height(*link)).min();
        if let Some(at) = fork {
            standing.retain(|voter| voter.chain.height() >= at);
            wanted.extend(standing.iter().flat_map(|voter| at_fork(voter, at)));
            // A voter that has not shown its block there stands on the guide's, since the two are connected above.
            let block = |voter: &Voter<'_>| voter.chain.at(at).or_else(|| guide.chain.at(at));
            standing = preferred(standing, at, block);
            let won = standing.first().and_then(block);
            if won == guide.chain.at(at) {
                continue;
            }
            stretches.push(Stretch { guide, end: at, fork: won });
        } else {
            stretches.push(Stretch { guide, end: guide.chain.height().next(), fork: None });
            standing.retain(|voter| voter.chain.height() > guide.chain.height());
            if standing.is_empty() {
                return Some(Branch { stretches });
            }
        }
        guide = self::guide(&standing)?;
    }
}

/// How a voter's chain is connected to another one, where that is known.
pub fn link(voter: &Voter<'_>, chain: &Chain) -> Option<Link> {
    Relation::between(voter.chain, chain).link()
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

/// The voters of the winning side of a fork at this height, which all of them reach.
fn preferred<'a>(
    mut voters: Vec<Voter<'a>>,
    at: Height,
    block: impl Fn(&Voter<'_>) -> Option<BlockHash>,
) -> Vec<Voter<'a>> {
    voters.sort_by_cached_key(|voter| (block(voter), voter.daemon));
    let sides: Vec<&[Voter<'_>]> = voters.chunk_by(|one, other| block(one) == block(other)).collect();
    let work: Option<Vec<u128>> = sides.iter().map(|side| work(side, at)).collect();
    let rank = |index: usize| {
        let side = sides[index];
        let work = work.as_ref().map(|work| work[index]);
        (side.len(), side.iter().any(|voter| voter.daemon.is_primary()), work, side.iter().any(|voter| voter.in_use))
    };
    let first_configured = |index: usize| Reverse(sides[index].iter().map(|voter| voter.daemon).min());
    let compare = |one: &usize, other: &usize| -> Ordering {
        rank(*one).cmp(&rank(*other)).then_with(|| first_configured(*one).cmp(&first_configured(*other)))
    };
    let winner = (0..sides.len()).max_by(compare).unwrap_or(0);
    sides[winner].to_vec()
}

/// The most work that a member of a side has from the fork's height on.
fn work(side: &[Voter<'_>], at: Height) -> Option<u128> {
    let work = |voter: &Voter<'_>| match at.below(1) {
        Some(fork_point) => voter.chain.work_above(fork_point),
        None => None,
    };
    side.iter().map(work).collect::<Option<Vec<_>>>()?.into_iter().max()
}
