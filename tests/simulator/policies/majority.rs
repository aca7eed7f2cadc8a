//! What comes to mind first: ask all, count top blocks.

use turtle_pool_multi_daemon::consensus::{
    block::BlockHash,
    observation::{Report, View},
    rules::Rules,
};

use super::Policy;
use crate::simulator::{
    dice::Dice,
    watch::{Polled, Stage, Watch},
    world::{Wake, World},
};

/// The first daemon of those whose top block most of the answering ones show, counted whenever a poll ends; the block of the
/// first daemon wins a tie. It polls as often as this project, with the same time limits.
#[derive(Debug)]
pub struct Majority {
    watch: Watch,
    tips: Vec<Option<BlockHash>>,
    polled: Vec<Polled>,
}

impl Majority {
    pub fn start(world: &mut World, luck: Dice) -> Self {
        let tips = vec![None; world.daemons.len()];
        Self { watch: Watch::start(world, Policy::NaiveMajority, &Rules::default(), luck), tips, polled: vec![] }
    }

    /// Does what it asked to be woken for.
    pub fn act(&mut self, world: &mut World, wake: Wake) {
        self.watch.act(world, wake, &mut self.polled);
        for (daemon, stage) in self.polled.drain(..) {
            if let Stage::Ended(report) = stage {
                self.tips[daemon] = tip(&report);
            }
        }
    }

    pub fn choose(&self) -> usize {
        let votes = |tip: &Option<BlockHash>| self.tips.iter().filter(|other| *other == tip).count();
        let answering = self.tips.iter().enumerate().filter(|(_, tip)| tip.is_some());
        // max_by_key takes the last of equal ones: from the back, that is the first daemon.
        answering.rev().max_by_key(|(_, tip)| votes(tip)).map_or(0, |(index, _)| index)
    }
}

fn tip(report: &Report) -> Option<BlockHash> {
    let Report::Answered(observation) = report else { return None };
    match &observation.view {
        View::Chain(window) => window.blocks.first().map(|block| block.hash),
        View::Busy { .. } => None,
    }
}
