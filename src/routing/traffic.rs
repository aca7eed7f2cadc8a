//! What has become of requests, in numbers. Nothing is decided by them.

use serde::Serialize;

use super::{chart::Who, each::Each};
use crate::endpoint::Endpoint;

/// Requests by what became of them, since the gateway began. Serialises to `RequestCounts` of `index.d.ts`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RequestCounts {
    /// The daemon that was asked first gave what was asked for.
    pub answered: u64,
    /// Another daemon gave it.
    pub rescued: u64,
    /// The gateway answered by itself, because the daemons disagree.
    pub held: u64,
    /// No daemon gave it.
    pub failed: u64,
    /// The client left before there was an answer.
    pub abandoned: u64,
    /// Another daemon was asked because those asked before were slow.
    pub hedges: u64,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// See [`RequestCounts::answered`].
    Answered,
    /// See [`RequestCounts::rescued`].
    Rescued,
    /// See [`RequestCounts::held`].
    Held,
    /// See [`RequestCounts::failed`].
    Failed,
    /// See [`RequestCounts::abandoned`].
    Abandoned,
}

/// All requests of one gateway.
#[derive(Debug, Default)]
pub struct Traffic {
    counts: RequestCounts,
    sent: Each<u64>,
}

impl Traffic {
    /// A request has ended.
    pub fn end(&mut self, ending: Ending) {
        let counts = &mut self.counts;
        *match ending {
            Ending::Answered => &mut counts.answered,
            Ending::Rescued => &mut counts.rescued,
            Ending::Held => &mut counts.held,
            Ending::Failed => &mut counts.failed,
            Ending::Abandoned => &mut counts.abandoned,
        } += 1;
    }

    /// A request was sent to a daemon; `is_hedge` while another daemon had it already and was slow.
    pub fn send(&mut self, daemon: &Who, is_hedge: bool) {
        self.counts.hedges += u64::from(is_hedge);
        *self.sent.get_or_insert_with(daemon, || 0) += 1;
    }

    /// The numbers as they are now.
    pub fn counts(&self) -> RequestCounts {
        self.counts
    }

    /// How many requests a daemon was sent.
    pub fn sent_to(&self, daemon: &Endpoint) -> u64 {
        self.sent.get(daemon).copied().unwrap_or_default()
    }

    /// Forgets daemons that are no longer in the configuration.
    pub fn keep(&mut self, is_known: impl Fn(&Who) -> bool) {
        self.sent.keep(is_known);
    }
}

#[cfg(test)]
#[path = "tests/traffic.rs"]
mod tests;
