//! This project: the core that ships.

use std::sync::Arc;

use turtle_pool_multi_daemon::{
    config::{Config, DaemonConfig},
    consensus::{
        block::{BlockHash, Height},
        moment::Moment,
        observation::{Failure, Observation, View},
        rules::Rules,
        select::{self, Cause, Fallback, Selection},
        tracker::{Assessment, Judgement},
        vote::Head,
    },
    core::{Command, Core, Input, Look, News},
    endpoint::{DaemonId, Endpoint},
    routing::{Chart, Learnt, Who},
};

use super::Policy;
use crate::simulator::{
    Millis,
    dice::Dice,
    watch::{self, moment},
    world::{Wake, World},
};

/// One pool's decisions.
#[derive(Debug)]
pub struct Project {
    me: Policy,
    core: Core,
    /// Decides which requests are lost.
    luck: Dice,
    pollers: Vec<Poller>,
    /// How each daemon's latest poll ended: its tip, where it showed one.
    shown: Vec<Option<(Height, BlockHash)>>,
    switches: Vec<Switch>,
    names: Arc<[Who]>,
    /// What requests have shown, and when that is told.
    lessons: Vec<(Millis, Vec<Learnt>)>,
    /// The daemons to ask for a template.
    to_ask: Vec<Who>,
    decisions: u64,
    /// When the world was told of the core's deadline.
    planned: Millis,
}

/// What looks at one daemon.
#[derive(Debug, Default)]
struct Poller {
    /// When the latest poll began: which requests are lost is the same at one moment for every policy.
    began: Millis,
    /// Tries that failed in the poll under way.
    failed: usize,
    /// What the try under way will come to.
    under_way: Option<Result<Observation, Failure>>,
    /// What the poll before saw, where this one may do without the info.
    whole: Option<Observation>,
}

