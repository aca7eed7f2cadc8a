//! The thresholds that daemons are judged by.

use std::time::Duration;

/// The thresholds that daemons are judged by; names and defaults are those of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Time between two polls of one daemon.
    pub polling_interval: Duration,
    /// Time limit of one try of a poll.
    pub timeout: Duration,
    /// Failed tries in a row that make a daemon unresponsive.
    pub max_polling_failures: u32,
    /// Good polls in a row that make a bad daemon healthy again.
    pub recovery_polls: u32,
    /// A lag of more blocks than this counts at once.
    pub max_deviance: u64,
    /// Any lag that lasts longer than this counts too; and so much longer than others a daemon may be syncing, standing still, or without a proven peer
    /// before that counts.
    pub deviance_grace: Duration,
    /// A daemon that has had no new block for so long, while others have, is stalled.
    pub stall_after: Duration,
    /// Connections to the outside that a daemon, or a group of them, has to show; with 0 no daemon is ever isolated.
    pub min_outside_peers: u32,
    /// The time the network takes for a block, on average.
    pub block_target: Duration,
}

impl Rules {
    /// How old a view may be to take part in the vote: one interval plus a whole failed poll, so that one
    /// failure does not end it.
    pub fn freshness(&self) -> Duration {
        self.polling_interval + 2 * self.timeout + Duration::from_secs(1)
    }

    /// For how long a failed try counts towards a daemon's being unsteady: as many polls as there may be failures, and twice
    /// that.
    pub fn stumbles_kept(&self) -> Duration {
        2 * self.max_polling_failures * self.polling_interval
    }

    /// For how long others have to stand on a better block before a healthy daemon is left for one of them: an interval, or
    /// nearly one, since rounds do not end at even times.
    pub fn overtaken_after(&self) -> Duration {
        self.polling_interval.min(self.deviance_grace) * 9 / 10
    }
}

/// The defaults, for a network with a block every 30 s.
impl Default for Rules {
    fn default() -> Self {
        Self {
            polling_interval: Duration::from_secs(5),
            timeout: Duration::from_secs(2),
            max_polling_failures: 2,
            recovery_polls: 2,
            max_deviance: 3,
            deviance_grace: Duration::from_secs(12),
            stall_after: STALL_AFTER_BLOCKS * BLOCK_TARGET,
            min_outside_peers: 1,
            block_target: BLOCK_TARGET,
        }
    }
}

/// TurtleCoin's.
const BLOCK_TARGET: Duration = Duration::from_secs(30);

/// `stallAfter` in block targets, where it is not configured: a gap of so many comes by chance once in 22,000 blocks, and then
/// it holds for all daemons alike.
pub const STALL_AFTER_BLOCKS: u32 = 10;
