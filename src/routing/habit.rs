//! How long a daemon usually takes to answer, and so from when on it is slow.

use std::time::Duration;

use super::{chart::Who, each::Each};

/// How many of the latest answers count: a minute or so of a pool's asking.
const REMEMBERED: usize = 64;
/// So many of them are not below the 95th percentile.
const HIGHEST: usize = REMEMBERED / 20 + 1;
/// Fewer than that show no habit.
const FEWEST: usize = 4;
/// So many answers later the habit is looked for anew.
const RENEWED_AFTER: usize = 8;
/// Slow is what takes so many times its 95th percentile.
const TIMES: u32 = 3;
/// No daemon counts as slow within this time: the scheduling of a busy machine alone can cost as much.
const NEVER_BEFORE: Duration = Duration::from_millis(50);

/// The latest durations of answers, by daemon.
#[derive(Debug, Default)]
pub struct Habits(Each<Durations>);

#[derive(Debug, Default)]
struct Durations {
    latest: Vec<Duration>,
    next: usize,
    /// The 95th percentile, as of the last time that it was looked for.
    usual: Option<Duration>,
}

impl Habits {
    /// Takes in how long a daemon took.
    pub fn note(&mut self, daemon: &Who, took: Duration) {
        self.0.get_or_insert_with(daemon, Durations::default).note(took);
    }

    /// From when on a daemon is slower than its own habit: three times its 95th percentile, between 50 ms and `most`, which also counts
    /// while nothing is known.
    pub fn slow_after(&self, daemon: &Who, most: Duration) -> Duration {
        let usual = self.0.get(daemon).and_then(|durations| durations.usual);
        usual.map_or(most, |usual| (TIMES * usual).max(NEVER_BEFORE).min(most))
    }

    /// Forgets daemons that are no longer in the configuration.
    pub fn keep(&mut self, is_known: impl Fn(&Who) -> bool) {
        self.0.keep(is_known);
    }
}

impl Durations {
    fn note(&mut self, took: Duration) {
        match self.latest.get_mut(self.next) {
            Some(oldest) => *oldest = took,
            None => self.latest.push(took),
        }
        self.next = (self.next + 1) % REMEMBERED;
        // A few answers more or less change no habit, and sorting costs more than all else that routing does for a request.
        if self.next.is_multiple_of(RENEWED_AFTER) || self.latest.len() == FEWEST {
            self.usual = self.percentile();
        }
    }

    /// The one that 95 % of the others are below: one of the few highest, which are found without putting all in order.
    fn percentile(&self) -> Option<Duration> {
        let mut highest = [Duration::ZERO; HIGHEST];
        for took in &self.latest {
            let mut took = *took;
            for it in &mut highest {
                (*it, took) = ((*it).max(took), (*it).min(took));
            }
        }
        let count = self.latest.len();
        let above = count.checked_sub(count * 95 / 100 + 1)?;
        highest.get(above).copied()
    }
}

#[cfg(test)]
#[path = "tests/habit.rs"]
mod tests;
