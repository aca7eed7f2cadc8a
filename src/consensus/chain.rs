//! The part of its chain that one daemon has shown.

use std::collections::VecDeque;

use super::{
    block::{BlockHash, Height},
    observation::{Block, Window},
};

/// The blocks one daemon is known to stand on: its tip and an unbroken row of ancestors.
///
/// Only the daemon's own words fill it, so a daemon that lies about the ancestors of a real block
/// misleads nobody but itself.
#[derive(Debug, Clone)]
pub struct Chain {
    height: Height,
    /// The tip first. Never empty.
    blocks: VecDeque<Block>,
}

impl Chain {
    /// What a first window shows; `None` where the window is empty or longer than the chain can be.
    pub fn new(window: &Window) -> Option<Self> {
        let deepest = u64::try_from(window.blocks.len()).ok()?.checked_sub(1)?;
        window.height.below(deepest)?;
        Some(Self { height: window.height, blocks: window.blocks.iter().take(MOST_BLOCKS).copied().collect() })
    }

    /// Moves to what a later window shows. Blocks known before are kept where the window stands on them;
    /// where it does not, nothing proves that they still are ancestors, and they are dropped.
    pub fn advance(&mut self, window: &Window) {
        let Some(seen) = Self::new(window) else { return };
        let Some(common) = seen.common(self) else {
            *self = seen;
            return;
        };
        let fresh = usize::try_from(seen.height.above(common)).unwrap_or(0);
        let stale = usize::try_from(self.height.above(common)).unwrap_or(0);
        self.blocks.drain(..stale);
        for block in seen.blocks.iter().take(fresh).rev() {
            self.blocks.push_front(*block);
        }
        self.blocks.truncate(MOST_BLOCKS);
        self.height = seen.height;
    }

    /// Forgets blocks that nobody can need: those below `floor`, the lowest tip that chains are compared with, though the
    /// latest ones are kept in any case.
    pub fn forget_below(&mut self, floor: Height) {
        let needed = usize::try_from(self.height.above(floor) + 1).unwrap_or(0);
        self.blocks.truncate(needed.max(KEPT_BLOCKS));
    }

    /// The tip's height.
    pub fn height(&self) -> Height {
        self.height
    }

    /// The tip's hash.
    pub fn tip(&self) -> BlockHash {
        self.blocks[0].hash
    }

    /// The height of the deepest block that is known.
    pub fn bottom(&self) -> Height {
        self.height.below(self.blocks.len() as u64 - 1).unwrap_or(Height::GENESIS)
    }

    /// The block's hash at a height; `None` above the tip and below what is known.
    pub fn at(&self, height: Height) -> Option<BlockHash> {
        Some(self.block(height)?.hash)
    }

    /// The height of the highest block that both chains are known to have, if there is one.
    pub fn common(&self, other: &Self) -> Option<Height> {
        let mut height = self.height.min(other.height);
        loop {
            if self.at(height)? == other.at(height)? {
                return Some(height);
            }
            height = height.below(1)?;
        }
    }

    /// The sum of the difficulties of all blocks above a height; `None` where one of them is not known.
    pub fn work_above(&self, height: Height) -> Option<u128> {
        let count = usize::try_from(self.height.above(height)).ok()?;
        if count > self.blocks.len() {
            return None;
        }
        self.blocks.iter().take(count).map(|block| block.difficulty.map(u128::from)).sum()
    }

    fn block(&self, height: Height) -> Option<&Block> {
        let depth = usize::try_from(self.height.above(height)).ok()?;
        self.blocks.get(depth)
    }
}

/// How far a daemon may get ahead of one that stands still before the two share no known block any more: 8 hours of
/// TurtleCoin, and 48 KB while that lasts.
const MOST_BLOCKS: usize = 1024;

