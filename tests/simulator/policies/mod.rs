//! The ways to choose a daemon that are compared.

mod haproxy;
mod majority;
mod oracle;
pub mod project;

pub use self::{haproxy::HaProxy, majority::Majority, oracle::Oracle, project::Project};

/// A way to choose a daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// The pool as it is: its own daemon, whatever that does.
    PrimaryAlone,
    /// A proxy with health checks in between.
    HaProxy,
    /// The top block that most daemons show, at every poll anew.
    NaiveMajority,
    /// This project, with `"fallback": "primary"`.
    FallbackPrimary,
    /// This project, with `"fallback": "best"`.
    FallbackBest,
    /// Knows everything at once: what cannot be surpassed.
    Oracle,
}

impl Policy {
    /// In the order of the tables.
    pub const ALL: [Self; 6] = [
        Self::PrimaryAlone,
        Self::HaProxy,
        Self::NaiveMajority,
        Self::FallbackPrimary,
        Self::FallbackBest,
        Self::Oracle,
    ];

    /// Its name in tables and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::PrimaryAlone => "primary-alone",
            Self::HaProxy => "haproxy",
            Self::NaiveMajority => "naive-majority",
            Self::FallbackPrimary => "fallback-primary",
            Self::FallbackBest => "fallback-best",
            Self::Oracle => "oracle",
        }
    }
}
