//! What requests teach about daemons, which polls do not show: told to whoever decides.

use std::{sync::Arc, time::Duration};

use super::{chart::Who, fate::BlockFate};
pub use crate::consensus::checks::NoWorkCause;

/// One thing that a request showed.
#[derive(Debug, Clone, PartialEq)]
pub enum Learnt {
    /// It gave no answer that could be read: a connection refused or broken, no HTTP, no JSON, too much. It deserves a look at once; with
    /// a poll that fails too it is a failed try.
    Failed(Who),
    /// It takes far longer than it usually does, or gave no answer to a request that nobody else was asked, which may itself be at fault. It deserves
    /// a look, and nothing is held against it unless that fails.
    Suspect(Who),
    /// It gave a usable block template.
    Works(Who),
    /// It gave none.
    NoWork {
        /// Who.
        daemon: Who,
        /// What it gave instead.
        cause: NoWorkCause,
        /// Whether another daemon gave a usable one in the same moment. Without that, the request or the network may be at fault.
        witnessed: bool,
    },
    /// What came of a whole request for a template, whoever was asked: that it got one, told only after one that did not, or what the
    /// daemons said instead. A request that is refused as wrong tells nothing.
    Template(Result<(), String>),
    /// A request for a template has been waiting for [`LONG_WITHOUT_WORK`], and meanwhile nobody has given one to any request. What each daemon that was
    /// asked has said.
    NoTemplate(String),
    /// What has become of the blocks that were found, the oldest first.
    Blocks(Arc<[BlockFate]>),
}

/// So long without a template is worth a word to the operator: they fail for a moment when daemons take in a block, or start.
pub const LONG_WITHOUT_WORK: Duration = Duration::from_secs(10);
