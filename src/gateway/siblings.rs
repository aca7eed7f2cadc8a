//! Blocks that the pool found on one parent: only one of them can be in the chain.
//!
//! A daemon shows the first one only when it has added it. One that is offered the next before that says OK to both: the pool would credit a block that
//! nobody builds on, and a TurtleCoind that takes in two blocks of one height at the same moment can be damaged.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{sync::OwnedMutexGuard, time::timeout};

use crate::{consensus::block::BlockHash, routing::submission::SLOW_TO_ADD};

/// Whose turn it is, for each parent of blocks that are under way, and which parents have got a block.
#[derive(Default)]
pub(super) struct Siblings {
    queues: Mutex<Vec<(BlockHash, Arc<Queue>)>>,
    /// The parents of the last blocks that were accepted, the latest first, and when that was.
    built_on: Mutex<VecDeque<(BlockHash, Duration)>>,
}

type Queue = tokio::sync::Mutex<()>;

/// A block's turn: until it is dropped no sibling is offered.
pub(super) struct Turn(#[expect(dead_code, reason = "it is held, and not read")] OwnedMutexGuard<()>);

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

    /// Takes in that a block on this parent is in the chain. To be told before its turn ends.
    pub(super) fn note_accepted(&self, parent: BlockHash, now: Duration) {
        let mut built_on = self.built_on.lock();
        built_on.retain(|(it, _)| *it != parent);
        built_on.push_front((parent, now));
        built_on.truncate(MOST);
    }

    /// Whether a block on this parent is known to be in the chain: daemons that do not show it may be getting it just now. For a while the first one's
    /// client has had its answer, and the daemons still have not got it.
    pub(super) fn is_late(&self, parent: BlockHash, now: Duration) -> bool {
        self.built_on.lock().iter().any(|(it, accepted)| *it == parent && now < *accepted + REMEMBERED)
    }

    fn queue(&self, parent: BlockHash) -> Arc<Queue> {
        let mut all = self.queues.lock();
        all.retain(|(_, queue)| Arc::strong_count(queue) > 1);
        if let Some((_, queue)) = all.iter().find(|(it, _)| *it == parent) {
            return queue.clone();
        }
        let queue = Arc::default();
        all.push((parent, Arc::clone(&queue)));
        queue
    }
}

/// For how long it is known that a parent has got a block: longer than daemons on the branch need to show it.
const REMEMBERED: Duration = Duration::from_secs(60);
/// A pool finds its blocks one above the other, and minutes apart.
const MOST: usize = 8;

#[cfg(test)]
#[path = "tests/siblings.rs"]
mod tests;
