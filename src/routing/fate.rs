//! What becomes of a block that was found.

use serde::Serialize;

use crate::{
    consensus::block::{BlockHash, Height},
    endpoint::Endpoint,
};

/// A block that the pool submitted, and what has become of it. Serialises to the `BlockFate` of `index.d.ts`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockFate {
    /// Which one it is: they are counted from 0 on since watching began.
    pub id: u64,
    /// When it was submitted, in milliseconds since 1970.
    pub at: u64,
    /// Its height, once that is known.
    pub height: Option<Height>,
    /// Its hash, once a daemon has shown it in its chain.
    pub hash: Option<BlockHash>,
    /// What the pool was told.
    pub told: BlockAnswer,
    /// Whether it was refused because it came too late: another block had its place, and no daemon was offered it.
    pub late: bool,
    /// The daemon that took it, where one said so.
    pub by: Option<Endpoint>,
    /// In how many daemons' chains it has been seen.
    pub seen: usize,
    /// How many blocks stand on it, as far as that was looked at; `None` until it was seen on the branch.
    pub depth: Option<u64>,
    /// Whether another block has its place on the branch. Of a block that was refused nobody asks.
    pub orphaned: bool,
}

/// What the pool was told of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockAnswer {
    /// Nothing yet.
    Pending,
    /// A daemon took it, or it is in the chain.
    Accepted,
    /// No daemon takes it.
    Refused,
    /// No daemon said what has become of it within the time for that.
    Unknown,
}
