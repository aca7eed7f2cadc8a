//! Blocks that the pool found on one parent: only one of them can be in the chain.
//!
//! A daemon shows the first one only when it has added it. One that is offered the next before that says OK to both: the pool would credit a block that
//! nobody builds on, and a TurtleCoind that takes in two blocks of one height at the same moment can be damaged.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::{sync::OwnedMutexGuard, time::timeout};

use crate::{consensus::block::BlockHash, routing::submission::SLOW_TO_ADD};

/// Whose turn it is, for each parent of blocks that are under way.
#[derive(Default)]
pub(super) struct Siblings(Mutex<Vec<(BlockHash, Arc<Queue>)>>);

/// Whether one of them is known to be in the chain.
type Queue = tokio::sync::Mutex<bool>;

/// A block's turn: until it ends no sibling is offered.
pub(super) struct Turn(OwnedMutexGuard<bool>);

impl Siblings {
    /// Waits until it is known what became of the block before. `None` where that takes longer than a daemon needs to add one: then they
    /// go on beside each other.
    pub(super) async fn turn(&self, parent: BlockHash) -> Option<Turn> {
        timeout(SLOW_TO_ADD, self.queue(parent).lock_owned()).await.ok().map(Turn)
    }

    /// The turn, where nobody else has it.
    pub(super) fn turn_if_free(&self, parent: BlockHash) -> Option<Turn> {
        self.queue(parent).try_lock_owned().ok().map(Turn)
    }

    fn queue(&self, parent: BlockHash) -> Arc<Queue> {
        let mut all = self.0.lock();
        all.retain(|(_, queue)| Arc::strong_count(queue) > 1);
        if let Some((_, queue)) = all.iter().find(|(it, _)| *it == parent) {
            return queue.clone();
        }
        let queue = Arc::default();
        all.push((parent, Arc::clone(&queue)));
        queue
    }
}

impl Turn {
    /// Whether a block before is known to be in the chain: daemons that do not show it may be getting it just now.
    pub(super) fn is_late(&self) -> bool {
        *self.0
    }

    /// The block is in the chain, or is not.
    pub(super) fn end(mut self, is_in_chain: bool) {
        *self.0 |= is_in_chain;
    }
}
