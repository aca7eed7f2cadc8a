//! Asking one daemon.

use std::{sync::Arc, time::Duration};

use hyper::Method;

use super::{daemon_answer::DaemonAnswer, lanes::Lane, request::Asking, shared::Shared};
use crate::routing::{
    Chart, NoWorkCause, Who,
    call::{Call, Kind},
    reply::Verdict,
    template::Credit,
};

/// How long a request waits for its turn at a daemon that limits how often it is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) wait: Duration,
    /// Whether it is sent nonetheless when the time is over.
    pub(super) insists: bool,
}

impl Patience {
    /// Where another daemon may be asked it is better to ask that one.
    pub(super) fn of(call: &Call, chart: &Chart) -> Self {
        let is_only = chart.alone || call.kind == Kind::Other;
        if is_only { Self { wait: TURN_PATIENCE, insists: true } } else { Self { wait: TURN_GRACE, insists: false } }
    }
}

/// What a request is sent for, as they are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    Client,
    /// For a client whose first daemon is slow.
    Hedge,
    /// To know whether the daemon gives work: that is not counted.
    Probe,
}

/// Asks one daemon, and looks at what it says as far as routing has to know it.
pub(super) async fn ask(
    shared: Arc<Shared>,
    daemon: Who,
    asking: Arc<Asking>,
    call: Arc<Call>,
    patience: Patience,
    errand: Errand,
) -> DaemonAnswer {
    let upstream = shared.upstream(&daemon);
    if patience.insists {
        // With an offer of a block before it, it is still sent: the asker has nobody else.
        let _ = upstream.turns().insist(patience.wait).await;
    } else if upstream.turns().request(patience.wait).await.is_err() {
        return DaemonAnswer::turned_away();
    }
    if errand != Errand::Probe {
        shared.count_sent(&daemon, errand == Errand::Hedge);
    }
    let is_bulk = matches!(call.kind, Kind::Wallet | Kind::Other);
    let lane = match call.kind {
        Kind::Template => Lane::First,
        Kind::Transaction => Lane::Transaction,
        Kind::Wallet | Kind::Other => Lane::Bulk,
        _ => Lane::Read,
    };
    let began = shared.now();
    let sent = upstream.send(&asking, lane, call.is_repeatable()).await;
    let is_head = asking.method == Method::HEAD;
    let asked = match sent {
        Err(lost) => DaemonAnswer::lost(lost.words()),
        Ok(answer) if is_bulk => DaemonAnswer::streamed(answer, call.kind == Kind::Other, is_head),
        Ok(answer) => DaemonAnswer::read(answer, &call, is_head).await,
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
    let credit = asked.template.as_ref().map(|template| template.credit(&chart));
    shared.note_head(now, &chart);
    match asked.verdict {
        Verdict::Usable if credit == Some(Credit::Absurd) => Some(Err(NoWorkCause::Empty)),
        // The next poll tells more.
        Verdict::Usable if credit == Some(Credit::Unproven) => None,
        Verdict::Usable if stale && shared.is_head_old(now) => Some(Err(NoWorkCause::Stale)),
        Verdict::Usable if stale => None,
        Verdict::Usable => Some(Ok(())),
        Verdict::Lacking(cause) => Some(Err(cause)),
        Verdict::Failure => Some(Err(NoWorkCause::Error)),
        // It would give work to whoever asks rightly.
        Verdict::Refusal => Some(Ok(())),
        Verdict::Lost | Verdict::TurnedAway | Verdict::Unproven => None,
    }
}

/// How long a request waits for its turn where nobody can be asked at once.
pub(super) const TURN_PATIENCE: Duration = Duration::from_secs(10);
/// A turn that comes so soon is waited for: less than what makes an answer slow.
const TURN_GRACE: Duration = Duration::from_millis(40);
/// Nobody waits for these requests.
pub(super) const PROBE_TURN: Duration = Duration::from_secs(5);
/// A daemon that needs longer for a template gives no work that is worth switching to.
pub(super) const PROBE_LIMIT: Duration = Duration::from_secs(10);
