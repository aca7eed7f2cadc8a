//! The operator's pin as the outside sees it.

use serde::Serialize;

use crate::daemon::Endpoint;

/// Which daemon the operator has the pool pinned to. Serialises to the `Pin` of `index.d.ts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PinStatus {
    /// The daemon.
    pub daemon: Endpoint,
    /// When the pin ends by itself, in milliseconds since 1970.
    pub until: u64,
}
