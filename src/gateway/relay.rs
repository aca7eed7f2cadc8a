//! Requests that are no blocks: asked as routing says, and the answer passed on.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::Response;
use tokio::time::Instant;

use super::{
    answer,
    ask::{Errand, PROBE_LIMIT, PROBE_TURN, Patience, TURN_PATIENCE, ask},
    body::Reply,
    daemon_answer::{DaemonAnswer, Forwardable},
    request::Asking,
    shared::Shared,
};
use crate::{
    consensus::block::Height,
    routing::{
        Chart, Learnt,
        call::{Call, Kind, WhichBlock},
        reply::{Envelope, Verdict},
        route::{Heard, Route, Step},
        traffic::Ending,
    },
    words::text_of,
};

/// One request, asked of as many daemons as routing says.
struct Round {
    route: Route,
    heard: Vec<Option<DaemonAnswer>>,
    passed: Option<DaemonAnswer>,
}

/// Asks, and gives the answer for the client. Whoever stops waiting for it ends what is under way.
pub(super) async fn relay(shared: &Arc<Shared>, asking: Asking, call: &Arc<Call>, is_old: bool) -> Response<Reply> {
    let asking = Arc::new(asking);
    let counted = shared.counted();
    if let Some(fork) = held(call, &shared.chart()) {
        counted.end(Ending::Held);
        return hold(call, fork);
    }
    let Round { route, heard, passed } = Round::run_in_turn(shared, &asking, call).await;
    also(shared, &asking, call, &route);
    // What a daemon refuses as wrong tells nothing of whether others give work.
    let usable = passed.as_ref().filter(|asked| asked.verdict == Verdict::Usable);
    if let Some(template) = usable.and_then(|asked| asked.template.as_ref()) {
        shared.work.lock().note(&asking, template);
    }
    let lesson = template_lesson(call, &route, &heard, passed.as_ref());
    let answer = passed.and_then(|asked| asked.answer);
    let fork = answer.as_ref().and_then(|answer| held_back(answer, call, &shared.chart()));
    counted.end(if fork.is_some() { Ending::Held } else { route.ending() });
    let response = match (answer, fork) {
        (_, Some(fork)) => hold(call, fork),
        (Some(answer), None) => answer.forward(),
        (None, None) => answer::failed(call, is_old, &sentence(call, &route, &heard)),
    };
    route.lessons().into_iter().chain(lesson).for_each(|lesson| shared.teach(lesson));
    response
}

impl Round {
    /// Begins anew, in time, where all that might have been asked limit how often they are.
    async fn run_in_turn(shared: &Arc<Shared>, asking: &Arc<Asking>, call: &Arc<Call>) -> Self {
        let mut now = shared.now();
        let until = now + TURN_PATIENCE;
        loop {
            let round = Self::run(shared, asking, call, now).await;
            match round.wait_for_turn(shared).filter(|wait| shared.now() + *wait <= until) {
                Some(wait) => shared.ticks.reach(shared.instant(shared.now() + wait.max(SHORTEST_WAIT))).await,
                None => return round,
            }
            now = shared.now();
            round.route.lessons().into_iter().for_each(|lesson| shared.teach(lesson));
        }
    }

    /// One that begins now. The clock is looked at where time may have passed: looking at it is a good part of what a request takes.
    async fn run(shared: &Arc<Shared>, asking: &Arc<Asking>, call: &Arc<Call>, mut now: Duration) -> Self {
        let mut route = Route::new(call, shared.settings().hedge_after);
        let mut asks = Asks::default();
        // Nearly always one daemon is asked: room for more, which a list makes for itself, would be found slowly.
        let mut heard: Vec<Option<DaemonAnswer>> = Vec::with_capacity(1);
        loop {
            let chart = shared.chart();
            let is_hedge = route.is_waiting();
            let step = route.next(now, &chart, &shared.habits.lock());
            match step {
                Step::Ask(daemon) => {
                    heard.push(None);
                    let errand = if is_hedge { Errand::Hedge } else { Errand::Client };
                    let patience = Patience::of(call, &chart);
                    asks.push(ask(shared.clone(), daemon, asking.clone(), call.clone(), patience, errand));
                }
                Step::Wait(until) => {
                    // Another chart may say that nobody answers there.
                    let soon = now + LOOK_AGAIN;
                    let until = until.map_or(soon, |until| until.min(soon));
                    let ended = asks.next_before(shared, shared.instant(until)).await;
                    now = shared.now();
                    if let Some((index, asked)) = ended {
                        let verdict = asked.verdict.clone();
                        let (speaks, template) = (asked.answer.is_some(), asked.template.clone());
                        let chart = shared.chart();
                        shared.note_head(now, &chart);
                        route.hear(index, Heard { verdict, speaks, template }, &chart, shared.is_head_old(now));
                        heard[index] = Some(asked);
                    }
                }
                Step::Pass(index) => {
                    let passed = heard.get_mut(index).and_then(Option::as_mut).map(DaemonAnswer::hand_over);
                    return Self { route, heard, passed };
                }
                Step::GiveUp => return Self { route, heard, passed: None },
            }
        }
    }

