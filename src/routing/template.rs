//! A block template: whether it is one, and where it stands.

use super::{blob::parents_in, chart::Chart, json, result::Members};
use crate::consensus::block::{BlockHash, Height};

/// A template that a pool could give to its miners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// The height of the block that it makes.
    height: Height,
    /// The blocks that it may build on: the one that the daemon names, or those that the blob can be read to name.
    parents: [Option<BlockHash>; 2],
    /// How many bytes of the blob follow the place that it tells for the pool's own.
    room: Option<u64>,
}

/// Whether a template's height can be that of the block that it makes. Pools go by the height: they would not take a template with a wrong one, or no
/// other one after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credit {
    /// It can be.
    Credible,
    /// It is far above all that was known when the daemons were polled last.
    Unproven,
    /// It is far from that of the block that it builds on.
    Absurd,
}

impl Template {
    /// The template with these members; `None` where a pool could do nothing with it, or would end itself over it: without a blob of whole bytes in
    /// hex digits, a height and a difficulty, or with a place for the pool's own bytes outside of the blob.
    pub(super) fn of(members: &Members) -> Option<Self> {
        let blob = json::hex(members.blocktemplate_blob).filter(|blob| are_bytes(blob))?;
        let height = Height::new(json::number(members.height)?)?;
        // With a difficulty of 0 every share would be a block to the pool, and without one none.
        if !json::is_positive(members.difficulty) {
            return None;
        }
        let room = match members.reserved_offset {
            Some(told) => Some((blob.len() as u64 / 2).checked_sub(json::number(Some(told))?)?),
            None => None,
        };
        let read = parents_in(&blob)?;
        let named = json::text(members.prev_hash).and_then(|hash| hash.parse().ok());
        let parents = named.map_or(read, |hash| [Some(hash), None]);
        Some(Self { height, parents, room })
    }

    /// Whether so many bytes of the pool's own have room where it says that they have. A pool that writes outside of the blob ends.
    pub fn has_room_for(&self, bytes: u64) -> bool {
        self.room.is_none_or(|room| bytes <= room)
    }

    /// Whether its height can be right.
    pub fn credit(&self, chart: &Chart) -> Credit {
        let is_far_above = |highest| self.height.above(highest) > FAR_ABOVE;
        match self.parents().find_map(|hash| chart.height_of(hash)) {
            Some(parent) if self.height.above(parent.next()).unsigned_abs() > COUNTED_OTHERWISE => Credit::Absurd,
            None if chart.highest().is_some_and(is_far_above) => Credit::Unproven,
            _ => Credit::Credible,
        }
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

/// Whether hex digits are whole bytes, and some. Nothing else is asked: coins have layouts of their own.
fn are_bytes(blob: &str) -> bool {
    blob.len().is_multiple_of(2) && !blob.is_empty()
}

/// More blocks than are found between two polls, save by a daemon that takes in many at once.
const FAR_ABOVE: i64 = 10;
/// Some forks count blocks from 1 in some calls, and not in others.
const COUNTED_OTHERWISE: u64 = 2;

#[cfg(test)]
#[path = "tests/template.rs"]
mod tests;
