//! A block's header as daemons show it, as far as looking a block up needs it.

use serde::Deserialize;

use super::{
    json::{self, Raw},
    result,
};
use crate::consensus::block::{BlockHash, Height};

/// A block's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The block's height.
    pub height: Height,
    /// The block's hash.
    pub hash: BlockHash,
    /// The hash of the block before it.
    pub prev: BlockHash,
    /// Its time stamp in seconds since 1970, where the daemon tells.
    pub timestamp: Option<u64>,
    /// Its nonce, where the daemon tells.
    pub nonce: Option<u32>,
}

impl Header {
    /// The header in the result of a header call; `None` where there is none that could be relied upon.
    pub(super) fn of(result: &result::Members) -> Option<Self> {
        let members: Members = json::inner(result.block_header)?;
        let hash = |raw| json::text(raw)?.parse().ok();
        Some(Self {
            height: Height::new(json::number(members.height)?)?,
            hash: hash(members.hash)?,
            prev: hash(members.prev_hash)?,
            timestamp: json::number(members.timestamp),
            nonce: json::number(members.nonce).and_then(|nonce| u32::try_from(nonce).ok()),
        })
    }
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    height: Raw<'a>,
    #[serde(borrow)]
    hash: Raw<'a>,
    #[serde(borrow)]
    prev_hash: Raw<'a>,
    #[serde(borrow)]
    timestamp: Raw<'a>,
    #[serde(borrow)]
    nonce: Raw<'a>,
}