    /// How long it takes until a daemon that was not to be asked now may be asked, where nobody else has given an answer.
    fn wait_for_turn(&self, shared: &Shared) -> Option<Duration> {
        let is_turned_away =
            |asked: &Option<DaemonAnswer>| asked.as_ref().is_some_and(|it| it.verdict == Verdict::TurnedAway);
        if self.passed.as_ref().is_some_and(|asked| asked.verdict != Verdict::TurnedAway) {
            return None;
        }
        let turned_away = self.route.asked().zip(&self.heard).filter(|(_, asked)| is_turned_away(asked));
        turned_away.map(|(daemon, _)| shared.upstream(daemon).turns().wait()).min()
    }
}

/// The height from which on the daemons disagree, where an answer tells of a block at that height or above.
fn held_back(answer: &Forwardable, call: &Call, chart: &Chart) -> Option<Height> {
    let fork = chart.fork.filter(|_| call.kind == Kind::Chain(WhichBlock::Told))?;
    let height = Envelope::of(&text_of(&answer.at_hand))?.header()?.height;
    (height >= fork).then_some(fork)
}

/// The height from which on the daemons disagree, where a request is for a block at that height or above.
fn held(call: &Call, chart: &Chart) -> Option<Height> {
    let fork = chart.fork?;
    match call.kind {
        Kind::Chain(WhichBlock::At(height)) if height >= fork => Some(fork),
        Kind::Chain(WhichBlock::Several) => Some(fork),
        _ => None,
    }
}

fn hold(call: &Call, fork: Height) -> Response<Reply> {
    let message = format!("the daemons disagree from block {fork} on: ask again when they agree");
    answer::error(call, answer::CORE_BUSY, &message)
}

/// Spreads a transaction from a second daemon, unheard.
fn also(shared: &Arc<Shared>, asking: &Arc<Asking>, call: &Arc<Call>, route: &Route) {
    let Some(first) = route.asked().last() else { return };
    let Some(daemon) = Route::also(call, first, &shared.chart()) else { return };
    let patience = Patience { wait: PROBE_TURN, insists: false };
    let ask = ask(shared.clone(), daemon, asking.clone(), call.clone(), patience, Errand::Client);
    tokio::spawn(tokio::time::timeout(PROBE_LIMIT, ask));
}

fn sentence(call: &Call, route: &Route, heard: &[Option<DaemonAnswer>]) -> String {
    format!("{}: no daemon answers ({})", call.name, said(route, heard))
}

/// What each daemon that was asked said: daemons that said the same, one after the other, share it.
fn said(route: &Route, heard: &[Option<DaemonAnswer>]) -> String {
    let mut said: Vec<(String, &str)> = vec![];
    for (daemon, asked) in route.asked().zip(heard) {
        let words = asked.as_ref().map_or("no answer yet", |asked| &asked.words);
        match said.last_mut() {
            Some((daemons, same)) if *same == words => daemons.push_str(&format!(", {daemon}")),
            _ => said.push((daemon.to_string(), words)),
        }
    }
    said.iter().map(|(daemons, words)| format!("{daemons}: {words}")).collect::<Vec<_>>().join("; ")
}

/// What a request for a template shows of whether anybody gives one; nothing where the request is wrong.
fn template_lesson(
    call: &Call,
    route: &Route,
    heard: &[Option<DaemonAnswer>],
    passed: Option<&DaemonAnswer>,
) -> Option<Learnt> {
    if call.kind != Kind::Template {
        return None;
    }
    match passed {
        Some(asked) if asked.template.is_some() => Some(Learnt::Template(Ok(()))),
        Some(asked) if asked.verdict == Verdict::Refusal => None,
        _ => Some(Learnt::Template(Err(said(route, heard)))),
    }
}

/// Asks under way, few at a time.
#[derive(Default)]
struct Asks(Vec<Option<Pin<Box<dyn Future<Output = DaemonAnswer> + Send>>>>);

impl Asks {
    fn push(&mut self, ask: impl Future<Output = DaemonAnswer> + Send + 'static) {
        self.0.push(Some(Box::pin(ask)));
    }

    /// The next that ends, with its number; `None` when the time is up.
    async fn next_before(&mut self, shared: &Shared, deadline: Instant) -> Option<(usize, DaemonAnswer)> {
        // What is there already costs no timer.
        tokio::select! {
            biased;
            ended = std::future::poll_fn(|cx| self.poll_next(cx)) => Some(ended),
            () = shared.ticks.reach(deadline) => None,
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<(usize, DaemonAnswer)> {
        for (index, ask) in self.0.iter_mut().enumerate() {
            if let Some(Poll::Ready(asked)) = ask.as_mut().map(|it| it.as_mut().poll(cx)) {
                *ask = None;
                return Poll::Ready((index, asked));
            }
        }
        Poll::Pending
    }
}

/// Turns are told by the millisecond.
const SHORTEST_WAIT: Duration = Duration::from_millis(5);
/// While a request waits, a new chart may say that a daemon is silent, or who else may be asked.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
