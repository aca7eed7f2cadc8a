//! Templates: who gives one, and whose a pool gets that asks as the gateway does.

use std::{collections::HashMap, time::Duration};

use turtle_pool_multi_daemon::{
    consensus::block::BlockHash,
    routing::{
        Chart, Learnt, NoWorkCause, Who,
        call::Call,
        habit::Habits,
        reply::{Envelope, Verdict},
        route::{Heard, Route, Step},
        template::Template,
    },
};

use crate::simulator::{Millis, daemon::Rpc, policies::Project, seconds, tree::BlockId, world::World};

/// Whether a daemon answers a request for a template with one, on whatever block.
pub fn gives(world: &World, daemon: usize) -> bool {
    let it = &world.daemons[daemon];
    it.serves() && !it.is_busy() && !it.refuses_work(&world.network.tree)
}

/// One pool's requests for templates.
#[derive(Debug)]
pub struct Work {
    call: Call,
    habits: Habits,
    /// What the daemons and the chart were like at the last request, and what came of it.
    last: Option<((u64, u64, bool), Asked)>,
    /// The head, and since when it is.
    head: (Option<BlockHash>, Millis),
    /// When each daemon last gave a template.
    given: HashMap<usize, Millis>,
    /// Templates by the block that they are on: they are read once.
    templates: HashMap<BlockHash, Template>,
}

/// What came of a request.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The daemon whose template the pool gets.
    pub given: Option<usize>,
    /// What it showed of the daemons that were asked, and after how long.
    pub lessons: Vec<Learnt>,
    pub took: Millis,
}

impl Default for Work {
    fn default() -> Self {
        let call = Call::of("/json_rpc", br#"{"method":"getblocktemplate"}"#);
        let (head, given, templates) = ((None, 0), HashMap::new(), HashMap::new());
        Self { call, habits: Habits::default(), last: None, head, given, templates }
    }
}

impl Work {
    /// What comes of a request that is made now.
    pub fn template(&mut self, world: &World, project: &mut Project) -> &Asked {
        let chart = project.chart();
        let head = chart.head.map(|head| head.hash);
        if self.head.0 != head {
            self.head = (head, world.now);
        }
        let is_head_old = self.is_head_old(world);
        let state = (world.version, project.decisions(), is_head_old);
        if self.last.as_ref().is_none_or(|(before, _)| *before != state) {
            let asked = self.ask(world, project, &chart, is_head_old);
            self.last = Some((state, asked));
        }
        let asked = self.last.as_ref().map(|(_, asked)| asked).unwrap();
        if let Some(daemon) = asked.given {
            self.given.insert(daemon, world.now);
        }
        asked
    }

    /// What one daemon's answer shows that is asked for a template because it may be used next, or to give work again.
    pub fn probe(&mut self, world: &World, chart: &Chart, who: &Who) -> Option<Learnt> {
        let daemon = usize::from(who.port);
        let (_, heard) = self.answer(world, daemon).filter(|(after, _)| *after < PROBE_LIMIT)?;
        let stale = heard.template.as_ref().is_some_and(|template| template.is_stale(chart));
        let cause = match heard.verdict {
            Verdict::Usable if stale && self.is_head_old(world) => NoWorkCause::Stale,
            Verdict::Usable if stale => return None,
            Verdict::Usable | Verdict::Refusal => return Some(Learnt::Works(who.clone())),
            Verdict::Lacking(cause) => cause,
            Verdict::Failure => NoWorkCause::Error,
            Verdict::Lost | Verdict::TurnedAway | Verdict::Unproven => return None,
        };
        let lately = |at: &Millis| world.now - at <= INTERVAL;
        let witnessed = self.given.iter().any(|(other, at)| *other != daemon && lately(at));
        Some(Learnt::NoWork { daemon: who.clone(), cause, witnessed })
    }

    fn is_head_old(&self, world: &World) -> bool {
        world.now - self.head.1 >= INTERVAL
    }

