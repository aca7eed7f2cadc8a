//! What comes to mind first: ask all, count top blocks.

use turtle_pool_multi_daemon::consensus::{
    block::BlockHash,
    observation::{Report, View},
};

use crate::simulator::watch::Reported;

/// The first daemon of those whose top block most of the answering ones show, judged whenever a report comes in; the primary's
/// block wins a tie.
#[derive(Debug)]
pub struct Majority {
    tips: Vec<Option<BlockHash>>,
    chosen: usize,
}

impl Majority {
    pub fn new(daemons: usize) -> Self {
        Self { tips: vec![None; daemons], chosen: 0 }
    }

    pub fn record(&mut self, reports: &[Reported]) {
        for (index, report) in reports {
            self.tips[*index] = match report {
                Report::Answered(observation) => match &observation.view {
                    View::Chain(window) => window.blocks.first().map(|block| block.hash),
                    View::Busy { .. } => None,
                },
                Report::Failed { .. } => None,
            };
        }
    }

    pub fn choose(&mut self) -> usize {
        let votes = |tip: &Option<BlockHash>| self.tips.iter().filter(|other| *other == tip).count();
        let answering = self.tips.iter().enumerate().filter(|(_, tip)| tip.is_some());
        // max_by_key takes the last of equal ones: from the back, that is the first daemon.
        let winner = answering.rev().max_by_key(|(_, tip)| votes(tip));
        self.chosen = winner.map_or(0, |(index, _)| index);
        self.chosen
    }
}
