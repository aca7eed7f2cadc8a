//! x

use std::time::Duration;

/// How a daemon is chosen; names and defaults are those of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Healthy daemons, the primary included, below which the feature turns itself off.
    pub min_healthy: usize,
    /// Which daemon is used while it is off.
    pub fallback: Fallback,
    /// How long the primary has to be healthy before the pool returns to it; `None` for never.
    pub failback: Option<Duration>,
}

/// Which daemon is used while too few are healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The primary, whatever its state: as the pool works without this addon.
    Primary,
    /// The best that answers.
    Best,
}

impl Default for Policy {
    fn default() -> Self {
        Self { min_healthy: 3, fallback: Fallback::Primary, failback: None }
    }
}
