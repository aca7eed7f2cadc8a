//! The part of its chain that one daemon has shown.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    block::{BlockHash, Height},
    observation::{Block, Window},
};

/// The blocks one daemon is known to stand on: its tip, an unbroken row of ancestors, and single blocks further down.
///
/// Only the daemon's own words fill it, so a daemon that lies about the ancestors of a real block
/// misleads nobody but itself.
#[derive(Debug, Clone)]
pub struct Chain {
    height: Height,
    /// The tip first. Never empty.
    blocks: VecDeque<Block>,
    /// Single blocks below the row: the first one, those the daemon was asked for, and those where chains were compared.
    anchors: BTreeMap<Height, BlockHash>,
}

impl Chain {
    /// What a first window shows; `None` where the window is empty or longer than the chain can be.
    pub fn new(window: &Window) -> Option<Self> {
        let deepest = u64::try_from(window.blocks.len()).ok()?.checked_sub(1)?;
        window.height.below(deepest)?;
        let blocks = window.blocks.iter().take(MOST_BLOCKS).copied().collect();
        let mut chain = Self { height: window.height, blocks, anchors: BTreeMap::new() };
        if let Some(genesis) = window.genesis {
            chain.learn(Height::GENESIS, genesis);
        }
        Some(chain)
    }

    /// Moves to what a later window shows. Blocks known before are kept where the window stands on them;
    /// where it does not, nothing proves that they still are ancestors, and they are dropped: `false`.
    pub fn advance(&mut self, window: &Window) -> bool {
        if self.shows(window) {
            return true;
        }
        let Some(seen) = Self::new(window) else { return true };
        let Some(met) = seen.meets(self) else {
            *self = seen;
            return false;
        };
        if self.anchors.iter().any(|(height, hash)| seen.at(*height).is_some_and(|seen| seen != *hash)) {
            self.anchors.clear();
        }
        let fresh = usize::try_from(seen.height.above(met)).unwrap_or(0);
        let stale = usize::try_from(self.height.above(met)).unwrap_or(0);
        self.blocks.drain(..stale);
        for block in seen.blocks.iter().take(fresh).rev() {
            self.blocks.push_front(*block);
        }
        self.blocks.truncate(MOST_BLOCKS);
        self.height = seen.height;
        seen.anchors.into_iter().for_each(|(height, hash)| self.learn(height, hash));
        true
    }

    /// Whether a window shows nothing but what is known, which is so at most polls.
    fn shows(&self, window: &Window) -> bool {
        let row = self.height == window.height && window.blocks.iter().eq(self.blocks.iter().take(window.blocks.len()));
        let genesis = window.genesis.is_none_or(|genesis| self.at(Height::GENESIS) == Some(genesis));
        row && genesis && !window.blocks.is_empty()
    }

    /// Takes in a single block of this chain. One that is above the row's end says nothing new, or nothing true.
    pub fn learn(&mut self, height: Height, hash: BlockHash) {
        if height < self.bottom() {
            self.anchors.insert(height, hash);
        }
    }

    /// Forgets blocks that nobody can need: those below `floor`, the lowest tip that chains are compared with, though the
    /// latest ones are kept in any case, and single ones where chains were compared.
    pub fn forget_below(&mut self, floor: Height, compared: &BTreeSet<Height>) {
        let needed = usize::try_from(self.height.above(floor) + 1).unwrap_or(0).clamp(KEPT_BLOCKS, ROUTINE_BLOCKS);
        while self.blocks.len() > needed {
            let bottom = self.bottom();
            let Some(block) = self.blocks.pop_back() else { return };
            if compared.contains(&bottom) {
                self.anchors.insert(bottom, block.hash);
            }
        }
        if self.anchors.len() > MOST_ANCHORS {
            self.anchors.retain(|height, _| *height == Height::GENESIS || compared.contains(height));
        }
        while self.anchors.len() > MOST_ANCHORS {
            self.anchors.pop_first();
        }
    }

    /// The tip's height.
    pub fn height(&self) -> Height {
        self.height
    }

    /// The tip's hash.
    pub fn tip(&self) -> BlockHash {
        self.blocks[0].hash
    }

    /// The height of the deepest block of the unbroken row.
    pub fn bottom(&self) -> Height {
        self.height.below(self.blocks.len() as u64 - 1).unwrap_or(Height::GENESIS)
    }

    /// The unbroken row, the tip first.
    pub fn row(&self) -> impl Iterator<Item = BlockHash> {
        self.blocks.iter().map(|block| block.hash)
    }

    /// The block's hash at a height; `None` above the tip and where it is not known.
    pub fn at(&self, height: Height) -> Option<BlockHash> {
        self.shown_at(height).copied()
    }

    /// Whether both chains have the same block at a height; `None` where one of them is not known there.
    pub fn is_one_at(&self, height: Height, other: &Self) -> Option<bool> {
        Some(self.shown_at(height)? == other.shown_at(height)?)
    }

    /// The heights of the single blocks, from this one down.
    pub fn anchors_from(&self, height: Height) -> impl Iterator<Item = Height> {
        self.anchors.range(..=height).rev().map(|(height, _)| *height)
    }

    /// The sum of the difficulties of all blocks above a height; `None` where one of them is not known.
    pub fn work_above(&self, height: Height) -> Option<u128> {
        let count = usize::try_from(self.height.above(height)).ok()?;
        if count > self.blocks.len() {
            return None;
        }
        self.blocks.iter().take(count).map(|block| block.difficulty.map(u128::from)).sum()
    }

    /// The height of the highest block that both rows have.
    fn meets(&self, other: &Self) -> Option<Height> {
        let mut height = self.height.min(other.height);
        loop {
            if self.block(height)?.hash == other.block(height)?.hash {
                return Some(height);
            }
            height = height.below(1)?;
        }
    }

    fn shown_at(&self, height: Height) -> Option<&BlockHash> {
        self.block(height).map(|block| &block.hash).or_else(|| self.anchors.get(&height))
    }

    fn block(&self, height: Height) -> Option<&Block> {
        let depth = usize::try_from(self.height.above(height)).ok()?;
        self.blocks.get(depth)
    }
}

/// The longest row: 8 hours of TurtleCoin, and 48 KB. Only while a daemon is that far ahead of the lowest voter.
const MOST_BLOCKS: usize = 1024;

/// The longest row at the end of a round: until the next one it can grow by a few windows, and nothing falls off its end
/// that was not looked at.
const ROUTINE_BLOCKS: usize = MOST_BLOCKS - 64;

/// About an hour of TurtleCoin, and more than two of Monero: deeper than any fork that heals by itself,
/// and 6 KB a daemon.
const KEPT_BLOCKS: usize = 128;

/// The most single blocks, in 10 KB. To find a fork takes some 20 of them, and all but two can be forgotten once it is found.
const MOST_ANCHORS: usize = 256;

#[cfg(test)]
#[path = "tests/chain.rs"]
mod tests;
