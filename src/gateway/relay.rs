//! Requests that are no blocks: asked as routing says, and the answer passed on.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::{Method, Response, StatusCode, body::Incoming};
use tokio::time::Instant;

use super::{
    answer::{self, Head},
    body::{self, LONGEST_READ, Reply, Unread},
    lanes::Lane,
    request::Asking,
    shared::Shared,
    upstream::{Lease, UpstreamAnswer},
};
use crate::{
    consensus::block::Height,
    routing::{
        Chart, Learnt, NoWorkCause, Who,
        call::{Call, Kind, WhichBlock},
        reply::{Envelope, Outcome, Verdict, is_busy_status},
        route::{Heard, Route, Step},
        template::Template,
        traffic::Ending,
    },
    words::text_of,
};

/// What came of asking one daemon.
struct Asked {
    verdict: Verdict,
    template: Option<Template>,
    /// The answer, where there is one that could be passed on.
    answer: Option<Passable>,
    /// What is wrong, for people.
    words: String,
}

/// An answer as it is passed on.
struct Passable {
    head: Head,
    /// What was read of it.
    at_hand: Bytes,
    /// What still comes.
    rest: Option<(Incoming, Lease)>,
}

/// One request, asked of as many daemons as routing says.
struct Round {
    route: Route,
    heard: Vec<Option<Asked>>,
    passed: Option<Asked>,
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
        (Some(answer), None) => pass(answer),
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
        let mut heard: Vec<Option<Asked>> = Vec::with_capacity(1);
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
                    let passed = heard.get_mut(index).and_then(Option::as_mut).map(Asked::hand_over);
                    return Self { route, heard, passed };
                }
                Step::GiveUp => return Self { route, heard, passed: None },
            }
        }
    }

    /// How long it takes until a daemon that was not to be asked now may be asked, where nobody else has given an answer.
    fn wait_for_turn(&self, shared: &Shared) -> Option<Duration> {
        let is_turned_away = |asked: &Option<Asked>| asked.as_ref().is_some_and(|it| it.verdict == Verdict::TurnedAway);
        if self.passed.as_ref().is_some_and(|asked| asked.verdict != Verdict::TurnedAway) {
            return None;
        }
        let turned_away = self.route.asked().zip(&self.heard).filter(|(_, asked)| is_turned_away(asked));
        turned_away.map(|(daemon, _)| shared.upstream(daemon).turns().wait()).min()
    }
}

/// How long a request waits for its turn at a daemon that limits how often it is asked.
#[derive(Debug, Clone, Copy)]
struct Patience {
    wait: Duration,
    /// Whether it is sent nonetheless when the time is over.
    insists: bool,
}

impl Patience {
    /// Where another daemon may be asked it is better to ask that one.
    fn of(call: &Call, chart: &Chart) -> Self {
        let is_only = chart.alone || call.kind == Kind::Other;
        if is_only { Self { wait: TURN_PATIENCE, insists: true } } else { Self { wait: TURN_GRACE, insists: false } }
    }
}

/// What a request is sent for, as they are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    Client,
    /// For a client whose first daemon is slow.
    Hedge,
    /// To know whether the daemon gives work: that is not counted.
    Probe,
}

/// Asks one daemon, and looks at what it says as far as routing has to know it.
async fn ask(
    shared: Arc<Shared>,
    daemon: Who,
    asking: Arc<Asking>,
    call: Arc<Call>,
    patience: Patience,
    errand: Errand,
) -> Asked {
    let upstream = shared.upstream(&daemon);
    if patience.insists {
        // With an offer of a block before it, it is still sent: the asker has nobody else.
        let _ = upstream.turns().insist(patience.wait).await;
    } else if upstream.turns().request(patience.wait).await.is_err() {
        return Asked::turned_away();
    }
    if errand != Errand::Probe {
        shared.count_sent(&daemon, errand == Errand::Hedge);
    }
    let is_bulk = matches!(call.kind, Kind::Wallet | Kind::Other);
    let lane = match call.kind {
        Kind::Template | Kind::Transaction => Lane::First,
        Kind::Wallet | Kind::Other => Lane::Bulk,
        _ => Lane::Read,
    };
    let began = shared.now();
    let sent = upstream.send(&asking, lane, call.is_repeatable()).await;
    let is_head = asking.method == Method::HEAD;
    let asked = match sent {
        Err(lost) => Asked::lost(lost.words()),
        Ok(answer) if is_bulk => Asked::streamed(answer, call.kind == Kind::Other, is_head),
        Ok(answer) => Asked::read(answer, &call, is_head).await,
    };
    if asked.verdict == Verdict::Usable && !is_bulk {
        shared.habits.lock().note(&daemon, shared.now().saturating_sub(began));
    }
    asked
}

