//! What daemons' chains show of a block.

use std::time::Duration;

use super::{blob::Marks, chart::Who, header::Header};
use crate::consensus::block::{BlockHash, Height};

/// What a look at a daemon's chain showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The block.
    Has(BlockHash),
    /// Another block at its height.
    Other,
    /// Its top is the parent.
    OnParent,
    /// Its top is another block at the parent's height or below.
    Below,
    /// It answers, but whether it has the block cannot be told.
    Unclear,
    /// It does not answer.
    Silent,
}

impl Sight {
    /// What a header says about a block: a daemon's top, or, where that is above the block's height, the one at that height.
    pub fn of(header: &Header, marks: &Marks, height: Option<Height>) -> Self {
        if marks.fit(header) {
            return Self::Has(header.hash);
        }
        if marks.build_on(header.hash) {
            return Self::OnParent;
        }
        if marks.may_fit(header) {
            return Self::Unclear;
        }
        match height {
            Some(height) if header.height >= height => Self::Other,
            Some(_) => Self::Below,
            None => Self::Unclear,
        }
    }
}

/// What the latest look at each daemon showed.
#[derive(Debug, Default)]
pub(super) struct Sights(Vec<Seen>);

/// What the latest look at one daemon showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) daemon: Who,
    pub(super) sight: Sight,
    pub(super) at: Duration,
    /// When it showed something for the first time after it had been silent.
    woke: Option<Duration>,
    /// When it showed another block in its place for the first time.
    pub(super) other: Option<Duration>,
}

impl Seen {
    /// Whether its chain has the block.
    pub(super) fn has(&self) -> bool {
        matches!(self.sight, Sight::Has(_))
    }
}

impl Sights {
    /// Takes in what a look showed.
    pub(super) fn note(&mut self, now: Duration, daemon: &Who, sight: Sight) {
        let other = Some(now).filter(|_| sight == Sight::Other);
        match self.0.iter_mut().find(|known| known.daemon == *daemon) {
            Some(known) => {
                let wakes = known.sight == Sight::Silent && sight != Sight::Silent;
                known.woke = known.woke.or(Some(now).filter(|_| wakes));
                known.other = known.other.or(other);
                (known.sight, known.at) = (sight, now);
            }
            None => self.0.push(Seen { daemon: daemon.clone(), sight, at: now, woke: None, other }),
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Seen> {
        self.0.iter()
    }

    /// That of one daemon.
    pub(super) fn of(&self, daemon: &Who) -> Option<Sight> {
        self.seen(daemon).map(|seen| seen.sight)
    }

    /// In how many daemons' chains the block was seen.
    pub(super) fn count(&self) -> usize {
        self.0.iter().filter(|seen| seen.has()).count()
    }

    /// Whether no daemon has answered.
    pub(super) fn are_silent(&self) -> bool {
        self.0.iter().all(|seen| seen.sight == Sight::Silent)
    }

    /// Whether so much has passed since a daemon was seen to stand where it does that it may not any more.
    pub(super) fn is_old(&self, now: Duration, daemon: &Who) -> bool {
        self.seen(daemon).is_some_and(|seen| seen.sight != Sight::Silent && now > seen.at + FRESH)
    }

    /// When a daemon showed something for the first time after it had been silent.
    pub(super) fn woke(&self, daemon: &Who) -> Option<Duration> {
        self.seen(daemon)?.woke
    }

    fn seen(&self, daemon: &Who) -> Option<&Seen> {
        self.0.iter().find(|seen| seen.daemon == *daemon)
    }
}

/// What was seen longer ago is looked at again before an offer goes by it.
const FRESH: Duration = Duration::from_millis(250);