    /// One request from its beginning to its end. Daemons and chart stay as they are meanwhile.
    fn ask(&mut self, world: &World, project: &Project, chart: &Chart, is_head_old: bool) -> Asked {
        let began = Duration::from_millis(world.now);
        let mut now = began;
        let mut route = Route::new(&self.call, Some(HEDGE_AFTER));
        let mut asked: Vec<usize> = vec![];
        let mut answers: Vec<(Duration, usize, Heard)> = vec![];
        loop {
            match route.next(now, chart, &self.habits) {
                Step::Ask(who) => {
                    let daemon = usize::from(who.port);
                    let answer = self.answer(world, daemon);
                    answers
                        .extend(answer.map(|(after, heard)| (now + Duration::from_millis(after), asked.len(), heard)));
                    asked.push(daemon);
                }
                Step::Wait(until) => {
                    let next = (0..answers.len()).min_by_key(|index| answers[*index].0);
                    let next = next.filter(|index| until.is_none_or(|until| answers[*index].0 <= until));
                    match (next, until) {
                        (Some(next), _) => {
                            let (at, index, heard) = answers.swap_remove(next);
                            now = at;
                            if heard.verdict == Verdict::Usable {
                                self.habits.note(&project.names()[asked[index]], now - began);
                            }
                            route.hear(index, heard, chart, is_head_old);
                        }
                        (None, Some(until)) => now = until,
                        (None, None) => return Asked::default(),
                    }
                }
                Step::Pass(index) => {
                    let given = Some(asked[index]).filter(|daemon| gives(world, *daemon));
                    return Asked { given, took: millis(now - began), lessons: route.lessons() };
                }
                Step::GiveUp => return Asked { given: None, took: millis(now - began), lessons: route.lessons() },
            }
        }
    }

    /// What a daemon answers, and after how long; `None` where nothing comes.
    fn answer(&mut self, world: &World, daemon: usize) -> Option<(Millis, Heard)> {
        let it = &world.daemons[daemon];
        let lost = |verdict| Heard { verdict, speaks: false, template: None };
        let lacks = |cause| Heard { verdict: Verdict::Lacking(cause), speaks: true, template: None };
        let after = match it.rpc {
            Rpc::Prompt => PROMPT,
            Rpc::Slow(latency) => latency,
            Rpc::Lossy(_) if it.loses => return None,
            Rpc::Lossy(_) => PROMPT,
            Rpc::Silent => return None,
            Rpc::Refuses => return Some((0, lost(Verdict::Lost))),
            Rpc::Nonsense => return Some((0, lost(Verdict::Failure))),
        };
        let heard = match () {
            () if it.is_busy() => lacks(NoWorkCause::Busy),
            () if it.refuses_work(&world.network.tree) => lacks(NoWorkCause::Unsynced),
            () => Heard { verdict: Verdict::Usable, speaks: true, template: self.template_on(world, it.served) },
        };
        Some((after, heard))
    }

    fn template_on(&mut self, world: &World, block: BlockId) -> Option<Template> {
        let tree = &world.network.tree;
        let hash = tree.hash(block);
        if self.templates.len() > KEPT {
            self.templates.clear();
        }
        if let Some(known) = self.templates.get(&hash) {
            return Some(*known);
        }
        let height = tree.height(block) + 1;
        let blob = "00".repeat(80);
        let reply = format!(
            r#"{{"result":{{"blocktemplate_blob":"{blob}","difficulty":1,"height":{height},"prev_hash":"{hash}"}}}}"#
        );
        let template = Envelope::of(&reply)?.template()?;
        self.templates.insert(hash, template);
        Some(template)
    }
}

fn millis(time: Duration) -> Millis {
    time.as_micros().div_ceil(1_000) as Millis
}

/// Of polls, the default.
const INTERVAL: Millis = seconds(5);

/// The gateway waits so long for the answer of a daemon that it asks on its own.
const PROBE_LIMIT: Millis = seconds(10);

/// Milliseconds within which a daemon answers that is in order.
const PROMPT: Millis = 2;

/// The default of `hedgeAfter`.
const HEDGE_AFTER: Duration = Duration::from_millis(500);

const KEPT: usize = 64;
