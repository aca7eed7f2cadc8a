//! What the outside sees: one immutable snapshot of everything, and what changed from one to the next.

mod change;
mod daemon;
mod figures;
mod reason;
mod switch;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use serde::Serialize;

pub use self::{
    change::{Announcement, Change, Listener, changes},
    daemon::{DaemonStatus, LearntStatus},
    figures::{DaemonFigures, Figures, Range, SHOWN_BLOCKS},
    reason::ReasonStatus,
    switch::{Switch, SwitchEvent, VoteCount},
};
use crate::{
    consensus::{select::Mode, vote::Head},
    routing::{BlockFate, RequestCounts, Traffic, Who},
};

/// Everything that is known at one moment. Serialises to the `Status` of `index.d.ts`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Always true: without watching there is no snapshot.
    pub enabled: bool,
    /// Whether the feature is active.
    pub mode: Mode,
    /// Multi mode, and more than half of the voters on the branch.
    pub quorum: bool,
    /// The pool should not trust orphan marks now.
    pub hold: bool,
    /// Starts at the time watching began, in milliseconds since 1970, and grows by one with every switch.
    pub epoch: u64,
    /// The daemon to use.
    pub current: Who,
    /// The pool's own daemon.
    pub primary: Who,
    /// Where the operator has the pool pinned to.
    pub pin: Option<PinStatus>,
    /// The highest block that at least two voters stand on or above.
    pub head: Option<Head>,
    /// How many daemons the pool may use; two names of one daemon count once.
    pub healthy: usize,
    /// The primary first, then configuration order.
    pub daemons: Vec<DaemonStatus>,
    /// The latest 50, oldest first.
    pub switches: Vec<Arc<SwitchEvent>>,
    /// Polls that ended, of all daemons together.
    pub polls: u64,
    /// What the operator should know, and no daemon's reason tells, for as long as it is true.
    pub warnings: Vec<String>,
    /// The last blocks that the pool submitted, the oldest first.
    pub blocks: Arc<[BlockFate]>,
    /// Where the pool's own processes send their requests; nowhere without a gateway.
    pub gateway: Option<HostPort>,
    /// What became of the requests that the gateway took.
    pub requests: RequestCounts,
    /// Whether requests for block templates get none.
    #[serde(skip)]
    pub workless: Workless,
    /// Whether the first round has ended.
    #[serde(skip)]
    pub ready: bool,
}

/// Whether requests for block templates get none. A warning tells the first of these, a line in the log the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Workless {
    /// There was always one soon.
    #[default]
    Never,
    /// They have got none for so long that the operator should know.
    Now,
    /// They get them again, after so long.
    Ended(Duration),
}

impl Status {
    /// The same, with the gateway's address and counters.
    pub fn with_gateway(mut self, gateway: Option<HostPort>, traffic: &Traffic) -> Self {
        (self.gateway, self.requests) = (gateway, traffic.counts());
        for daemon in &mut self.daemons {
            daemon.requests = traffic.sent_to(&daemon.endpoint);
        }
        self
    }
}

/// Which daemon the operator has the pool pinned to. Serialises to the `Pin` of `index.d.ts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PinStatus {
    /// The daemon.
    pub daemon: Who,
    /// When the pin ends by itself, in milliseconds since 1970.
    pub until: u64,
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostPort {
    /// An address.
    pub host: String,
    /// A port.
    pub port: u16,
}

impl From<SocketAddr> for HostPort {
    fn from(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port() }
    }
}

/// As JSON text; the types in here cannot fail to serialise.
pub fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}
