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
mod turtlecoin_legacy;
mod turtlecoin_rest;

use std::time::Duration;

pub(super) use self::json_rpc::has_result;
use self::members::Defect;
pub use self::{
    recognition::{FIRST_PATH, NAMED_BY_CALLS, Recognition, is_web_page, recognise, request_for},
    request::{Reply, Request},
};
use super::failure;
use crate::consensus::{
    block::{BlockHash, Height},
    observation::{Failure, Family, Upgrade},
    peers::Peer,
};

/// How a daemon that was recognised is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The daemon's family.
    pub family: Family,
    /// The path or the method of JSON-RPC by which it gave its node info.
    info_at: &'static str,
}

/// What a daemon says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The tip's height; `None` where it is busy and does not tell. A block may arrive before the tip is asked for.
    pub height: Option<Height>,
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

impl Dialect {
    /// Whether the daemon speaks JSON-RPC, which pools need.
    pub fn json_rpc(self) -> bool {
        self.family != Family::TurtlecoinRest
    }

    /// Whether it is a TurtleCoind or close to one.
    pub fn is_turtlecoin(self) -> bool {
        matches!(self.family, Family::Turtlecoin | Family::TurtlecoinLegacy | Family::TurtlecoinRest)
    }

    /// The request for the daemon's info.
    pub fn info_request(self) -> Request {
        request_for(self.info_at)
    }

    /// The info that the daemon replied with.
    pub fn info(self, reply: &Reply) -> Result<Info, Failure> {
        if self.family == Family::HeadersOnly {
            return headers_only::info(reply);
        }
        let request = self.info_request();
        let body = reply.body_if_ok()?;
        self.parse_info(body).map_err(|defect| defect.of(&request))
    }

    /// The request for a header.
    pub fn header_request(self, which: Which) -> Request {
        if self.json_rpc() { json_rpc::header_request(which) } else { turtlecoin_rest::header_request(which) }
    }

    /// The header that the daemon replied with.
    pub fn header(self, which: Which, reply: &Reply) -> Result<Header, NoHeader> {
        if self.json_rpc() { json_rpc::header(which, reply) } else { turtlecoin_rest::header(which, reply) }
    }

    /// The request for a list of the daemon's connections; `None` where it has none.
    pub fn peers_request(self) -> Option<Request> {
        (self.family == Family::Monerod).then(monerod::peers_request)
    }

    /// The connections that the daemon replied with.
    pub fn peers(self, reply: &Reply) -> Result<Vec<Peer>, Failure> {
        monerod::peers(reply.body_if_ok()?).map_err(|defect| defect.of(&monerod::peers_request()))
    }

    fn parse_info(self, body: &[u8]) -> Result<Info, Defect> {
        match self.family {
            Family::Turtlecoin => turtlecoin::info(body),
            Family::TurtlecoinLegacy => turtlecoin_legacy::info(body),
            Family::TurtlecoinRest => turtlecoin_rest::info(body),
            Family::Monerod if self.info_at == monerod::INFO_CALL => monerod::called_info(body),
            Family::Monerod => monerod::info(body),
            // Its info is a header.
            Family::HeadersOnly => Err(Defect("no info".into())),
        }
    }
}
