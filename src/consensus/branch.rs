//! The branch that a vote selects, and where a chain leaves it.

use super::{
    block::{BlockHash, Height},
    chain::Chain,
    relation::{Link, Relation},
    voter::Voter,
};

/// The winning branch, from the deepest block up: each stretch of it is a piece of one voter's chain.
#[derive(Debug)]
pub struct Branch<'a> {
    /// Never empty. The last one ends with the branch's last block.
    pub stretches: Vec<Stretch<'a>>,
}

/// A piece of the branch.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    /// The voter on whose chain the branch runs here.
    pub guide: Voter<'a>,
    /// The first height at which the branch is not the guide's chain any more.
    pub end: Height,
    /// The branch's block there if the guide has another one; `None` where the guide's chain just ends.
    pub fork: Option<BlockHash>,
}

/// Where a chain leaves the branch.
#[derive(Debug, Clone, Copy)]
pub enum Split<'a> {
    /// Nowhere.
    None,
    /// The first height that differs.
    At(Height),
    /// Not known: how it is connected to this voter's chain is not.
    Unlinked(Voter<'a>),
}

impl<'a> Branch<'a> {
    /// The chain that ends with the branch's last block.
    pub fn top(&self) -> &'a Chain {
        self.stretches[self.stretches.len() - 1].guide.chain
    }

    /// The branch's block at a height, where it is known.
    pub fn at(&self, height: Height) -> Option<BlockHash> {
        let guides = self.stretches.iter().filter(|stretch| height < stretch.end);
        guides.rev().find_map(|stretch| stretch.guide.chain.at(height))
    }

    /// Where a chain leaves the branch; `link` is how it is connected to the first guide's, where that is known.
    pub fn split(&self, chain: &Chain, link: Option<Link>) -> Split<'a> {
        // What nearly every chain does, and the only case that needs no look at the way up.
        let known = link.filter(|_| self.stretches.len() == 1);
        match known.or_else(|| Relation::between(chain, self.top()).link()) {
            Some(Link::OneChain) => return Split::None,
            Some(Link::Fork(at)) => return Split::At(at),
            None => {}
        }
        let mut splits = self.stretches.iter().filter_map(|stretch| stretch.split(chain));
        splits.next().unwrap_or(Split::None)
    }
}

impl<'a> Stretch<'a> {
    /// Where a chain leaves the branch; `None` where it goes with the branch beyond this stretch.
    fn split(&self, chain: &Chain) -> Option<Split<'a>> {
        let guide = self.guide.chain;
        match Relation::between(chain, guide).link() {
            None => return Some(Split::Unlinked(self.guide)),
            Some(Link::Fork(at)) if at < self.end => return Some(Split::At(at)),
            Some(Link::OneChain) if chain.height() < self.end => return Some(Split::None),
            Some(_) => {}
        }
        // It reaches the end of the stretch, and has the guide's block there unless it has shown another one.
        let block = chain.at(self.end).or_else(|| guide.at(self.end));
        (self.fork.is_some() && block != self.fork).then_some(Split::At(self.end))
    }
}

/// Where a chain stands in relation to the branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Its tip is a block of the branch or above its last one.
    OnBranch,
    /// It left the branch.
    Off {
        /// The first height at which its block is another one.
        at: Height,
        /// How many blocks it has from there.
        depth: u64,
        /// Whether both sides are one block deep: natural, and over with the next block.
        race: bool,
    },
    /// How it is connected to the branch is not known.
    Unlinked,
}

/// How many blocks a chain with this tip has from a height on.
pub fn depth(tip: Height, at: Height) -> u64 {
    u64::try_from(tip.above(at) + 1).unwrap_or(0)
}
