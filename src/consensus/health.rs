//! The verdict on a daemon, and its reason.

use std::{fmt, sync::Arc};

use super::{
    block::Height,
    checks::NoWorkCause,
    observation::{Failure, FailureKind, Upgrade},
};
use crate::{endpoint::DaemonId, remap::Remap};

/// The verdict on a daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Not judged yet. Never counts as healthy; one good poll makes it so.
    Unknown,
    /// Claims blocks that nobody can confirm. Never counts as healthy, is used only when nobody else is
    /// left, and is healthy again as soon as the head arrives where it stands.
    Unconfirmed(Claim),
    /// The pool may use it.
    Healthy,
    /// It answers, but must not be used.
    Unhealthy(Reason),
    /// It gives no usable answer.
    Unresponsive(Failure),
}

impl Health {
    /// Whether the pool may use the daemon.
    pub fn is_healthy(&self) -> bool {
        *self == Self::Healthy
    }

    /// Names daemons by their places in the next configuration; see [`Reason::moved`].
    pub fn moved(self, remap: &Remap) -> Self {
        match self {
            Self::Unhealthy(reason) => Self::Unhealthy(reason.moved(remap)),
            other => other,
        }
    }

    /// The state's name in statuses and logs.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Unknown | Self::Unconfirmed(_) => "unknown",
            Self::Healthy => "healthy",
            Self::Unhealthy(_) => "unhealthy",
            Self::Unresponsive(_) => "unresponsive",
        }
    }

    /// The code of the reason why the daemon is not healthy, if there is one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Unknown | Self::Healthy => None,
            Self::Unconfirmed(_) => Some("unconfirmed"),
            Self::Unhealthy(reason) => Some(reason.code()),
            Self::Unresponsive(failure) => Some(failure.kind.code()),
        }
    }

    /// The reason as a sentence without an end, if there is one.
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Unknown | Self::Healthy => None,
            Self::Unconfirmed(claim) => Some(claim.to_string()),
            Self::Unhealthy(reason) => Some(reason.to_string()),
            Self::Unresponsive(failure) => Some(failure.to_string()),
        }
    }
}

/// What an unconfirmed daemon claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// How many blocks its tip is above the head; negative when it is below.
    pub above: i64,
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.above {
            above @ 1.. => write!(f, "claims {above} blocks above the head that no other daemon confirms"),
            above => write!(
                f,
                "its chain {} below the head is not yet connected to the others'",
                blocks(above.unsigned_abs())
            ),
        }
    }
}

/// Why a daemon that answers must not be used. Each reason carries its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Its genesis block is not the one that most daemons share.
    WrongNetwork,
    /// What it sent is not what a daemon says.
    InvalidReply {
        /// What was wrong with it.
        detail: String,
    },
    /// Its software has no calls by which its chain could be watched.
    Unsupported {
        /// Which software, and what it lacks.
        detail: String,
    },
    /// Its database is damaged.
    Damaged {
        /// What shows it, and what to do.
        detail: String,
    },
    /// It has no JSON-RPC interface, which the pool needs (TurtleCoind 1.x).
    NoJsonRpc,
    /// The network has upgraded, and its software has not.
    Outdated(Upgrade),
    /// It has no peer but the other configured daemons.
    Isolated {
        /// Connections opened by its peers.
        incoming: u32,
        /// Connections that it opened.
        outgoing: u32,
    },
    /// It is on another branch than most.
    Forked {
        /// The first height at which its block is another one.
        at: Height,
        /// Whether `at` is known exactly. Otherwise the chain could not be linked to the others', and may have left them
        /// further down.
        exact: bool,
        /// How many blocks its own side has since.
        depth: u64,
        /// The voters on its side, itself included where it votes.
        with: Arc<[DaemonId]>,
        /// The voters on the branch.
        against: Arc<[DaemonId]>,
    },
    /// On the right chain, but behind.
    Lagging {
        /// Blocks behind the head.
        by: u64,
    },
    /// Its chain stands still while others go on.
    Stalled {
        /// Since its last new block, in seconds.
        for_seconds: u64,
    },
    /// It is still catching up with its own network.
    Syncing {
        /// Its own height, where it tells.
        height: Option<Height>,
        /// The height its peers claim, where it tells.
        network_height: Option<Height>,
        /// Whether it gives another daemon's words as its own until then: it must not be used at all.
        borrowed: bool,
    },
    /// It gives no usable block template, though another daemon does.
    NoWork {
        /// What it gives instead.
        cause: NoWorkCause,
    },
    /// An operator took it out of use.
    Draining,
}

