//! What pools ask daemons for: a block template at every whole second, and now and then to take a block that was found.
//!
//! This project's policies ask as [`routing`](turtle_pool_multi_daemon::routing) says, which is what ships, and are told what requests have shown, as
//! the gateway does; the others ask the one daemon that they use.

mod passage;
mod work;

use self::{
    passage::Passage,
    work::{Asked, Work},
};
use super::{
    Millis,
    climate::Climate,
    dice::Dice,
    policies::{Policy, Project},
    score::Score,
    seconds,
    tree::BlockId,
    world::{Grade, Wake, World},
};

/// This project's policies in one world.
pub struct Projects<'a> {
    pub primary: &'a mut Project,
    pub best: &'a mut Project,
}

/// The requests of all policies in one world. They draw from dice of their own: without them the world is the same.
#[derive(Debug)]
pub struct Requests {
    since: Millis,
    /// The block that each pool's miners build on: that of the last template it got.
    jobs: [BlockId; Policy::ALL.len()],
    primary: Work,
    best: Work,
    /// Whom the oracle asks. It also knows who refuses work, of which the shares of time know nothing.
    oracle: usize,
    finds: Dice,
    fortune: Dice,
    between_finds: Millis,
    last_find: Millis,
    offers_to_all: bool,
    passages: Vec<Passage>,
    /// Those that are still under way, by their places.
    open: Vec<usize>,
    found: u64,
}

impl Requests {
    pub fn start(world: &mut World, climate: &Climate, dice: &Dice) -> Self {
        let tip = world.daemons[0].tip;
        let mut requests = Self {
            since: 0,
            jobs: [tip; Policy::ALL.len()],
            primary: Work::default(),
            best: Work::default(),
            oracle: 0,
            finds: dice.part(5),
            fortune: dice.part(6),
            between_finds: climate.between_finds,
            last_find: climate.length.saturating_sub(AFTERWARDS),
            offers_to_all: climate.offers_to_all,
            passages: vec![],
            open: vec![],
            found: 0,
        };
        requests.plan_find(world);
        world.wake(SECOND, Wake::Asks);
        requests
    }

    /// Nothing changed from the last call until now. A template is asked for at each whole second of that time, and what comes of it depends on
    /// the daemons, the chart and the habits of daemons alone. Equal daemons and charts give equal answers, so one request stands for all of that
    /// time. Habits move only the moment at which a second daemon is asked: a prompt daemon answers before anybody counts as slow, and a slow
    /// one after everybody does.
    pub fn advance(&mut self, world: &World, projects: &mut Projects, score: &mut Score, now: Millis) {
        let asked = now.div_ceil(SECOND) - self.since.div_ceil(SECOND);
        self.since = now;
        if asked == 0 {
            return;
        }
        for policy in Policy::ALL {
            let given = self.template_of(world, projects, score, policy);
            if let Some(daemon) = given {
                self.jobs[policy as usize] = world.daemons[daemon].served;
            }
            let tally = score.requests(policy);
            tally.asked += asked;
            tally.without_work +=
                if given.is_some_and(|daemon| world.grades[daemon] == Grade::Best) { 0 } else { asked };
        }
    }

    /// Lets the pools find blocks, and those on their way go on.
    pub fn act(&mut self, world: &mut World, wake: Option<Wake>, projects: &mut Projects, score: &mut Score) {
        self.probe(world, projects);
        match wake {
            Some(Wake::Asks) => {
                self.teach(world, projects);
                world.wake(world.now + SECOND, Wake::Asks);
            }
            Some(Wake::Found) => self.find(world, projects, score),
            Some(Wake::Block(number, _)) => self.go_on(world, projects, number),
            // With the polls there may be another chart.
            Some(Wake::Poll(policy) | Wake::TryEnds(policy, _) | Wake::Learns(policy)) => {
                for number in self.open.clone() {
                    if self.passages[number].policy == policy {
                        self.go_on(world, projects, number);
                    }
                }
            }
            _ => {}
        }
    }

    /// Counts what has become of the blocks.
    pub fn finish(self, score: &mut Score) {
        for passage in &self.passages {
            let tally = score.requests(passage.policy);
            tally.found += 1;
            tally.lost += u64::from(!passage.is_safe());
            tally.unpaid += u64::from(passage.is_safe() && !passage.is_credited());
            tally.damaged += passage.damages();
            let oracle = |other: &&Passage| other.policy == Policy::Oracle && other.number == passage.number;
            let saved = self.passages.iter().find(oracle).is_some_and(Passage::is_safe);
            tally.lost_needlessly += u64::from(!passage.is_safe() && saved);
        }
    }

