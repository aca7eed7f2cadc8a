//! All blocks that anybody ever made in one world.

use turtle_pool_multi_daemon::consensus::{
    block::{BlockHash, Height},
    observation::Block,
};

use super::Millis;

/// A block's place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockId(u32);

/// A tree of blocks; it begins with as many as a daemon may have lost.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
}

/// Where a block came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The network at large.
    Public,
    /// Miners that are cut off from it.
    Side,
    /// Nobody: a daemon invented it.
    Invented,
}

#[derive(Debug)]
struct Node {
    parent: BlockId,
    height: u32,
    mined: Millis,
    origin: Origin,
}

impl Tree {
    /// A chain of [`PAST`] blocks, and its tip.
    pub fn new() -> (Self, BlockId) {
        let root = Node { parent: BlockId(0), height: ROOT, mined: 0, origin: Origin::Public };
        let mut tree = Self { nodes: vec![root] };
        let tip = (0..PAST).fold(BlockId(0), |tip, _| tree.add(tip, 0, Origin::Public));
        (tree, tip)
    }

    /// A block on top of another.
    pub fn add(&mut self, parent: BlockId, mined: Millis, origin: Origin) -> BlockId {
        let height = self.height(parent) + 1;
        self.nodes.push(Node { parent, height, mined, origin });
        BlockId(self.nodes.len() as u32 - 1)
    }

    /// A chain out of nowhere, long enough to fill a window; gives its tip, which has this height.
    pub fn invent(&mut self, height: u32, now: Millis) -> BlockId {
        let id = BlockId(self.nodes.len() as u32);
        let bottom = height - WINDOW as u32;
        self.nodes.push(Node { parent: id, height: bottom, mined: now, origin: Origin::Invented });
        (0..WINDOW).fold(id, |tip, _| self.add(tip, now, Origin::Invented))
    }

    pub fn height(&self, id: BlockId) -> u32 {
        self.node(id).height
    }

    pub fn origin(&self, id: BlockId) -> Origin {
        self.node(id).origin
    }

    pub fn mined(&self, id: BlockId) -> Millis {
        self.node(id).mined
    }

    pub fn parent(&self, id: BlockId) -> BlockId {
        self.node(id).parent
    }

    /// The ancestor at a height, or the block itself where it is not above that.
    pub fn ancestor(&self, id: BlockId, height: u32) -> BlockId {
        let mut id = id;
        while self.height(id) > height && self.parent(id) != id {
            id = self.parent(id);
        }
        id
    }

    /// The hash of the ancestor at a height. An invented chain goes on below what was invented of it.
    pub fn hash_at(&self, id: BlockId, height: u32) -> BlockHash {
        let ancestor = self.ancestor(id, height);
        if self.height(ancestor) == height {
            hash(ancestor)
        } else {
            hash(BlockId(ancestor.0 ^ height.rotate_left(16)))
        }
    }

    /// A block's own hash.
    pub fn hash(&self, id: BlockId) -> BlockHash {
        hash(id)
    }

    /// Whether the first is an ancestor of the second, or the same block.
    pub fn leads_to(&self, ancestor: BlockId, id: BlockId) -> bool {
        self.ancestor(id, self.height(ancestor)) == ancestor
    }

    /// What the RPC client shows of a chain: it walks down until it meets what it has seen before and adds what it knows
    /// from there, which gives a full window at nearly every poll.
    pub fn window(&self, tip: BlockId, length: usize) -> Vec<Block> {
        let mut blocks = Vec::with_capacity(length);
        let mut id = tip;
        while blocks.len() < length {
            blocks.push(Block { hash: hash(id), difficulty: Some(DIFFICULTY) });
            if self.parent(id) == id {
                break;
            }
            id = self.parent(id);
        }
        blocks
    }

    fn node(&self, id: BlockId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}

/// A height as observations have it.
pub fn as_height(height: u32) -> Option<Height> {
    Height::new(u64::from(height))
}

/// The first block of everybody's chain.
pub const GENESIS: BlockHash = BlockHash::new([0xff; 32]);

/// Blocks that the world begins with.
pub const PAST: u32 = 2_000;

const ROOT: u32 = 1_000_000;

/// Blocks that a poll shows at most.
pub const WINDOW: usize = 16;

/// The same for all: which of two branches of one length has more work is chance, and would decide ties by it.
const DIFFICULTY: u64 = 1_000_000;

fn hash(id: BlockId) -> BlockHash {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&id.0.to_be_bytes());
    BlockHash::new(bytes)
}
