//! The last blocks that the pool submitted, and what has become of them.

use std::{collections::VecDeque, sync::Arc};

use super::{
    blob::Marks,
    chart::Chart,
    fate::{BlockAnswer, BlockFate},
    sight::Sight,
    submission::{Answer, Submission},
};
use crate::consensus::block::Height;

/// The last blocks. All but those that came too late are looked at again with each new head until they lie deep: what was told is not the last
/// word, since a daemon that hung may have taken a block in after that.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: VecDeque<Entry>,
    begun: u64,
}

/// Which block is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryId(u64);

#[derive(Debug)]
struct Entry {
    id: EntryId,
    marks: Marks,
    fate: BlockFate,
    /// The head at which it was looked at last.
    looked: Option<Height>,
}

impl Ledger {
    /// Notes that a block was submitted, in milliseconds since 1970. `promised` is the height that its template was given with: that is told
    /// where nothing better is known, and decides nothing.
    pub fn begin(&mut self, at: u64, submission: &Submission, promised: Option<Height>) -> EntryId {
        let id = EntryId(self.begun);
        self.begun += 1;
        if self.entries.len() >= KEPT {
            self.entries.pop_front();
        }
        let (height, marks) = (submission.height().or(promised), submission.marks().clone());
        let fate = BlockFate {
            id: id.0,
            at,
            height,
            hash: None,
            told: BlockAnswer::Pending,
            late: false,
            by: None,
            seen: 0,
            depth: None,
            orphaned: false,
        };
        self.entries.push_back(Entry { id, marks, fate, looked: None });
        id
    }

    /// Takes in how far a submission is; whether that is news.
    pub fn note(&mut self, id: EntryId, submission: &Submission) -> bool {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) else { return false };
        let before = entry.fate.clone();
        let fate = &mut entry.fate;
        fate.told = submission.told().map_or(BlockAnswer::Pending, told);
        fate.late = matches!(submission.told(), Some(Answer::Replaced(_)));
        fate.height = submission.height().or(fate.height);
        fate.hash = submission.hash().or(fate.hash);
        fate.seen = submission.seen_in().max(fate.seen);
        // Whoever took it later is not the one by whom it was accepted.
        let by = match submission.told() {
            Some(Answer::Accepted(daemon)) => Some(daemon),
            _ => submission.taken_by(),
        };
        fate.by = by.map(|daemon| (**daemon).clone());
        entry.fate != before
    }

    /// Takes in the heights of blocks whose parents the daemons have shown by now; whether any of that is news.
    pub fn place(&mut self, chart: &Chart) -> bool {
        let mut is_news = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.fate.depth.is_none()) {
            let height = entry.marks.height(|hash| chart.height_of(hash)).or(entry.fate.height);
            is_news |= height != entry.fate.height;
            entry.fate.height = height;
        }
        is_news
    }

    /// The blocks to look at now, with the height to look at, once a head.
    pub fn due(&mut self, chart: &Chart) -> Vec<(EntryId, Height)> {
        let Some(head) = chart.head.map(|head| head.height) else { return vec![] };
        let due = self.entries.iter_mut().filter(|entry| entry.is_due(head)).filter_map(|entry| {
            entry.looked = Some(head);
            Some((entry.id, entry.fate.height?))
        });
        due.collect()
    }

    /// What identifies a block.
    pub fn marks(&self, id: EntryId) -> Option<&Marks> {
        self.entries.iter().find(|entry| entry.id == id).map(|entry| &entry.marks)
    }

    /// Takes in what the daemon in use shows at a block's height; whether that is news. A block that is not on the branch when three others stand
    /// above its place is orphaned; it may come back. While the daemons disagree, or the one in use is off the branch, what it shows in the place of
    /// a block proves no loss.
    pub fn look(&mut self, id: EntryId, sight: Sight, chart: &Chart) -> bool {
        let head = chart.head.map(|head| head.height);
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) else { return false };
        let above = head.zip(entry.fate.height).and_then(|(head, height)| u64::try_from(head.above(height)).ok());
        let is_branch = chart.fork.is_none() && chart.seat(&chart.in_use).is_none_or(|seat| seat.is_on_branch);
        let before = entry.fate.clone();
        let fate = &mut entry.fate;
        match sight {
            Sight::Has(hash) => {
                (fate.hash, fate.depth, fate.orphaned) = (Some(hash), above, fate.orphaned && !is_branch);
                fate.seen = fate.seen.max(1).max(fate.height.map_or(0, |height| have(height, chart)));
            }
            Sight::Other if is_branch => {
                fate.depth = None;
                fate.orphaned = fate.told != BlockAnswer::Refused && above >= Some(LOST_BELOW);
            }
            // It is asked again at the next head.
            _ => {}
        }
        entry.fate != before
    }

    /// All of them, the oldest first.
    pub fn fates(&self) -> Arc<[BlockFate]> {
        self.entries.iter().map(|entry| entry.fate.clone()).collect()
    }
}

impl Entry {
    /// Whether it is to be looked at when the head gets to this height.
    fn is_due(&self, head: Height) -> bool {
        let BlockFate { told, late, height: Some(height), depth, .. } = self.fate else { return false };
        let above = u64::try_from(head.above(height)).ok();
        // One that was not accepted may never show up.
        let lies = if told == BlockAnswer::Accepted { depth } else { above };
        let is_settled = late || lies.is_some_and(|deep| deep >= DEEP) || self.marks.is_empty();
        told != BlockAnswer::Pending && !is_settled && above.is_some() && self.looked < Some(head)
    }
}

/// The daemons that have the block which the daemon in use shows at a height, by what their polls showed: those that lagged when it was found
/// catch up. A race is only about the top block. Of a daemon in use that is off the branch, the polls do not tell who else has its blocks.
fn have(height: Height, chart: &Chart) -> usize {
    let is_below_top = |tip: Height| tip.above(height) > RACES;
    if !chart.seat(&chart.in_use).is_some_and(|seat| seat.is_on_branch) {
        return 0;
    }
    chart
        .daemons
        .iter()
        .filter(|seat| seat.is_on_branch && seat.tip.is_some_and(|tip| is_below_top(tip.height)))
        .count()
}

fn told(answer: &Answer) -> BlockAnswer {
    match answer {
        Answer::Accepted(_) | Answer::Found => BlockAnswer::Accepted,
        Answer::Refused(_) | Answer::Replaced(_) => BlockAnswer::Refused,
        Answer::Unknown(_) => BlockAnswer::Unknown,
    }
}

const KEPT: usize = 100;
/// No reorganisation that heals by itself goes so deep.
const DEEP: u64 = 20;
/// Blocks by which two daemons that race may differ.
const RACES: i64 = 1;
/// Blocks above another one in its place, after which it counts as lost.
const LOST_BELOW: u64 = 3;

#[cfg(test)]
#[path = "tests/ledger.rs"]
mod tests;
