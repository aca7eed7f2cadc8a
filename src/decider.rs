//! From reports to published snapshots: the tracker, the selector and the history of switches, in one place.
//!
//! Still without sockets, clocks and threads.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use crate::{
    config::Config,
    consensus::{
        block::Height,
        moment::Moment,
        observation::Report,
        tracker::{Assessment, Tracker},
    },
    daemon::{DaemonId, Endpoint},
    pacing::Pacing,
    selector::{self, Cause, Policy, Selection},
    status::{DaemonStatus, Status, Switch, SwitchEvent},
};

/// Decides, report by report, which daemon is used.
#[derive(Debug)]
pub struct Decider {
    tracker: Tracker,
    pacing: Pacing,
    head: Option<Height>,
    policy: Policy,
    endpoints: Vec<Endpoint>,
    warnings: Vec<String>,
    selection: Selection,
    epoch: u64,
    switches: VecDeque<Arc<SwitchEvent>>,
    polls: u64,
}

impl Decider {
    /// Knows nothing yet: the primary is the answer.
    pub fn new(config: &Config, now: Moment) -> Self {
        let drained = config.daemons.iter().map(|daemon| daemon.drained);
        Self {
            tracker: Tracker::new(drained, config.rules.clone()),
            pacing: Pacing::new(config.daemons.len(), &config.rules),
            head: None,
            policy: config.policy.clone(),
            endpoints: config.daemons.iter().map(|daemon| daemon.endpoint.clone()).collect(),
            warnings: config.warnings.clone(),
            selection: Selection::START,
            epoch: now.unix_millis(),
            switches: VecDeque::new(),
            polls: 0,
        }
    }

    /// Goes on with the choice and the history of an earlier snapshot, though without what led to them.
    pub fn resume(mut self, status: &Status) -> Self {
        let in_use = self.endpoints.iter().position(|endpoint| *endpoint == status.current);
        let daemon = in_use.map_or(DaemonId::PRIMARY, DaemonId);
        let Status { mode, quorum, hold, .. } = *status;
        self.selection = Selection { mode, daemon, cause: Cause::Health, quorum, hold };
        (self.epoch, self.polls) = (status.epoch, status.polls);
        self.switches = status.switches.iter().cloned().collect();
        self
    }

    /// Takes in that a poll of a daemon began.
    pub fn begin(&mut self, now: Moment, daemon: DaemonId) {
        self.pacing.began(now, daemon);
    }

    /// Takes in that the first try of a poll failed, or a request of the pool's own.
    pub fn doubt(&mut self, now: Moment, daemon: DaemonId) {
        self.tracker.doubt(daemon);
        let outdated = self.pacing.failed(now, daemon);
        self.renew(&outdated);
    }

    /// Takes in how a poll of a daemon ended.
    pub fn record(&mut self, now: Moment, daemon: DaemonId, report: Report) {
        self.polls += 1;
        let outdated = self.pacing.ended(now, daemon, &report, self.head);
        self.tracker.record(now, daemon, report);
        self.renew(&outdated);
    }

    /// The daemons to poll now, out of turn; each is named once.
    pub fn due(&mut self, now: Moment) -> Vec<DaemonId> {
        self.pacing.due(now)
    }

    /// When to ask for [`Self::due`] again, in time since watching began.
    pub fn next_due(&self) -> Option<Duration> {
        self.pacing.next_due()
    }

    /// Judges, chooses and gives the snapshot to publish.
    pub fn decide(&mut self, now: Moment) -> Status {
        let assessment = self.tracker.assess(now, self.selection.daemon);
        let selection = selector::select(now, &assessment, self.selection, &self.policy);
        if selection.daemon != self.selection.daemon {
            self.note_switch(now, &assessment, selection);
        }
        self.selection = selection;
        self.head = assessment.head.map(|head| head.height);
        self.snapshot(&assessment)
    }

    fn renew(&mut self, outdated: &[DaemonId]) {
        outdated.iter().for_each(|daemon| self.tracker.renew(*daemon));
    }

    fn note_switch(&mut self, now: Moment, assessment: &Assessment, selection: Selection) {
        self.epoch += 1;
        let left = self.selection.daemon.0;
        let switch = Switch {
            from: &self.endpoints[left],
            left: &assessment.daemons[left].health,
            to: &self.endpoints[selection.daemon.0],
            cause: selection.cause,
            votes: assessment.votes,
            mode: selection.mode,
            healthy: assessment.healthy(),
        };
        self.switches.push_back(Arc::new(switch.event(self.epoch, now)));
        if self.switches.len() > KEPT_SWITCHES {
            self.switches.pop_front();
        }
    }

    fn snapshot(&self, assessment: &Assessment) -> Status {
        let Selection { mode, daemon, quorum, hold, .. } = self.selection;
        let judged = (0..).map(DaemonId).zip(&assessment.daemons);
        let status = |(id, judgement)| Some(DaemonStatus::new(id, &self.endpoints, judgement, self.tracker.track(id)?));
        Status {
            enabled: true,
            mode,
            quorum,
            hold,
            epoch: self.epoch,
            current: self.endpoints[daemon.0].clone(),
            primary: self.endpoints[0].clone(),
            head: assessment.head,
            healthy: assessment.healthy(),
            daemons: judged.filter_map(status).collect(),
            switches: self.switches.iter().cloned().collect(),
            polls: self.polls,
            warnings: self.warnings(assessment),
            ready: assessment.rounds > 0,
        }
    }

    fn warnings(&self, assessment: &Assessment) -> Vec<String> {
        let names = self.endpoints.iter().zip(&assessment.daemons);
        let same = names.filter_map(|(endpoint, daemon)| Some((endpoint, &self.endpoints[daemon.same_as?.0])));
        let twice = same.map(|(one, other)| format!("{one} and {other} are one daemon, which counts once"));
        self.warnings.iter().cloned().chain(twice).collect()
    }
}

const KEPT_SWITCHES: usize = 50;
