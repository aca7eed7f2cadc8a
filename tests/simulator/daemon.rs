//! One daemon of a world.

use super::{
    Millis,
    climate::Class,
    tree::{BlockId, Tree},
};

/// What a daemon has, does and suffers.
#[derive(Debug, Clone)]
pub struct Daemon {
    /// Its top block.
    pub tip: BlockId,
    /// The block that a pool has by now which asks it every second: late where it answers late.
    pub served: BlockId,
    /// The requests of this second are lost.
    pub loses: bool,
    /// Whose blocks it gets.
    pub side: usize,
    /// The highest height it ever heard of, true or not.
    pub heard: u32,
    /// How it answers requests.
    pub rpc: Rpc,
    /// How it does while nothing is wrong with it.
    pub usual: Rpc,
    /// The class of fault that hit what answers requests, until it is over.
    pub rpc_fault: Option<Class>,
    /// When that fault is over.
    pub rpc_until: Millis,
    /// The class of fault that hit its chain, until it is over.
    pub chain_fault: Option<Class>,
    /// Why its chain is not the best, for as long as it is not: longer than the fault itself.
    pub chain_blame: Option<Class>,
    /// The class of the fault that was over last.
    pub last_fault: Option<Class>,
    /// It takes no blocks.
    pub frozen: bool,
    /// While it is frozen, its peers still tell it their heights.
    pub hears: bool,
    /// It is fetching blocks that it missed.
    pub catching_up: bool,
    /// How many daemons of the pool are in its group, where it has no peer outside of that.
    pub alone_with: Option<u32>,
    /// Its software says that the core is busy while it catches up, and shows no blocks.
    pub says_busy: bool,
    /// Its software hides how many connections it has.
    pub hides_connections: bool,
    /// What its way through the network adds to the time that a block takes to it, in milliseconds on average.
    pub distance: f64,
}

/// How a daemon answers requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rpc {
    /// At once.
    Prompt,
    /// After so many milliseconds.
    Slow(Millis),
    /// Each request is lost with this probability.
    Lossy(f64),
    /// Connections are refused.
    Refuses,
    /// Connections are taken, and then nothing comes.
    Silent,
    /// What comes is no daemon's answer: the proxy before it is all that is left.
    Nonsense,
}

impl Daemon {
    /// One that is in order.
    pub fn new(tip: BlockId, tree: &Tree) -> Self {
        Self {
            tip,
            served: tip,
            loses: false,
            side: 0,
            heard: tree.height(tip),
            rpc: Rpc::Prompt,
            usual: Rpc::Prompt,
            rpc_fault: None,
            rpc_until: 0,
            chain_fault: None,
            chain_blame: None,
            last_fault: None,
            frozen: false,
            hears: true,
            catching_up: false,
            alone_with: None,
            says_busy: false,
            hides_connections: false,
            distance: 0.0,
        }
    }

    /// Whether something is wrong with it, or was until lately.
    pub fn is_disturbed(&self) -> bool {
        self.rpc_fault.is_some() || self.chain_fault.is_some() || self.catching_up
    }

    /// Whether its core works.
    pub fn lives(&self) -> bool {
        matches!(self.rpc, Rpc::Prompt | Rpc::Slow(_) | Rpc::Lossy(_))
    }

    /// Whether a pool that sends it requests gets answers now.
    pub fn serves(&self) -> bool {
        self.lives() && !self.loses
    }

    /// Whether its core takes the blocks that arrive.
    pub fn takes_blocks(&self) -> bool {
        self.lives() && !self.frozen && !self.catching_up
    }

    /// Whether it gives no templates and takes no blocks by RPC, as TurtleCoind 0.24 to 0.28.3 while it is below its network height.
    pub fn refuses_work(&self, tree: &Tree) -> bool {
        self.heard > tree.height(self.tip)
    }

    /// Whether it says that it is busy, and shows no blocks.
    pub fn is_busy(&self) -> bool {
        self.says_busy && self.catching_up
    }

    /// Its incoming and outgoing connections.
    pub fn connections(&self) -> (Option<u32>, Option<u32>) {
        if self.hides_connections {
            return (None, None);
        }
        match self.alone_with {
            Some(group) => (Some(group - 1), Some(group - 1)),
            None => (Some(20), Some(8)),
        }
    }
}
