//! When each daemon is polled, and how often it is tried in one poll.
//!
//! A poll is a try, and after a short while a second one if the first failed and is not yet enough for a verdict.

use std::time::Duration;

use crate::{
    consensus::{
        moment::Moment,
        observation::{Failure, Observation, Report},
        rules::Rules,
    },
    endpoint::DaemonId,
    remap::Remap,
};

/// The polls of all daemons.
///
/// They are due at the same moments, an interval apart; those out of turn come on top. So all daemons are seen at one moment, and
/// one awakening serves them all.
#[derive(Debug)]
pub struct Schedule {
    interval: Duration,
    polls: Vec<Poll>,
}

/// The polls of one daemon.
#[derive(Debug)]
struct Poll {
    /// How long after the others its turns are.
    offset: Duration,
    /// Its next turn, in time since watching began.
    turn: Duration,
    /// Whether a poll out of turn is asked for: it begins now, or right after the one under way.
    called: bool,
    /// Failed requests that count as tries if the next try fails too.
    suspicions: u32,
    /// What the first try failed with, while the second one waits or is under way.
    failure: Option<Failure>,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Idle,
    /// A try is under way. The second one knows how many tries have failed before it.
    Trying {
        began: Moment,
        failed: Option<u32>,
    },
    /// The first try failed, and the second one waits for its time.
    Between {
        began: Moment,
        failed: u32,
        until: Duration,
    },
}

/// A try that begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// A poll begins with it, in its turn.
    First,
    /// A poll begins with it, because one was asked for.
    Called,
    /// The first one failed.
    Second,
}

/// What a try came to.
// Passed on at once, as in `Input`.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub enum TryOutcome {
    /// The first try failed; a second one follows.
    FirstFailed,
    /// The poll has ended.
    Ended {
        /// When it began.
        began: Moment,
        /// Like this.
        report: Report,
    },
}

impl Schedule {
    /// So many daemons, which are polled from now on: the first ones at once, and many within a tenth of the interval.
    pub fn new(now: Moment, daemons: usize, rules: &Rules) -> Self {
        let interval = rules.polling_interval;
        Self { interval, polls: (0..daemons).map(|place| Poll::new(now, place, interval)).collect() }
    }

    /// Goes on with other daemons and rules. Polls that are under way at daemons that stay go on, and new daemons are polled at once.
    pub fn reconfigure(&mut self, now: Moment, remap: &Remap, rules: &Rules) {
        let interval = rules.polling_interval;
        let is_other = std::mem::replace(&mut self.interval, interval) != interval;
        self.polls = remap.carry(std::mem::take(&mut self.polls), |id| Poll::new(now, id.0, interval));
        for (place, poll) in self.polls.iter_mut().enumerate() {
            poll.offset = offset(place, interval);
            if is_other && remap.from(DaemonId(place)).is_some() {
                poll.turn = poll.following(now, interval);
            }
        }
    }

    /// Makes every daemon wait for its next turn, as one that was just polled.
    pub fn wait_for_turns(&mut self, now: Moment) {
        let interval = self.interval;
        self.polls.iter_mut().for_each(|poll| poll.rest(now, interval));
    }

    /// Asks for a poll now, or right after the one under way.
    pub fn call(&mut self, daemon: DaemonId) {
        self.polls.get_mut(daemon.0).into_iter().for_each(|poll| poll.called = true);
    }

    /// The same, because a request of the pool's own failed: together with a try that fails, that counts as a failed try.
    pub fn suspect(&mut self, daemon: DaemonId) {
        if let Some(poll) = self.polls.get_mut(daemon.0) {
            poll.suspicions = poll.suspicions.saturating_add(1);
            poll.called = true;
        }
    }

    /// Notes that somebody says that the daemon is down: together with a try that fails, that counts as one failed try, however
    /// often it is said.
    pub fn doubt(&mut self, daemon: DaemonId) {
        self.polls.get_mut(daemon.0).into_iter().for_each(|poll| poll.suspicions = poll.suspicions.max(1));
    }

    /// The tries that begin now; each daemon is named once.
    pub fn begin(&mut self, now: Moment) -> Vec<(DaemonId, Try)> {
        let polls = (0..).map(DaemonId).zip(&mut self.polls);
        polls.filter_map(|(daemon, poll)| Some((daemon, poll.begin(now)?))).collect()
    }

    /// When the next try begins, in time since watching began; `None` while one is under way at every daemon.
    pub fn next_due(&self) -> Option<Duration> {
        self.polls.iter().filter_map(Poll::due).min()
    }

