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
    pub(super) fn add(&mut self, header: &Header) -> Result<(), String> {
        let Some((height, block)) = self.deepest() else { return Ok(()) };
        if header.hash != block.hash {
            return Err(format!("\"hash\" is {}, not the one asked for", header.hash));
        }
        if header.height != height {
            return Err(format!("\"height\" is {}, but the block is at {height}", header.height));
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
mod tests {
    use super::*;
    use std::time::Duration;

    /// Block `height` of the chain that left the main chain (0) at `fork`.
    fn hash(chain: u8, fork: u64, height: u64) -> BlockHash {
        let mut bytes = [0xee; 32];
        bytes[0] = if height < fork { 0 } else { chain };
        bytes[1..9].copy_from_slice(&height.to_be_bytes());
        BlockHash::new(bytes)
    }

    fn header(chain: u8, fork: u64, height: u64) -> Header {
        Header {
            height: Height::new(height).unwrap(),
            hash: hash(chain, fork, height),
            prev_hash: hash(chain, fork, height.wrapping_sub(1)),
            difficulty: Some(1000 + height),
            timestamp: Duration::from_secs(height),
        }
    }

    /// The window and how many headers it took besides the tip's.
    fn walk(chain: u8, fork: u64, tip: u64, known: Option<&Window>) -> (Window, usize) {
        walk_at_pace(chain, fork, tip, known, false)
    }

    fn walk_at_pace(chain: u8, fork: u64, tip: u64, known: Option<&Window>, hurry: bool) -> (Window, usize) {
        let mut walk = Walk::new(&header(chain, fork, tip), known);
        let mut asked = 0;
        while let Some((height, _)) = walk.wants(hurry) {
            walk.add(&header(chain, fork, height.get())).unwrap();
            asked += 1;
        }
        let window = walk.finish(Some(hash(0, 1, 0))).unwrap();
        for (depth, block) in window.blocks.iter().enumerate() {
            assert_eq!(block.hash, hash(chain, fork, tip - depth as u64), "{depth} below {tip}");
            let last = depth + 1 == window.blocks.len();
            assert!(block.difficulty == Some(1000 + tip - depth as u64) || last, "{depth} below {tip}");
        }
        (window, asked)
    }

    #[test]
    fn a_first_walk_takes_fifteen_headers_for_sixteen_blocks() {
        let (window, asked) = walk(0, 0, 100, None);
        assert_eq!((window.blocks.len(), asked), (16, 14));
        assert_eq!(window.blocks[15].difficulty, None);
    }

    #[test]
    fn a_first_walk_in_a_hurry_takes_three_headers_for_four_blocks() {
        let (window, asked) = walk_at_pace(0, 0, 100, None, true);
        assert_eq!((window.blocks.len(), asked), (4, 2));
    }

    #[test]
    fn every_way_on_from_a_known_window_of_four() {
        let (known, _) = walk_at_pace(0, 0, 100, None, true);
        let row = |name, chain, fork, tip, blocks, asked| {
            let (window, took) = walk(chain, fork, tip, Some(&known));
            assert_eq!((window.blocks.len(), took), (blocks, asked), "{name}");
        };
        row("the same tip", 0, 0, 100, 4, 0);
        row("one new block", 0, 0, 101, 5, 0);
        row("two new blocks", 0, 0, 102, 6, 1);
        row("a jump of 10", 0, 0, 110, 14, 9);
        row("a jump just within reach", 0, 0, 115, 16, 14);
        row("a jump out of reach", 0, 0, 116, 16, 14);
        row("another block at the top", 1, 100, 100, 4, 0);
        row("a deeper and higher branch", 1, 99, 102, 6, 3);
        row("a branch that left below the window", 1, 90, 100, 16, 14);
        row("a step back on the same chain", 0, 0, 98, 4, 2);
        row("a step back below the window", 0, 0, 90, 16, 14);
        row("a lower tip on another branch", 1, 98, 98, 4, 2);
    }

    #[test]
    fn a_window_grows_to_sixteen_and_no_further() {
        let (mut known, _) = walk(0, 0, 100, None);
        for tip in 101..140 {
            known = walk(0, 0, tip, Some(&known)).0;
        }
        assert_eq!(known.blocks.len(), MAX_BLOCKS);
        assert!(known.blocks.iter().all(|block| block.difficulty.is_some()));
    }

    #[test]
    fn a_walk_ends_at_the_first_block() {
        for (tip, blocks) in [(0, 1), (1, 2), (3, 4), (14, 15), (15, 16), (16, 16)] {
            assert_eq!(walk(0, 0, tip, None).0.blocks.len(), blocks, "tip {tip}");
        }
    }

    #[test]
    fn a_hurried_walk_is_content_with_four_blocks() {
        let (known, _) = walk(0, 0, 100, None);
        let mut walk = Walk::new(&header(0, 0, 110), Some(&known));
        while let Some((height, _)) = walk.wants(true) {
            walk.add(&header(0, 0, height.get())).unwrap();
        }
        assert!(!walk.joined());
        assert_eq!(walk.finish(Some(hash(0, 1, 0))).unwrap().blocks.len(), 4);
    }

    #[test]
    fn a_header_that_is_not_the_one_asked_for_is_refused() {
        let tip = header(0, 0, 100);
        let other_block = header(1, 0, 99);
        let other_height = Header { height: Height::new(98).unwrap(), ..header(0, 0, 99) };
        for wrong in [other_block, other_height] {
            assert!(Walk::new(&tip, None).add(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_chain_that_ends_in_another_first_block_is_refused() {
        assert!(Walk::new(&header(0, 0, 0), None).finish(Some(hash(1, 0, 0))).is_err());
    }
}
