//! What each policy got out of one world, and of all worlds.

use super::{
    Millis,
    cause::{Cause, Losses},
    climate::Class,
    policies::Policy,
    world::{Grade, World},
};

/// One policy's time, by what the pool got.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// By [`Grade`], in milliseconds.
    pub time: [Millis; 4],
    /// Time other than the best, by the class of fault that the daemon in use had; in milliseconds.
    pub lost_to: [Millis; Class::ALL.len()],
    /// Time in which the policy gave no daemon at all, in milliseconds; part of [`Grade::Nothing`].
    pub without: Millis,
    pub switches: u64,
    pub requests: Requests,
}

/// What became of one policy's requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Requests {
    /// Templates that were asked for, one a second.
    pub asked: u64,
    /// Those of them that were not given, or are on a block that is not the best.
    pub without_work: u64,
    /// Blocks that the pool found on the network's newest block.
    pub found: u64,
    /// Those of them that no daemon took which could tell the network.
    pub lost: u64,
    /// Those of them that the oracle's pool found too, and did not lose.
    pub lost_needlessly: u64,
    /// Those that are in the chain though the pool was not told so: its miners are not paid for them.
    pub unpaid: u64,
    /// Databases that took in one block twice at once.
    pub damaged: u64,
}

impl Requests {
    /// The share of templates that were given and are on the best block.
    pub fn working(&self) -> f64 {
        1.0 - self.without_work as f64 / self.asked as f64
    }

    pub fn add(&mut self, other: &Self) {
        self.asked += other.asked;
        self.without_work += other.without_work;
        self.found += other.found;
        self.lost += other.lost;
        self.lost_needlessly += other.lost_needlessly;
        self.unpaid += other.unpaid;
        self.damaged += other.damaged;
    }
}

impl Tally {
    pub fn best(&self) -> Millis {
        self.time[Grade::Best as usize]
    }

    pub fn total(&self) -> Millis {
        self.time.iter().sum()
    }

    pub fn add(&mut self, other: &Self) {
        self.time.iter_mut().zip(other.time).for_each(|(sum, time)| *sum += time);
        self.lost_to.iter_mut().zip(other.lost_to).for_each(|(sum, time)| *sum += time);
        self.without += other.without;
        self.switches += other.switches;
        self.requests.add(&other.requests);
    }
}

/// Keeps the score of one world.
#[derive(Debug)]
pub struct Score {
    since: Millis,
    chosen: [Option<usize>; Policy::ALL.len()],
    tallies: [Tally; Policy::ALL.len()],
    losses: [Losses; Policy::ALL.len()],
    /// What each policy got from when on, where somebody wants to draw it.
    strips: Option<[Strip; Policy::ALL.len()]>,
}

/// What one world came to.
#[derive(Debug, Default)]
pub struct Played {
    /// By policy, as all that follows.
    pub tallies: [Tally; Policy::ALL.len()],
    /// The time in which the primary alone had the best block and the policy had not.
    pub losses: [Losses; Policy::ALL.len()],
    /// Where they were asked for.
    pub strips: Option<[Strip; Policy::ALL.len()]>,
}

/// What a policy got, from when on.
pub type Strip = Vec<(Millis, Grade)>;

impl Score {
    pub fn new(drawn: bool) -> Self {
        let strips = drawn.then(Default::default);
        let chosen = [Some(0); Policy::ALL.len()];
        Self { since: 0, chosen, tallies: Default::default(), losses: Default::default(), strips }
    }

    /// Nothing changed from the last call until now.
    pub fn advance(&mut self, world: &World, now: Millis) {
        let time = now - self.since;
        if time == 0 {
            return;
        }
        for (index, (tally, chosen)) in self.tallies.iter_mut().zip(self.chosen).enumerate() {
            let grade = chosen.map_or(Grade::Nothing, |daemon| world.grades[daemon]);
            tally.time[grade as usize] += time;
            if grade != Grade::Best {
                match chosen.and_then(|daemon| world.blame(daemon)) {
                    Some(class) => tally.lost_to[class as usize] += time,
                    None => tally.without += time,
                }
                if world.grades[0] == Grade::Best {
                    Cause::of(world, chosen).add_to(&mut self.losses[index], time);
                }
            }
            if let Some(strips) = &mut self.strips {
                let strip = &mut strips[index];
                if strip.last().is_none_or(|(_, last)| *last != grade) {
                    strip.push((self.since, grade));
                }
            }
        }
        self.since = now;
    }

    /// A policy chooses a daemon, or none.
    pub fn choose(&mut self, policy: Policy, daemon: Option<usize>) {
        let chosen = &mut self.chosen[policy as usize];
        self.tallies[policy as usize].switches += u64::from(*chosen != daemon);
        *chosen = daemon;
    }

    /// The daemon that a policy uses now.
    pub fn chosen(&self, policy: Policy) -> Option<usize> {
        self.chosen[policy as usize]
    }

    /// What became of a policy's requests.
    pub fn requests(&mut self, policy: Policy) -> &mut Requests {
        &mut self.tallies[policy as usize].requests
    }

    pub fn finish(self) -> Played {
        Played { tallies: self.tallies, losses: self.losses, strips: self.strips }
    }
}
