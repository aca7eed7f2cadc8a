//! What a policy gained and lost against the primary alone.

use super::{
    Millis,
    cause::Losses,
    policies::Policy,
    score::{Played, Tally},
    seconds,
};

/// Sums over worlds: those in which the policy is better add to what it gained, the others to what it lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    /// In milliseconds.
    pub gained: Millis,
    /// In milliseconds.
    pub lost: Millis,
}

/// One policy's balances, and the worlds in which it lost the most.
#[derive(Debug, Clone, Default)]
pub struct Against {
    /// Of the time on the best block.
    pub time: Balance,
    /// Of the seconds in which a template was given that is on the best block.
    pub work: Balance,
    /// Of the time on the best block: the worst world first.
    pub worst: Vec<BadWorld>,
}

/// A world in which a policy had less time on the best block than the primary alone.
#[derive(Debug, Clone)]
pub struct BadWorld {
    pub number: u64,
    /// So much less, in milliseconds.
    pub lost: Millis,
    /// How the moments came about in which only the primary alone had the best block, the longest first. What the policy had in advance at
    /// other moments is not taken off.
    pub causes: Losses,
}

impl Balance {
    /// How often the loss is contained in the gain; `None` where nothing was lost.
    pub fn ratio(self) -> Option<f64> {
        (self.lost > 0).then(|| self.gained as f64 / self.lost as f64)
    }

    /// One world's time beside that of the primary alone.
    fn weigh(&mut self, time: Millis, alone: Millis) {
        self.gained += time.saturating_sub(alone);
        self.lost += alone.saturating_sub(time);
    }

    fn add(&mut self, other: Self) {
        self.gained += other.gained;
        self.lost += other.lost;
    }
}

impl Against {
    /// What one world adds.
    pub fn add_world(&mut self, number: u64, played: &Played, policy: Policy) {
        let (tally, alone) = (&played.tallies[policy as usize], &played.tallies[Policy::PrimaryAlone as usize]);
        self.time.weigh(tally.best(), alone.best());
        self.work.weigh(worked(tally), worked(alone));
        let lost = alone.best().saturating_sub(tally.best());
        if lost > 0 {
            let mut causes = played.losses[policy as usize].clone();
            causes.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
            self.worst.push(BadWorld { number, lost, causes });
            self.keep_worst();
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.time.add(other.time);
        self.work.add(other.work);
        self.worst.extend_from_slice(&other.worst);
        self.keep_worst();
    }

    /// The same ones, in whatever order the worlds were played.
    fn keep_worst(&mut self) {
        self.worst.sort_by_key(|world| (std::cmp::Reverse(world.lost), world.number));
        self.worst.truncate(WORST);
    }
}

/// How often a policy is to gain what it loses.
pub fn goal(policy: Policy) -> Option<f64> {
    match policy {
        Policy::FallbackBest => Some(50.0),
        Policy::FallbackPrimary => Some(20.0),
        _ => None,
    }
}

/// A template is asked for each second.
fn worked(tally: &Tally) -> Millis {
    seconds(tally.requests.asked - tally.requests.without_work)
}

/// So many worlds are told.
const WORST: usize = 10;
