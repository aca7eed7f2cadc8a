//! What only metrics and the status page need: made when somebody asks for it, and no part of a snapshot.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use super::VoteCount;
use crate::consensus::{
    block::{BlockHash, Height},
    chain::Chain,
    tally::{BOUNDS, Tally},
    track::Track,
};

/// Counts since watching began, and what the daemons' chains look like.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// How the vote stood at the end of the last round.
    pub votes: VoteCount,
    /// Healthy daemons that mode `multi` takes.
    pub min_healthy: usize,
    /// The time the network takes for a block, in milliseconds.
    pub block_target: u64,
    /// How long ago the head last moved, in milliseconds.
    pub head_age: Option<u64>,
    /// How often another daemon came into use, by code.
    pub switches: BTreeMap<&'static str, u64>,
    /// In the order of the snapshot.
    pub daemons: Vec<DaemonFigures>,
}

/// What is counted of one daemon, and its latest blocks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DaemonFigures {
    /// Polls that failed with all their tries.
    pub failed: u64,
    /// Answered polls by duration.
    pub answered: Vec<Range>,
    /// The durations of all answered polls together, in milliseconds.
    pub time: f64,
    /// The height of the first of its blocks below; it may have moved on without showing them.
    pub top: Option<Height>,
    /// Its latest blocks, the tip first; more than [`SHOWN_BLOCKS`] are not told.
    pub blocks: Vec<BlockHash>,
}

/// Polls that took so long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// The most milliseconds of this range, which begins where the one before ends; `None` for no end.
    pub most: Option<f64>,
    /// How many took that long.
    pub count: u64,
}

/// As many as fit in a picture.
pub const SHOWN_BLOCKS: usize = 32;

impl DaemonFigures {
    /// What is remembered of a daemon.
    pub fn new(track: &Track) -> Self {
        let Tally { failed, answered, time } = *track.tally();
        let ends = BOUNDS.iter().map(|bound| Some(milliseconds(*bound))).chain([None]);
        Self {
            failed,
            answered: ends.zip(answered).map(|(most, count)| Range { most, count }).collect(),
            time: milliseconds(time),
            top: track.last_chain().map(Chain::height),
            blocks: track.last_chain().into_iter().flat_map(Chain::row).take(SHOWN_BLOCKS).collect(),
        }
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