/// About an hour of TurtleCoin, and more than two of Monero: deeper than any fork that heals by itself,
/// and 6 KB a daemon.
const KEPT_BLOCKS: usize = 128;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_window_that_stands_on_known_blocks_extends_them() {
        let mut chain = chain(10, &["d", "c", "b", "a"]);
        chain.advance(&window(12, &["f", "e", "d", "c"]));
        assert_eq!((chain.height(), chain.bottom()), (height(12), height(7)));
        assert_eq!(chain.at(height(11)), Some(hash("e")));
        assert_eq!(chain.at(height(7)), Some(hash("a")));
    }

    #[test]
    fn a_reorganisation_replaces_what_is_above_the_fork_point() {
        let mut chain = chain(10, &["d", "c", "b", "a"]);
        chain.advance(&window(11, &["E", "D", "C", "b"]));
        assert_eq!(chain.at(height(9)), Some(hash("C")));
        assert_eq!(chain.at(height(8)), Some(hash("b")));
        assert_eq!(chain.at(height(7)), Some(hash("a")));
    }

    #[test]
    fn a_window_that_meets_nothing_known_replaces_everything() {
        let mut chain = chain(10, &["d", "c"]);
        chain.advance(&window(20, &["n", "m"]));
        assert_eq!((chain.height(), chain.bottom()), (height(20), height(19)));
        assert_eq!(chain.at(height(10)), None);
    }

    #[test]
    fn the_common_block_is_the_highest_that_both_have() {
        let one = chain(10, &["d", "c", "b", "a"]);
        assert_eq!(one.common(&chain(12, &["F", "E", "D", "c", "b"])), Some(height(9)));
        assert_eq!(one.common(&chain(8, &["b"])), Some(height(8)));
        assert_eq!(one.common(&chain(10, &["D", "C"])), None);
        assert_eq!(one.common(&chain(30, &["z"])), None);
    }

    #[test]
    fn equal_hashes_at_different_heights_are_not_common() {
        assert_eq!(chain(10, &["d", "c"]).common(&chain(11, &["d", "c"])), None);
    }

    #[test]
    fn a_window_deeper_than_the_genesis_block_is_no_chain() {
        assert!(Chain::new(&window(1, &["c", "b", "a"])).is_none());
        assert!(Chain::new(&window(1, &[])).is_none());
    }

    #[test]
    fn memory_stays_bounded_while_the_chain_grows() {
        let chain = grown(3_000);
        assert_eq!(chain.blocks.len(), MOST_BLOCKS);
        assert_eq!(chain.bottom(), height(3_001 - MOST_BLOCKS as u64));
    }

    #[test]
    fn blocks_are_kept_down_to_the_lowest_tip_that_is_compared() {
        let mut chain = grown(1_000);
        chain.forget_below(height(300));
        assert_eq!(chain.bottom(), height(300));
        chain.forget_below(height(990));
        assert_eq!(chain.bottom(), height(1_001 - KEPT_BLOCKS as u64));
        chain.forget_below(height(2_000));
        assert_eq!(chain.bottom(), height(1_001 - KEPT_BLOCKS as u64));
    }

    fn grown(tip: u64) -> Chain {
        let mut chain = chain(0, &["0"]);
        for tip in 1..=tip {
            chain.advance(&window(tip, &[&tip.to_string(), &(tip - 1).to_string()]));
        }
        chain
    }

    fn chain(tip: u64, names: &[&str]) -> Chain {
        Chain::new(&window(tip, names)).unwrap()
    }

    fn window(tip: u64, names: &[&str]) -> Window {
        let blocks = names.iter().map(|name| Block { hash: hash(name), difficulty: Some(1) }).collect();
        Window { genesis: Some(hash("genesis")), height: height(tip), blocks, timestamp: Duration::ZERO }
    }

    fn height(index: u64) -> Height {
        Height::new(index).unwrap()
    }

    fn hash(name: &str) -> BlockHash {
        let mut bytes = [0; 32];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        BlockHash::new(bytes)
    }
}