/// Asks one daemon for a template with what the pool asked for last, to know whether it gives work; `None` where the pool has not asked
/// for one yet.
pub(super) async fn probe(shared: &Arc<Shared>, daemon: &Who) -> Option<Result<(), NoWorkCause>> {
    let asking = shared.work.lock().latest.clone()?;
    let call = Arc::new(Call::of("/json_rpc", &asking.body));
    let patience = Patience { wait: PROBE_TURN, insists: false };
    let asking = ask(shared.clone(), daemon.clone(), asking, call, patience, Errand::Probe);
    let asked = tokio::time::timeout(PROBE_LIMIT, asking).await.ok()?;
    let (now, chart) = (shared.now(), shared.chart());
    let stale = asked.template.as_ref().is_some_and(|template| template.is_stale(&chart));
    shared.note_head(now, &chart);
    match asked.verdict {
        Verdict::Usable if stale && shared.is_head_old(now) => Some(Err(NoWorkCause::Stale)),
        Verdict::Usable if stale => None,
        Verdict::Usable => Some(Ok(())),
        Verdict::Lacking(cause) => Some(Err(cause)),
        Verdict::Failure => Some(Err(NoWorkCause::Error)),
        // It would give work to whoever asks rightly.
        Verdict::Refusal => Some(Ok(())),
        Verdict::Lost | Verdict::TurnedAway => None,
    }
}

impl Asked {
    /// The same for whoever passes it on; what it was stays.
    fn hand_over(&mut self) -> Self {
        let (verdict, words) = (self.verdict.clone(), self.words.clone());
        Self { verdict, template: self.template.take(), answer: self.answer.take(), words }
    }

    fn lost(words: &str) -> Self {
        Self { verdict: Verdict::Lost, template: None, answer: None, words: words.into() }
    }

    /// It is not asked: it would refuse, and a refusal may count as a request.
    fn turned_away() -> Self {
        let words = "it limits how often it may be asked, so this request was not sent to it".into();
        Self { verdict: Verdict::TurnedAway, template: None, answer: None, words }
    }

    /// What is passed on as it comes is judged by its head alone.
    fn streamed(UpstreamAnswer { response, lease }: UpstreamAnswer, is_only: bool, is_head: bool) -> Self {
        let (mut head, body) = Head::of(response);
        if !is_head {
            body::tell_length_of(&mut head.headers, &body);
        }
        let status = head.status.as_u16();
        let verdict = match status {
            _ if is_only => Verdict::Usable,
            _ if head.is_limit() => Verdict::TurnedAway,
            status if is_busy_status(status) => Verdict::Lacking(NoWorkCause::Busy),
            // A daemon that does not know it, or cannot.
            404 | 405 | 500..=599 => Verdict::Lacking(NoWorkCause::Error),
            _ => Verdict::Usable,
        };
        let answer = Passable { head, at_hand: Bytes::new(), rest: Some((body, lease)) };
        Self { verdict, template: None, answer: Some(answer), words: format!("HTTP status {status}") }
    }

    async fn read(UpstreamAnswer { response, lease }: UpstreamAnswer, call: &Call, is_head: bool) -> Self {
        let (mut head, body) = Head::of(response);
        let (at_hand, rest) = match body::collect(body, LONGEST_READ).await {
            Ok(bytes) => {
                lease.end();
                (bytes, None)
            }
            Err(Unread::Broken(error)) => return Self::lost(&super::upstream::words(&error)),
            Err(Unread::Long(..)) if matches!(call.kind, Kind::Template) => {
                return Self::lost("it answered with more than 1 MiB");
            }
            Err(Unread::Long(bytes, body)) => (bytes, Some((body, lease))),
        };
        let body = match rest {
            // Its headers tell of the body that another request would get.
            None if is_head => Judged::Nothing,
            None => Judged::Whole(&at_hand),
            Some(_) => Judged::Long,
        };
        if let Judged::Whole(_) = body {
            body::tell_length(&mut head.headers, at_hand.len());
        }
        let (judged, template, words) = judge(call, head.status, body);
        let verdict = if head.is_limit() { Verdict::TurnedAway } else { judged };
        let answer = Some(Passable { head, at_hand, rest }).filter(|_| verdict != Verdict::Failure);
        Self { verdict, template, answer, words }
    }
}

/// What there is of an answer's body to judge it by.
#[derive(Debug, Clone, Copy)]
enum Judged<'a> {
    Whole(&'a [u8]),
    /// More than is looked at.
    Long,
    /// HEAD asks for none.
    Nothing,
}

/// What an answer is, the template in it, and what is wrong with it in words.
fn judge(call: &Call, status: StatusCode, body: Judged) -> (Verdict, Option<Template>, String) {
    let usable = (Verdict::Usable, None, String::new());
    match body {
        Judged::Long => usable,
        Judged::Nothing if status == StatusCode::OK => usable,
        Judged::Nothing => judge_status(call, status, b""),
        Judged::Whole(body) if status == StatusCode::OK => judge_body(call, body),
        Judged::Whole(body) => judge_status(call, status, body),
    }
}

