//! Plays worlds: every policy in each of them.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use super::{
    balance::Against,
    climate::Climate,
    dice::Dice,
    policies::{HaProxy, Majority, Oracle, Policy, Project},
    requests::{Projects, Requests},
    score::{Played, Score, Tally},
    world::{Wake, World},
};

/// What the policies got, of all worlds together.
#[derive(Debug)]
pub struct Outcome {
    pub seed: u64,
    pub worlds: u64,
    /// By policy, in the order of [`Policy::ALL`].
    pub tallies: [Tally; Policy::ALL.len()],
    /// What it gained and lost, in the same order.
    pub against: [Against; Policy::ALL.len()],
}

/// Plays the worlds of a seed, on all processors.
pub fn play(climate: &Climate, seed: u64, worlds: u64) -> Outcome {
    let next = AtomicU64::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut part = Outcome::new(seed, worlds);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= worlds {
                return part;
            }
            part.add_world(number, &play_world(climate, seed, number, false));
        }
    };
    let mut outcome = Outcome::new(seed, worlds);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            outcome.add(&worker.join().unwrap());
        }
    });
    outcome
}

/// Plays one world of a seed, and gives the strips of it as well if they are to be drawn.
pub fn play_world(climate: &Climate, seed: u64, number: u64, drawn: bool) -> Played {
    let dice = Dice::new(seed).part(number);
    let mut world = World::new(climate, &dice);
    let mut players = Players::start(&mut world, &dice);
    let mut score = Score::new(drawn);
    let mut requests = Requests::start(&mut world, climate, &dice);
    while let Some(next) = world.next() {
        score.advance(&world, next.at);
        requests.advance(&world, &mut players.projects(), &mut score, next.at);
        let wake = world.happen(next);
        players.act(&mut world, wake, &mut score);
        requests.act(&mut world, wake, &mut players.projects(), &mut score);
    }
    score.advance(&world, climate.length);
    requests.advance(&world, &mut players.projects(), &mut score, climate.length);
    requests.finish(&mut score);
    score.finish()
}

/// Plays one world with this project alone, and shows every step of it.
pub fn follow(climate: &Climate, seed: u64, policy: Policy, mut step: impl FnMut(&World, &Project)) {
    let dice = Dice::new(seed);
    let mut world = World::new(climate, &dice);
    let mut project = Project::start(&mut world, policy, dice.part(3));
    while let Some(next) = world.next() {
        if let Some(wake) = world.happen(next) {
            project.act(&mut world, wake);
        }
        step(&world, &project);
    }
}

/// All policies in one world.
struct Players {
    haproxy: HaProxy,
    majority: Majority,
    primary: Project,
    best: Project,
    oracle: Oracle,
}

impl Players {
    fn start(world: &mut World, dice: &Dice) -> Self {
        let luck = dice.part(3);
        Self {
            haproxy: HaProxy::start(world, dice.part(4)),
            majority: Majority::start(world, luck.clone()),
            primary: Project::start(world, Policy::FallbackPrimary, luck.clone()),
            best: Project::start(world, Policy::FallbackBest, luck),
            oracle: Oracle::default(),
        }
    }

    fn projects(&mut self) -> Projects<'_> {
        Projects { primary: &mut self.primary, best: &mut self.best }
    }

    fn act(&mut self, world: &mut World, wake: Option<Wake>, score: &mut Score) {
        let Some(wake) = wake else { return score.choose(Policy::Oracle, Some(self.oracle.choose(&world.grades))) };
        let policy = match wake {
            Wake::Poll(policy) | Wake::TryEnds(policy, _) | Wake::Learns(policy) => policy,
            Wake::Check(_) | Wake::CheckFails(_) => Policy::HaProxy,
            Wake::Asks | Wake::Found | Wake::Block(..) => return,
        };
        let chosen = match policy {
            Policy::HaProxy => {
                self.haproxy.act(world, wake);
                self.haproxy.choose()
            }
            Policy::NaiveMajority => {
                self.majority.act(world, wake);
                Some(self.majority.choose())
            }
            Policy::FallbackPrimary => {
                self.primary.act(world, wake);
                Some(self.primary.choose())
            }
            Policy::FallbackBest => {
                self.best.act(world, wake);
                Some(self.best.choose())
            }
            Policy::PrimaryAlone | Policy::Oracle => return,
        };
        score.choose(policy, chosen);
    }
}

impl Outcome {
    /// Of worlds none of which has been played yet.
    pub fn new(seed: u64, worlds: u64) -> Self {
        Self { seed, worlds, tallies: Default::default(), against: Default::default() }
    }

    /// What a policy got.
    pub fn of(&self, policy: Policy) -> &Tally {
        &self.tallies[policy as usize]
    }

    /// What it gained and lost against the primary alone.
    pub fn against(&self, policy: Policy) -> &Against {
        &self.against[policy as usize]
    }

    /// One world more.
    pub fn add_world(&mut self, number: u64, played: &Played) {
        for policy in Policy::ALL {
            self.tallies[policy as usize].add(&played.tallies[policy as usize]);
            self.against[policy as usize].add_world(number, played, policy);
        }
    }

    fn add(&mut self, part: &Self) {
        self.tallies.iter_mut().zip(&part.tallies).for_each(|(sum, tally)| sum.add(tally));
        self.against.iter_mut().zip(&part.against).for_each(|(sum, against)| sum.add(against));
    }
}