impl Reason {
    /// Names daemons by their places in the next configuration; those that are gone are left out.
    pub fn moved(self, remap: &Remap) -> Self {
        let names = |daemons: Arc<[DaemonId]>| daemons.iter().filter_map(|id| remap.to(*id)).collect();
        match self {
            Self::Forked { at, exact, depth, with, against } => {
                Self::Forked { at, exact, depth, with: names(with), against: names(against) }
            }
            other => other,
        }
    }

    /// The reason's name in statuses, events and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongNetwork => "wrong-network",
            Self::InvalidReply { .. } => "invalid-reply",
            Self::Unsupported { .. } => "unsupported",
            Self::Damaged { .. } => "damaged",
            Self::NoJsonRpc => "no-json-rpc",
            Self::Outdated(_) => "outdated",
            Self::Isolated { .. } => "isolated",
            Self::Forked { .. } => "forked",
            Self::Lagging { .. } => "lagging",
            Self::Stalled { .. } => "stalled",
            Self::Syncing { .. } => "syncing",
            Self::NoWork { .. } => "no-work",
            Self::Draining => "draining",
        }
    }

    /// What a daemon with this reason is still good for.
    pub fn severity(&self) -> Severity {
        match self {
            Self::WrongNetwork
            | Self::InvalidReply { .. }
            | Self::Unsupported { .. }
            | Self::Damaged { .. }
            | Self::NoJsonRpc => Severity::HOPELESS,
            Self::Lagging { .. } => Severity::passing(2),
            // Without work miners idle; with work on a dead chain they pay for it. Good polls do not mend that.
            Self::NoWork { .. } => Severity { compares: true, ..Severity::lasting(3) },
            // What it says is another daemon's, and it refuses blocks.
            Self::Syncing { borrowed: true, .. } => Severity { mends: true, ..Severity::HOPELESS },
            Self::Syncing { .. } => Severity::passing(4),
            Self::Stalled { .. } => Severity::passing(5),
            Self::Isolated { .. } => Severity { astray: true, ..Severity::passing(6) },
            Self::Outdated(_) => Severity::passing(7),
            Self::Forked { .. } => Severity { astray: true, offers: Offers::WhereFewAreLeft, ..Severity::passing(8) },
            Self::Draining => Severity::lasting(11),
        }
    }
}

/// What a daemon with some reason is still good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Severity {
    /// Its place when the least bad is to be chosen: the higher, the worse, from 2 on; `select.rs` has the places of states without a reason
    /// (0, 1, 9, 10). `None`: the pool could not work with it at all.
    pub rank: Option<u32>,
    /// Whether good polls since then make it better than that.
    pub mends: bool,
    /// Whether one good poll is enough for it to be healthy again, since nothing was wrong with its chain.
    pub recovers_at_once: bool,
    /// Whether it may be offered blocks.
    pub offers: Offers,
    /// Whether its chain may be another one than the network's, so that orphan marks by it prove nothing.
    pub astray: bool,
    /// Whether its chain is as good as a healthy daemon's to compare the others with.
    pub compares: bool,
}

/// What all reasons that a daemon has at one moment come to; only one of them is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// When it may be offered blocks.
    pub offers: Offers,
    /// Whether its chain may be another one than the network's.
    pub astray: bool,
    /// Whether its chain is good to compare the others with.
    pub compares: bool,
}

impl Faults {
    /// Of a daemon without any.
    pub const NONE: Self = Self { offers: Offers::Always, astray: false, compares: true };

