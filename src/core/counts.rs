//! What the core counts beside deciding: for metrics, nothing is decided by it.

use std::{collections::BTreeMap, time::Duration};

use crate::consensus::{block::BlockHash, moment::Moment};

/// Switches by code, and when the head last moved.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    switches: BTreeMap<&'static str, u64>,
    head: Option<LastMove>,
}

#[derive(Debug, Clone, Copy)]
struct LastMove {
    to: BlockHash,
    at: Moment,
    /// How old the block was by then.
    age: Duration,
}

impl Counts {
    /// Counts a switch.
    pub fn note_switch(&mut self, code: &'static str) {
        *self.switches.entry(code).or_default() += 1;
    }

    /// Notes where the head is, and how old that block was when it became the head.
    pub fn note_head(&mut self, now: Moment, head: BlockHash, age: impl FnOnce() -> Duration) {
        if self.head.is_none_or(|last| last.to != head) {
            self.head = Some(LastMove { to: head, at: now, age: age() });
        }
    }

    /// How often another daemon came into use, by code.
    pub fn switches(&self) -> &BTreeMap<&'static str, u64> {
        &self.switches
    }

    /// How long ago the head last moved; `None` before there is one.
    pub fn head_age(&self, now: Moment) -> Option<Duration> {
        self.head.map(|last| last.age + now.since(last.at))
    }
}

#[cfg(test)]
#[path = "tests/counts.rs"]
mod tests;
