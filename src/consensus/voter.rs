//! Who takes part in the vote.

use super::chain::Chain;
use crate::endpoint::DaemonId;

/// One daemon that takes part in the vote.
#[derive(Debug, Clone, Copy)]
pub struct Voter<'a> {
    /// Which daemon.
    pub daemon: DaemonId,
    /// The blocks it votes for.
    pub chain: &'a Chain,
    /// Whether the pool uses it now: breaks a tie.
    pub in_use: bool,
    /// Whether it got to its height by an incredible jump.
    pub jumped: bool,
    /// Whether it left the last question for a block unanswered.
    pub silent: bool,
}
