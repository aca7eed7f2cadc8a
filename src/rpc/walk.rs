//! From a tip down to blocks already known, by previous hashes.

use std::{sync::Arc, time::Duration};

use super::dialect::Header;
use crate::consensus::{
    block::{BlockHash, Height},
    observation::{Block, Window},
};

/// Blocks that a window holds at least, where the chain has as many: enough to tell a race from a fork.
const MIN_BLOCKS: usize = 4;

/// Blocks that a window holds at most: a daemon that is so far behind when it is first seen can still be compared.
pub(super) const MAX_BLOCKS: usize = 16;

/// What is wrong with a header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Defect {
    /// The heights of a block and its parent do not fit: the daemon has one block at two heights, or two blocks of one height above each other.
    Doubled(String),
    /// It is another one than was asked for.
    Other(String),
}

/// A window being filled. It says which header it wants next and takes it.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    tip: Height,
    timestamp: Duration,
    blocks: Vec<Block>,
    known: Option<&'a Window>,
    joined: bool,
}

impl<'a> Walk<'a> {
    /// A walk from this tip to the window of the poll before, if there was one.
    pub(super) fn new(tip: &Header, known: Option<&'a Window>) -> Self {
        let blocks = Vec::with_capacity(MAX_BLOCKS);
        let mut walk = Self { tip: tip.height, timestamp: tip.timestamp, blocks, known, joined: false };
        walk.hold(Block { hash: tip.hash, difficulty: tip.difficulty });
        if !walk.joined {
            walk.hold_parent(tip);
        }
        walk
    }

    /// The block whose header is wanted next; `None` when the window is full enough. In a hurry the smallest
    /// window is enough, though it does not meet the one before.
    pub(super) fn wants(&self, hurry: bool) -> Option<(Height, BlockHash)> {
        let full = self.blocks.len() >= MAX_BLOCKS;
        let enough = full || self.suffices() && (self.joined || hurry);
        let (height, block) = self.deepest()?;
        (!enough && height != Height::GENESIS).then_some((height, block.hash))
    }

    /// Whether a poll can do without more blocks.
    pub(super) fn suffices(&self) -> bool {
        self.blocks.len() >= MIN_BLOCKS
    }

    /// Takes the header that was wanted, or says what is wrong with it.
    pub(super) fn add(&mut self, header: &Header) -> Result<(), Defect> {
        let Some((height, block)) = self.deepest() else { return Ok(()) };
        if header.hash != block.hash {
            return Err(Defect::Other(format!("\"hash\" is {}, not the one asked for", header.hash)));
        }
        if header.height != height {
            return Err(Defect::Doubled(format!("block {} stands where block {height} belongs", header.height)));
        }
        if let Some(deepest) = self.blocks.last_mut() {
            deepest.difficulty = header.difficulty;
        }
        self.hold_parent(header);
        Ok(())
    }

    /// Whether the walk met the window of the poll before.
    pub(super) fn joined(&self) -> bool {
        self.joined
    }

    /// The window, on the network with this first block.
    pub(super) fn finish(self, genesis: Option<BlockHash>) -> Result<Window, String> {
        match self.deepest() {
            Some((Height::GENESIS, block)) if genesis.is_some_and(|genesis| block.hash != genesis) => {
                Err(format!("the chain ends in {}, which is not its first block", block.hash))
            }
            _ => Ok(Window { genesis, height: self.tip, timestamp: self.timestamp, blocks: self.shared() }),
        }
    }

    /// Most polls see the blocks of the one before: then they are kept once.
    fn shared(self) -> Arc<[Block]> {
        let same = self.known.filter(|known| *known.blocks == *self.blocks);
        same.map_or_else(|| self.blocks.into(), |known| known.blocks.clone())
    }

    fn deepest(&self) -> Option<(Height, &Block)> {
        let below = self.blocks.len().checked_sub(1)?;
        Some((self.tip.below(below as u64)?, self.blocks.last()?))
    }

    fn hold_parent(&mut self, child: &Header) {
        if child.height != Height::GENESIS && self.blocks.len() < MAX_BLOCKS {
            self.hold(Block { hash: child.prev_hash, difficulty: None });
        }
    }

    fn hold(&mut self, block: Block) {
        self.blocks.push(block);
        self.join();
    }

    /// Where the deepest block is a known one, everything known below it belongs to this chain too.
    fn join(&mut self) {
        let Some((height, _)) = self.deepest() else { return };
        let Some([same, below @ ..]) = self.known.and_then(|known| from(known, height)) else { return };
        let Some(met) = self.blocks.last_mut().filter(|met| met.hash == same.hash) else { return };
        met.difficulty = met.difficulty.or(same.difficulty);
        self.blocks.extend_from_slice(below);
        self.blocks.truncate(MAX_BLOCKS);
        self.joined = true;
    }
}

/// The window's blocks from this height down.
fn from(window: &Window, height: Height) -> Option<&[Block]> {
    let depth = usize::try_from(window.height.above(height)).ok()?;
    window.blocks.get(depth..)
}

#[cfg(test)]
#[path = "tests/walk.rs"]
mod tests;
