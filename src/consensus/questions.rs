//! Blocks that are asked for, because two views share none that is known.

use std::time::Duration;

use super::{
    block::{BlockHash, Height},
    chain::Chain,
    moment::Moment,
    rules::Rules,
};
use crate::endpoint::DaemonId;

/// A block that a daemon is to be asked for: the one of its chain at this height.
///
/// Whoever asks gives the question back with the answer, to [`Tracker::answer`](super::tracker::Tracker::answer).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Whom to ask.
    pub daemon: DaemonId,
    /// For the block at which height.
    pub height: Height,
    /// Tells questions to one daemon apart: only the latest one's answer counts.
    pub number: u64,
}

/// A block that somebody should be asked for, as soon as it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Whom to ask.
    pub daemon: DaemonId,
    /// For the block at which height.
    pub height: Height,
}

impl Wanted {
    /// The block of a daemon's chain at a height, unless it is known.
    pub fn of(daemon: DaemonId, chain: &Chain, height: Height) -> Option<Self> {
        chain.at(height).is_none().then_some(Self { daemon, height })
    }
}

/// How one daemon is asked: one question at a time, and not more of them than it can easily bear.
#[derive(Debug, Default)]
pub struct Inquiry {
    open: Option<Open>,
    asked: u64,
    /// Up to when on the clock since watching began the questions so far are paid for.
    paid_until: Duration,
    failures: u32,
    silent_until: Duration,
}

#[derive(Debug)]
struct Open {
    question: Question,
    since: Moment,
}

impl Inquiry {
    /// The question to ask now, if one may be asked.
    pub fn ask(&mut self, now: Moment, wanted: Wanted, rules: &Rules) -> Option<Question> {
        self.give_up(now, rules);
        let paid_until = self.paid_until.max(now.elapsed) + PRICE;
        let dear = paid_until > now.elapsed + CREDIT;
        if self.open.is_some() || dear || now.elapsed < self.silent_until {
            return None;
        }
        self.asked += 1;
        self.paid_until = paid_until;
        let question = Question { daemon: wanted.daemon, height: wanted.height, number: self.asked };
        self.open = Some(Open { question, since: now });
        Some(question)
    }

    /// Takes in an answer; gives it back if it is the one that is waited for.
    pub fn settle(&mut self, now: Moment, question: &Question, hash: Option<BlockHash>) -> Option<BlockHash> {
        self.open.take_if(|open| open.question == *question)?;
        match hash {
            Some(_) => self.failures = 0,
            None => self.fail(now),
        }
        hash
    }

    /// Forgets the open question: its answer may come from another chain than the one that is known since, or name the daemon
    /// by a place that it has no more.
    pub fn drop_open(&mut self) {
        self.open = None;
    }

    /// Whether the last question got no usable answer.
    pub fn is_silent(&self) -> bool {
        self.failures > 0
    }

    fn give_up(&mut self, now: Moment, rules: &Rules) {
        let patience = 3 * rules.timeout + Duration::from_secs(1);
        if self.open.take_if(|open| now.since(open.since) > patience).is_some() {
            self.fail(now);
        }
    }

    fn fail(&mut self, now: Moment) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(10)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.silent_until = now.elapsed + pause;
    }
}

/// On average a daemon is asked no more than two questions a second.
const PRICE: Duration = Duration::from_millis(500);

/// So many questions may follow one another at once: enough to find any fork.
const CREDIT: Duration = Duration::from_secs(30);

/// After a question without a usable answer the next one waits, and longer each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[cfg(test)]
#[path = "tests/questions.rs"]
mod tests;
