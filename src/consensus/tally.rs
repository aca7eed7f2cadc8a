//! What polls of one daemon came to, in numbers: for metrics, nothing is decided by it.

use std::time::Duration;

use super::observation::Report;

/// How many polls were answered and how many failed, and how long those that were answered took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Polls that failed with all their tries.
    pub failed: u64,
    /// Answered polls by duration: those up to each of [`BOUNDS`] and above the one before; the last count is of longer ones.
    pub answered: [u64; BOUNDS.len() + 1],
    /// The durations of all answered polls together.
    pub time: Duration,
}

/// Upper ends of the ranges in which durations are counted. A daemon on the same machine takes about a millisecond; none
/// takes longer than `timeout`, 2 s by default.
pub const BOUNDS: [Duration; 11] = {
    let milliseconds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];
    let mut bounds = [Duration::ZERO; 11];
    let mut index = 0;
    while index < bounds.len() {
        bounds[index] = Duration::from_millis(milliseconds[index]);
        index += 1;
    }
    bounds
};

impl Tally {
    /// Counts one more poll.
    pub fn note(&mut self, report: &Report) {
        match report {
            Report::Failed { .. } => self.failed += 1,
            Report::Spared => {}
            Report::Answered(observation) => {
                self.answered[BOUNDS.partition_point(|bound| *bound < observation.latency)] += 1;
                self.time += observation.latency;
            }
        }
    }
}
