//! Views too far apart to share a window: whatever the chains are, linking finds how they are connected, by few questions.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests take the rest")]
#[path = "simulator/dice.rs"]
mod dice;

use std::{collections::HashSet, time::Duration};

use dice::Dice;
use turtle_pool_multi_daemon::{
    config::{Config, DaemonConfig},
    consensus::{
        block::{BlockHash, Height},
        health::{Health, Reason},
        moment::Moment,
        observation::{Block, Observation, Software, View, Window},
        questions::Question,
        rules::Rules,
        select::Policy,
        tracker::Assessment,
    },
    core::{Command, Core, Input, News},
    endpoint::{DaemonId, Endpoint},
};

#[test]
fn the_fork_height_that_is_found_is_the_true_one_whatever_the_depth() {
    for seed in 0..600 {
        let mut dice = Dice::new(seed);
        let tip = 10_000 + dice.roll(3_000_000);
        let most = 2 << dice.roll(13);
        let depth = 2 + dice.roll(most);
        let branch = Branch { parent: 0, from: tip - depth + 1 };
        let lower = tip - dice.roll(depth);
        let mut network = Network::new(vec![branch], &[(0, tip), (0, tip), (0, tip), (1, lower)]);
        let assessment = network.settle();
        assert_eq!(fork(&assessment, 3), Some(tip - depth + 1), "seed {seed}");
        let deep = depth - (tip - lower);
        // Both daemons at each step, and the two blocks that each of the others has to show for itself.
        let bound = 2.5 * (depth as f64).log2() + 12.0 + 4.0;
        assert!(network.asked as f64 <= bound, "seed {seed}, {deep} deep: {} questions", network.asked);
    }
}

#[test]
fn a_daemon_that_only_lags_is_linked_by_one_question_however_far_it_is_behind() {
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let tip = 1_000 + dice.roll(3_000_000);
        let behind = 20 + dice.roll(tip - 20);
        let mut network = Network::new(vec![], &[(0, tip), (0, tip - behind), (0, tip), (0, tip)]);
        let assessment = network.settle();
        assert_eq!(assessment.daemons[1].health, Health::Unhealthy(Reason::Lagging { by: behind }), "seed {seed}");
        assert_eq!(network.asked, if behind == tip { 0 } else { 1 }, "seed {seed}");
    }
}

#[test]
fn whatever_the_chains_every_verdict_on_a_fork_is_true_and_every_fork_is_found() {
    for seed in 0..800 {
        let mut dice = Dice::new(seed);
        let mut network = Network::random(&mut dice);
        let assessment = network.settle();
        let head = assessment.head.unwrap();
        let on_branch = |daemon: &usize| {
            fork(&assessment, *daemon).is_none() && network.hash(*daemon, head.height.get()) == Some(head.hash)
        };
        let top = (0..network.daemons.len()).filter(on_branch).max_by_key(|daemon| network.daemons[*daemon].1).unwrap();
        for daemon in 0..network.daemons.len() {
            let truth = network.fork(daemon, top);
            let may_be_race = truth == Some(network.daemons[daemon].1);
            let found = fork(&assessment, daemon);
            assert!(found == truth || may_be_race && found.is_none(), "seed {seed}, {daemon}: {found:?}, {network:?}");
        }
        // Up to a million blocks and four branches.
        let bound = 40 * network.daemons.len();
        assert!(network.asked <= bound, "seed {seed}: {} questions", network.asked);
    }
}

/// A branch of the tree of blocks: the main chain is 0, each of the others leaves one of those before it.
#[derive(Debug, Clone, Copy)]
struct Branch {
    parent: usize,
    /// The height of its first own block.
    from: u64,
}

/// Daemons on a tree of blocks that is only imagined, so that it may be long.
#[derive(Debug)]
struct Network {
    branches: Vec<Branch>,
    /// The branch and the height of each daemon's tip.
    daemons: Vec<(usize, u64)>,
    /// Who does not show the first block, neither by itself nor when asked.
    hiding: Vec<bool>,
    asked: usize,
}

impl Network {
    fn new(others: Vec<Branch>, daemons: &[(usize, u64)]) -> Self {
        let branches = [Branch { parent: 0, from: 0 }].into_iter().chain(others).collect();
        Self { branches, daemons: daemons.to_vec(), hiding: vec![false; daemons.len()], asked: 0 }
    }

    fn random(dice: &mut Dice) -> Self {
        let most = 16 << dice.roll(17);
        let length = 100 + dice.roll(most);
        let branch = |index: usize, dice: &mut Dice| Branch {
            parent: dice.roll(index as u64 + 1) as usize,
            from: 2 + dice.roll(length),
        };
        let others: Vec<_> = (0..dice.roll(4) as usize).map(|index| branch(index, dice)).collect();
        let tips = 1 + others.len() as u64;
        let daemons: Vec<_> = (0..2 + dice.roll(6))
            .map(|_| {
                let behind = if dice.roll(2) == 0 { 0 } else { dice.roll(length) };
                (dice.roll(tips) as usize, length - behind)
            })
            .collect();
        let mut network = Self::new(others, &daemons);
        network.hiding.fill_with(|| dice.roll(4) == 0);
        network
    }

