//! A reason as the outside sees it: a code for programs, a message for people, the evidence.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

use crate::{
    consensus::{
        block::Height,
        health::{Health, Reason},
        observation::Upgrade,
    },
    endpoint::{DaemonId, Endpoint},
    routing::{NoWorkCause, Who},
};

/// Why a daemon is not healthy. Serialises to the `Reason` of `index.d.ts`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReasonStatus {
    /// For programs.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// What it rests on.
    #[serde(flatten)]
    pub evidence: Evidence,
}

/// What a reason rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Evidence {
    /// The message says it all.
    None {},
    /// Of `lagging`.
    Lag {
        /// Blocks behind the head.
        by: u64,
    },
    /// Of `unconfirmed`.
    Claim {
        /// Blocks above the head; negative below it.
        above: i64,
    },
    /// Of `outdated`.
    Upgrade {
        /// The first upgrade of the network that it does not support.
        upgrade: Height,
        /// The last one that it does.
        supported: Height,
    },
    /// Of `isolated`.
    Connections {
        /// Connections opened by its peers.
        incoming: u32,
        /// Connections that it opened.
        outgoing: u32,
    },
    /// Of `forked`.
    Fork {
        /// The first height that differs.
        at: Height,
        /// Blocks on its own side since.
        depth: u64,
        /// The voters on its side.
        with: Names,
        /// The voters on the branch.
        against: Names,
    },
    /// Of `stalled`.
    Stall {
        /// Since its last new block, in milliseconds.
        lasting: u64,
    },
    /// Of `no-work`.
    Work {
        /// What it gives instead.
        cause: NoWorkCause,
    },
    /// Of `syncing`.
    Sync {
        /// Its own height.
        height: Option<Height>,
        /// The height its peers claim.
        network_height: Option<Height>,
    },
}

impl ReasonStatus {
    /// The reason that a state has, if it has one.
    pub fn new(health: &Health, endpoints: &Arc<[Who]>) -> Option<Self> {
        let (code, message) = (health.code()?, message(health, endpoints)?);
        Some(Self { code, message, evidence: evidence(health, endpoints) })
    }
}

/// Some of the daemons, as `host:port`. All that is shared is shared, since every daemon on a side names the whole of both.
#[derive(Clone)]
pub struct Names {
    daemons: Arc<[DaemonId]>,
    endpoints: Arc<[Who]>,
}

impl Names {
    /// Where they are.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.daemons.iter().filter_map(|id| self.endpoints.get(id.0)).map(Who::as_ref)
    }
}

impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        self.endpoints().eq(other.endpoints())
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.endpoints().map(Endpoint::to_string)).finish()
    }
}

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.endpoints().map(Endpoint::to_string))
    }
}

/// The reason as a sentence without an end, with the names that a health does not know.
fn message(health: &Health, endpoints: &[Who]) -> Option<String> {
    let Health::Unhealthy(Reason::Forked { at, exact: true, depth, with, against }) = health else {
        return health.message();
    };
    let Some(first) = against.first().and_then(|id| endpoints.get(id.0)) else { return health.message() };
    let (votes, all) = (against.len(), with.len() + against.len());
    Some(format!("forked at {at}, {depth} deep; branch of {first} has {votes} of {all} votes"))
}

fn evidence(health: &Health, endpoints: &Arc<[Who]>) -> Evidence {
    match health {
        Health::Unconfirmed(claim) => Evidence::Claim { above: claim.above },
        Health::Unhealthy(Reason::Lagging { by }) => Evidence::Lag { by: *by },
        Health::Unhealthy(Reason::Outdated(Upgrade { at, supported })) => {
            Evidence::Upgrade { upgrade: *at, supported: *supported }
        }
        Health::Unhealthy(Reason::Isolated { incoming, outgoing }) => {
            Evidence::Connections { incoming: *incoming, outgoing: *outgoing }
        }
        Health::Unhealthy(Reason::Forked { at, depth, with, against, .. }) => {
            let names = |daemons: &Arc<[DaemonId]>| Names { daemons: daemons.clone(), endpoints: endpoints.clone() };
            Evidence::Fork { at: *at, depth: *depth, with: names(with), against: names(against) }
        }
        Health::Unhealthy(Reason::Stalled { for_seconds }) => Evidence::Stall { lasting: for_seconds * 1000 },
        Health::Unhealthy(Reason::Syncing { height, network_height, .. }) => {
            Evidence::Sync { height: *height, network_height: *network_height }
        }
        Health::Unhealthy(Reason::NoWork { cause }) => Evidence::Work { cause: *cause },
        Health::Unhealthy(
            Reason::WrongNetwork
            | Reason::InvalidReply { .. }
            | Reason::Unsupported { .. }
            | Reason::Damaged { .. }
            | Reason::NoJsonRpc
            | Reason::Draining,
        )
        | Health::Unknown
        | Health::Healthy
        | Health::Unresponsive(_) => Evidence::None {},
    }
}
