//! Looks at one daemon, whenever it is ordered to.

use std::{future::Future, time::Duration};

use tokio::{sync::mpsc::UnboundedSender, time::timeout};

use super::orders::Orders;
use crate::{
    consensus::{
        block::{BlockHash, Height},
        observation::{Failure, Observation},
        peers::Peer,
    },
    core::{Look, News},
    rpc::Client,
};

/// Looks at a daemon once. The RPC client is one; tests have others.
pub trait Probe: Send {
    /// One try, which ends in its time, or in what a limit of the daemon's asks for besides.
    fn poll(&mut self, look: Look) -> impl Future<Output = Result<Observation, Failure>> + Send;

    /// The hash of the block at a height of the daemon's chain, or `None` where it gives no usable answer, in bounded time.
    fn hash_at(&mut self, height: Height) -> impl Future<Output = Option<BlockHash>> + Send;

    /// The daemon's connections one by one, or `None` where it gives no usable list, in bounded time.
    fn peers(&mut self) -> impl Future<Output = Option<Vec<Peer>>> + Send {
        async { None }
    }

    /// Ends the connection, if one is kept; the next look opens another.
    fn hang_up(&mut self) {}

    /// The same where the daemon, told to stop, would wait for its end.
    fn let_go(&mut self) {}

    /// Whether the last try failed for a limit of requests alone, which says nothing against the daemon.
    fn is_spared(&self) -> bool {
        false
    }
}

impl Probe for Client {
    fn poll(&mut self, look: Look) -> impl Future<Output = Result<Observation, Failure>> + Send {
        self.poll_within(look.limit, look.may_be_short)
    }

    fn hash_at(&mut self, height: Height) -> impl Future<Output = Option<BlockHash>> + Send {
        self.hash_at(height)
    }

    fn peers(&mut self) -> impl Future<Output = Option<Vec<Peer>>> + Send {
        self.peers()
    }

    fn hang_up(&mut self) {
        self.hang_up();
    }

    fn let_go(&mut self) {
        self.let_go();
    }

    fn is_spared(&self) -> bool {
        self.is_spared()
    }
}

/// Tells the daemons' pollers apart. A daemon keeps its poller where it gets another place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollerId(pub u64);

/// What a poller has to tell.
#[derive(Debug)]
pub struct Heard {
    /// Whose it is.
    pub poller: PollerId,
    /// What it is.
    pub news: News,
}

/// Looks at a daemon with each order, until the receiver of the news is gone.
pub async fn run(poller: PollerId, probe: &mut impl Probe, orders: &Orders, told: &UnboundedSender<Heard>) {
    loop {
        let look = match timeout(IDLE, orders.next_try()).await {
            Ok(look) => look,
            Err(_) => {
                probe.let_go();
                orders.next_try().await
            }
        };
        // What a poll needs to remember is given back when it ends.
        let tried = Box::pin(probe.poll(look)).await;
        let news = if tried.is_err() && probe.is_spared() { News::Spared } else { News::Tried(tried) };
        if told.send(Heard { poller, news }).is_err() {
            return;
        }
    }
}

/// As long as a daemon that is told to stop may have to wait for a connection of ours. The next poll usually comes after seconds.
const IDLE: Duration = Duration::from_millis(250);
