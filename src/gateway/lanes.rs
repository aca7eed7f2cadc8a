//! How many connections to one daemon there may be, and who waits for whom.

use std::{future::pending, sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};

/// The connections to one daemon. Daemons at a public address let in few, so there are half as many to those.
#[derive(Debug)]
pub(super) struct Lanes {
    /// What is worth most has this one for itself: no reader keeps a template waiting.
    first: Arc<Semaphore>,
    shared: Arc<Semaphore>,
    /// Under load, and for long requests.
    bulk: Arc<Semaphore>,
    /// Beyond those, where all are taken by what may never end: of templates, of short requests, and of long ones.
    extra_first: Arc<Semaphore>,
    extra_short: Arc<Semaphore>,
    extra_long: Arc<Semaphore>,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// An offer of a block, or a look for one: it waits for nobody for long.
    Block,
    /// A template.
    First,
    /// A transaction: a short request, save where a long one would have the only connection of those.
    Transaction,
    /// A short request.
    Read,
    /// A long one.
    Bulk,
}

/// The right to a connection, until it is dropped. The few that a block needs beyond all others are not counted.
pub(super) type Permit = Option<Place>;

/// One of the connections that are counted.
#[derive(Debug)]
pub(super) struct Place {
    permit: Option<OwnedSemaphorePermit>,
    is_public: bool,
}

impl Drop for Place {
    /// A daemon that lets in few connections counts this one until its end has come.
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take_if(|_| self.is_public)
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                sleep(CLOSING).await;
                drop(permit);
            });
        }
    }
}

impl Lanes {
    /// With nobody on them.
    pub(super) fn new() -> Self {
        let [first, shared, bulk, extra_first, extra_short, extra_long] =
            [1, SHARED, BULK, EXTRA, EXTRA_READ, EXTRA_READ].map(|connections| Arc::new(Semaphore::new(connections)));
        Self { first, shared, bulk, extra_first, extra_short, extra_long }
    }

    /// Waits for a connection.
    pub(super) async fn enter(&self, lane: Lane, is_public: bool) -> Permit {
        let lane = match lane {
            Lane::Transaction if is_public => Lane::First,
            Lane::Transaction => Lane::Read,
            lane => lane,
        };
        let permit = match self.free(lane, is_public) {
            Some(permit) => Some(permit),
            None => Box::pin(self.enter_in_turn(lane, is_public)).await,
        };
        permit.map(|permit| Place { permit: Some(permit), is_public })
    }

    fn free(&self, lane: Lane, is_public: bool) -> Option<OwnedSemaphorePermit> {
        let one = |semaphore: &Arc<Semaphore>| semaphore.clone().try_acquire_owned().ok();
        match lane {
            Lane::Block | Lane::First if is_public => one(&self.first),
            Lane::Block | Lane::First => one(&self.first).or_else(|| one(&self.shared)),
            Lane::Read if !is_public => one(&self.shared),
            Lane::Transaction | Lane::Read | Lane::Bulk => {
                self.bulk.clone().try_acquire_many_owned(share(is_public)).ok()
            }
        }
    }

    async fn enter_in_turn(&self, lane: Lane, is_public: bool) -> Option<OwnedSemaphorePermit> {
        let is_first = matches!(lane, Lane::Block | Lane::First);
        let has_bulk_alone = lane == Lane::Bulk || (lane == Lane::Read && is_public);
        tokio::select! {
            biased;
            permit = acquire(&self.first, 1), if is_first => permit,
            permit = acquire(&self.shared, 1), if !has_bulk_alone && !is_public => permit,
            permit = self.bulk_after(if has_bulk_alone { Duration::ZERO } else { LOAD_AFTER }, share(is_public)) => permit,
            // A monerod at a public address would end it at once, and a block is worth the try.
            permit = self.extra(lane), if !is_public || lane == Lane::Block => permit,
        }
    }

    async fn bulk_after(&self, patience: Duration, share: u32) -> Option<OwnedSemaphorePermit> {
        if !patience.is_zero() {
            sleep(patience).await;
        }
        acquire(&self.bulk, share).await
    }

    async fn extra(&self, lane: Lane) -> Option<OwnedSemaphorePermit> {
        if lane == Lane::Block {
            sleep(BLOCK_PATIENCE).await;
            return None;
        }
        sleep(EXTRA_AFTER).await;
        let extra = match lane {
            Lane::First | Lane::Block => &self.extra_first,
            Lane::Transaction | Lane::Read => &self.extra_short,
            Lane::Bulk => &self.extra_long,
        };
        acquire(extra, 1).await
    }
}

async fn acquire(semaphore: &Arc<Semaphore>, share: u32) -> Option<OwnedSemaphorePermit> {
    match semaphore.clone().acquire_many_owned(share).await {
        Ok(permit) => Some(permit),
        // Nobody closes it.
        Err(_) => pending().await,
    }
}

fn share(is_public: bool) -> u32 {
    if is_public { 2 } else { 1 }
}

const SHARED: usize = 1;
const BULK: usize = 2;
/// With the others fewer than the 25 that a monerod lets in from a private address.
const EXTRA: usize = 8;
const EXTRA_READ: usize = 4;
/// A request that has waited so long for a connection is load.
const LOAD_AFTER: Duration = Duration::from_millis(20);
/// Whatever the others wait for may never end.
const EXTRA_AFTER: Duration = Duration::from_secs(1);
/// By then the end of a connection has left, and has reached a daemon that is near; one that is far away gets the next connection later than that anyway.
const CLOSING: Duration = Duration::from_millis(20);
/// A look that takes a second is none.
const BLOCK_PATIENCE: Duration = Duration::from_millis(250);

#[cfg(test)]
#[path = "tests/lanes.rs"]
mod tests;
