//! What comes to mind first: ask all, count top blocks.

use turtle_pool_multi_daemon::{
    consensus::{
        block::BlockHash,
        observation::{Observation, View},
        rules::Rules,
    },
    core::SECOND_TRY_AFTER,
};

use super::Policy;
use crate::simulator::{
    Millis,
    dice::Dice,
    watch::try_once,
    world::{Wake, World},
};

/// The first daemon of those whose top block most of the answering ones show, counted whenever a poll ends; the block of the
/// first daemon wins a tie. It polls as often as this project does in turn, with the same time limits.
#[derive(Debug)]
pub struct Majority {
    interval: Millis,
    timeout: Millis,
    tips: Vec<Option<BlockHash>>,
    /// What the polls under way will show.
    under_way: Vec<Option<Option<BlockHash>>>,
    luck: Dice,
}

impl Majority {
    pub fn start(world: &mut World, luck: Dice) -> Self {
        let (rules, daemons) = (Rules::default(), world.daemons.len());
        world.wake(world.now, Wake::Poll(Policy::NaiveMajority));
        Self {
            interval: rules.polling_interval.as_millis() as Millis,
            timeout: rules.timeout.as_millis() as Millis,
            tips: vec![None; daemons],
            under_way: vec![None; daemons],
            luck,
        }
    }

    /// Does what it asked to be woken for. No poll takes as long as an interval.
    pub fn act(&mut self, world: &mut World, wake: Wake) {
        if let Wake::TryEnds(_, daemon) = wake {
            self.tips[daemon] = self.under_way[daemon].take().flatten();
            return;
        }
        world.wake(world.now + self.interval, Wake::Poll(Policy::NaiveMajority));
        for daemon in 0..self.tips.len() {
            let (after, tip) = self.poll(world, daemon);
            match after {
                0 => self.tips[daemon] = tip,
                _ => {
                    self.under_way[daemon] = Some(tip);
                    world.wake(world.now + after, Wake::TryEnds(Policy::NaiveMajority, daemon));
                }
            }
        }
    }

    /// How long a poll takes, and the tip that it shows.
    fn poll(&self, world: &World, daemon: usize) -> (Millis, Option<BlockHash>) {
        let dice = |tries| self.luck.part(world.now).part((daemon * 2 + tries) as u64);
        let look = |tries| try_once(world, daemon, self.timeout, dice(tries), true);
        match look(0) {
            (after, Ok(observation)) => (after, tip(&observation)),
            (first, Err(_)) => {
                let (second, tried) = look(1);
                let after = first + SECOND_TRY_AFTER.as_millis() as Millis + second;
                (after, tried.ok().and_then(|observation| tip(&observation)))
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

fn tip(observation: &Observation) -> Option<BlockHash> {
    match &observation.view {
        View::Chain(window) => window.blocks.first().map(|block| block.hash),
        View::Busy { .. } => None,
    }
}
