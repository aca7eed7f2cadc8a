//! What routing knows of the daemons at one moment: published with each snapshot, by whoever decides.

use std::sync::Arc;

use crate::{
    consensus::block::{BlockHash, Height},
    consensus::vote::Head,
    endpoint::Endpoint,
};

/// Which daemon is meant. A place in a list would not outlast another configuration; a request may.
pub type Who = Arc<Endpoint>;

/// The daemons as a request finds them.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The daemon in use.
    pub in_use: Who,
    /// Whether no other daemon may be asked: mode `single` with fallback `primary`, where the pool has what it would have without
    /// us, and nothing is known well enough to prefer anybody.
    pub alone: bool,
    /// Whether the first round of polls has ended: until then nothing is known but the primary's address.
    pub ready: bool,
    /// In configuration order, the primary first; the daemon in use is among them.
    pub daemons: Vec<Seat>,
    /// The highest block that at least two voters stand on or above.
    pub head: Option<Head>,
    /// The latest blocks of the branch, the head first; empty where none is known.
    pub branch: Arc<[BlockHash]>,
    /// While the daemons disagree (`hold`): the first height at which they are known to differ.
    pub fork: Option<Height>,
}

/// What is known of one daemon.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    /// Where it is.
    pub daemon: Who,
    /// Healthy, its latest poll answered, and nothing since then speaks against it: it may be asked in the place of the daemon in use.
    pub is_sound: bool,
    /// Not sound, but on the branch and answering: it failed a while ago or has to prove itself. Where no other one gives what is asked for, it may be asked.
    pub is_reserve: bool,
    /// Whether it stands on the head or above it, and is not outvoted.
    pub is_on_head: bool,
    /// Whether it stands on the branch, however far behind, or races with it; false where that is not known.
    pub is_on_branch: bool,
    /// Whether it may be offered a block though it is not in use: it is on our network, speaks JSON-RPC and is not known to be on another chain.
    pub takes_blocks: bool,
    /// Whether it gave no usable answer to its latest poll.
    pub is_silent: bool,
    /// Its top block, where it showed one.
    pub tip: Option<Head>,
}

impl Chart {
    /// What is known of a daemon; `None` once it has left the configuration.
    pub fn seat(&self, daemon: &Endpoint) -> Option<&Seat> {
        self.daemons.iter().find(|seat| *seat.daemon == *daemon)
    }

    /// The height of the highest block that a daemon has shown.
    pub fn highest(&self) -> Option<Height> {
        let tips = self.daemons.iter().filter_map(|seat| seat.tip);
        tips.chain(self.head).map(|block| block.height).max()
    }

    /// The height of a block, where a daemon stands on it or it is one of the branch's latest.
    pub fn height_of(&self, hash: BlockHash) -> Option<Height> {
        let head = self.head;
        let on_branch = || {
            let depth = self.branch.iter().position(|block| *block == hash)?;
            head?.height.below(depth as u64)
        };
        let tips = self.daemons.iter().filter_map(|seat| seat.tip);
        let tip = tips.filter(|tip| tip.hash == hash).map(|tip| tip.height).next();
        tip.or_else(on_branch)
    }
}

#[cfg(test)]
#[path = "tests/chart.rs"]
mod tests;
