//! One request, asked of as many daemons as routing says.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    ask::{Errand, Patience, TURN_PATIENCE, ask},
    daemon_answer::{DaemonAnswer, Forwardable},
    request::Asking,
    shared::Shared,
};
use crate::routing::{
    Learnt,
    call::{Call, Kind},
    learnt::LONG_WITHOUT_WORK,
    reply::Verdict,
    route::{Heard, Route, Step},
};

/// What came of a request: who was asked, what each said, and whose answer is for the client.
pub(super) struct Round {
    pub(super) route: Route,
    heard: Vec<Option<DaemonAnswer>>,
    passed: Option<usize>,
}

impl Round {
    /// Begins anew, in time, where all that might have been asked limit how often they are.
    pub(super) async fn run_in_turn(shared: &Arc<Shared>, asking: &Arc<Asking>, call: &Arc<Call>) -> Box<Self> {
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
    async fn run(shared: &Arc<Shared>, asking: &Arc<Asking>, call: &Arc<Call>, mut now: Duration) -> Box<Self> {
        let mut round = Box::new(Self::new(call, shared));
        let Self { route, heard, passed } = &mut *round;
        let (mut asks, began, mut is_told, mut chart) = (Asks::default(), now, false, shared.chart());
        loop {
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
                    (now, chart) = (shared.now(), shared.chart());
                    let is_long = call.kind == Kind::Template && now >= began + LONG_WITHOUT_WORK;
                    if is_long && !is_told && ended.is_none() && !shared.has_given_work_since(began) {
                        is_told = true;
                        shared.teach(Learnt::NoTemplate(said(route, heard)));
                    }
                    if let Some((index, asked)) = ended {
                        let (verdict, speaks, template) = (asked.verdict, asked.answer.is_some(), asked.template);
                        heard[index] = Some(asked);
                        shared.note_head(now, &chart);
                        route.hear(index, Heard { verdict, speaks, template }, &chart, shared.is_head_old(now));
                    }
                }
                Step::Pass(index) => {
                    *passed = Some(index);
                    return round;
                }
                Step::GiveUp => return round,
            }
        }
    }

    fn new(call: &Call, shared: &Shared) -> Self {
        // Nearly always one daemon is asked: room for more, which a list makes for itself, would be found slowly.
        Self { route: Route::new(call, shared.settings().hedge_after), heard: Vec::with_capacity(1), passed: None }
    }

    /// What is for the client; `None` where nobody gave anything that could be passed on.
    pub(super) fn passed(&self) -> Option<&DaemonAnswer> {
        self.heard.get(self.passed?)?.as_ref()
    }

    /// The same as it is passed on, once.
    pub(super) fn take_answer(&mut self) -> Option<Forwardable> {
        self.heard.get_mut(self.passed?)?.as_mut()?.answer.take()
    }

    /// How long it takes until a daemon that was not to be asked now may be asked, where nobody else has given an answer.
    fn wait_for_turn(&self, shared: &Shared) -> Option<Duration> {
        let is_turned_away =
            |asked: &Option<DaemonAnswer>| asked.as_ref().is_some_and(|it| it.verdict == Verdict::TurnedAway);
        if self.passed().is_some_and(|asked| asked.verdict != Verdict::TurnedAway) {
            return None;
        }
        let turned_away = self.route.asked().zip(&self.heard).filter(|(_, asked)| is_turned_away(asked));
        turned_away.map(|(daemon, _)| shared.upstream(daemon).turns().wait()).min()
    }

    /// What each daemon that was asked said.
    pub(super) fn said(&self) -> String {
        said(&self.route, &self.heard)
    }
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
