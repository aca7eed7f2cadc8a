//! What the outside sees of one daemon.

use std::sync::Arc;

use serde::Serialize;

use super::ReasonStatus;
use crate::{
    consensus::{
        block::{BlockHash, Height},
        track::Track,
        tracker::Judgement,
    },
    endpoint::DaemonId,
    routing::Who,
};

/// One daemon in a snapshot. Serialises to the `DaemonStatus` of `index.d.ts`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DaemonStatus {
    /// Where it is.
    #[serde(flatten)]
    pub endpoint: Who,
    /// Whether it is the pool's own daemon.
    pub primary: bool,
    /// Whether an operator took it out of use, whatever else its reason tells.
    pub drained: bool,
    /// The state's name.
    pub state: &'static str,
    /// Why it is not healthy.
    pub reason: Option<ReasonStatus>,
    /// The tip's height.
    pub height: Option<Height>,
    /// The tip's hash.
    pub hash: Option<BlockHash>,
    /// Blocks behind the head; negative above it.
    pub lag: Option<i64>,
    /// The height its peers claim.
    pub network_height: Option<Height>,
    /// Connections opened by its peers.
    pub incoming: Option<u32>,
    /// Connections it opened.
    pub outgoing: Option<u32>,
    /// The name of its family.
    pub dialect: Option<&'static str>,
    /// Its software's version.
    pub version: Option<Arc<str>>,
    /// Duration of the last good poll, in milliseconds.
    pub latency: Option<f64>,
    /// When it last answered, in milliseconds since 1970.
    pub last_seen: Option<u64>,
    /// Failed tries in a row.
    pub consecutive_failures: u32,
    /// What its answers have shown so far.
    pub learnt: LearntStatus,
    /// Requests that the gateway has sent to it.
    pub requests: u64,
}

/// What was learnt of one daemon, in milliseconds. Serialises to the `Learnt` of `index.d.ts`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LearntStatus {
    /// How long it usually takes to answer a poll.
    pub answer_time: Option<f64>,
    /// How long the next try may take.
    pub time_limit: f64,
    /// How long after the others it usually shows a block.
    pub block_delay: Option<f64>,
}

impl DaemonStatus {
    /// The verdict on the daemon `id` of `endpoints`.
    pub fn new(
        id: DaemonId,
        endpoints: &Arc<[Who]>,
        judgement: &Judgement,
        track: &Track,
        learnt: LearntStatus,
    ) -> Self {
        let latest = track.latest();
        let seen = latest.map(|latest| &latest.observation);
        Self {
            endpoint: endpoints[id.0].clone(),
            primary: id.is_primary(),
            drained: judgement.drained,
            state: judgement.health.state(),
            reason: ReasonStatus::new(&judgement.health, endpoints),
            height: track.height(),
            hash: track.tip(),
            lag: judgement.lag,
            network_height: seen.and_then(|seen| seen.network_height),
            incoming: seen.and_then(|seen| seen.incoming),
            outgoing: seen.and_then(|seen| seen.outgoing),
            dialect: seen.map(|seen| seen.software.family),
            version: seen.and_then(|seen| seen.version.clone()),
            latency: seen.map(|seen| (seen.latency.as_secs_f64() * 1e6).round() / 1e3),
            last_seen: latest.map(|latest| latest.at.unix_millis()),
            consecutive_failures: track.failed_tries(),
            learnt,
            requests: 0,
        }
    }

    /// The code of the reason why it is not healthy.
    pub fn code(&self) -> Option<&'static str> {
        self.reason.as_ref().map(|reason| reason.code)
    }
}
