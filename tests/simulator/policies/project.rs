//! This project: the tracker and the selector that ship.

use turtle_pool_multi_daemon::{
    consensus::{moment::Moment, rules::Rules, tracker::{Assessment, Tracker}},
    daemon::DaemonId,
    selector::{Fallback, Policy, Selection, select},
};

use crate::simulator::watch::Reported;

/// One pool's decisions.
#[derive(Debug)]
pub struct Project {
    tracker: Tracker,
    policy: Policy,
    selection: Selection,
    assessment: Option<Assessment>,
}

impl Project {
    /// Knows nothing of so many daemons yet.
    pub fn new(daemons: usize, fallback: Fallback) -> Self {
        let tracker = Tracker::new(vec![false; daemons], Rules::default());
        let policy = Policy { fallback, ..Policy::default() };
        Self { tracker, policy, selection: Selection::START, assessment: None }
    }

    /// Takes in reports that came together, and decides.
    pub fn decide(&mut self, now: Moment, reports: impl IntoIterator<Item = Reported>) {
        for (index, report) in reports {
            self.tracker.record(now, DaemonId(index), report);
        }
        let assessment = self.tracker.assess(now, self.selection.daemon);
        self.selection = select(now, &assessment, self.selection, &self.policy);
        self.assessment = Some(assessment);
    }

    /// What was decided last.
    pub fn selection(&self) -> Selection {
        self.selection
    }

    /// What the last decision rests on.
    pub fn assessment(&self) -> Option<&Assessment> {
        self.assessment.as_ref()
    }

    pub fn choose(&self) -> usize {
        self.selection.daemon.0
    }
}
