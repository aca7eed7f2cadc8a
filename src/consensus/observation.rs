//! What one poll of one daemon saw, or why it saw nothing.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use super::{
    block::{BlockHash, Height},
    moment::Moment,
};

/// How one poll of one daemon ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// The daemon answered.
    Answered(Observation),
    /// Every try of this poll failed.
    Failed {
        /// How many tries this poll made.
        tries: u32,
        /// Why the last of them failed.
        failure: Failure,
    },
    /// A limit of requests kept the daemon from showing anything, while its last view is young enough to be judged by: that view stands.
    Spared,
}

/// What one poll saw.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The blocks the daemon stands on.
    pub view: View,
    /// The height that the daemon's peers claim, the highest ever heard; says nothing by itself, since
    /// one lying peer raises it for good.
    pub network_height: Option<Height>,
    /// Connections opened by the daemon's peers; `None` where the daemon hides its counts.
    pub incoming: Option<u32>,
    /// Connections opened by the daemon; `None` where the daemon hides its counts.
    pub outgoing: Option<u32>,
    /// The daemon's software.
    pub software: Software,
    /// The first upgrade of the network that the daemon's software does not know; `None` where it knows all, or does
    /// not tell.
    pub upgrade: Option<Upgrade>,
    /// The daemon software's version, as it reports it.
    pub version: Option<Arc<str>>,
    /// The address that answered, where it identifies the daemon. `None` over https: several
    /// daemons may stand behind one address there.
    pub address: Option<SocketAddr>,
    /// How long the poll took.
    pub latency: Duration,
}

/// What the software of a daemon's family is and does, as far as judging and choosing need to know. The dialects tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Software {
    /// The family's name in statuses.
    pub family: &'static str,
    /// Whether it speaks JSON-RPC, which pools need.
    pub json_rpc: bool,
    /// Whether it can be asked for a list of its connections.
    pub lists_peers: bool,
    /// Whether it gives no work while its peers claim more blocks than it has.
    pub refuses_unsynced: bool,
}

impl Software {
    /// What pools can use, with nothing special about it.
    pub const fn of(family: &'static str) -> Self {
        Self { family, json_rpc: true, lists_peers: false, refuses_unsynced: false }
    }
}

impl Observation {
    /// Whether nothing beside the blocks asks for another look soon: its peers claim no block that it has not got, and it does not tell that
    /// it has none.
    pub fn is_in_order(&self) -> bool {
        let View::Chain(window) = &self.view else { return false };
        let is_behind = self.network_height.is_some_and(|claimed| claimed > window.height);
        let is_alone = self.incoming == Some(0) && self.outgoing == Some(0);
        !is_behind && !is_alone
    }
}

#[cfg(test)]
impl Observation {
    /// Of a daemon that tells nothing but that it is busy.
    pub fn of_busy() -> Self {
        Self {
            view: View::Busy { height: None, borrowed: false },
            network_height: None,
            incoming: None,
            outgoing: None,
            software: Software::of("turtlecoin"),
            upgrade: None,
            version: None,
            address: None,
            latency: Duration::ZERO,
        }
    }
}

/// The part of a daemon's chain that one poll saw.
#[derive(Debug, Clone, PartialEq)]
pub enum View {
    /// The daemon showed its tip.
    Chain(Window),
    /// The daemon says itself that it is busy syncing and shows no blocks.
    Busy {
        /// Its own height, where it tells at least that.
        height: Option<Height>,
        /// Whether it gives another daemon's words as its own until then (monerod's bootstrap daemon).
        borrowed: bool,
    },
}

impl View {
    /// How old the tip is by its own time stamp; zero for one from the future, `None` where it is not shown.
    pub fn tip_age(&self, now: Moment) -> Option<Duration> {
        match self {
            Self::Chain(window) => Some(now.unix.saturating_sub(window.timestamp)),
            Self::Busy { .. } => None,
        }
    }
}

/// A daemon's tip and the blocks under it, found by walking previous hashes, so that one window never
/// mixes two chains.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The first block of the daemon's chain: which network it is on. `None` where the daemon does not show it; then its
    /// network is taken for ours, and its blocks have to prove it.
    pub genesis: Option<BlockHash>,
    /// The tip's height.
    pub height: Height,
    /// The tip first, then each block's predecessor. Never empty; 4 blocks or more where the chain is
    /// that long, and as many as it takes to meet the window of the poll before, within the client's limit.
    pub blocks: Arc<[Block]>,
    /// The tip's time stamp, in time since 1970.
    pub timestamp: Duration,
}

/// One block of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The block's hash.
    pub hash: BlockHash,
    /// The block's difficulty, where its header was seen.
    pub difficulty: Option<u64>,
}

/// An upgrade of the network that a daemon's software does not know, by its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upgrade {
    /// The last block under the old rules: the daemon misjudges what comes after it.
    pub at: Height,
    /// The last upgrade that it does know.
    pub supported: Height,
}

/// Why a daemon gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Failure {
    /// The kind of failure, for programs.
    pub kind: FailureKind,
    /// One line for people; never longer than 200 characters, whatever the daemon sent.
    pub detail: String,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// No whole answer within the time limit.
    Timeout,
    /// The connection was refused.
    Refused,
    /// The connection ended before the answer did.
    Reset,
    /// The host name has no address.
    Dns,
    /// No trusted encrypted connection.
    Tls,
    /// An HTTP status other than 200.
    HttpStatus,
    /// An answer that is not what a daemon says: the daemon answers, but cannot be used.
    InvalidReply,
    /// The daemon's software has no calls by which its chain could be watched.
    Unsupported,
    /// The daemon's database is damaged, which no restart mends.
    Damaged,
}