    /// The daemon whose template a pool gets now.
    fn template_of(&mut self, world: &World, projects: &mut Projects, score: &Score, policy: Policy) -> Option<usize> {
        match policy {
            Policy::FallbackPrimary => self.primary.template(world, projects.primary).given,
            Policy::FallbackBest => self.best.template(world, projects.best).given,
            Policy::Oracle => Some(self.ask_oracle(world)).filter(|daemon| work::gives(world, *daemon)),
            _ => score.chosen(policy).filter(|daemon| work::gives(world, *daemon)),
        }
    }

    /// What the requests of this moment show. Like a pool, each of them asks again when it has its answer.
    fn teach(&mut self, world: &mut World, projects: &mut Projects) {
        for (work, project) in self.works(projects) {
            let Asked { took, lessons, .. } = work.template(world, project);
            if !lessons.is_empty() && !project.is_learning() {
                project.learn(world, *took, lessons.clone());
            }
        }
    }

    /// What the daemons answer that the policies want to be asked.
    fn probe(&mut self, world: &mut World, projects: &mut Projects) {
        for (work, project) in self.works(projects) {
            let asked = project.take_to_ask();
            if !asked.is_empty() {
                let chart = project.chart();
                let lessons = asked.iter().filter_map(|who| work.probe(world, &chart, who)).collect();
                project.learn(world, 0, lessons);
            }
        }
    }

    fn works<'a>(&'a mut self, projects: &'a mut Projects) -> [(&'a mut Work, &'a mut Project); 2] {
        [(&mut self.primary, &mut *projects.primary), (&mut self.best, &mut *projects.best)]
    }

    /// The best daemon: it stays where it is for as long as no other one is better.
    fn ask_oracle(&mut self, world: &World) -> usize {
        let rank = |daemon: usize| (!work::gives(world, daemon), world.grades[daemon]);
        let best = (0..world.daemons.len()).min_by_key(|daemon| rank(*daemon)).unwrap_or(0);
        if rank(best) < rank(self.oracle) {
            self.oracle = best;
        }
        self.oracle
    }

    /// All pools find a block in the same moment, each on what its miners build on. On an old block it is an orphan, whoever gets it: that is in
    /// the shares of time.
    fn find(&mut self, world: &mut World, projects: &mut Projects, score: &Score) {
        for policy in Policy::ALL {
            let parent = self.jobs[policy as usize];
            if !world.network.is_newest(parent) {
                continue;
            }
            let chosen = match policy {
                Policy::Oracle => Some(passage::best_taker(world, parent).unwrap_or_else(|| self.ask_oracle(world))),
                _ => score.chosen(policy),
            };
            // The same fortune for every policy, as far as they do the same.
            let dice = self.fortune.part(self.found);
            let mut passage = Passage::new(world, policy, self.found, parent, dice);
            match (projects.of(policy), chosen) {
                _ if self.offers_to_all => (0..world.daemons.len()).for_each(|daemon| passage.offer(world, daemon)),
                (Some(project), _) => passage.route(world, project),
                (None, Some(daemon)) => passage.offer(world, daemon),
                (None, None) => {}
            }
            let number = self.passages.len();
            self.passages.push(passage);
            self.open.push(number);
            self.go_on(world, projects, number);
        }
        self.found += 1;
        self.plan_find(world);
    }

    fn go_on(&mut self, world: &mut World, projects: &mut Projects, number: usize) {
        let passage = &mut self.passages[number];
        match passage.go_on(world, projects.of(passage.policy)) {
            Some(next) => {
                if let Some(at) = passage.plan(world.now, next) {
                    world.wake(at, Wake::Block(number, passage.policy));
                }
            }
            None => self.open.retain(|open| *open != number),
        }
    }

    fn plan_find(&mut self, world: &mut World) {
        let at = world.now + self.finds.exponential(self.between_finds as f64) as Millis + 1;
        // What is found in the last moments has no time to get anywhere.
        if at < self.last_find {
            world.wake(at, Wake::Found);
        }
    }
}

impl Projects<'_> {
    fn of(&mut self, policy: Policy) -> Option<&mut Project> {
        match policy {
            Policy::FallbackPrimary => Some(self.primary),
            Policy::FallbackBest => Some(self.best),
            _ => None,
        }
    }
}

const SECOND: Millis = seconds(1);

/// By then a block is in the chain or lost.
const AFTERWARDS: Millis = seconds(60);
