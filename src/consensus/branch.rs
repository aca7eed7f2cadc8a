//! The branch that a vote selects, and where a chain leaves it.

use super::{
    block::{BlockHash, Height},
    chain::Chain,
};

/// The winning branch: the chain that ends it, on top of the reference.
#[derive(Debug, Clone, Copy)]
pub struct Branch<'a> {
    /// Ends with the branch's last block.
    pub top: &'a Chain,
    /// Knows what is under it.
    pub reference: &'a Chain,
}

/// Where a chain leaves the branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Nowhere.
    None,
    /// The first height that differs.
    At(Height),
    /// No block is known that both have.
    Unlinked,
}

impl Branch<'_> {
    /// The branch's block at a height, where it is known.
    pub fn at(self, height: Height) -> Option<BlockHash> {
        self.top.at(height).or_else(|| self.reference.at(height))
    }

    /// Where a chain leaves the branch.
    pub fn split(self, chain: &Chain) -> Split {
        let compared = chain.height().min(self.top.height());
        // What nearly every chain does, and the only case that needs no look at the reference.
        if chain.at(compared).is_some_and(|hash| Some(hash) == self.at(compared)) {
            return Split::None;
        }
        let linked = chain.common(self.reference).is_some();
        let known = |height| chain.at(height).or_else(|| self.reference.at(height).filter(|_| linked));
        let mut height = compared;
        loop {
            match (known(height), self.at(height)) {
                (Some(own), Some(branch)) if own != branch => {}
                (Some(_), Some(_)) if height == compared => return Split::None,
                (Some(_), Some(_)) => return Split::At(height.next()),
                _ => return Split::Unlinked,
            }
            let Some(below) = height.below(1) else { return Split::At(height) };
            height = below;
        }
    }
}

/// Where a chain stands to the branch.
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
    /// No block is known that it shares with the branch.
    Unlinked,
}

/// How many blocks a chain with this tip has from a height on.
pub fn depth(tip: Height, at: Height) -> u64 {
    u64::try_from(tip.above(at) + 1).unwrap_or(0)
}
