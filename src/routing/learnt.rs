//! What requests teach about daemons, which polls do not show: told to whoever decides.

use std::sync::Arc;

use serde::Serialize;

use super::{chart::Who, fate::BlockFate};

/// One thing that a request showed.
#[derive(Debug, Clone, PartialEq)]
pub enum Learnt {
    /// It gave no answer that could be read: a connection refused or broken, no HTTP, no JSON, too much. It deserves a look at once; with
    /// a poll that fails too it is a failed try.
    Failed(Who),
    /// It takes far longer than it usually does. It deserves a look, and nothing is held against it unless that fails.
    Slow(Who),
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
    /// What has become of the blocks that were found, the oldest first.
    Blocks(Arc<[BlockFate]>),
}

/// What a daemon gives in the place of a block template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NoWorkCause {
    /// It says that it has to be synchronised first.
    Unsynced,
    /// It says that it is busy.
    Busy,
    /// An error, or no answer.
    Error,
    /// A result without what makes a template.
    Empty,
    /// A template on a block below the head.
    Stale,
}

impl NoWorkCause {
    /// The cause for people, as it stands after "gives no work: ".
    pub fn words(self) -> &'static str {
        match self {
            Self::Unsynced => "it has to be synchronised first, and a peer has claimed more blocks than it has",
            Self::Busy => "it says that it is busy",
            Self::Error => "asked for a block template, it answers with an error or not at all",
            Self::Empty => "asked for a block template, it answers with none",
            Self::Stale => "its block templates are on a block below the head",
        }
    }
}
