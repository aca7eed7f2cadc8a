//! What each daemon family is asked and how it answers. Pure: bytes in, typed parts or a failure out.
//!
//! Daemons count in two ways: the `height` of a node info is a *count* of blocks, that of a header is the block's
//! *index*. Everything that leaves a dialect is an index.

mod headers_only;
mod json_rpc;
mod members;
mod monerod;
mod recognition;
mod request;
mod turtlecoin;
mod turtlecoin_rest;

use std::{fmt, time::Duration};

pub(super) use self::json_rpc::{has_result, tells_of_an_exception};
pub use self::{
    recognition::{DIALECTS, NAMED_BY_CALLS, Recognition, first_question, is_web_page, recognise, request_for},
    request::{Reply, Request},
};
use super::failure;
use crate::consensus::{
    block::{BlockHash, Height},
    observation::{Failure, Software, Upgrade},
    peers::Peer,
};

/// How the daemons of a family are spoken to, and what is known of their software. Where a family has nothing to say, it is as most are.
pub trait Dialect: fmt::Debug + Send + Sync {
    /// The family's name in statuses.
    fn family(&self) -> &'static str;

    /// What is asked for the daemon's info, by which it is recognised too: a path, or a method of JSON-RPC.
    fn question(&self) -> &'static str;

    /// Whether a reply to that question is of this family, and not of one that [`DIALECTS`] lists after it for the same question.
    fn is_spoken(&self, _body: &str) -> bool {
        true
    }

    /// The info that the daemon replied with.
    fn info(&self, reply: &Reply) -> Result<Info, Failure>;

    /// What the software of a daemon with this info is and does.
    fn software(&self, _info: &Info) -> Software {
        Software::of(self.family())
    }

    /// The request for a header.
    fn header_request(&self, which: Which) -> Request {
        json_rpc::header_request(which)
    }

    /// The header that the daemon replied with.
    fn header(&self, which: Which, reply: &Reply) -> Result<Header, NoHeader> {
        json_rpc::header(which, reply)
    }

    /// The request for a list of the daemon's connections; `None` where it has none.
    fn peers_request(&self) -> Option<Request> {
        None
    }

    /// The connections that the daemon replied with.
    fn peers(&self, _reply: &Reply) -> Result<Vec<Peer>, Failure> {
        Err(failure::invalid_reply("lists no connections"))
    }

    /// Whether one block at two heights proves a damaged database. Others count the heights of some calls in their own way.
    fn counts_heights_alike(&self) -> bool {
        false
    }

    /// Whether a daemon that is told to stop waits until its clients have closed their connections.
    fn waits_for_its_clients(&self) -> bool {
        false
    }

    /// Whether it shows its tip while it is not synchronized, and says that it is busy only where it is asked for a block by height.
    fn hides_that_it_is_busy(&self) -> bool {
        false
    }
}

impl dyn Dialect + '_ {
    /// The request for the daemon's info.
    pub fn info_request(&self) -> Request {
        request_for(self.question())
    }
}

/// How a daemon is asked for headers that may be of any family with such calls.
pub(super) const OF_ANY_FAMILY: &dyn Dialect = &headers_only::HeadersOnly;

/// What a daemon says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The tip's height; `None` where it is busy and does not tell. A block may arrive before the tip is asked for.
    pub height: Option<Height>,
    /// The tip's hash, where it tells and its blocks can be asked for.
    pub tip: Option<BlockHash>,
    /// The height that its peers claim, where it tells.
    pub network_height: Option<Height>,
    /// Connections opened by its peers, where it tells.
    pub incoming: Option<u32>,
    /// Connections that it opened, where it tells.
    pub outgoing: Option<u32>,
    /// The first upgrade of the network that its software does not know, where it tells.
    pub upgrade: Option<Upgrade>,
    /// Its version, where it tells.
    pub version: Option<String>,
    /// Whether it says that it is busy syncing.
    pub busy: bool,
    /// Whether it gives another daemon's words as its own; then it is busy too, and the heights here are told apart.
    pub borrowed: bool,
}

/// A block's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The block's height.
    pub height: Height,
    /// The block's hash.
    pub hash: BlockHash,
    /// The hash of the block before it; of no meaning at height 0.
    pub prev_hash: BlockHash,
    /// Its difficulty, where the daemon tells.
    pub difficulty: Option<u64>,
    /// Its time stamp, in time since 1970.
    pub timestamp: Duration,
}

/// Which header is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The tip's.
    Last,
    /// The header of the block at this height.
    At(Height),
    /// The header of the block with this hash.
    Of(BlockHash),
}

/// Why there is no header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoHeader {
    /// The daemon says that it is busy syncing.
    Busy,
    /// The reply is of no use.
    Failed(Failure),
}

impl From<Failure> for NoHeader {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