    /// With another reason.
    pub fn with(self, reason: &Reason) -> Self {
        let severity = reason.severity();
        Self {
            offers: self.offers.max(severity.offers),
            astray: self.astray || severity.astray,
            compares: self.compares && severity.compares,
        }
    }
}

/// When a daemon may be offered blocks; the strictest comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Offers {
    /// Whenever it answers.
    Always,
    /// Only with too few daemons to compare: who is left may be the one on another chain.
    WhereFewAreLeft,
    /// Never: it is no daemon of this network, or would damage or lose the block.
    Never,
}

impl Severity {
    /// Of a daemon that the pool could not work with.
    const HOPELESS: Self = Self {
        rank: None,
        mends: false,
        recovers_at_once: false,
        offers: Offers::Never,
        astray: false,
        compares: false,
    };

    /// Whether the pool could not work with the daemon, however its polls have been since.
    pub fn is_hopeless(self) -> bool {
        self.rank.is_none() && !self.mends
    }

    /// Of a daemon that good polls mend.
    const fn passing(rank: u32) -> Self {
        Self { rank: Some(rank), mends: true, offers: Offers::Always, ..Self::HOPELESS }
    }

    /// Of a daemon that good polls do not mend, and whose chain is in order.
    const fn lasting(rank: u32) -> Self {
        Self { rank: Some(rank), recovers_at_once: true, offers: Offers::Always, ..Self::HOPELESS }
    }
}

/// The reason as a sentence without an end, for people.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongNetwork => write!(f, "on another network: its first block differs from the other daemons'"),
            Self::InvalidReply { detail } | Self::Unsupported { detail } | Self::Damaged { detail } => {
                write!(f, "{detail}")
            }
            Self::NoJsonRpc => write!(f, "has no JSON-RPC interface, which the pool needs"),
            Self::Outdated(Upgrade { at, supported }) => {
                write!(f, "outdated: the network upgraded at {at}, its software supports only up to {supported}")
            }
            Self::Isolated { incoming: 0, outgoing: 0 } => write!(f, "isolated: not connected to any peer"),
            Self::Isolated { incoming, outgoing } => {
                write!(
                    f,
                    "isolated: {incoming} incoming and {outgoing} outgoing connections; all of them may lead to "
                )?;
                write!(f, "other daemons of the list")
            }
            Self::Forked { at, exact: true, depth, with, against } => {
                let (with, all) = (with.len(), with.len() + against.len());
                write!(f, "forked at {at}, {depth} deep; its side has {with} of {all} votes")
            }
            Self::Forked { at, .. } => {
                write!(f, "forked at {at} or below: its chain could not be linked to the others'")
            }
            // Pools and operators search their logs for this exact wording.
            Self::Lagging { by } => write!(f, "on same chain, lagging behind other nodes by {}", blocks(*by)),
            Self::Stalled { for_seconds } => {
                write!(f, "stalled: no new block for {for_seconds} s, while other nodes go on")
            }
            Self::Syncing { height: Some(height), network_height: Some(network), borrowed } if network > height => {
                write!(f, "syncing: at {height} while its network is at {network}")?;
                if *borrowed { write!(f, "; until then it passes on the answers of another daemon") } else { Ok(()) }
            }
            Self::Syncing { borrowed: true, .. } => write!(f, "syncing: it passes on the answers of another daemon"),
            Self::Syncing { .. } => write!(f, "syncing: its core is busy"),
            Self::NoWork { cause } => write!(f, "gives no work: {}", cause.words()),
            Self::Draining => write!(f, "drained by the operator"),
        }
    }
}

impl FailureKind {
    /// The kind's name in statuses, events and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::HttpStatus => "http-status",
            Self::InvalidReply => "invalid-reply",
            Self::Unsupported => "unsupported",
            Self::Damaged => "damaged",
        }
    }
}

fn blocks(count: u64) -> String {
    if count == 1 { "1 block".into() } else { format!("{count} blocks") }
}
