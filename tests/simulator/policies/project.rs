//! This project: the pacing, the tracker and the selector that ship.

use std::sync::Arc;

use turtle_pool_multi_daemon::{
    consensus::{
        block::{BlockHash, Height},
        moment::Moment,
        observation::{Report, View},
        rules::Rules,
        select::{self, Cause, Fallback, Selection, select},
        tracker::{Assessment, Judgement, Tracker},
        vote::Head,
    },
    core::chart,
    core::pacing::Pacing,
    endpoint::{DaemonId, Endpoint},
    routing::{Chart, Who},
};

use super::Policy;
use crate::simulator::{
    Millis,
    dice::Dice,
    watch::{self, Polled, Stage, Watch, moment},
    world::{Wake, World},
};

/// One pool's decisions.
#[derive(Debug)]
pub struct Project {
    me: Policy,
    watch: Watch,
    pacing: Pacing,
    tracker: Tracker,
    policy: select::Policy,
    selection: Selection,
    assessment: Option<Assessment>,
    polled: Vec<Polled>,
    /// How each daemon's latest poll ended: its tip, where it showed one.
    shown: Vec<Option<(Height, BlockHash)>>,
    switches: Vec<Switch>,
    names: Arc<[Who]>,
    /// What requests go by, unless there was a decision since it was drawn.
    chart: Option<Arc<Chart>>,
    decisions: u64,
    /// When a poll out of turn is due that the world was told of.
    planned: Millis,
}

/// A switch, and what it rested on.
#[derive(Debug, Clone)]
pub struct Switch {
    /// The daemon that was left.
    pub left: usize,
    /// Why.
    pub cause: Cause,
    /// The tip that its latest poll saw, if it did.
    pub shown: Option<(Height, BlockHash)>,
    /// What was held of it.
    pub judgement: Judgement,
    /// The head.
    pub head: Option<Head>,
    /// How many daemons were healthy.
    pub healthy: usize,
}

impl Project {
    /// Knows nothing yet. `me` tells the fallback.
    pub fn start(world: &mut World, me: Policy, luck: Dice) -> Self {
        let (rules, daemons) = (Rules::default(), world.daemons.len());
        let fallback = if me == Policy::FallbackBest { Fallback::Best } else { Fallback::Primary };
        Self {
            me,
            watch: Watch::start(world, me, &rules, luck),
            pacing: Pacing::new(daemons, &rules),
            tracker: Tracker::new(vec![false; daemons], rules),
            policy: select::Policy { fallback, ..select::Policy::default() },
            selection: Selection::START,
            assessment: None,
            polled: vec![],
            shown: vec![None; daemons],
            switches: vec![],
            names: names(daemons),
            chart: None,
            decisions: 0,
            planned: 0,
        }
    }

    /// Does what it asked to be woken for: as the engine and the decider do together, without the snapshots they publish.
    pub fn act(&mut self, world: &mut World, wake: Wake) {
        let now = moment(world);
        self.watch.act(world, wake, &mut self.polled);
        loop {
            self.take_in(now);
            self.answer_questions(world, now);
            let due: Vec<_> = self.pacing.due(now).into_iter().map(|daemon| daemon.0).collect();
            if due.is_empty() {
                break;
            }
            self.watch.poll(world, &due, &mut self.polled);
        }
        self.plan(world);
    }

    /// The daemon in use.
    pub fn choose(&self) -> usize {
        self.selection.daemon.0
    }

    /// What was decided last.
    pub fn selection(&self) -> Selection {
        self.selection
    }

    /// What the last decision rests on.
    pub fn assessment(&self) -> Option<&Assessment> {
        self.assessment.as_ref()
    }

    /// All switches so far, and what each rested on.
    pub fn switches(&self) -> &[Switch] {
        &self.switches
    }

    /// What requests go by. Drawn when somebody asks: most decisions are followed by the next one before that.
    pub fn chart(&mut self) -> Arc<Chart> {
        let Self { names, tracker, selection, policy, .. } = &*self;
        let draw = || match &self.assessment {
            Some(assessment) => chart(names, tracker, assessment, selection, (policy, false)),
            None => Chart::start(names[0].clone()),
        };
        let chart = self.chart.clone().unwrap_or_else(|| Arc::new(draw()));
        self.chart = Some(chart.clone());
        chart
    }

    /// How often it has decided: with each time there may be another chart.
    pub fn decisions(&self) -> u64 {
        self.decisions
    }

    /// The daemon's names, in requests.
    pub fn names(&self) -> Arc<[Who]> {
        self.names.clone()
    }

    fn take_in(&mut self, now: Moment) {
        let mut told = false;
        for (daemon, stage) in self.polled.drain(..) {
            let daemon = DaemonId(daemon);
            told |= !matches!(stage, Stage::Began);
            let outdated = match stage {
                Stage::Began => {
                    self.pacing.began(now, daemon);
                    vec![]
                }
                Stage::TryFailed => {
                    self.tracker.stumble(now, daemon);
                    self.pacing.failed(now, daemon)
                }
                Stage::Ended(report) => {
                    let head = self.assessment.as_ref().and_then(head);
                    self.shown[daemon.0] = tip(&report);
                    let outdated = self.pacing.ended(now, daemon, &report, head);
                    self.tracker.record(now, daemon, report);
                    outdated
                }
            };
            outdated.into_iter().for_each(|daemon| self.tracker.renew(daemon));
        }
        if told {
            let assessment = self.tracker.assess(now, self.selection.daemon);
            let left = self.selection.daemon.0;
            self.selection = select(now, &assessment, self.selection, &self.policy);
            if self.choose() != left {
                let (cause, shown, judgement) =
                    (self.selection.cause, self.shown[left], assessment.daemons[left].clone());
                let (head, healthy) = (assessment.head, assessment.healthy());
                self.switches.push(Switch { left, cause, shown, judgement, head, healthy });
            }
            self.assessment = Some(assessment);
            (self.chart, self.decisions) = (None, self.decisions + 1);
        }
    }

    /// Asks what the tracker wants to know of far-apart chains. The answers come at once and count with the next report.
    fn answer_questions(&mut self, world: &World, now: Moment) {
        for question in self.tracker.questions(now) {
            let hash = watch::answer(world, question.daemon.0, question.height);
            self.tracker.answer(now, &question, hash);
        }
    }

    fn plan(&mut self, world: &mut World) {
        let Some(due) = self.pacing.next_due() else { return };
        let due = (due.as_millis() as Millis).max(world.now + 1);
        if self.planned <= world.now || due < self.planned {
            self.planned = due;
            world.wake(due, Wake::Poll(self.me));
        }
    }
}

fn names(count: usize) -> Arc<[Who]> {
    (0..count).map(|daemon| Arc::new(Endpoint { host: "d".into(), port: daemon as u16, tls: false })).collect()
}

fn head(assessment: &Assessment) -> Option<Height> {
    assessment.head.map(|head| head.height)
}

fn tip(report: &Report) -> Option<(Height, BlockHash)> {
    let Report::Answered(observation) = report else { return None };
    match &observation.view {
        View::Chain(window) => window.blocks.first().map(|block| (window.height, block.hash)),
        View::Busy { .. } => None,
    }
}
