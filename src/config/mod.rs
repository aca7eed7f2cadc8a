//! The pool's configuration: raw JSON in, a checked `Config` or the list of every mistake out.
//!
//! `options` is the table of what an operator can set; `daemons` reads where the daemons are. Both walk the JSON
//! with `members`, which knows the path of what it reads and reports what is wrong, take single values apart with
//! `values` and `host`, and keep secrets out of the texts with `quote`.

mod daemons;
mod host;
mod members;
mod options;
mod quote;
mod report;
#[cfg(test)]
mod tests;
mod values;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde_json::Value;

pub use self::report::ConfigError;
use self::{members::Members, report::Report};
use crate::{
    consensus::{rules::Rules, select::Policy},
    endpoint::Endpoint,
};

/// A checked configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The primary first, then the others in the order they are listed.
    pub daemons: Vec<DaemonConfig>,
    /// How daemons are judged.
    pub rules: Rules,
    /// How one is chosen.
    pub policy: Policy,
    /// Where requests are taken; `None` for nowhere.
    pub gateway: Option<GatewayConfig>,
    /// How long a daemon may take for a request before a second one is asked as well; `None` for any time.
    pub hedge_after: Option<Duration>,
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
    /// The turtlecoind-ha in front of it, where there is one.
    pub ha: Option<HaConfig>,
    /// What its RPC asks for, as `user:password`.
    pub login: Option<Password>,
}

/// Where the gateway listens, and who may ask it.
#[derive(Debug, Clone, PartialEq)]
pub struct GatewayConfig {
    /// An address of this machine.
    pub host: IpAddr,
    /// A port; 0 for one that the system chooses.
    pub port: u16,
    /// What opens it to whoever asks.
    pub password: Option<Password>,
}

impl GatewayConfig {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    /// Whether only this machine reaches it.
    pub fn is_local(&self) -> bool {
        self.host.is_loopback()
    }

    /// Whether others than the pool's own processes are to find it.
    pub fn is_open(&self) -> bool {
        self.port != 0 || !self.is_local() || self.password.is_some()
    }

    /// What makes it listen elsewhere.
    pub fn place(&self) -> (SocketAddr, bool) {
        (self.address(), self.password.is_some())
    }
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self { host: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 0, password: None }
    }
}

/// The turtlecoind-ha in front of a daemon, on the daemon's host.
#[derive(Debug, Clone, PartialEq)]
pub struct HaConfig {
    /// The port of its events.
    pub port: u16,
    /// What opens the events that it keeps from strangers.
    pub password: Option<Password>,
}

/// A password, which no log gets to see.
#[derive(Clone, PartialEq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

impl Config {
    /// Reads the JSON text of the pool's whole configuration.
    ///
    /// Only the members `daemon`, `multiDaemon` and `coinDifficultyTarget` are read; the others are the pool's own.
    /// `"enabled": false` is for the caller to act upon: here the block is checked all the same.
    ///
    /// # Errors
    ///
    /// Names every mistake found, not only the first.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let pool = serde_json::from_str(text).map_err(ConfigError::not_json)?;
        let mut report = Report::default();
        let config = Self::read(&pool, &mut report);
        report.into_result(config)
    }

    /// `None` only where a mistake was reported.
    fn read(pool: &Value, report: &mut Report) -> Option<Self> {
        let mut pool = Members::of(pool, "", "an object, the pool's configuration", report)?;
        let block_target = options::block_target(&mut pool);
        let primary = daemons::primary(&mut pool);
        let mut block = options::block(&mut pool)?;
        options::check_enabled(&mut block);
        let daemons = daemons::with_primary(primary, &mut block);
        let rules = options::rules(&mut block, block_target);
        let policy = options::policy(&mut block);
        let (gateway, hedge_after) = (options::gateway(&mut block), options::hedge_after(&mut block));
        options::check_for_javascript(&mut block);
        block.finish();
        options::warn_of_too_few(daemons.len(), policy.min_healthy, &mut block);
        Some(Self { daemons, rules, policy, gateway, hedge_after, warnings: Vec::new() })
    }
}
