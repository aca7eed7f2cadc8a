//! How long something usually takes, and from when on it takes too long.

use std::time::Duration;

/// What was learnt from durations, in constant memory: the smoothed mean and deviation of RFC 6298, by which TCP sets its retransmission
/// timeouts, and the longest of the latest ones, as "The Tail at Scale" goes by a high percentile.
///
/// As in Linux, what is faster than usual adds no deviation: so a longer duration never makes the limit shorter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Estimate {
    mean: Duration,
    deviation: Duration,
    /// The longest; what is long ago fades.
    peak: Duration,
    count: u32,
}

impl Estimate {
    /// Takes in one duration. Over `memory` durations the longest of the latest ones fades to a third.
    pub fn note(&mut self, took: Duration, memory: u32) {
        let above = took.saturating_sub(self.mean);
        (self.mean, self.deviation) = match self.count {
            0 => (took, took / 2),
            _ => (self.mean.saturating_sub(self.mean / 8).saturating_add(took / 8), self.deviation / 4 * 3 + above / 4),
        };
        self.peak = took.max(self.peak.saturating_sub(self.peak / memory));
        self.count = self.count.saturating_add(1);
    }

    /// What it usually takes; `None` while too little is known.
    pub fn usual(&self) -> Option<Duration> {
        (self.count >= FEWEST).then_some(self.mean)
    }

    /// The time after which what has not come yet is late: the mean and four deviations, or so many times the longest of the latest durations
    /// where that is more, from `least` up to `most`; `most` while too little is known, and where it is below `least`.
    pub fn limit(&self, times: u32, least: Duration, most: Duration) -> Duration {
        if self.count < FEWEST {
            return most;
        }
        let learnt = self.mean.saturating_add(self.deviation.saturating_mul(4)).max(self.peak.saturating_mul(times));
        learnt.max(least).min(most)
    }
}

/// Fewer show no habit.
const FEWEST: u32 = 8;

#[cfg(test)]
#[path = "tests/estimate.rs"]
mod tests;
