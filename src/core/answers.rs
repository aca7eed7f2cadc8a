//! How long each daemon takes to answer polls, and so how long a try may take.

use std::time::Duration;

use crate::{
    consensus::{estimate::Estimate, rules::Rules},
    endpoint::DaemonId,
    remap::Remap,
};

/// The answer times of all daemons. What one of them does tells nothing of another.
#[derive(Debug)]
pub struct Answers {
    daemons: Vec<AnswerTimes>,
    /// The configured time limit, which is never exceeded.
    most: Duration,
    /// From one turn of a daemon to the next.
    interval: Duration,
}

/// What is known of one daemon's answers.
#[derive(Debug, Default, Clone, Copy)]
struct AnswerTimes {
    times: Estimate,
    /// Tries in a row that reached their time limit.
    late: u32,
    /// The limit that the latest of them reached.
    reached: Duration,
    /// Whether it has ever limited how often it is asked.
    is_limited: bool,
}

impl Answers {
    /// So many daemons, of which nothing is known.
    pub fn new(daemons: usize, rules: &Rules) -> Self {
        Self { daemons: vec![AnswerTimes::default(); daemons], most: rules.timeout, interval: rules.polling_interval }
    }

    /// Goes on with other daemons and rules.
    pub fn reconfigure(&mut self, remap: &Remap, rules: &Rules) {
        self.daemons = remap.carry(std::mem::take(&mut self.daemons), |_| AnswerTimes::default());
        (self.most, self.interval) = (rules.timeout, rules.polling_interval);
    }

    /// Takes in how long a good try took. One right after a try that reached its limit shows that this one only needed longer: a daemon that
    /// pauses with each block would reach a limit with each block otherwise. A longer silence is a fault, and no habit.
    pub fn answered(&mut self, daemon: DaemonId, took: Duration) {
        if let Some(answer) = self.daemons.get_mut(daemon.0) {
            let paused = if answer.late == 1 { answer.reached } else { Duration::ZERO };
            answer.times.note(took.max(paused), MEMORY);
            answer.late = 0;
        }
    }

    /// Takes in that a try reached its time limit: the next one may take longer.
    pub fn late(&mut self, daemon: DaemonId) {
        let reached = self.limit(daemon);
        if let Some(answer) = self.daemons.get_mut(daemon.0) {
            answer.reached = reached;
            answer.late = answer.late.saturating_add(1);
        }
    }

    /// Takes in that it turned a try away, since it limits how often it is asked.
    pub fn spared(&mut self, daemon: DaemonId) {
        self.daemons.get_mut(daemon.0).into_iter().for_each(|answer| answer.is_limited = true);
    }

    /// How often it is looked at while it is in use: so that answering costs it a fiftieth of its time at most, and once a second at most. `None` where that is no
    /// more often than its turns are, while too little is known, and where it limits how often it is asked.
    pub fn period(&self, daemon: DaemonId) -> Option<Duration> {
        let answer = self.daemons.get(daemon.0).filter(|answer| !answer.is_limited)?;
        let period = answer.times.usual()?.saturating_mul(SHARE).max(SHORTEST_PERIOD);
        Some(period).filter(|period| *period < self.interval)
    }

    /// The same while it is the witness beside the daemon in use: in the middle between its turns.
    pub fn witness_period(&self, daemon: DaemonId) -> Option<Duration> {
        self.period(daemon).map(|period| period.max(self.interval / 2))
    }

    /// How long it usually takes; `None` while too little is known.
    pub fn usual(&self, daemon: DaemonId) -> Option<Duration> {
        self.daemons.get(daemon.0)?.times.usual()
    }

    /// How long the next try may take: what was learnt, and four times as long with each try in a row that reached its limit, up to the
    /// configured limit.
    pub fn limit(&self, daemon: DaemonId) -> Duration {
        let Some(answer) = self.daemons.get(daemon.0) else { return self.most };
        let backed_off = 4_u32.saturating_pow(answer.late);
        let learnt = answer.times.limit(TIMES, LEAST, self.most);
        learnt.saturating_mul(backed_off).min(self.most)
    }
}

/// So many times the longest of the latest answers is late.
const TIMES: u32 = 2;
/// Some minutes of polls.
const MEMORY: u32 = 64;
/// The least retransmission timeout of RFC 6298. A daemon that adds a block is silent for 0.7 s, and a busy machine's scheduling for longer than a quarter of
/// a second: with 250 ms, healthy daemons were left on machines that compiled something beside the pool.
const LEAST: Duration = Duration::from_secs(1);
/// A pool asks its daemon for a template as often.
const SHORTEST_PERIOD: Duration = Duration::from_secs(1);
const SHARE: u32 = 50;

#[cfg(test)]
#[path = "tests/answers.rs"]
mod tests;