fn judge_status(call: &Call, status: StatusCode, body: &[u8]) -> (Verdict, Option<Template>, String) {
    let words = format!("HTTP status {}", status.as_u16());
    match status.as_u16() {
        // A daemon that does not know the method, or something in front of it that does not let it through.
        404 | 405 => (Verdict::Lacking(NoWorkCause::Error), None, words),
        status if is_busy_status(status) => (Verdict::Lacking(NoWorkCause::Busy), None, words),
        500 if body.trim_ascii() == b"Core is busy" => (Verdict::Lacking(NoWorkCause::Busy), None, "busy".into()),
        _ if call.json_rpc || status.is_server_error() => (Verdict::Failure, None, words),
        _ => (Verdict::Usable, None, String::new()),
    }
}

fn judge_body(call: &Call, body: &[u8]) -> (Verdict, Option<Template>, String) {
    let none = |verdict, words: String| (verdict, None, words);
    let text = text_of(body);
    let is_batch = text.trim_ascii_start().starts_with('[');
    if is_batch && call.json_rpc && call.kind != Kind::Template {
        return none(Verdict::Usable, String::new());
    }
    match Envelope::of(&text) {
        None if call.kind == Kind::Transaction => none(Verdict::Usable, String::new()),
        None => none(Verdict::Failure, "its answer is not JSON".into()),
        Some(envelope) if call.json_rpc => judge_result(call, &envelope),
        Some(envelope) => match envelope.evasion() {
            Some(outcome) => none(Verdict::Lacking(outcome.lack()), outcome.words()),
            None => none(Verdict::Usable, String::new()),
        },
    }
}

fn judge_result(call: &Call, envelope: &Envelope) -> (Verdict, Option<Template>, String) {
    let outcome = envelope.outcome();
    match &outcome {
        Outcome::Result if call.kind == Kind::Template => match envelope.template() {
            Some(template) => (Verdict::Usable, Some(template), String::new()),
            None => (Verdict::Lacking(NoWorkCause::Empty), None, "it gave an empty template".into()),
        },
        Outcome::Result if call.wants_header && !envelope.has_header() => {
            (Verdict::Lacking(NoWorkCause::Empty), None, "it gave no header".into())
        }
        Outcome::Result => (Verdict::Usable, None, String::new()),
        outcome if outcome.is_refusal() => (Verdict::Refusal, None, String::new()),
        outcome => (Verdict::Lacking(outcome.lack()), None, outcome.words()),
    }
}

/// The answer for the client.
fn pass(answer: Passable) -> Response<Reply> {
    let body = match answer.rest {
        None => Reply::whole(answer.at_hand),
        Some((body, lease)) => Reply::stream(answer.at_hand, body, lease),
    };
    answer.head.with(body)
}

/// The height from which on the daemons disagree, where an answer tells of a block at that height or above.
fn held_back(answer: &Passable, call: &Call, chart: &Chart) -> Option<Height> {
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

fn sentence(call: &Call, route: &Route, heard: &[Option<Asked>]) -> String {
    format!("{}: no daemon answers ({})", call.name, said(route, heard))
}

/// What each daemon that was asked said: daemons that said the same, one after the other, share it.
fn said(route: &Route, heard: &[Option<Asked>]) -> String {
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
fn template_lesson(call: &Call, route: &Route, heard: &[Option<Asked>], passed: Option<&Asked>) -> Option<Learnt> {
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
struct Asks(Vec<Option<Pin<Box<dyn Future<Output = Asked> + Send>>>>);

impl Asks {
    fn push(&mut self, ask: impl Future<Output = Asked> + Send + 'static) {
        self.0.push(Some(Box::pin(ask)));
    }

    /// The next that ends, with its number; `None` when the time is up.
    async fn next_before(&mut self, shared: &Shared, deadline: Instant) -> Option<(usize, Asked)> {
        // What is there already costs no timer.
        tokio::select! {
            biased;
            ended = std::future::poll_fn(|cx| self.poll_next(cx)) => Some(ended),
            () = shared.ticks.reach(deadline) => None,
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<(usize, Asked)> {
        for (index, ask) in self.0.iter_mut().enumerate() {
            if let Some(Poll::Ready(asked)) = ask.as_mut().map(|it| it.as_mut().poll(cx)) {
                *ask = None;
                return Poll::Ready((index, asked));
            }
        }
        Poll::Pending
    }
}

/// How long a request waits for its turn where nobody can be asked at once.
const TURN_PATIENCE: Duration = Duration::from_secs(10);
/// A turn that comes so soon is waited for: less than what makes an answer slow.
const TURN_GRACE: Duration = Duration::from_millis(40);
/// Nobody waits for these requests.
const PROBE_TURN: Duration = Duration::from_secs(5);
/// Turns are told by the millisecond.
const SHORTEST_WAIT: Duration = Duration::from_millis(5);
/// While a request waits, a new chart may say that a daemon is silent, or who else may be asked.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// A daemon that needs longer for a template gives no work that is worth switching to.
const PROBE_LIMIT: Duration = Duration::from_secs(10);