impl Poller {
    /// What the client makes of it: while the blocks stay the same and all was in order, every other poll is told no info.
    fn told(&mut self, tried: Result<Observation, Failure>) -> Result<Observation, Failure> {
        let (before, seen) = (self.whole.take(), tried?);
        match before.filter(|before| before.view == seen.view) {
            Some(before) => Ok(Observation { latency: seen.latency, ..before }),
            None => {
                self.whole = seen.is_in_order().then(|| seen.clone());
                Ok(seen)
            }
        }
    }
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
        let daemons = world.daemons.len();
        let fallback = if me == Policy::FallbackBest { Fallback::Best } else { Fallback::Primary };
        let config = config(daemons, fallback);
        world.wake(world.now, Wake::Poll(me));
        Self {
            me,
            core: Core::new(&config, moment(world)),
            luck,
            pollers: (0..daemons).map(|_| Poller::default()).collect(),
            shown: vec![None; daemons],
            switches: vec![],
            names: config.daemons.into_iter().map(|daemon| Arc::new(daemon.endpoint)).collect(),
            lessons: vec![],
            to_ask: vec![],
            decisions: 0,
            planned: world.now,
        }
    }

    /// Does what it asked to be woken for: what the engine does, without the snapshots it publishes.
    pub fn act(&mut self, world: &mut World, wake: Wake) {
        let now = moment(world);
        for (_, lessons) in self.lessons.extract_if(.., |(at, _)| *at <= world.now) {
            lessons.into_iter().for_each(|lesson| self.core.handle(now, Input::Learnt(lesson)));
        }
        if let Wake::TryEnds(_, daemon) = wake
            && let Some(tried) = self.pollers[daemon].under_way.take()
        {
            self.end_try(now, daemon, tried);
        }
        loop {
            self.judge(now);
            let commands = self.core.commands(now);
            if commands.is_empty() {
                break;
            }
            commands.into_iter().for_each(|command| self.execute(world, now, command));
        }
        self.plan(world);
    }

    /// The daemon in use.
    pub fn choose(&self) -> usize {
        self.core.selection().daemon.0
    }

    /// What was decided last.
    pub fn selection(&self) -> Selection {
        self.core.selection()
    }

    /// What the last decision rests on.
    pub fn assessment(&self) -> &Assessment {
        self.core.assessment()
    }

    /// All switches so far, and what each rested on.
    pub fn switches(&self) -> &[Switch] {
        &self.switches
    }

    /// Tells it later what a request will have shown.
    pub fn learn(&mut self, world: &mut World, after: Millis, lessons: Vec<Learnt>) {
        if !lessons.is_empty() {
            self.lessons.push((world.now + after, lessons));
            world.wake(world.now + after, Wake::Learns(self.me));
        }
    }

    /// Whether a request is under way that will show something.
    pub fn is_learning(&self) -> bool {
        !self.lessons.is_empty()
    }

    /// The daemons to ask for a template: each is named once.
    pub fn take_to_ask(&mut self) -> Vec<Who> {
        std::mem::take(&mut self.to_ask)
    }

    /// What requests go by.
    pub fn chart(&mut self) -> Arc<Chart> {
        self.core.chart()
    }

    /// How often it has decided: with each time there may be another chart.
    pub fn decisions(&self) -> u64 {
        self.decisions
    }

    /// The daemon's names, in requests.
    pub fn names(&self) -> Arc<[Who]> {
        self.names.clone()
    }

    fn execute(&mut self, world: &mut World, now: Moment, command: Command) {
        match command {
            Command::Try(daemon, look) => self.look(world, now, daemon.0, look),
            Command::Ask(question) => {
                let hash = watch::answer(world, question.daemon.0, question.height);
                self.core.handle(now, Input::News(question.daemon, News::Answered(question, hash)));
            }
            Command::List(daemon) => self.core.handle(now, Input::News(daemon, News::Listed(None))),
            Command::AskForWork(daemon) => self.to_ask.push(daemon),
        }
    }

    fn look(&mut self, world: &mut World, now: Moment, daemon: usize, look: Look) {
        let limit = look.limit.as_millis() as Millis;
        let poller = &mut self.pollers[daemon];
        poller.whole.take_if(|_| !look.may_be_short);
        if poller.failed == 0 {
            poller.began = world.now;
        }
        let dice = self.luck.part(poller.began).part((daemon * 2 + poller.failed.min(1)) as u64);
        let (after, tried) = watch::try_once(world, daemon, limit, dice, false);
        if after == 0 && tried.is_ok() {
            return self.end_try(now, daemon, tried);
        }
        poller.under_way = Some(tried);
        world.wake(world.now + after, Wake::TryEnds(self.me, daemon));
    }

    fn end_try(&mut self, now: Moment, daemon: usize, tried: Result<Observation, Failure>) {
        let poller = &mut self.pollers[daemon];
        let tried = poller.told(tried);
        poller.failed = if tried.is_ok() { 0 } else { (poller.failed + 1) % TRIES };
        if poller.failed == 0 {
            self.shown[daemon] = tried.as_ref().ok().and_then(tip);
        }
        self.core.handle(now, Input::News(DaemonId(daemon), News::Tried(tried)));
    }

    fn judge(&mut self, now: Moment) {
        let left = self.choose();
        if !self.core.judge(now) {
            return;
        }
        self.decisions += 1;
        if self.choose() != left {
            let assessment = self.core.assessment();
            let (cause, shown) = (self.selection().cause, self.shown[left]);
            let judgement = assessment.daemons[left].clone();
            let (head, healthy) = (assessment.head, assessment.healthy());
            self.switches.push(Switch { left, cause, shown, judgement, head, healthy });
        }
    }

    fn plan(&mut self, world: &mut World) {
        let Some(due) = self.core.next_deadline() else { return };
        let due = (due.as_nanos().div_ceil(1_000_000) as Millis).max(world.now + 1);
        if self.planned <= world.now || due < self.planned {
            self.planned = due;
            world.wake(due, Wake::Poll(self.me));
        }
    }
}

fn config(daemons: usize, fallback: Fallback) -> Config {
    let daemon = |port| {
        let endpoint = Endpoint { host: "d".into(), port, tls: false };
        DaemonConfig { endpoint, drained: false, ha: None, login: None }
    };
    Config {
        daemons: (0..daemons as u16).map(daemon).collect(),
        rules: Rules::default(),
        policy: select::Policy { fallback, ..select::Policy::default() },
        warnings: vec![],
        gateway: None,
        hedge_after: None,
    }
}

fn tip(observation: &Observation) -> Option<(Height, BlockHash)> {
    match &observation.view {
        View::Chain(window) => window.blocks.first().map(|block| (window.height, block.hash)),
        View::Busy { .. } => None,
    }
}

/// Of one poll, where no request of the pool's own failed.
const TRIES: usize = 2;
