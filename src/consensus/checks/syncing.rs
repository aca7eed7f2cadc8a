//! `syncing`: still catching up with its own network.

use super::own_height;
use crate::consensus::{
    block::Height,
    health::Reason,
    moment::Moment,
    observation::{Observation, View},
    rules::Rules,
};

/// Remembers how a daemon's network height moved against its own.
///
/// The flag `synced: false` proves nothing: it is false for an instant at every block, and for good after one
/// peer lied about its height. So a network height above the daemon's own counts only if it also rises
/// again and again while the daemon stands still, or if the daemon's top block is old.
#[derive(Debug, Default)]
pub struct Syncing {
    busy: bool,
    borrowed: bool,
    height: Option<Height>,
    network_height: Option<Height>,
    ahead_since: Option<Moment>,
    rises: u64,
    old_top: bool,
    /// When it was first looked at.
    first: Option<Moment>,
}

impl Syncing {
    /// Takes in what a poll saw.
    pub fn observe(&mut self, now: Moment, observation: &Observation, rules: &Rules) {
        let height = own_height(&observation.view);
        self.busy = matches!(observation.view, View::Busy { .. });
        self.borrowed = matches!(observation.view, View::Busy { borrowed: true, .. });
        // The system's clock may have jumped since, so that everybody's blocks look old.
        let first = *self.first.get_or_insert(now);
        let unix = now.unix.min(first.unix + now.since(first));
        let age = observation.view.tip_age(Moment { unix, ..now });
        self.old_top = age.is_some_and(|age| age > OLD_TOP_BLOCKS * rules.block_target);
        self.count_rises(height, observation.network_height);
        (self.height, self.network_height) = (height, observation.network_height);
        self.ahead_since = if self.is_behind(rules) { self.ahead_since.or(Some(now)) } else { None };
    }

    /// Whether the daemon is syncing.
    pub fn holds(&self, now: Moment, rules: &Rules) -> bool {
        let outlasts_grace = || self.ahead_since.is_some_and(|since| now.since(since) > rules.deviance_grace);
        let proven = self.rises >= rules.max_deviance.max(1) || self.old_top;
        self.busy || proven && outlasts_grace()
    }

    /// What it rests on, if the daemon is syncing.
    pub fn reason(&self) -> Reason {
        Reason::Syncing { height: self.height, network_height: self.network_height, borrowed: self.borrowed }
    }

    fn count_rises(&mut self, height: Option<Height>, network_height: Option<Height>) {
        if height != self.height {
            self.rises = 0;
        } else if network_height > self.network_height {
            self.rises += 1;
        }
    }

    fn is_behind(&self, rules: &Rules) -> bool {
        let behind = |height: Height, network: Height| network.above(height) > rules.max_deviance as i64;
        self.height.zip(self.network_height).is_some_and(|(height, network)| behind(height, network))
    }
}

/// A gap of so many block targets comes by chance once in 480 million blocks (e^-20 of them are followed by one).
const OLD_TOP_BLOCKS: u32 = 20;
