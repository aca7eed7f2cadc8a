//! Blocks that the pool found on one parent: only one of them can be in the chain.
//!
//! A daemon shows the first one only when it has added it. One that is offered the next before that says OK to both: the pool would credit a block that
//! nobody builds on, and a TurtleCoind that takes in two blocks of one height at the same moment can be damaged.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{sync::OwnedMutexGuard, time::timeout};

use crate::consensus::block::BlockHash;

/// Whose turn it is, for each parent of blocks that are under way.
#[derive(Default)]
pub(super) struct Siblings(Mutex<HashMap<BlockHash, Arc<Turns>>>);

/// Whether one of them is known to be in the chain.
type Turns = tokio::sync::Mutex<bool>;

/// A block's turn: until it ends no sibling is offered.
pub(super) struct Turn(OwnedMutexGuard<bool>);

impl Siblings {
    /// Waits until it is known what became of the block before. `None` where nobody has to wait for this one: a look shows that another one has its
    /// place, or nothing was known of the block before for so long that they may as well go on beside each other.
    pub(super) async fn turn(&self, parent: BlockHash) -> Option<Turn> {
        let turns = self.turns(parent);
        let turn = timeout(PATIENCE, turns.lock_owned()).await.ok()?;
        let is_settled = *turn;
        (!is_settled).then_some(Turn(turn))
    }

    fn turns(&self, parent: BlockHash) -> Arc<Turns> {
        let mut all = self.0.lock();
        all.retain(|_, turns| Arc::strong_count(turns) > 1);
        all.entry(parent).or_default().clone()
    }
}

impl Turn {
    /// The block is in the chain, or is not.
    pub(super) fn end(mut self, is_in_chain: bool) {
        *self.0 = is_in_chain;
    }
}

/// A block reaches all daemons of a network within that, if it reaches them at all.
const PATIENCE: Duration = Duration::from_secs(5);