    /// Takes in what a try came to; `tries_to_verdict` is how many more have to fail in a row. `None` where nobody waits for it.
    pub fn end(
        &mut self,
        now: Moment,
        daemon: DaemonId,
        tried: Result<Observation, Failure>,
        tries_to_verdict: u32,
    ) -> Option<TryOutcome> {
        let poll = self.polls.get_mut(daemon.0)?;
        let State::Trying { began, failed } = poll.state else { return None };
        // A daemon that answers is above suspicion.
        let suspicions = std::mem::take(&mut poll.suspicions);
        let report = match tried {
            Ok(observation) => Report::Answered(observation),
            Err(failure) => {
                let tries = failed.unwrap_or(0).saturating_add(suspicions).saturating_add(1);
                // One that has its verdict already gets its second try: it needs every chance to show that it is back.
                if failed.is_none() && !(1..=tries).contains(&tries_to_verdict) {
                    let until = now.elapsed.saturating_add(SECOND_TRY_AFTER);
                    (poll.state, poll.failure) = (State::Between { began, failed: tries, until }, Some(failure));
                    return Some(TryOutcome::FirstFailed);
                }
                Report::Failed { tries, failure }
            }
        };
        poll.rest(now, self.interval);
        Some(TryOutcome::Ended { began, report })
    }

    /// Takes in that a limit of requests turned a try away: it tells nothing, so what failed before it is all that speaks against the daemon. The next
    /// poll follows soon, since the view from before does not last for long. `None` where nobody waits for it.
    pub fn spare(&mut self, now: Moment, daemon: DaemonId) -> Option<TryOutcome> {
        let poll = self.polls.get_mut(daemon.0)?;
        let State::Trying { began, failed } = poll.state else { return None };
        let report = match failed.zip(poll.failure.take()) {
            Some((tries, failure)) => Report::Failed { tries, failure },
            None => Report::Spared,
        };
        poll.rest(now, self.interval);
        poll.turn = poll.turn.min(now.elapsed.saturating_add(SPARED_AGAIN_AFTER));
        Some(TryOutcome::Ended { began, report })
    }

    /// Takes in that a try which was under way has no end: the daemon is polled anew.
    pub fn restart(&mut self, now: Moment, daemon: DaemonId) {
        if let Some(poll) = self.polls.get_mut(daemon.0) {
            poll.state = State::Idle;
            poll.turn = now.elapsed.saturating_add(poll.offset);
        }
    }
}

impl Poll {
    fn new(now: Moment, place: usize, interval: Duration) -> Self {
        let offset = offset(place, interval);
        let turn = now.elapsed.saturating_add(offset);
        Self { offset, turn, called: false, suspicions: 0, failure: None, state: State::Idle }
    }

    fn due(&self) -> Option<Duration> {
        match self.state {
            State::Idle if self.called => Some(Duration::ZERO),
            State::Idle => Some(self.turn),
            State::Between { until, .. } => Some(until),
            State::Trying { .. } => None,
        }
    }

    fn begin(&mut self, now: Moment) -> Option<Try> {
        self.due().filter(|due| *due <= now.elapsed)?;
        let (began, failed, begins) = match self.state {
            State::Between { began, failed, .. } => (began, Some(failed), Try::Second),
            _ if std::mem::take(&mut self.called) => (now, None, Try::Called),
            _ => (now, None, Try::First),
        };
        self.state = State::Trying { began, failed };
        Some(begins)
    }

    /// No poll is under way. Turns that came meanwhile are let go.
    fn rest(&mut self, now: Moment, interval: Duration) {
        (self.state, self.turn, self.failure) = (State::Idle, self.following(now, interval), None);
    }

    /// The first turn after this moment: an interval away at most.
    fn following(&self, now: Moment, interval: Duration) -> Duration {
        let since = now.elapsed.saturating_sub(self.offset);
        now.elapsed.saturating_add(interval - remainder(since, interval))
    }
}

/// Not all of many daemons are asked in the same instant; the offsets stay small, since verdicts compare views of one moment.
fn offset(place: usize, interval: Duration) -> Duration {
    let spread = (interval / 10).max(Duration::from_nanos(1));
    let step = u32::try_from(place / AT_ONCE).unwrap_or(u32::MAX);
    remainder(OFFSET_STEP.saturating_mul(step), spread)
}

/// What is left of a time after as many whole periods as there are in it.
fn remainder(time: Duration, period: Duration) -> Duration {
    let left = time.as_nanos() % period.as_nanos().max(1);
    Duration::from_nanos(u64::try_from(left).unwrap_or(0))
}

/// Long enough for a daemon that is just busy with a block, short enough to find a dead one within a second.
pub const SECOND_TRY_AFTER: Duration = Duration::from_millis(250);
const SPARED_AGAIN_AFTER: Duration = Duration::from_secs(1);
const OFFSET_STEP: Duration = Duration::from_millis(10);
/// As many as a pool has, and as are no burst for anybody.
const AT_ONCE: usize = 8;

#[cfg(test)]
#[path = "tests/schedule.rs"]
mod tests;
