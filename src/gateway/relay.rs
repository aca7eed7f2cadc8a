//! Requests that are no blocks: asked as routing says, and the answer passed on.

use std::sync::Arc;

use hyper::Response;

use super::{
    aftermath::Aftermath, answer, body::Reply, daemon_answer::Forwardable, request::Asking, round::Round,
    shared::Shared,
};
use crate::{
    consensus::block::Height,
    routing::{
        Chart,
        call::{Call, Kind, WhichBlock},
        reply::Envelope,
        traffic::Ending,
    },
    words::text_of,
};

/// Asks, and gives the answer for the client, with what is to be done after it. Whoever stops waiting for it ends what is under way.
pub(super) async fn relay(
    shared: &Arc<Shared>,
    asking: Asking,
    call: &Arc<Call>,
) -> (Response<Reply>, Option<Aftermath>) {
    let asking = Arc::new(asking);
    let counted = shared.counted();
    if let Some(fork) = held(call, &shared.chart()) {
        counted.end(Ending::Held);
        return (hold(call, fork), None);
    }
    let mut round = Round::run_in_turn(shared, &asking, call).await;
    let answer = round.take_answer();
    let fork = answer.as_ref().and_then(|answer| held_back(answer, call, &shared.chart()));
    counted.end(if fork.is_some() { Ending::Held } else { round.route.ending() });
    let response = match (answer, fork) {
        (_, Some(fork)) => hold(call, fork),
        (Some(answer), None) => answer.forward(),
        (None, None) => {
            let message = format!("{}: no daemon answers ({})", call.name, round.said());
            answer::failed(call, &asking.headers, &message)
        }
    };
    (response, Some(Aftermath::new(shared, asking, call, round)))
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
