//! Templates: who gives one, and whose a pool gets that asks as the gateway does.

use std::{collections::HashMap, time::Duration};

use turtle_pool_multi_daemon::{
    consensus::block::BlockHash,
    routing::{
        NoWorkCause,
        call::Call,
        habit::Habits,
        reply::Verdict,
        route::{Heard, Route, Step},
        template::Template,
    },
};

use crate::simulator::{Millis, daemon::Rpc, policies::Project, tree::BlockId, world::World};

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
    /// What the daemons and the chart were like at the last request, and whose template it gave.
    last: Option<((u64, u64), Option<usize>)>,
    /// Templates by the block that they are on: they are read once.
    templates: HashMap<BlockHash, Template>,
}

impl Default for Work {
    fn default() -> Self {
        let call = Call::of("/json_rpc", br#"{"method":"getblocktemplate"}"#);
        Self { call, habits: Habits::default(), last: None, templates: HashMap::new() }
    }
}

impl Work {
    /// The daemon whose template the pool gets now.
    pub fn template(&mut self, world: &World, project: &mut Project) -> Option<usize> {
        let state = (world.version, project.decisions());
        match self.last {
            Some((before, given)) if before == state => given,
            _ => {
                let given = self.ask(world, project);
                self.last = Some((state, given));
                given
            }
        }
    }

    /// One request from its beginning to its end. Daemons and chart stay as they are meanwhile.
    fn ask(&mut self, world: &World, project: &mut Project) -> Option<usize> {
        let chart = project.chart();
        let began = Duration::from_millis(world.now);
        let mut now = began;
        let mut route = Route::new(&self.call, Some(HEDGE_AFTER));
        let mut asked: Vec<usize> = vec![];
        let mut answers: Vec<(Duration, usize, Heard)> = vec![];
        loop {
            match route.next(now, &chart, &self.habits) {
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
                            // Whether the head is old matters for what is learnt alone.
                            route.hear(index, heard, &chart, true);
                        }
                        (None, Some(until)) => now = until,
                        (None, None) => return None,
                    }
                }
                Step::Pass(index) => return Some(asked[index]).filter(|daemon| gives(world, *daemon)),
                Step::GiveUp => return None,
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
            return Some(known.clone());
        }
        let height = tree.height(block) + 1;
        let result = format!(r#"{{"blocktemplate_blob":"00","height":{height},"prev_hash":"{hash}"}}"#);
        let template = Template::of(result.as_bytes())?;
        self.templates.insert(hash, template.clone());
        Some(template)
    }
}

/// Milliseconds within which a daemon answers that is in order.
const PROMPT: Millis = 2;

/// The default of `hedgeAfter`.
const HEDGE_AFTER: Duration = Duration::from_millis(500);

const KEPT: usize = 64;