    /// The branch that the block at this height of a daemon's chain is on.
    fn branch(&self, daemon: usize, height: u64) -> usize {
        let mut branch = self.daemons[daemon].0;
        while height < self.branches[branch].from {
            branch = self.branches[branch].parent;
        }
        branch
    }

    fn hash(&self, daemon: usize, height: u64) -> Option<BlockHash> {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&height.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.branch(daemon, height).to_be_bytes());
        (height <= self.daemons[daemon].1).then(|| BlockHash::new(bytes))
    }

    fn shown(&self, daemon: usize, height: u64) -> Option<BlockHash> {
        self.hash(daemon, height).filter(|_| height > 0 || !self.hiding[daemon])
    }

    /// The first height at which the chains of two daemons differ.
    fn fork(&self, one: usize, other: usize) -> Option<u64> {
        let top = self.daemons[one].1.min(self.daemons[other].1);
        let differ = |height: u64| self.branch(one, height) != self.branch(other, height);
        let heights: Vec<_> = self.branches.iter().map(|branch| branch.from).collect();
        heights.into_iter().filter(|height| *height <= top && differ(*height)).min()
    }

    fn window(&self, daemon: usize) -> Window {
        let tip = self.daemons[daemon].1;
        let heights = (tip.saturating_sub(15)..=tip).rev();
        let block = |height| Block { hash: self.hash(daemon, height).unwrap(), difficulty: Some(100) };
        Window {
            genesis: self.shown(daemon, 0),
            height: Height::new(tip).unwrap(),
            blocks: heights.map(block).collect(),
            timestamp: NOON,
        }
    }

    /// Answers every poll and all questions at once, until the verdicts have had time to be found.
    fn settle(&mut self) -> Assessment {
        let mut now = Moment { elapsed: Duration::ZERO, unix: NOON };
        let mut core = Core::new(&self.config(), now);
        while now.elapsed < Duration::from_secs(30) {
            self.answer_all(&mut core, now);
            let elapsed = core.next_deadline().unwrap().max(now.elapsed);
            now = Moment { elapsed, unix: NOON + elapsed };
        }
        core.assessment().clone()
    }

    fn config(&self) -> Config {
        let daemon = |port| {
            let endpoint = Endpoint { host: "d".into(), port, tls: false };
            DaemonConfig { endpoint, drained: false, ha: None, login: None }
        };
        Config {
            daemons: (0..self.daemons.len() as u16).map(daemon).collect(),
            rules: Rules::default(),
            policy: Policy::default(),
            warnings: vec![],
            gateway: None,
            hedge_after: None,
        }
    }

    fn answer_all(&mut self, core: &mut Core, now: Moment) {
        loop {
            core.judge(now);
            let commands = core.commands(now);
            if commands.is_empty() {
                return;
            }
            let asked = |command: &Command| match command {
                Command::Ask(question) => Some(question.daemon),
                _ => None,
            };
            let asked: Vec<_> = commands.iter().filter_map(asked).collect();
            assert_eq!(asked.iter().collect::<HashSet<_>>().len(), asked.len(), "one question a daemon at a time");
            for command in commands {
                self.execute(core, now, command);
            }
        }
    }

    fn execute(&mut self, core: &mut Core, now: Moment, command: Command) {
        let (daemon, news) = match command {
            Command::Try(daemon, _) => (daemon, News::Tried(Ok(self.observation(daemon.0)))),
            Command::Ask(question) => (question.daemon, News::Answered(question, self.answer(&question))),
            Command::List(_) | Command::AskForWork(_) => return,
        };
        core.handle(now, Input::News(daemon, news));
    }

    fn answer(&mut self, Question { daemon: DaemonId(daemon), height, .. }: &Question) -> Option<BlockHash> {
        assert!(height.get() <= self.daemons[*daemon].1, "nobody is asked for a block above its tip");
        self.asked += 1;
        self.shown(*daemon, height.get())
    }

    fn observation(&self, daemon: usize) -> Observation {
        Observation {
            view: View::Chain(self.window(daemon)),
            network_height: None,
            incoming: Some(8),
            outgoing: Some(8),
            upgrade: None,
            software: Software::of("turtlecoin"),
            version: None,
            address: None,
            latency: Duration::from_millis(2),
        }
    }
}

/// The height at which a daemon is found to be forked.
fn fork(assessment: &Assessment, daemon: usize) -> Option<u64> {
    match &assessment.daemons[daemon].health {
        Health::Unhealthy(Reason::Forked { at, exact: true, .. }) => Some(at.get()),
        _ => None,
    }
}

/// 2026-01-01, so that every block is fresh.
const NOON: Duration = Duration::from_secs(1_767_225_600);
