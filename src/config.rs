//! The pool's configuration: raw JSON in, a checked `Config` or the list of every mistake out.

use crate::{consensus::rules::Rules, daemon::Endpoint, selector::Policy};

/// A checked configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The primary first, then the others in the order they are listed.
    pub daemons: Vec<DaemonConfig>,
    /// How daemons are judged.
    pub rules: Rules,
    /// How one is chosen.
    pub policy: Policy,
    /// What is worth telling the operator, though it stops nothing.
    pub warnings: Vec<String>,
}

/// One daemon to watch.
#[derive(Debug, Clone, PartialEq)]
pub struct DaemonConfig {
    /// Where it is.
    pub endpoint: Endpoint,
    /// Watched, but without a vote, and used only when nothing else answers.
    pub drained: bool,
}
