//! This project: the pacing, the tracker and the selector that ship.

use turtle_pool_multi_daemon::{
    consensus::{
        block::Height,
        moment::Moment,
        rules::Rules,
        tracker::{Assessment, Tracker},
    },
    daemon::DaemonId,
    pacing::Pacing,
    selector::{self, Fallback, Selection, select},
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
    policy: selector::Policy,
    selection: Selection,
    assessment: Option<Assessment>,
    polled: Vec<Polled>,
    /// When a poll out of turn is due that the world was told of.
    planned: Millis,
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
            policy: selector::Policy { fallback, ..selector::Policy::default() },
            selection: Selection::START,
            assessment: None,
            polled: vec![],
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
                    self.tracker.doubt(now, daemon);
                    self.pacing.failed(now, daemon)
                }
                Stage::Ended(report) => {
                    let head = self.assessment.as_ref().and_then(head);
                    let outdated = self.pacing.ended(now, daemon, &report, head);
                    self.tracker.record(now, daemon, report);
                    outdated
                }
            };
            outdated.into_iter().for_each(|daemon| self.tracker.renew(daemon));
        }
        if told {
            let assessment = self.tracker.assess(now, self.selection.daemon);
            self.selection = select(now, &assessment, self.selection, &self.policy);
            self.assessment = Some(assessment);
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

fn head(assessment: &Assessment) -> Option<Height> {
    assessment.head.map(|head| head.height)
}
