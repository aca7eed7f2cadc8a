//! A block template: whether it is one, and where it stands.

use super::{
    blob::{self, parents_in},
    chart::Chart,
    json,
    result::Members,
};
use crate::consensus::block::{BlockHash, Height};

/// A template that a pool could give to its miners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// The height of the block that it makes.
    height: Height,
    /// The blocks that it may build on: the one that the daemon names, or those that the blob can be read to name.
    parents: [Option<BlockHash>; 2],
}

impl Template {
    /// The template with these members; `None` without a blob of hex digits or a height, and with a difficulty of 0.
    pub(super) fn of(members: &Members) -> Option<Self> {
        let blob =
            json::beginning(members.blocktemplate_blob, blob::LOOKED_AT_DIGITS).filter(|blob| !blob.is_empty())?;
        let height = Height::new(json::number(members.height)?)?;
        // Every share would be a block to the pool.
        if json::number(members.difficulty) == Some(0) {
            return None;
        }
        let read = parents_in(&blob)?;
        let named = json::text(members.prev_hash).and_then(|hash| hash.parse().ok());
        let parents = named.map_or(read, |hash| [Some(hash), None]);
        Some(Self { height, parents })
    }

    /// Whether it tells a height far from that of a block on the one that it names. Pools go by the height: they would not take this template, or no
    /// other one after it.
    pub fn is_absurd(&self, chart: &Chart) -> bool {
        let known = self.parents().find_map(|hash| chart.height_of(hash));
        known.is_some_and(|parent| self.height.above(parent.next()).unsigned_abs() > COUNTED_OTHERWISE)
    }

    /// The height of the block that it builds on: by its previous hash, where that is known, and otherwise by its own word.
    pub fn base(&self, chart: &Chart) -> Option<Height> {
        let known = self.parents().find_map(|hash| chart.height_of(hash));
        known.or_else(|| self.height.below(1))
    }

    /// The blocks that it may build on.
    pub fn parents(&self) -> impl Iterator<Item = BlockHash> {
        self.parents.into_iter().flatten()
    }

    /// The height of the block that it makes, by its own word.
    pub fn height(&self) -> Height {
        self.height
    }

    /// Whether it builds on a block below the head: whatever is found with it is an orphan.
    pub fn is_stale(&self, chart: &Chart) -> bool {
        chart.head.is_some_and(|head| self.base(chart) < Some(head.height))
    }
}

/// Some forks count blocks from 1 in some calls, and not in others.
const COUNTED_OTHERWISE: u64 = 2;

#[cfg(test)]
#[path = "tests/template.rs"]
mod tests;
