//! What goes into the core, and what it wants done.

use std::time::Duration;

use crate::{
    consensus::{
        block::BlockHash,
        observation::{Failure, Observation},
        peers::Peer,
        questions::Question,
    },
    endpoint::DaemonId,
    routing::{Learnt, Who},
};

/// Something that happened, or that the operator ordered.
// Passed on at once: a box for each poll would cost more than the few bytes that are moved.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub enum Input {
    /// Something became known of one daemon.
    News(DaemonId, News),
    /// A request of the pool's own showed something.
    Learnt(Learnt),
    /// The operator takes a daemon out of use, or back into it. It goes on being watched, but has no vote, and is used only
    /// when nothing else answers.
    Drain(DaemonId, bool),
    /// The operator wants a daemon to be used for so long, whatever is held of it, and whether or not the first round has
    /// ended. Takes the place of a pin from before.
    Pin(DaemonId, Duration),
    /// The operator ends the pin, if there is one: the pool uses what the rules have chosen meanwhile.
    Unpin,
    /// The operator wants all daemons to be polled now; [`Core::take_refreshed`](super::Core::take_refreshed) gives the number
    /// when they have been.
    Refresh(u32),
}

/// What became known of one daemon.
#[allow(clippy::large_enum_variant, reason = "as above")]
#[derive(Debug)]
pub enum News {
    /// A [`Command::Try`] came to this.
    Tried(Result<Observation, Failure>),
    /// A [`Command::Try`] was turned away by a limit of requests, and the daemon's last view is young enough to be judged by.
    Spared,
    /// A [`Command::Ask`] came to this: the block's hash, or no usable answer.
    Answered(Question, Option<BlockHash>),
    /// A [`Command::List`] came to this: its connections, or no usable list.
    Listed(Option<Vec<Peer>>),
    /// Somebody hints at something.
    Hinted(Hint),
    /// What looks at the daemon was started anew: a try that was under way has no end.
    Restarted,
}

/// Somebody else's word on a daemon. It is never a proof: it has the daemon polled, and what that poll sees is all that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// There is something to see, this block where it is named.
    New(Option<BlockHash>),
    /// It does not run.
    Down,
}

/// One look at a daemon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// How long it may take.
    pub limit: Duration,
    /// Whether what the daemon said of itself at the look before may stand for another one, where its tip is the same.
    pub may_be_short: bool,
}

/// What is to be done. Nothing has to be told but what became of it, as [`News`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Look at a daemon once. There is never more than one such look under way at one daemon.
    Try(DaemonId, Look),
    /// Ask a daemon for a single block, beside its polls.
    Ask(Question),
    /// Ask a daemon for a list of its connections, beside its polls.
    List(DaemonId),
    /// Ask a daemon for a block template, beside its polls; what comes of it is [`Learnt`].
    AskForWork(Who),
}
