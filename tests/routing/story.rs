//! A block on its way through a world, offered as the gateway offers it.

use std::time::Duration;

use turtle_pool_multi_daemon::routing::{
    Chart, Who,
    offer::Said,
    sight::Sight,
    submission::{Answer, Order, Submission},
};

use crate::world::{Ms, News, Plan, World};

/// What has happened, as far as it is of interest.
#[derive(Debug, Default)]
pub struct Story {
    pub offers: Vec<Offer>,
    pub told: Vec<Telling>,
    /// What the looks have shown, and when.
    pub sights: Vec<(Ms, usize, Sight)>,
    pub looks: usize,
    pub steps: usize,
    /// Times at which orders were asked for, and there was nothing to wait for.
    pub spins: usize,
    pub ended: Ms,
    pub damages: usize,
    pub damaged: Vec<(usize, Ms)>,
    pub was_in_a_chain: bool,
    /// Who has it in the end, when everything that was under way has come to an end.
    pub holders: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct Offer {
    pub to: usize,
    pub at: Ms,
    pub said: Option<(Ms, Said)>,
    /// Whether the primary had shown the block for a while then.
    pub primary_has_it: bool,
    pub alone: bool,
    /// When a daemon that counts by then had first shown another block in its place.
    pub rival: Option<Ms>,
}

#[derive(Debug, Clone)]
pub struct Telling {
    pub at: Ms,
    pub answer: Answer,
    pub said_ok: Vec<usize>,
    pub was_in_a_chain: bool,
    /// The daemons that have shown it for so long to whoever looked.
    pub shown: Vec<(usize, Ms)>,
    pub grown: bool,
}

/// Offers the block, and lets the world go on for a minute after that.
pub fn play(plan: &Plan) -> Story {
    let mut world = World::new(plan);
    let mut story = Story::default();
    let mut submission = Submission::new(world.time(), world.marks.clone(), &world.chart());
    let head = world.chart().head.map(|head| head.height);
    loop {
        let chart = world.chart();
        for order in submission.orders(world.time(), &chart) {
            match order {
                Order::Look(who) => {
                    story.looks += 1;
                    world.look(world.number(&who), submission.height());
                }
                Order::Offer(who) => {
                    let to = world.number(&who);
                    let (at, primary_has_it) = (world.now, world.shows_for(0) > Some(SEEN_WITHIN));
                    let rival = story.rival(&world, &chart);
                    story.offers.push(Offer { to, at, said: None, primary_has_it, alone: chart.alone, rival });
                    world.offer(to);
                }
                Order::Tell(answer) => story.told.push(Telling {
                    at: world.now,
                    answer,
                    said_ok: story.said_ok(),
                    was_in_a_chain: world.was_in_a_chain,
                    shown: (0..plan.daemons.len()).filter_map(|it| Some((it, world.shows_for(it)?))).collect(),
                    grown: chart.head.map(|head| head.height) > head,
                }),
            }
        }
        story.steps += 1;
        let Some(deadline) = submission.deadline(&chart) else { break };
        if deadline <= world.time() {
            story.spins += 1;
        }
        if story.spins > 100 || story.steps > TOO_MANY {
            break;
        }
        let deadline = ceil(deadline).max(world.now);
        match world.next().filter(|at| *at <= deadline) {
            Some(_) => {
                if let Some(news) = world.step() {
                    story.take(&world, &mut submission, news);
                }
            }
            None => world.now = deadline,
        }
    }
    story.ended = world.now;
    while world.next().is_some_and(|at| at < story.ended + AFTERWARDS) {
        world.step();
    }
    story.damages = world.damages;
    story.damaged = world.damaged.clone();
    story.was_in_a_chain = world.was_in_a_chain;
    story.holders = (0..plan.daemons.len()).filter(|daemon| world.has(*daemon)).collect();
    story
}

/// What the primary would have said to the one offer that it gets without us, and when; and whether the block is in a chain in the end.
pub fn without_us(plan: &Plan) -> (Option<(Ms, Said)>, World) {
    let mut world = World::new(plan);
    world.offer(plan.in_use);
    let mut said = None;
    while world.next().is_some_and(|at| at < 700_000) {
        if let Some(News::Said(_, it)) = world.step() {
            said = Some((world.now, it));
        }
    }
    (said, world)
}

impl Story {
    fn take(&mut self, world: &World, submission: &mut Submission, news: News) {
        match news {
            News::Seen(daemon, sight, parent) => {
                self.sights.push((world.now, daemon, sight));
                parent.into_iter().for_each(|height| submission.learn_parent(height));
                submission.seen(world.time(), world.who(daemon), sight);
            }
            News::Said(daemon, said) => {
                let open = self.offers.iter_mut().rev().find(|offer| offer.to == daemon && offer.said.is_none());
                open.expect("an open offer").said = Some((world.now, said.clone()));
                submission.heard(world.time(), world.who(daemon), said);
            }
            News::Chart => {}
        }
    }

    /// When a daemon on the branch, or in use, first showed another block in its place.
    fn rival(&self, world: &World, chart: &Chart) -> Option<Ms> {
        let is_on_branch = |who: &Who| chart.seat(who).is_some_and(|seat| seat.is_on_branch);
        let counts = |daemon: usize| {
            chart.head.is_none() || *world.who(daemon) == chart.in_use || is_on_branch(world.who(daemon))
        };
        let rivals = self.sights.iter().filter(|(_, daemon, sight)| *sight == Sight::Other && counts(*daemon));
        rivals.map(|(at, ..)| *at).min()
    }

    fn said_ok(&self) -> Vec<usize> {
        let ok = self.offers.iter().filter(|offer| matches!(offer.said, Some((_, Said::Taken))));
        ok.map(|offer| offer.to).collect()
    }

    pub fn answer(&self) -> Option<&Answer> {
        self.told.first().map(|telling| &telling.answer)
    }

    pub fn is_accepted(&self) -> bool {
        matches!(self.answer(), Some(Answer::Accepted(_) | Answer::Found))
    }
}

fn ceil(time: Duration) -> Ms {
    time.as_micros().div_ceil(1_000) as Ms
}

/// Whoever takes so many steps goes round in circles.
const TOO_MANY: usize = 20_000;
const AFTERWARDS: Ms = 60_000;

/// A round of looks, and the answer.
const SEEN_WITHIN: Ms = 2_000;
