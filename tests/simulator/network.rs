//! The network of miners: who makes which block when, and what the best chain is.

use super::{
    Millis,
    dice::Dice,
    tree::{BlockId, Origin, PAST, Tree},
};

/// The network at large, whose chain is the best one by definition, and the parts that are cut off from it.
#[derive(Debug)]
pub struct Network {
    pub tree: Tree,
    sides: Vec<Side>,
    /// The best chain's blocks, by height above the first one.
    best: Vec<BlockId>,
    first: u32,
    /// The height that every daemon in order has reached by now.
    required: u32,
}

/// Miners that hear of one another's blocks, or a liar's inventions.
#[derive(Debug)]
struct Side {
    tip: BlockId,
    /// Another block at the tip's height, while the race between both is open.
    rival: Option<BlockId>,
    /// Its share of all mining.
    share: f64,
    origin: Origin,
}

/// The network at large, among the sides.
pub const MAIN: usize = 0;

impl Network {
    pub fn new() -> Self {
        let (tree, tip) = Tree::new();
        let height = tree.height(tip);
        let first = height - PAST;
        let best = (first..=height).map(|height| tree.ancestor(tip, height)).collect();
        let main = Side { tip, rival: None, share: 1.0, origin: Origin::Public };
        Self { tree, sides: vec![main], best, first, required: height }
    }

    /// A part that is cut off from now on, with its share of all mining; it begins with this block.
    pub fn cut_off(&mut self, tip: BlockId, share: f64) -> usize {
        self.sides[MAIN].share -= share;
        self.sides.push(Side { tip, rival: None, share, origin: Origin::Side });
        self.sides.len() - 1
    }

    /// A liar's own chain, which begins with this block.
    pub fn invention(&mut self, tip: BlockId) -> usize {
        self.sides.push(Side { tip, rival: None, share: 0.0, origin: Origin::Invented });
        self.sides.len() - 1
    }

    /// The same, where its first so many blocks are made up at once.
    pub fn invention_on(&mut self, tip: BlockId, blocks: usize, now: Millis) -> usize {
        let tip = (0..blocks).fold(tip, |tip, _| self.tree.add(tip, now, Origin::Invented));
        self.invention(tip)
    }

    /// The share of all mining that is cut off.
    pub fn cut_off_share(&self) -> f64 {
        1.0 - self.sides[MAIN].share
    }

    /// A part is no longer cut off. Where it is ahead, all follow it; tells whether that is so.
    pub fn reunite(&mut self, side: usize) -> bool {
        let share = std::mem::take(&mut self.sides[side].share);
        self.sides[MAIN].share += share;
        let tip = self.sides[side].tip;
        let ahead = self.tree.height(tip) > self.tree.height(self.tip(MAIN));
        if ahead {
            self.follow(tip);
        }
        ahead
    }

    /// Whether a side's chain is made up.
    pub fn is_invented(&self, side: usize) -> bool {
        self.sides[side].origin == Origin::Invented
    }

    pub fn tip(&self, side: usize) -> BlockId {
        self.sides[side].tip
    }

    /// Whether anybody mines on a side.
    pub fn is_mined(&self, side: usize) -> bool {
        self.sides[side].share > 0.001
    }

    /// How long it takes a side to find its next block.
    pub fn next_block(&self, side: usize, dice: &mut Dice) -> Millis {
        dice.exponential(BLOCK_TARGET / self.sides[side].share) as Millis + 1
    }

    /// A side finds a block. Where two blocks race, either of them may be what it stands on.
    pub fn mine(&mut self, side: usize, now: Millis, dice: &mut Dice) -> BlockId {
        let Side { tip, rival, origin, .. } = self.sides[side];
        let parent = rival.filter(|_| dice.chance(0.5)).unwrap_or(tip);
        let block = self.tree.add(parent, now, origin);
        self.sides[side].rival = None;
        match side {
            MAIN => self.follow(block),
            _ => self.sides[side].tip = block,
        }
        block
    }

    /// Another miner of the network at large finds a block before it has heard of the last one.
    pub fn rival(&mut self, now: Millis, dice: &mut Dice) -> Option<BlockId> {
        if !dice.chance(RACES) {
            return None;
        }
        let parent = self.tree.parent(self.tip(MAIN));
        let rival = self.tree.add(parent, now, Origin::Public);
        self.sides[MAIN].rival = Some(rival);
        Some(rival)
    }

    /// The network at large gives up its last blocks for a longer branch; gives that one's tip.
    pub fn reorganise(&mut self, depth: u32, now: Millis) -> BlockId {
        let tip = self.tip(MAIN);
        let fork_point = self.tree.ancestor(tip, self.tree.height(tip) - depth);
        let branch = (0..=depth).fold(fork_point, |tip, _| self.tree.add(tip, now, Origin::Public));
        self.follow(branch);
        branch
    }

    /// A block of the network at large has reached every daemon in order.
    pub fn has_settled(&mut self, block: BlockId) {
        self.required = self.required.max(self.tree.height(block));
    }

    /// Whether a block is the newest of the network at large, or races with that: what is found on it comes in time.
    pub fn is_newest(&self, block: BlockId) -> bool {
        self.sides[MAIN].tip == block || self.sides[MAIN].rival == Some(block)
    }

    /// Where a tip stands to the best chain.
    pub fn standing(&self, tip: BlockId) -> Standing {
        let height = self.tree.height(tip);
        let current = height >= self.required;
        // A block beside the best chain that nothing has been built on for long may still win its race.
        let may_win = current && self.tree.origin(tip) == Origin::Public;
        match (self.is_best(tip, height), current) {
            (true, true) => Standing::Best,
            (false, _) if may_win => Standing::Best,
            (true, false) => Standing::Behind,
            (false, _) => Standing::Beside,
        }
    }

    fn is_best(&self, block: BlockId, height: u32) -> bool {
        height.checked_sub(self.first).and_then(|index| self.best.get(index as usize)) == Some(&block)
    }

    /// The best chain ends with this block from now on.
    fn follow(&mut self, tip: BlockId) {
        let side = &mut self.sides[MAIN];
        (side.tip, side.rival) = (tip, None);
        let top = (self.tree.height(tip) - self.first) as usize;
        self.best.resize(top + 1, tip);
        let mut block = tip;
        for index in (0..=top).rev() {
            if self.best[index] == block && index < top {
                break;
            }
            self.best[index] = block;
            block = self.tree.parent(block);
        }
    }
}

/// Where a tip stands to the best chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is the best chain's, as far as blocks have had the time to get everywhere.
    Best,
    /// It is a block of the best chain that others have been built on.
    Behind,
    /// It is on another chain.
    Beside,
}

/// Milliseconds from one block to the next: TurtleCoin's.
const BLOCK_TARGET: f64 = 30_000.0;

/// How often two miners find a block at one height. Miners hear of one another within about 150 ms, in which a block is found
/// once in 200 times: about 14 races a day, of which turtlecoin's explorers show as many as "daily".
const RACES: f64 = 0.005;
