//! `no-work`: passes every poll, and gives no usable block template.

use std::time::Duration;

use serde::Serialize;

use super::own_height;
use crate::consensus::{health::Reason, moment::Moment, observation::Observation, rules::Rules};

/// Remembers what became of requests for templates, which polls do not show.
///
/// One that failed proves little: the request may be wrong, or the network between two blocks. Two in a row do, each while another daemon
/// gave a template in the same moment.
#[derive(Debug, Default)]
pub struct NoWork {
    /// Failures in a row that another daemon's template witnessed, and why the last of them failed.
    failed: Option<(u32, NoWorkCause)>,
    /// When the last of them was.
    failed_at: Option<Moment>,
    /// Good templates in a row since it was found to give none.
    good: u32,
    lacks: bool,
    /// Whether the last request that tells gave a template.
    gives: bool,
    /// Since when its polls have shown that it refuses to give any.
    unsynced: Option<Moment>,
    /// Whether it has given one since then, all the same.
    gives_unsynced: bool,
    unsynced_counts: bool,
}

/// What a daemon gives in the place of a block template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NoWorkCause {
    /// It says that it has to be synchronised first.
    Unsynced,
    /// It says that it is busy.
    Busy,
    /// An error, or no answer.
    Error,
    /// A result without what makes a template.
    Empty,
    /// A template on a block below the head.
    Stale,
}

impl NoWorkCause {
    /// The cause for people, as it stands after "gives no work: ".
    pub fn words(self) -> &'static str {
        match self {
            Self::Unsynced => "it gives none while it has fewer blocks than one of its peers claims",
            Self::Busy => "it says that it is busy",
            Self::Error => "it answers a request for a block template with an error, or not at all",
            Self::Empty => "its answer to a request for a block template contains none",
            Self::Stale => "its block templates build on a block below the head",
        }
    }
}

/// How many of the daemons that answer give work, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Others {
    /// Nobody: the fault is not a single daemon's.
    #[default]
    Nothing,
    /// Some.
    Some,
    /// More than half.
    Most,
}

impl Others {
    /// So many of so many.
    pub fn of(working: usize, all: usize) -> Self {
        match working {
            0 => Self::Nothing,
            working if 2 * working > all => Self::Most,
            _ => Self::Some,
        }
    }
}

impl NoWork {
    /// Takes in what a poll saw.
    ///
    /// Some software refuses templates and blocks while its height is below the highest that a peer has ever claimed. At each new block
    /// that is so for an instant.
    pub fn observe(&mut self, now: Moment, observation: &Observation, rules: &Rules) {
        let height = own_height(&observation.view);
        let is_behind = height.zip(observation.network_height).is_some_and(|(own, network)| own < network);
        let refuses = is_behind && observation.software.refuses_unsynced;
        self.unsynced = if refuses { self.unsynced.or(Some(now)) } else { None };
        self.gives_unsynced &= refuses;
        self.unsynced_counts = self.unsynced.is_some_and(|since| now.since(since) > rules.polling_interval);
    }

    /// Takes in that it gave a usable template.
    pub fn works(&mut self, rules: &Rules) {
        (self.failed, self.gives, self.gives_unsynced) = (None, true, self.unsynced.is_some());
        self.good = self.good.saturating_add(1);
        self.lacks &= self.good < rules.recovery_polls;
    }

    /// Takes in that it gave none; `witnessed` tells whether another daemon did in the same moment. What all processes of a pool ask in the
    /// moment of a new block is one failure.
    pub fn fails(&mut self, now: Moment, cause: NoWorkCause, witnessed: bool) {
        let is_same = self.failed_at.is_some_and(|last| now.since(last) < APART);
        if !witnessed || (is_same && self.failed.is_some()) {
            return;
        }
        (self.gives, self.gives_unsynced, self.good) = (false, false, 0);
        let before = self.failed.map_or(0, |(count, _)| count);
        (self.failed, self.failed_at) = (Some((before.saturating_add(1), cause)), Some(now));
        self.lacks |= self.failed.is_some_and(|(count, _)| count >= ENOUGH);
    }

    /// Starts anew: the daemon has ended, and with it what its peers had told it.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Whether it was found to give none by asking, and so has to be asked to know whether it does again.
    pub fn has_to_be_asked(&self) -> bool {
        self.lacks
    }

    /// Whether nothing speaks against its giving work, not even for an instant.
    pub fn may_work(&self) -> bool {
        let may_refuse = self.unsynced.is_some() && !self.gives_unsynced;
        !self.lacks && (!may_refuse || self.gives && !self.unsynced_counts)
    }

    /// Whether it must not be used; `others` is what the others give.
    pub fn holds(&self, others: Others) -> bool {
        (self.lacks || self.unsynced_counts) && self.reason(others).is_some()
    }

    /// Why it must not be used, if that is so.
    pub fn reason(&self, others: Others) -> Option<Reason> {
        let asked = self.lacks.then(|| self.failed.map_or(NoWorkCause::Error, |(_, cause)| cause));
        let polled = (self.unsynced_counts && !self.gives_unsynced).then_some(NoWorkCause::Unsynced);
        let asked = asked.filter(|_| others != Others::Nothing);
        // Where most are like that they may be right to be behind, or lied to: only asking them tells.
        asked.or(polled.filter(|_| others == Others::Most)).map(|cause| Reason::NoWork { cause })
    }
}

/// Failures in a row.
const ENOUGH: u32 = 2;
/// A pool asks once a second.
const APART: Duration = Duration::from_millis(500);

#[cfg(test)]
#[path = "tests/no_work.rs"]
mod tests;
