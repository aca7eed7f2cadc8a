//! Plays worlds: every policy in each of them.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use super::{
    Millis,
    climate::Climate,
    dice::Dice,
    policies::{HaProxy, Majority, Oracle, Policy, Project},
    requests::{Projects, Requests},
    score::{Score, Strip, Tally},
    seconds,
    world::{Wake, World},
};

/// What the policies got, of all worlds together.
#[derive(Debug)]
pub struct Outcome {
    pub seed: u64,
    pub worlds: u64,
    /// By policy, in the order of [`Policy::ALL`].
    pub tallies: [Tally; Policy::ALL.len()],
    /// Worlds in which a policy had less time on the best chain than the primary alone, by more than [`MARGIN`].
    pub worse: [u64; Policy::ALL.len()],
    /// Their numbers.
    pub worse_worlds: [Vec<u64>; Policy::ALL.len()],
}

/// A difference that detection alone may make.
pub const MARGIN: Millis = seconds(10);

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
            part.add_world(number, &play_world(climate, seed, number, false).0);
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
pub fn play_world(
    climate: &Climate,
    seed: u64,
    number: u64,
    drawn: bool,
) -> ([Tally; Policy::ALL.len()], Option<[Strip; Policy::ALL.len()]>) {
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
            Wake::Poll(policy) | Wake::TryEnds(policy, _) => policy,
            Wake::Check(_) | Wake::CheckFails(_) => Policy::HaProxy,
            Wake::Found | Wake::Block(..) => return,
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
    fn new(seed: u64, worlds: u64) -> Self {
        Self { seed, worlds, tallies: Default::default(), worse: Default::default(), worse_worlds: Default::default() }
    }

    /// What a policy got.
    pub fn of(&self, policy: Policy) -> &Tally {
        &self.tallies[policy as usize]
    }

    fn add_world(&mut self, number: u64, tallies: &[Tally; Policy::ALL.len()]) {
        let alone = tallies[Policy::PrimaryAlone as usize].best();
        for (index, tally) in tallies.iter().enumerate() {
            self.tallies[index].add(tally);
            if tally.best() + MARGIN < alone {
                self.worse[index] += 1;
                self.worse_worlds[index].push(number);
            }
        }
    }

    fn add(&mut self, part: &Self) {
        for (index, tally) in part.tallies.iter().enumerate() {
            self.tallies[index].add(tally);
            self.worse[index] += part.worse[index];
            self.worse_worlds[index].extend(&part.worse_worlds[index]);
            self.worse_worlds[index].sort_unstable();
        }
    }
}
