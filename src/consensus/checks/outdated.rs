//! `outdated`: the network has upgraded, and its software has not.

use std::time::Duration;

use crate::consensus::{
    block::Height,
    health::Reason,
    observation::{Observation, Upgrade},
    rules::Rules,
};

/// Remembers which upgrade the daemon's software does not know, by its own words, and how far the network is.
///
/// What a daemon says of upgrades concerns that daemon alone.
#[derive(Debug, Default)]
pub struct Outdated {
    upgrade: Option<Upgrade>,
    /// The last head there was: once nobody is left to vote, the network is still beyond the upgrade.
    head: Option<Height>,
    /// Whether some daemon has known an upgrade that another did not: where all say the same, there may be none.
    confirmed: bool,
    found: Option<Upgrade>,
}

/// An upgrade that comes soon, or has come unnoticed, and that a daemon's software does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpgradeDue {
    /// Which one.
    pub upgrade: Upgrade,
    /// Whole days until then, at the network's usual pace; `None` where the head is beyond it.
    pub days: Option<u64>,
}

impl Outdated {
    /// Takes in what a poll saw.
    pub fn observe(&mut self, observation: &Observation) {
        self.upgrade = observation.upgrade;
    }

    /// Takes in where the network stands at the end of a round: all daemons that it leaves behind are found at once.
    pub fn end_of_round(&mut self, head: Option<Height>, confirmed: bool) {
        (self.head, self.confirmed) = (head.or(self.head), confirmed);
        self.found = self.passed();
    }

    /// Whether the network is beyond an upgrade that the daemon's software does not know, by its own words.
    pub fn is_behind(&self, head: Height) -> bool {
        self.upgrade.is_some_and(|upgrade| head >= upgrade.at)
    }

    /// Whether the daemon, as it was seen last, knows every upgrade that the network is beyond.
    pub fn passes(&self) -> bool {
        self.passed().is_none()
    }

    /// Whether the daemon is outdated.
    pub fn holds(&self) -> bool {
        self.found.is_some()
    }

    /// Why the daemon is outdated, while it is.
    pub fn reason(&self) -> Option<Reason> {
        self.found.map(Reason::Outdated)
    }

    /// The upgrade that will make it so within a week, or would already if anybody else knew it.
    pub fn due(&self, rules: &Rules) -> Option<UpgradeDue> {
        let (upgrade, head) = (self.upgrade?, self.head?);
        if head >= upgrade.at {
            return (!self.confirmed).then_some(UpgradeDue { upgrade, days: None });
        }
        let left = rules.block_target.saturating_mul(u32::try_from(upgrade.at.above(head)).ok()?);
        (left <= NOTICE).then_some(UpgradeDue { upgrade, days: Some(left.as_secs() / DAY.as_secs()) })
    }

    fn passed(&self) -> Option<Upgrade> {
        self.upgrade.filter(|_| self.confirmed && self.head.is_some_and(|head| self.is_behind(head)))
    }
}

const DAY: Duration = Duration::from_secs(86_400);

/// Time enough to upgrade a daemon, and as TurtleCoind itself warns.
const NOTICE: Duration = Duration::from_secs(7 * 86_400);

#[cfg(test)]
#[path = "tests/outdated.rs"]
mod tests;
