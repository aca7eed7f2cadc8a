//! An offer of a block to one daemon.

use std::{sync::Arc, time::Duration};

use hyper::StatusCode;
use tokio::time::{Instant, timeout};

use super::{
    answer::Head,
    body::{self, LONGEST_READ},
    lanes::Lane,
    request::Asking,
    shared::Shared,
    upstream::{Lease, Lost},
};
use crate::{
    routing::{
        Who,
        offer::Said,
        reply::{Envelope, Outcome, is_busy_status, words},
        submission::Submission,
    },
    words::text_of,
};

/// Offers a block to one daemon; what came of it, and its words.
pub(super) async fn offer(shared: &Arc<Shared>, daemon: &Who, asking: &Asking) -> (Said, Option<(Head, bytes::Bytes)>) {
    let sent = async {
        let (lease, until) = reach(shared, daemon).await?;
        shared.count_sent(daemon, false);
        let answer = lease.offer(asking, until).await?;
        let (head, body) = Head::of(answer.response, false);
        let bytes = body::collect(body, LONGEST_READ).await;
        let bytes = bytes.map_err(|_| Lost::Broken("the answer ended before it was complete".into()))?;
        answer.lease.end();
        Ok((head, bytes))
    };
    match timeout(OFFER_LIMIT, sent).await {
        Err(_) => (Said::Unclear(format!("no answer within {} s", OFFER_LIMIT.as_secs())), None),
        Ok(Err(Lost::Unreached(words))) => (Said::Unreached(words), None),
        Ok(Err(Lost::Broken(words))) => (Said::Unclear(words), None),
        Ok(Ok((head, bytes))) => (said(head.status, &bytes), Some((head, bytes))),
    }
}

/// A connection for an offer of a block, and the offer's turn: in time, or not at all. The connection comes first, since it may take any time.
/// With the last moment at which the offer may leave.
async fn reach(shared: &Arc<Shared>, daemon: &Who) -> Result<(Lease, Instant), Lost> {
    let (began, upstream) = (Instant::now(), shared.upstream(daemon));
    let limit = Submission::sent_within(&shared.chart());
    let late = |limit: Duration| Lost::Unreached(format!("not reached within {} ms", limit.as_millis()));
    let lease = timeout(limit, upstream.reach(Lane::Block)).await.map_err(|_| late(limit))??;
    upstream.turns().offer(OFFER_TURN.min(limit.saturating_sub(began.elapsed()))).await;
    // The mode may have changed meanwhile, and with it who else may be offered the block.
    let limit = Submission::sent_within(&shared.chart()) + SLACK;
    if began.elapsed() > limit { Err(late(limit)) } else { Ok((lease, began + limit)) }
}

/// What a daemon's answer to a block says.
fn said(status: StatusCode, body: &[u8]) -> Said {
    match status {
        StatusCode::OK => {}
        status if is_busy_status(status.as_u16()) => return Said::Busy(format!("HTTP status {}", status.as_u16())),
        status if status.is_server_error() => return Said::Unclear(format!("HTTP status {}", status.as_u16())),
        status => return Said::Refused(format!("HTTP status {}", status.as_u16())),
    }
    let text = text_of(body);
    let Some(envelope) = Envelope::of(&text) else { return Said::Unclear("an answer that is no JSON".into()) };
    match envelope.outcome() {
        Outcome::Result if envelope.is_ok() => Said::Taken,
        Outcome::Result | Outcome::Nothing => Said::Unclear("its answer has neither a result nor an error".into()),
        Outcome::Busy(said) | Outcome::Unsynced(said) => Said::Busy(words(&said)),
        outcome @ (Outcome::Failed(_) | Outcome::Error { .. }) => Said::Refused(outcome.words()),
    }
}

/// How long an offer waits for its turn at a daemon that limits how often it is asked; then it is sent nonetheless.
const OFFER_TURN: Duration = Duration::from_millis(2500);
/// A turn may end a moment late.
const SLACK: Duration = Duration::from_millis(250);
const OFFER_LIMIT: Duration = Duration::from_secs(600);

#[cfg(test)]
#[path = "tests/offer.rs"]
mod tests;
